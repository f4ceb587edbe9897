"""Slots: one in flight, ten in an hour, in order of asking, and nothing held by the dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.clock import FakeClock

from hanolab_dawtools.jobs.claims import Claim, ClaimTimes
from hanolab_dawtools.jobs.model import JobState, Wait
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import Cap

SCOPE = "generate/key 1234"
CAP = Cap(SCOPE, n_in_flight=1, n_per_hour=10)
WIDE = Cap(SCOPE, n_in_flight=100, n_per_hour=3)
QUIET = ClaimTimes(poll_seconds=60.0)
HOUR = 3600.0


class Jobs:
    """Jobs of a store that are prepared, claimed, sent and finished in one word each."""

    def __init__(self, store: JobStore) -> None:
        self.store = store
        self.claims: dict[str, Claim] = {}

    def prepared(self, *job_ids: str) -> None:
        for job_id in job_ids:
            self.store.create("generate", "", {}, job_id=job_id)
            self.take_up(job_id)
            self.record(job_id, JobState.CAPTURED)
            self.record(job_id, JobState.PREPARED)

    def take_up(self, job_id: str) -> None:
        self.claims[job_id] = self.store.claim(job_id)

    def leave(self, job_id: str) -> None:
        self.store.release(self.claims[job_id])

    def record(self, job_id: str, state: JobState, *, resume_from: JobState | None = None) -> None:
        claim = self.claims[job_id]
        self.store.record(job_id, state, claim=claim, resume_from=resume_from)

    def ask(self, job_id: str, cap: Cap = CAP) -> Wait | None:
        return self.store.caps.acquire(job_id, cap)

    def send(self, job_id: str, cap: Cap = CAP) -> None:
        assert self.ask(job_id, cap) is None
        self.record(job_id, JobState.STARTING)

    def run(self, job_id: str, cap: Cap = CAP) -> None:
        self.send(job_id, cap)
        self.record(job_id, JobState.STARTED)
        self.record(job_id, JobState.FINISHED)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def jobs(folder: Path, clock: FakeClock) -> Iterator[Jobs]:
    with JobStore(folder, clock=clock, times=QUIET) as store:
        yield Jobs(store)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    "states",
    [
        [],
        [JobState.STARTING],
        [JobState.STARTING, JobState.STARTED],
        [JobState.STARTING, JobState.UNSURE],
    ],
    ids=lambda states: states[-1].value if states else "granted",
)
def test_job_is_in_flight_from_its_slot_to_its_result(jobs: Jobs, states: list[JobState]) -> None:
    jobs.prepared("one", "two")
    assert jobs.ask("one") is None
    for state in states:
        jobs.record("one", state)
    assert jobs.ask("two") == Wait(None, "1 of 1 in flight")


@pytest.mark.parametrize("end", [JobState.FINISHED, JobState.FAILED, JobState.CANCELLED])
def test_job_that_ended_makes_room(jobs: Jobs, end: JobState) -> None:
    jobs.prepared("one", "two")
    jobs.send("one")
    jobs.record("one", JobState.STARTED)
    assert jobs.ask("two") is not None
    jobs.record("one", end)
    assert jobs.ask("two") is None


def test_asking_twice_takes_one_slot(jobs: Jobs) -> None:
    jobs.prepared("one", "two")
    assert [jobs.ask("one", WIDE) for _ in range(5)] == [None] * 5
    assert jobs.ask("two", WIDE) is None


def test_hour_rolls(jobs: Jobs, clock: FakeClock) -> None:
    began = clock.now
    jobs.prepared("one", "two", "three", "four", "five")
    for job_id in ("one", "two", "three"):
        jobs.run(job_id, WIDE)
        clock.move(600.0)
    full = Wait(moment(began + HOUR), "3 of 3 per hour used")
    assert jobs.ask("four", WIDE) == full
    clock.now = began + HOUR - 0.001
    assert jobs.ask("four", WIDE) == full
    clock.now = began + HOUR
    assert jobs.ask("four", WIDE) is None
    assert jobs.ask("five", WIDE) == Wait(moment(began + 600.0 + HOUR), "3 of 3 per hour used")


def test_each_that_waits_is_told_its_own_slot(jobs: Jobs, clock: FakeClock) -> None:
    began = clock.now
    jobs.prepared("one", "two", "three", "four", "five", "six")
    for job_id in ("one", "two", "three"):
        jobs.run(job_id, WIDE)
        clock.move(60.0)
    waits = [jobs.ask(job_id, WIDE) for job_id in ("four", "five", "six")]
    assert [wait.until for wait in waits if wait] == [
        moment(began + HOUR + later) for later in (0.0, 60.0, 120.0)
    ]
    assert [wait.reason.partition(", ")[2] for wait in waits if wait] == [
        "",
        "behind 1 other",
        "behind 2 others",
    ]


def test_slots_go_to_who_asked_first_whoever_asks_next(jobs: Jobs) -> None:
    jobs.prepared("one", "two", "three", "four")
    jobs.send("one")
    for job_id in ("three", "two", "four"):
        assert jobs.ask(job_id) is not None
    jobs.record("one", JobState.CANCELLED, resume_from=JobState.PREPARED)
    jobs.leave("one")
    for job_id in ("three", "two", "four"):
        others = {"two", "four", "three"} - {job_id}
        waiting = [other for other in others if jobs.store.get(other).state is JobState.PREPARED]
        assert all(jobs.ask(other) is not None for other in waiting)
        jobs.run(job_id)


def test_place_in_the_queue_ends_with_the_claim(jobs: Jobs) -> None:
    jobs.prepared("one", "two", "three")
    jobs.send("one")
    assert jobs.ask("two") is not None
    assert jobs.ask("three") is not None
    jobs.leave("two")
    jobs.record("one", JobState.FAILED)
    assert jobs.ask("three") is None
    jobs.take_up("two")
    assert jobs.ask("two") is not None


def test_who_comes_back_after_leaving_stands_at_the_end(jobs: Jobs) -> None:
    jobs.prepared("one", "two", "three")
    jobs.send("one")
    assert jobs.ask("two") is not None
    assert jobs.ask("three") is not None
    jobs.leave("two")
    jobs.take_up("two")
    assert jobs.ask("two") is not None
    jobs.record("one", JobState.FAILED)
    assert jobs.ask("two") is not None
    assert jobs.ask("three") is None


def test_slot_that_was_never_used_is_free_when_its_claim_ends(jobs: Jobs) -> None:
    jobs.prepared("one", "two")
    assert jobs.ask("one") is None
    assert jobs.ask("two") is not None
    jobs.leave("one")
    assert jobs.ask("two") is None


@pytest.mark.parametrize(
    ("state", "resume_from"),
    [
        (JobState.PREPARED, None),
        (JobState.WAITING, None),
        (JobState.FAILED, JobState.PREPARED),
        (JobState.CANCELLED, JobState.WAITING),
    ],
)
def test_request_that_came_to_nothing_gives_its_slot_back_and_keeps_its_place(
    jobs: Jobs, state: JobState, resume_from: JobState | None
) -> None:
    once = Cap(SCOPE, n_in_flight=1, n_per_hour=1)
    jobs.prepared("one", "two")
    jobs.send("one", once)
    assert jobs.ask("two", once) is not None
    jobs.record("one", state, resume_from=resume_from)
    assert jobs.ask("two", once) is not None  # behind the first one, whose process lives
    assert jobs.ask("one", once) is None


@pytest.mark.parametrize("resume_from", [None, JobState.STARTING])
def test_request_that_may_have_been_sent_keeps_its_slot_for_the_hour(
    jobs: Jobs, clock: FakeClock, resume_from: JobState | None
) -> None:
    once = Cap(SCOPE, n_in_flight=2, n_per_hour=1)
    sent_at = clock.now
    jobs.prepared("one", "two")
    jobs.send("one", once)
    jobs.record("one", JobState.CANCELLED, resume_from=resume_from)
    assert jobs.ask("two", once) == Wait(moment(sent_at + HOUR), "1 of 1 per hour used")


def test_second_sending_of_a_job_takes_a_second_slot(jobs: Jobs, clock: FakeClock) -> None:
    twice = Cap(SCOPE, n_in_flight=1, n_per_hour=2)
    jobs.prepared("one", "two")
    jobs.send("one", twice)
    jobs.record("one", JobState.UNSURE)
    jobs.record("one", JobState.PREPARED)
    clock.move(60.0)
    jobs.run("one", twice)
    assert jobs.ask("two", twice) == Wait(moment(clock.now - 60.0 + HOUR), "2 of 2 per hour used")


def test_refusal_of_the_service_moves_the_slot_for_the_whole_scope(
    jobs: Jobs, clock: FakeClock
) -> None:
    jobs.prepared("one", "two", "other")
    jobs.send("one")
    retry_at = clock.now + 100.0
    jobs.store.caps.refused(SCOPE, retry_at)
    jobs.record("one", JobState.WAITING)
    assert jobs.ask("one") == Wait(moment(retry_at), "the service takes no more for now")
    assert jobs.ask("two") == Wait(
        moment(retry_at), "the service takes no more for now, behind 1 other"
    )
    assert jobs.ask("other", Cap("another key", 1, 1)) is None
    clock.now = retry_at
    assert jobs.ask("two") is not None
    assert jobs.ask("one") is None


def test_later_of_two_obstacles_is_told(jobs: Jobs, clock: FakeClock) -> None:
    began = clock.now
    jobs.prepared("one", "two")
    jobs.run("one", Cap(SCOPE, 1, 1))
    jobs.store.caps.refused(SCOPE, began + 10.0)
    wait = jobs.ask("two", Cap(SCOPE, 1, 1))
    assert wait == Wait(moment(began + HOUR), "1 of 1 per hour used")


def test_nobody_passes_who_waits_longer_even_when_nothing_was_sent_yet(
    jobs: Jobs, clock: FakeClock
) -> None:
    once = Cap(SCOPE, n_in_flight=5, n_per_hour=1)
    jobs.prepared("one", "two")
    jobs.store.caps.refused(SCOPE, clock.now + 10.0)
    assert jobs.ask("one", once) is not None
    clock.move(10.0)
    assert jobs.ask("two", once) == Wait(None, "0 of 1 per hour used, behind 1 other")
    assert jobs.ask("one", once) is None


def test_refused_second_sending_gives_back_the_second_slot(jobs: Jobs, clock: FakeClock) -> None:
    twice = Cap(SCOPE, n_in_flight=5, n_per_hour=2)
    first_at = clock.now
    jobs.prepared("one", "two", "three")
    jobs.send("one", twice)
    jobs.record("one", JobState.UNSURE)
    jobs.record("one", JobState.PREPARED)
    clock.move(60.0)
    jobs.send("one", twice)
    jobs.record("one", JobState.FAILED, resume_from=JobState.PREPARED)
    jobs.leave("one")
    jobs.run("two", twice)
    assert jobs.ask("three", twice) == Wait(moment(first_at + HOUR), "2 of 2 per hour used")


def test_job_that_asks_in_another_scope_leaves_the_first(jobs: Jobs) -> None:
    jobs.prepared("one", "two")
    assert jobs.ask("one") is None
    assert jobs.ask("one", Cap("another key", 1, 1)) is None
    assert jobs.ask("two") is None


def test_scopes_do_not_know_each_other(jobs: Jobs) -> None:
    jobs.prepared("one", "two")
    jobs.send("one")
    assert jobs.ask("two", Cap("another key", 1, 1)) is None


def test_started_job_that_nobody_looks_after_blocks_for_an_hour_at_most(
    jobs: Jobs, clock: FakeClock
) -> None:
    jobs.prepared("one", "two")
    jobs.send("one")
    jobs.record("one", JobState.STARTED)
    clock.move(HOUR)
    assert jobs.ask("two") is not None  # a living process still waits for it
    jobs.leave("one")
    assert jobs.ask("two") is None


def test_removed_job_still_counts_for_the_hour(jobs: Jobs, clock: FakeClock) -> None:
    jobs.prepared("one", "two")
    jobs.send("one", Cap(SCOPE, 1, 1))
    jobs.leave("one")
    jobs.store.remove("one")
    assert jobs.ask("two", Cap(SCOPE, 1, 1)) == Wait(
        moment(clock.now + HOUR), "1 of 1 per hour used"
    )


def test_clock_that_was_set_back_blocks_for_an_hour_at_most(jobs: Jobs, clock: FakeClock) -> None:
    jobs.prepared("one", "two")
    jobs.run("one", Cap(SCOPE, 1, 1))
    jobs.store.caps.refused(SCOPE, clock.now + 10.0)
    clock.move(-30 * 24 * HOUR)
    wait = jobs.ask("two", Cap(SCOPE, 1, 1))
    assert wait == Wait(moment(clock.now + HOUR), "1 of 1 per hour used")
    clock.move(HOUR)
    assert jobs.ask("two", Cap(SCOPE, 1, 1)) is None


def test_job_that_nobody_claimed_cannot_wait(jobs: Jobs) -> None:
    jobs.prepared("one")
    jobs.leave("one")
    with pytest.raises(ValueError, match="job one is not claimed"):
        jobs.ask("one")


def test_slots_survive_a_new_start_of_the_program(
    jobs: Jobs, folder: Path, clock: FakeClock
) -> None:
    jobs.prepared("one", "two")
    jobs.run("one", Cap(SCOPE, 1, 1))
    with JobStore(folder, clock=clock, times=QUIET) as store:
        assert store.caps.acquire("two", Cap(SCOPE, 1, 1)) is not None
