"""Killing a run anywhere, then resuming it, ends in the same bytes as a run that was left alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.workflows.demo import REGION_NAME, build_demo_project

RATE = 44_100
TESTS = Path(__file__).parents[1]
KILL_EVERY = 16  # of some hundred points; all of them in the soak


def build_project(folder: Path) -> Path:
    """The demo's project around noise."""
    assert REGION_NAME == "Chorus"
    samples = np.random.default_rng(3).normal(0, 0.1, (2, 12 * RATE)).astype(np.float32)
    folder.mkdir()
    music = folder / "noise.mp3"
    files.write_audio(music, AudioBuffer(samples, RATE), format="MP3", subtype="MPEG_LAYER_III")
    project = build_demo_project(folder / "song", music)
    music.unlink()
    return project


def run(base: Path, kill_at: int, script: str) -> subprocess.CompletedProcess[str]:
    arguments = [base / "home", base / "run" / "song" / "demo.rpp", "crash123", kill_at]
    return subprocess.run(
        [sys.executable, TESTS / "fakes" / script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the backups, whose names hold the time."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".bak"
    }


class Lab:
    """A project and a home that can be set back, always under the same paths."""

    def __init__(self, base: Path, script: str = "killed_run.py") -> None:
        self.base = base
        self.script = script
        self.pristine = build_project(base / "pristine").parent
        self.original = (self.pristine / "demo.rpp").read_bytes()
        self.reset()
        finished = run(base, 0, script)
        assert finished.returncode == 0, finished.stderr
        self.n_points = int(finished.stdout)
        self.expected = contents(base / "run")

    def reset(self) -> None:
        shutil.rmtree(self.base / "home", ignore_errors=True)
        shutil.rmtree(self.base / "run", ignore_errors=True)
        shutil.copytree(self.pristine.parent, self.base / "run")

    def check(self, kill_at: int) -> None:
        self.reset()
        killed = run(self.base, kill_at, self.script)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        project = (self.base / "run" / "song" / "demo.rpp").read_bytes()
        assert project in (self.original, self.expected["song/demo.rpp"]), "a project half written"
        resumed = run(self.base, 0, self.script)
        assert resumed.returncode == 0, resumed.stderr
        assert contents(self.base / "run") == self.expected, f"killed at point {kill_at}"
        for backup in (self.base / "run").rglob("*.bak"):
            assert backup.read_bytes() == self.original


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("killed"))


def test_a_run_killed_here_and_there_ends_in_the_same_bytes(lab: Lab) -> None:
    assert lab.n_points > 40
    for kill_at in range(1, lab.n_points, KILL_EVERY):
        lab.check(kill_at)


@pytest.fixture(scope="module")
def lab_of_parts(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("killed-parts"), "killed_parts.py")


@pytest.mark.soak
def test_a_sweep_killed_in_a_part_ends_in_the_same_bytes(lab_of_parts: Lab) -> None:
    lab_of_parts.check(round(lab_of_parts.n_points * 0.6))


@pytest.mark.soak
def test_a_sweep_killed_at_any_point_ends_in_the_same_bytes(lab_of_parts: Lab) -> None:
    for kill_at in range(1, lab_of_parts.n_points + 1):
        lab_of_parts.check(kill_at)


@pytest.mark.soak
def test_a_run_killed_at_any_point_ends_in_the_same_bytes(lab: Lab) -> None:
    for kill_at in range(1, lab.n_points + 1):
        lab.check(kill_at)
