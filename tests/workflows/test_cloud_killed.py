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
# Points by the end of their names, and whether a run that is killed there goes on by itself.
MOMENTS = {
    "after starting": True,  # the intent is stored, nothing was sent
    "/sent": False,  # about to be sent; nobody can tell whether it was
    "/answer.json": True,  # accepted, and the answer is kept
    "before started": True,
    "after started": True,
}
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


def kill_and_resume(base: Path, sandbox: SandboxProcess, kill_at: int) -> bool:
    """Kill a run at a point, resume it, and look what came of it; whether it went on by itself."""
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
    return resumed.returncode == 0


@pytest.fixture(scope="module")
def points(sandbox: SandboxProcess, tmp_path_factory) -> list[str]:
    done = run(tmp_path_factory.mktemp("whole"), sandbox, 0)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(("moment", "goes_on"), MOMENTS.items())
def test_around_the_paid_request_a_kill_costs_nothing(sandbox, points, tmp_path, moment, goes_on):
    is_file = moment.startswith("/")
    at = next(
        number
        for number, name in enumerate(points, 1)
        if name.endswith(moment) and name.startswith("os.rename") == is_file
    )
    # A rename is seen when it begins: the next point is the first that lies behind it.
    assert kill_and_resume(tmp_path / "run", sandbox, at + is_file) == goes_on


@pytest.mark.soak
def test_a_run_killed_at_any_point_is_paid_at_most_once(sandbox, points, tmp_path):
    for kill_at in range(1, len(points) + 1):
        kill_and_resume(tmp_path / f"run-{kill_at}", sandbox, kill_at)
