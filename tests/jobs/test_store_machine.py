"""The store against a model that fits on a screen: any sequence of acts, reopened at will."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.clock import FakeClock
from fakes.job_steps import whole_jobs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from hanolab_dawtools.errors import InvalidTransition, JobBusy, JobNotFound
from hanolab_dawtools.jobs.claims import Claim, ClaimTimes
from hanolab_dawtools.jobs.model import Charge, Failure, JobState, Wait, next_states
from hanolab_dawtools.jobs.store import JobStore

ENDS = (JobState.FAILED, JobState.CANCELLED)
MEMORY = Path("/dev/shm")  # syncing is free there
QUIET = ClaimTimes(poll_seconds=60.0)
STATES = st.sampled_from(JobState)
TO_DOUBT = (JobState.CAPTURED, JobState.PREPARED, JobState.STARTING, JobState.UNSURE)
CREDITS = st.none() | st.floats(0, 1000)
JSON = st.dictionaries(
    st.text(max_size=5),
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.floats(0, 1)),
    max_size=3,
)


@dataclass
class ModelJob:
    title: str
    plan: dict[str, Any]
    changed_at: float
    state: JobState = JobState.PLANNED
    good_state: JobState = JobState.PLANNED
    outcomes: dict[str, Any] = field(default_factory=dict)
    failure: Failure | None = None
    history: list[tuple[JobState, str]] = field(default_factory=list)
    claim: Claim | None = None
    is_cancel_requested: bool = False
    wait: Wait | None = None

    def move(self, state: JobState, at: float, note: str = "") -> None:
        if state not in ENDS:
            self.good_state = state
        self.state, self.changed_at, self.failure, self.wait = state, at, None, None
        self.history.append((state, note))


class StoreMachine(RuleBasedStateMachine):
    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.clock = FakeClock()
        self.jobs: dict[str, ModelJob] = {}
        self.ledger: list[tuple[str, Charge]] = []
        self.open()

    def open(self) -> None:
        self.store = JobStore(Path(self.place.name) / "jobs", clock=self.clock, times=QUIET)

    def teardown(self) -> None:
        self.store.close()
        self.place.cleanup()

    @rule(seconds=st.integers(1, 100_000))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(seconds)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()

    @rule(target=ids, title=st.text(max_size=9), plan=JSON)
    def create_planned(self, title: str, plan: dict[str, Any]) -> str:
        return self.create(title, plan)

    def create(self, title: str, plan: dict[str, Any]) -> str:
        job = self.store.create("separate", title, plan)
        assert job.id not in self.jobs
        history = [(JobState.PLANNED, "")]
        self.jobs[job.id] = ModelJob(title, plan, self.clock.now, history=history)
        return job.id

    @rule(target=ids, is_charged=st.booleans())
    def create_in_doubt(self, *, is_charged: bool) -> str:
        """A job that was sent without an answer; other rules would seldom bring one so far."""
        job_id = self.create("in doubt", {})
        charge = Charge("hanolab", "convert", 3.0, 2.0, "", is_sure=False) if is_charged else None
        job = self.jobs[job_id]
        with self.store.claim(job_id) as claim:
            for state in TO_DOUBT:
                is_last = state is JobState.UNSURE
                self.store.record(job_id, state, claim=claim, charge=charge if is_last else None)
                job.move(state, self.clock.now)
        if charge:
            self.ledger.append((job_id, charge))
        return job_id

    @rule(job_id=ids)
    def claim(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is None or job.claim:
            with pytest.raises(JobBusy if job else JobNotFound):
                self.store.claim(job_id)
            return
        job.claim = self.store.claim(job_id)
        job.is_cancel_requested = False

    @rule(job_id=ids)
    def release(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job and job.claim:
            self.store.release(job.claim)
            job.claim = None

    @rule(job_id=ids, state=STATES, step=st.sampled_from("abc"), outcome=JSON, note=st.text())
    def record(
        self, *, job_id: str, state: JobState, step: str, outcome: dict[str, Any], note: str
    ) -> None:
        job = self.jobs.get(job_id)
        if job is None or job.claim is None:
            return
        if state not in next_states(job.state, job.good_state):
            with pytest.raises(InvalidTransition):
                self.store.record(job_id, state, claim=job.claim, outcome=(step, outcome))
            return
        self.store.record(job_id, state, claim=job.claim, outcome=(step, outcome), note=note)
        job.move(state, self.clock.now, note)
        job.outcomes.pop(step, None)
        job.outcomes[step] = outcome

    @rule(job_id=ids, state=STATES, is_sure=st.booleans(), n_credits=CREDITS)
    def record_charge(
        self, *, job_id: str, state: JobState, is_sure: bool, n_credits: float | None
    ) -> None:
        job = self.jobs.get(job_id)
        if job is None or job.claim is None:
            return
        charge = Charge("hanolab", "convert", 3.0, n_credits, "t" * is_sure, is_sure)
        if state not in next_states(job.state, job.good_state):
            with pytest.raises(InvalidTransition):
                self.store.record(job_id, state, claim=job.claim, charge=charge)
            return
        self.store.record(job_id, state, claim=job.claim, charge=charge)
        job.move(state, self.clock.now)
        self.ledger.append((job_id, charge))

    @rule(job_id=ids, until=st.none() | st.datetimes(timezones=st.just(UTC)), reason=st.text())
    def wait(self, job_id: str, until: datetime | None, reason: str) -> None:
        job = self.jobs.get(job_id)
        if job is None or job.claim is None:
            return
        wait, waiting = Wait(until, reason), JobState.WAITING
        if job.state is not waiting and waiting not in next_states(job.state, job.good_state):
            with pytest.raises(InvalidTransition):
                self.store.wait(job_id, wait, claim=job.claim)
            return
        self.store.wait(job_id, wait, claim=job.claim)
        if job.state is not waiting:
            job.move(waiting, self.clock.now, reason)
        job.wait = replace(wait, reason=reason.encode("utf-8", "replace").decode())

    @rule(
        job_id=ids,
        state=st.sampled_from([JobState.STARTED, JobState.PREPARED, JobState.CANCELLED]),
        note=st.text(),
    )
    def resolve(self, job_id: str, state: JobState, note: str) -> None:
        job, charge, outcome = self.jobs.get(job_id), None, None
        if state is JobState.STARTED:
            charge = Charge("hanolab", "convert", 3.0, 1.0, "found", is_sure=True)
            outcome = ("start", {"ticket": "found"})
        in_doubt = job is not None and JobState.UNSURE in (job.state, job.good_state)
        if job is None or job.claim or not in_doubt:
            error = JobNotFound if job is None else JobBusy if job.claim else InvalidTransition
            with pytest.raises(error):
                self.store.resolve(job_id, state, outcome=outcome, charge=charge)
            return
        self.store.resolve(job_id, state, outcome=outcome, charge=charge, note=note)
        if job.state is not JobState.UNSURE:
            job.move(JobState.UNSURE, self.clock.now)
        job.move(state, self.clock.now, note)
        if charge and outcome:
            job.outcomes.pop("start", None)
            job.outcomes["start"] = outcome[1]
            self.settle(job_id, charge)

    def settle(self, job_id: str, charge: Charge) -> None:
        for at in reversed(range(len(self.ledger))):
            if self.ledger[at][0] == job_id and not self.ledger[at][1].is_sure:
                settled = replace(self.ledger[at][1], is_sure=True, task_id=charge.task_id)
                self.ledger[at] = (job_id, settled)
                return
        self.ledger.append((job_id, charge))

    @rule(job_id=ids, message=st.text(), can_resume=st.booleans())
    def fail(self, job_id: str, message: str, can_resume: bool) -> None:
        job = self.jobs.get(job_id)
        if job and job.claim and JobState.FAILED in next_states(job.state, job.good_state):
            failure = Failure("a", message, "hint", 3, can_resume)
            self.store.record(job_id, JobState.FAILED, claim=job.claim, failure=failure)
            job.move(JobState.FAILED, self.clock.now)
            job.failure = failure

    @rule(job_id=ids)
    def cancel(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is None:
            with pytest.raises(JobNotFound):
                self.store.request_cancel(job_id)
        elif job.claim:
            self.store.request_cancel(job_id)
            job.is_cancel_requested = True
        elif job.state is JobState.DONE:
            with pytest.raises(InvalidTransition):
                self.store.request_cancel(job_id)
        elif job.state is not JobState.CANCELLED:
            self.store.request_cancel(job_id)
            job.move(JobState.CANCELLED, self.clock.now)

    @rule(job_id=ids)
    def remove(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is None or job.claim:
            with pytest.raises(JobBusy if job else JobNotFound):
                self.store.remove(job_id)
        else:
            self.store.remove(job_id)
            del self.jobs[job_id]

    @rule(older_than=st.integers(1, 100_000), states=st.sets(STATES))
    def clean(self, older_than: int, states: set[JobState]) -> None:
        removed = self.store.clean(timedelta(seconds=older_than), states)
        limit = self.clock.now - older_than
        expected = {
            job_id
            for job_id, job in self.jobs.items()
            if job.state in states and not job.claim and job.changed_at <= limit
        }
        assert {job.id for job in removed} == expected
        for job_id in expected:
            del self.jobs[job_id]

    @rule(states=st.sets(STATES), limit=st.integers(0, 3))
    def list_some(self, states: set[JobState], limit: int) -> None:
        expected = [job_id for job_id, job in self.jobs.items() if job.state in states]
        listed: Sequence[str] = [job.id for job in self.store.list(states, limit)]
        assert list(listed) == expected[::-1][:limit]

    @invariant()
    def store_holds_what_the_model_holds(self) -> None:
        listed = whole_jobs(self.store)
        assert [job.id for job in listed] == list(self.jobs)[::-1]
        for stored in listed:
            job = self.jobs[stored.id]
            assert (stored.title, stored.plan) == (
                job.title.encode("utf-8", "replace").decode(),
                job.plan,
            )
            assert (stored.state, stored.good_state) == (job.state, job.good_state)
            assert (stored.outcomes, stored.failure) == (job.outcomes, job.failure)
            assert stored.wait == job.wait
            assert self.store.cancel_requested(stored.id) == job.is_cancel_requested
            assert [(event.state, event.note) for event in self.store.events(stored.id)] == [
                (state, note.encode("utf-8", "replace").decode()) for state, note in job.history
            ]
        folders = {
            path.name for path in (Path(self.place.name) / "jobs").iterdir() if path.is_dir()
        }
        assert folders == set(self.jobs)

    @invariant()
    def ledger_holds_what_was_ever_charged(self) -> None:
        entries = self.store.ledger.entries()
        assert [(entry.job_id, entry.charge) for entry in entries] == self.ledger
        spent = self.store.ledger.total()
        assert spent.n_unknown == sum(charge.credits is None for _, charge in self.ledger)
        all_credits = sum(charge.credits or 0.0 for _, charge in self.ledger)
        assert spent.credits + spent.unsure_credits == pytest.approx(all_credits)


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
