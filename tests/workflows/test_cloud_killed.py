"""Killed anywhere, a paid run is resumed with one accepted request, or ends in an honest doubt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes.cloud_services import CloudServices
from fakes.sandbox import KEY, SandboxProcess

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.workflows.outcomes import placed_of

RATE = 44_100
TESTS = Path(__file__).parents[1]
SHARES = (0.2, 0.4, 0.5, 0.55, 0.6, 0.8)  # of the way through a run; all points in the soak
TRY_LATER = 75


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


def run(base: Path, sandbox: SandboxProcess, kill_at: int) -> subprocess.CompletedProcess[str]:
    script = TESTS / "fakes" / "cloud_services.py"
    music = base / "music.wav"
    if not music.exists():
        samples = np.random.default_rng().normal(0, 0.1, (2, RATE)).astype(np.float32)
        files.write_audio(music, AudioBuffer(samples, RATE))
    arguments = [base / "home", sandbox.base_url, music, "crash123", kill_at]
    return subprocess.run(
        [sys.executable, script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(TESTS), "HANOLAB_API_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def kill_and_resume(base: Path, sandbox: SandboxProcess, kill_at: int) -> None:
    """Kill a run at a point, resume it, and look what came of it."""
    base.mkdir()
    before = len(sandbox.ledger())
    killed = run(base, sandbox, kill_at)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    resumed = run(base, sandbox, 0)
    n_accepted = len(sandbox.ledger()) - before
    assert resumed.returncode in {0, TRY_LATER}, resumed.stdout + resumed.stderr
    with CloudServices(base / "home", sandbox.base_url) as services:
        job = services.store.get("crash123")
        charges = [entry.charge for entry in services.store.ledger.entries()]
        if resumed.returncode == 0:
            assert job.state is JobState.DONE
            assert n_accepted == 1
            assert [charge.is_sure for charge in charges] == [True]
            assert all(track.path.is_file() for track in placed_of(job.outcomes).tracks)
        else:
            assert job.state is JobState.UNSURE
            assert n_accepted <= 1
            assert [charge.is_sure for charge in charges] == [False]


@pytest.fixture(scope="module")
def n_points(sandbox: SandboxProcess, tmp_path_factory) -> int:
    done = run(tmp_path_factory.mktemp("whole"), sandbox, 0)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("share", SHARES)
def test_a_killed_run_is_paid_at_most_once(sandbox, n_points, tmp_path, share):
    kill_and_resume(tmp_path / "run", sandbox, max(1, round(share * n_points)))


@pytest.mark.soak
def test_a_run_killed_at_any_point_is_paid_at_most_once(sandbox, n_points, tmp_path):
    for kill_at in range(1, n_points + 1):
        kill_and_resume(tmp_path / f"run-{kill_at}", sandbox, kill_at)
