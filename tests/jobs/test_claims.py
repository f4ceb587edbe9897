from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import claiming_process
from fakes.clock import FakeClock
from fakes.job_steps import road

from hanolab_dawtools.errors import JobBusy, JobCancelled, JobNotFound
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.claims import ClaimTimes, Owner, is_alive, this_process
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.runner import Runner, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore

JOB_ID = "wanted"
QUICK = ClaimTimes(lease_seconds=30.0, renew_seconds=0.02, poll_seconds=0.01)


class OtherProcess:
    """A real process that a test speaks to, line by line."""

    def __init__(self, folder: Path) -> None:
        tests = Path(claiming_process.__file__).parents[1]
        self._process = subprocess.Popen(
            [sys.executable, claiming_process.__file__, str(folder), JOB_ID],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(tests.parent)},
        )
        self.pid = self._process.pid

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, line: str) -> str:
        self.tell(line)
        return self.answer()

    def kill(self) -> None:
        """Send SIGKILL, and leave the dead process as it is: nobody has asked for it yet."""
        self._process.kill()
        with Path(f"/proc/{self.pid}/stat").open() as stat:
            while stat.read().rpartition(")")[2].split()[0] != "Z":
                stat.seek(0)

    def close(self) -> None:
        self._process.communicate()


Starter = Callable[[], OtherProcess]


@pytest.fixture
def other_process(folder: Path) -> Iterator[Starter]:
    with JobStore(folder) as store:
        store.create("separate", "", {}, job_id=JOB_ID)
    started: list[OtherProcess] = []

    def start() -> OtherProcess:
        started.append(OtherProcess(folder))
        assert started[-1].answer() == "imported"
        return started[-1]

    yield start
    for process in started:
        process.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timed(folder: Path, clock: FakeClock) -> Iterator[JobStore]:
    with JobStore(folder, clock=clock, times=QUICK) as store:
        store.create("separate", "", {}, job_id=JOB_ID)
        yield store


def hand_claim_to(store: JobStore, owner: Owner) -> None:
    """Make the claim that this process has look like another's."""
    with store._database.writing() as connection:
        connection.execute(
            "UPDATE claims SET machine = ?, pid = ?, process_started = ?",
            (owner.machine, owner.pid, owner.started),
        )


def test_this_process_is_alive() -> None:
    assert is_alive(this_process()) is True


def test_process_that_took_over_a_dead_ones_id_is_not_it() -> None:
    assert is_alive(replace(this_process(), started="another boot 1234")) is False


def test_process_of_another_machine_cannot_be_seen() -> None:
    assert is_alive(replace(this_process(), machine="elsewhere")) is None


def test_killed_process_is_dead_even_before_its_parent_looks(other_process: Starter) -> None:
    process = other_process()
    owner = replace(this_process(), pid=process.pid, started=_start_of(process.pid))
    assert is_alive(owner) is True
    process.kill()
    assert is_alive(owner) is False


def test_second_claim_of_a_job_is_refused_also_in_the_same_process(store: JobStore) -> None:
    store.create("separate", "", {}, job_id=JOB_ID)
    with store.claim(JOB_ID), pytest.raises(JobBusy, match=f"by process {os.getpid()} on "):
        store.claim(JOB_ID)
    with store.claim(JOB_ID):
        pass


def test_claim_of_an_unknown_job_is_refused(store: JobStore) -> None:
    with pytest.raises(JobNotFound):
        store.claim("nothing")


def test_reused_process_id_does_not_keep_a_job(timed: JobStore) -> None:
    timed.claim(JOB_ID)
    hand_claim_to(timed, replace(this_process(), started="another boot 1234"))
    with timed.claim(JOB_ID) as claim:
        assert timed.record(JOB_ID, JobState.CAPTURED, claim=claim).state is JobState.CAPTURED


def test_living_process_keeps_its_job_when_the_machine_slept(
    timed: JobStore, clock: FakeClock
) -> None:
    timed.claim(JOB_ID)
    clock.move(24 * 3600.0)
    with pytest.raises(JobBusy):
        timed.claim(JOB_ID)


@pytest.mark.parametrize("lacking", ["machine", "started"])
def test_job_of_a_process_that_cannot_be_seen_is_free_when_the_lease_ends(
    timed: JobStore, clock: FakeClock, lacking: str
) -> None:
    timed.claim(JOB_ID)
    hand_claim_to(timed, replace(this_process(), **{lacking: ""}))
    clock.move(QUICK.lease_seconds - 1.0)
    with pytest.raises(JobBusy):
        timed.claim(JOB_ID)
    assert timed.request_cancel(JOB_ID).state is JobState.PLANNED
    clock.move(1.0)
    with timed.claim(JOB_ID):
        pass


def test_held_claim_renews_its_lease(timed: JobStore, clock: FakeClock) -> None:
    def lease_end() -> float:
        with timed._database.reading() as connection:
            return float(connection.execute("SELECT lease_until FROM claims").fetchone()[0])

    with timed.claim(JOB_ID):
        clock.move(1000.0)
        _until(lambda: lease_end() == clock.now + QUICK.lease_seconds)


def test_lost_claim_stops_the_work_and_leaves_the_new_owner_alone(timed: JobStore) -> None:
    with timed.claim(JOB_ID) as claim:
        with timed._database.writing() as connection:
            connection.execute("UPDATE claims SET token = 'another'")
        assert claim.stop.wait(5.0)
        with pytest.raises(JobBusy, match="taken over by another process"):
            timed.record(JOB_ID, JobState.CAPTURED, claim=claim)
    with pytest.raises(JobBusy):
        timed.claim(JOB_ID)


def test_store_that_does_not_answer_is_told_once_and_does_not_stop_the_work(
    timed: JobStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with timed.claim(JOB_ID) as claim:
        timed._database.damaged("a test")
        _until(lambda: "the store does not answer" in caplog.text)
        assert not claim.stop.wait(0.1)  # ten more looks of the claim's thread
    assert caplog.text.count("the store does not answer") == 1
    assert "was not released" in caplog.text


def test_of_two_racing_processes_exactly_one_wins(other_process: Starter) -> None:
    racers = [other_process(), other_process()]
    for racer in racers:
        racer.tell("claim")
    answers = [racer.answer() for racer in racers]
    assert sorted(answer.split(":")[0] for answer in answers) == ["busy", "won"]
    winner, loser = racers if answers[0] == "won" else reversed(racers)
    assert f"by process {winner.pid} on " in loser.ask("claim")


def test_job_of_a_killed_process_is_taken_over_at_once(other_process: Starter) -> None:
    winner, loser = other_process(), other_process()
    assert winner.ask("claim") == "won"
    assert loser.ask("claim").startswith("busy")
    winner.kill()
    assert loser.ask("claim") == "won"


def test_job_of_a_killed_process_is_cancelled_at_once(other_process: Starter) -> None:
    owner, other = other_process(), other_process()
    assert owner.ask("claim") == "won"
    assert other.ask("cancel") == "planned"
    owner.kill()
    assert other.ask("cancel") == "cancelled"


def test_cancel_by_another_process_wakes_a_running_step_within_a_second(
    folder: Path, other_process: Starter
) -> None:
    canceller = other_process()
    is_running, woken_at = threading.Event(), []

    def wait(context: StepContext) -> StepResult:
        is_running.set()
        context.stop.wait(30.0)
        woken_at.append(time.monotonic())
        raise JobCancelled("stopped")

    def run() -> None:
        with JobStore(folder) as store:
            runner = Runner(store, road(work={"finish": wait}))
            with pytest.raises(JobCancelled):
                runner.run(JOB_ID, stop=threading.Event(), progress=ignore_progress)

    thread = threading.Thread(target=run)
    thread.start()
    assert is_running.wait(10.0)
    asked_at = time.monotonic()
    assert canceller.ask("cancel") == "started"
    thread.join()
    assert woken_at[0] - asked_at < 1.0
    with JobStore(folder) as store:
        assert store.get(JOB_ID).state is JobState.CANCELLED


def test_many_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    processes = [OtherProcess(folder) for _ in range(4)]
    assert [process.answer() for process in processes] == ["imported"] * 4
    for process in processes:
        process.tell("create 10")
    assert [process.answer() for process in processes] == ["created"] * 4
    for process in processes:
        process.close()
    with JobStore(folder) as store:
        store.check()
        assert len(store.list()) == 40


def _start_of(pid: int) -> str:
    boot = this_process().started.split()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return f"{boot} {fields[19]}"


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5.0
    while not is_so():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)
