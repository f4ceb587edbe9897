"""What was spent: stored with the answer it came with, and kept whatever becomes of the job."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.clock import FakeClock

from hanolab_dawtools.errors import InvalidTransition, JobBusy
from hanolab_dawtools.jobs.model import Charge, JobState, LearntPrice, LedgerEntry, Spent
from hanolab_dawtools.jobs.store import JobStore

SURE = Charge("hanolab", "separate/4stem", 31.0, 5.0, "task-1", is_sure=True)
UNSURE = replace(SURE, task_id="", is_sure=False)
TICKET = ("start", {"ticket": "task-9"})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(folder: Path, clock: FakeClock) -> Iterator[JobStore]:
    with JobStore(folder, clock=clock) as store:
        yield store


def sent(store: JobStore, job_id: str, state: JobState, charge: Charge | None) -> None:
    """A job that was sent and came to `state`."""
    store.create("separate", f"title of {job_id}", {}, job_id=job_id)
    with store.claim(job_id) as claim:
        for before in (JobState.CAPTURED, JobState.PREPARED, JobState.STARTING):
            store.record(job_id, before, claim=claim)
        store.record(job_id, state, claim=claim, outcome=("start", {}), charge=charge)


def charges(store: JobStore, job_id: str | None = None) -> list[Charge]:
    return [entry.charge for entry in store.ledger.entries(job_id)]


def test_charge_is_stored_with_its_job_and_time(store: JobStore, clock: FakeClock) -> None:
    sent(store, "one", JobState.STARTED, SURE)
    at = datetime.fromtimestamp(clock.now, UTC)
    assert store.ledger.entries() == [LedgerEntry(at, "one", "title of one", SURE)]


def test_transition_that_is_refused_leaves_no_charge(store: JobStore) -> None:
    store.create("separate", "", {}, job_id="one")
    with store.claim("one") as claim, pytest.raises(InvalidTransition):
        store.record("one", JobState.STARTED, claim=claim, charge=SURE)
    assert charges(store) == []


def test_ledger_outlives_its_jobs(store: JobStore) -> None:
    sent(store, "one", JobState.STARTED, SURE)
    store.remove("one")
    (entry,) = store.ledger.entries("one")
    assert (entry.title, entry.charge) == ("title of one", SURE)


def test_entries_of_one_job_are_told_apart(store: JobStore) -> None:
    sent(store, "one", JobState.STARTED, SURE)
    sent(store, "two", JobState.UNSURE, UNSURE)
    assert charges(store, "two") == [UNSURE]
    assert charges(store) == [SURE, UNSURE]
    assert charges(store, "three") == []


def test_total_keeps_sure_unsure_and_unknown_apart(store: JobStore) -> None:
    assert store.ledger.total() == Spent(0.0, 0.0, 0)
    for number, charge in enumerate(
        [SURE, replace(SURE, credits=2.5), UNSURE, replace(SURE, credits=None)]
    ):
        sent(store, f"job-{number}", JobState.STARTED, charge)
    assert store.ledger.total() == Spent(credits=7.5, unsure_credits=5.0, n_unknown=1)


def test_found_task_makes_the_unsure_charge_sure(store: JobStore) -> None:
    sent(store, "one", JobState.UNSURE, replace(UNSURE, credits=None))
    found = replace(SURE, task_id="task-9", credits=7.0)
    job = store.resolve("one", JobState.STARTED, outcome=TICKET, charge=found, note="by the user")
    assert (job.state, job.outcomes["start"]) == (JobState.STARTED, {"ticket": "task-9"})
    assert charges(store) == [replace(SURE, task_id="task-9", credits=None)]
    assert store.events("one")[-1].note == "by the user"


def test_found_task_of_a_job_without_a_charge_is_charged(store: JobStore) -> None:
    sent(store, "one", JobState.UNSURE, None)
    store.resolve("one", JobState.STARTED, outcome=TICKET, charge=SURE)
    assert charges(store) == [SURE]


@pytest.mark.parametrize("state", [JobState.PREPARED, JobState.CANCELLED])
def test_what_may_have_been_billed_stays_unsure(store: JobStore, state: JobState) -> None:
    sent(store, "one", JobState.UNSURE, UNSURE)
    assert store.resolve("one", state).state is state
    assert charges(store) == [UNSURE]


def test_job_that_was_sent_again_has_both_charges(store: JobStore) -> None:
    sent(store, "one", JobState.UNSURE, UNSURE)
    store.resolve("one", JobState.PREPARED)
    with store.claim("one") as claim:
        store.record("one", JobState.STARTING, claim=claim)
        store.record("one", JobState.STARTED, claim=claim, charge=SURE)
    assert charges(store) == [UNSURE, SURE]


def test_abandoned_job_is_unsure_again_when_resumed(store: JobStore) -> None:
    sent(store, "one", JobState.UNSURE, UNSURE)
    abandoned = store.resolve("one", JobState.CANCELLED)
    assert abandoned.good_state is JobState.UNSURE
    assert store.resolve("one", JobState.CANCELLED, note="again").good_state is JobState.UNSURE
    assert store.events("one")[-1].note == "again"
    assert store.resolve("one", JobState.PREPARED).state is JobState.PREPARED


@pytest.mark.parametrize("state", [JobState.STARTED, JobState.PREPARED, JobState.CANCELLED])
def test_doubt_that_was_cancelled_can_still_be_resolved(store: JobStore, state: JobState) -> None:
    sent(store, "one", JobState.UNSURE, UNSURE)
    store.request_cancel("one")
    is_found = state is JobState.STARTED
    job = store.resolve(
        "one", state, outcome=TICKET if is_found else None, charge=SURE if is_found else None
    )
    assert job.state is state


@pytest.mark.parametrize("state", [JobState.STARTED, JobState.FAILED, JobState.PREPARED])
def test_job_without_doubt_has_nothing_to_resolve(store: JobStore, state: JobState) -> None:
    sent(store, "one", state, None)
    with pytest.raises(InvalidTransition, match="there is no doubt about it to resolve"):
        store.resolve("one", JobState.PREPARED)
    assert store.get("one").state is state


def test_job_that_is_being_worked_on_is_not_resolved(store: JobStore) -> None:
    sent(store, "one", JobState.UNSURE, UNSURE)
    with store.claim("one"), pytest.raises(JobBusy):
        store.resolve("one", JobState.PREPARED)
    assert store.get("one").state is JobState.UNSURE


@pytest.mark.parametrize(
    ("state", "outcome", "charge"),
    [
        (JobState.DONE, None, None),
        (JobState.STARTED, None, SURE),
        (JobState.STARTED, TICKET, None),
        (JobState.PREPARED, TICKET, None),
        (JobState.CANCELLED, None, SURE),
    ],
)
def test_settling_that_makes_no_sense_is_a_mistake(
    store: JobStore, state: JobState, outcome: tuple[str, dict[str, str]], charge: Charge
) -> None:
    sent(store, "one", JobState.UNSURE, UNSURE)
    with pytest.raises(ValueError, match="cannot be settled"):
        store.resolve("one", state, outcome=outcome, charge=charge)
    assert charges(store) == [UNSURE]


def test_learnt_prices_are_known_by_action_and_length(store: JobStore) -> None:
    ledger = store.ledger
    assert ledger.learnt("hanolab", "convert") == []
    for seconds, price in ((60.0, 20.0), (30.0, 10.0), (60.0, 25.0)):
        ledger.learn("hanolab", "convert", seconds, price)
    ledger.learn("hanolab", "generate/draft", 30.0, 1.0)
    assert ledger.learnt("hanolab", "convert") == [LearntPrice(30.0, 10.0), LearntPrice(60.0, 25.0)]


@pytest.mark.parametrize("number", [-1.0, math.nan, math.inf])
def test_number_that_is_no_price_is_not_learnt(store: JobStore, number: float) -> None:
    with pytest.raises(ValueError, match="is no price"):
        store.ledger.learn("hanolab", "convert", 30.0, number)
    assert store.ledger.learnt("hanolab", "convert") == []


def test_texts_that_are_no_unicode_are_kept_readable(store: JobStore) -> None:
    sent(store, "one", JobState.STARTED, replace(SURE, task_id="task \udcff"))
    assert charges(store) == [replace(SURE, task_id="task ?")]
