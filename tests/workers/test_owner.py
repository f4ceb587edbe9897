"""What becomes of worker processes when their owner dies, or is interrupted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import worker_owner

SOON_SECONDS = 10.0


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """An owner with one worker at work and one idle, and a process group of its own."""
    environment = os.environ | {"PYTHONPATH": str(Path(worker_owner.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, worker_owner.__file__, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "both have met\n"
        ends = time.monotonic() + SOON_SECONDS
        while len(list(tmp_path.glob("begun-*"))) < 3 and time.monotonic() < ends:
            time.sleep(0.005)
        yield process
        process.kill()


def worker_ids(folder: Path) -> set[int]:
    return {int(path.name.split("-")[1]) for path in folder.glob("begun-*")}


def are_gone_soon(pids: set[int]) -> bool:
    ends = time.monotonic() + SOON_SECONDS
    while any(map(lives, pids)) and time.monotonic() < ends:
        time.sleep(0.01)
    return not any(map(lives, pids))


def lives(pid: int) -> bool:
    """Whether a process works still: one that has ended may not have been looked at yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_owner(
    owner: subprocess.Popen[str], tmp_path: Path, how: signal.Signals
) -> None:
    pids = worker_ids(tmp_path)
    assert len(pids) == 2
    assert all(map(lives, pids))
    owner.send_signal(how)
    assert owner.wait(SOON_SECONDS) == -how
    assert are_gone_soon(pids)


def test_ctrl_c_is_the_owners_and_no_worker_says_a_word(
    owner: subprocess.Popen[str], tmp_path: Path
) -> None:
    pids = worker_ids(tmp_path)
    os.killpg(owner.pid, signal.SIGINT)  # as a terminal sends it: to all of them
    output, errors = owner.communicate(timeout=SOON_SECONDS)
    assert output == "interrupted\n"
    assert not errors
    assert owner.returncode == 0
    assert are_gone_soon(pids)
