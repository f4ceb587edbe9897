"""Kill -9 of a batch's owner: every cell is done exactly once, and paid at most once."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.batches import PAID, write_music
from fakes.cloud_services import CloudServices
from fakes.sandbox import KEY, SandboxProcess

from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.workflows.outcomes import placed_of, request_of

TESTS = Path(__file__).parents[2]


def owner(home: Path, sandbox: SandboxProcess, music: Path) -> subprocess.Popen[str]:
    """A process that makes a batch over the music, or goes on with it."""
    script = TESTS / "fakes" / "batches.py"
    return subprocess.Popen(
        [sys.executable, str(script), str(home), sandbox.base_url, str(music)],
        env={**os.environ, "PYTHONPATH": str(TESTS), "HANOLAB_API_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(process: subprocess.Popen[str], *, after_seconds: float) -> bool:
    """Kill an owner that long after it has begun; False when it had ended by itself."""
    assert process.stdout is not None
    process.stdout.readline()
    try:
        process.wait(after_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
    return process.returncode == -signal.SIGKILL


def is_input_of(cell_id: str, url: str) -> bool:
    """Whether a request's input is a cell's, and not that of one whose id goes on with a digit."""
    return re.search(rf"{cell_id}(?!\d)", url) is not None


def settle(services: CloudServices, sandbox: SandboxProcess) -> int:
    """Settle doubts as a user does, by what the account says; how many there were."""
    accepted = {entry["request"]["input_url"]: entry["task_id"] for entry in sandbox.ledger()}
    (batch,) = services.store.batches.list()
    unsure = [
        cell
        for cell in services.store.batches.cells(batch.id)
        if JobState.UNSURE in (cell.state, cell.good_state)
    ]
    for cell in unsure:
        task = next((task for url, task in accepted.items() if is_input_of(cell.id, url)), None)
        if task is None:
            services.resolver.resend(cell.id)
        else:
            services.resolver.task(cell.id, task)
    return len(unsure)


def run_with_kills(base: Path, sandbox: SandboxProcess, *, n_files: int, kills: list[float]) -> int:
    """Run a batch whose owner is killed so long after each beginning; how many doubts it left."""
    music, home = base / "music", base / "home"
    write_music(music, n_files, seconds=0.3)
    n_before, n_doubts = len(sandbox.ledger()), 0
    for seconds in kills:
        assert kill(owner(home, sandbox, music), after_seconds=seconds), "it ended before"
    n_left = 1
    while n_left:
        last = owner(home, sandbox, music)
        out, _ = last.communicate(timeout=400)
        assert last.returncode == 0, out
        with CloudServices(home, sandbox.base_url) as services:
            n_left = settle(services, sandbox)
        n_doubts += n_left
    with CloudServices(home, sandbox.base_url) as services:
        check_whole(services, sandbox, n_files, n_before)
    return n_doubts


def check_whole(services: CloudServices, sandbox: SandboxProcess, n_files: int, n_before: int):
    (batch,) = services.store.batches.list()
    cells = services.store.batches.cells(batch.id)
    assert len(cells) == 2 * n_files
    assert {cell.state for cell in cells} == {JobState.DONE}
    urls = [entry["request"]["input_url"] for entry in sandbox.ledger()[n_before:]]
    for cell in cells:
        job = services.store.get(cell.id)
        states = [event.state for event in services.store.events(cell.id)]
        assert states.count(JobState.DONE) == 1
        assert all(track.path.is_file() for track in placed_of(job.outcomes).tracks)
        n_paid = sum(is_input_of(cell.id, url) for url in urls)
        assert n_paid == (job.plan["preset"] == PAID), request_of(job.outcomes)
    assert len(urls) == n_files


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with SandboxProcess(tmp_path_factory.mktemp("sandbox"), credits=100_000) as process:
        yield process


def test_an_owner_that_is_killed_twice_leaves_nothing_undone_and_pays_nothing_twice(
    sandbox, tmp_path
):
    run_with_kills(tmp_path, sandbox, n_files=4, kills=[1.2, 1.6])


@pytest.mark.soak
def test_ten_kills_at_random_times(sandbox, tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    times = random.Random(seed)
    kills = [times.uniform(0.3, 2.5) for _ in range(10)]
    n_doubts = run_with_kills(tmp_path, sandbox, n_files=150, kills=kills)
    print(f"seed {seed}: {n_doubts} doubts")  # noqa: T201 - shown when it fails
