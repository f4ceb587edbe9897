"""Batches against a model that fits on a screen: any sequence of acts, reopened at will."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.clock import FakeClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from hanolab_dawtools.errors import InvalidTransition, JobBusy, JobNotFound
from hanolab_dawtools.jobs.batches import BatchState, NewJob
from hanolab_dawtools.jobs.claims import Claim, ClaimTimes
from hanolab_dawtools.jobs.model import RESTING_STATES, JobState, next_states
from hanolab_dawtools.jobs.store import JobStore

MEMORY = Path("/dev/shm")  # syncing is free there
QUIET = ClaimTimes(poll_seconds=60.0)
STATES = st.sampled_from(JobState)
NUMBERS = st.sets(st.integers(1, 6), max_size=4)
WORST = (JobState.UNSURE, JobState.FAILED, JobState.CANCELLED)


@dataclass
class ModelCell:
    state: JobState = JobState.PLANNED
    good_state: JobState = JobState.PLANNED
    claim: Claim | None = None
    has_folder: bool = False
    is_cancel_requested: bool = False

    def move(self, state: JobState) -> None:
        self.state = state
        if state not in {JobState.FAILED, JobState.CANCELLED}:
            self.good_state = state


@dataclass
class ModelBatch:
    cells: dict[int, ModelCell]
    changed_at: float
    claim: Claim | None = None
    is_cancel_requested: bool = False
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def is_held(self) -> bool:
        return bool(self.claim) or any(cell.claim for cell in self.cells.values())

    def cancel_open(self, now: float) -> None:
        for cell in self.cells.values():
            if cell.state in RESTING_STATES:
                continue
            if cell.claim:
                cell.is_cancel_requested = True
            else:
                cell.move(JobState.CANCELLED)
                self.changed_at = now


class BatchMachine(RuleBasedStateMachine):
    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.folder = Path(self.place.name) / "jobs"
        self.clock = FakeClock()
        self.batches: dict[str, ModelBatch] = {}
        self.singles: list[str] = []
        self.open()

    def open(self) -> None:
        self.store = JobStore(self.folder, clock=self.clock, times=QUIET)

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

    @rule()
    def create_single(self) -> None:
        self.singles.append(self.store.create("separate", "alone", {}).id)

    @rule(target=ids, numbers=NUMBERS)
    def create(self, numbers: set[int]) -> str:
        cells = [NewJob(n, "separate", f"cell {n}", {"n": n}) for n in numbers]
        batch = self.store.batches.create("a project", {"numbers": sorted(numbers)}, cells)
        self.batches[batch.id] = ModelBatch({n: ModelCell() for n in numbers}, self.clock.now)
        return batch.id

    @rule(batch_id=ids)
    def claim(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        if batch is None or batch.claim:
            with pytest.raises(JobBusy if batch else JobNotFound):
                self.store.batches.claim(batch_id)
            return
        batch.claim = self.store.batches.claim(batch_id)
        batch.is_cancel_requested = False

    @rule(batch_id=ids)
    def release(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        if batch and batch.claim:
            self.store.batches.release(batch.claim)
            batch.claim = None

    @rule(batch_id=ids, name=st.sampled_from("ab"), value=st.integers())
    def note(self, batch_id: str, name: str, value: int) -> None:
        batch = self.batches.get(batch_id)
        if batch and batch.claim:
            self.store.batches.note(batch.claim, name, {"n": value})
            batch.outcomes[name] = {"n": value}

    @rule(batch_id=ids, number=st.integers(1, 6))
    def claim_cell(self, batch_id: str, number: int) -> None:
        batch = self.batches.get(batch_id)
        cell = batch.cells.get(number) if batch else None
        if cell is None or cell.claim:
            with pytest.raises(JobBusy if cell else JobNotFound):
                self.store.claim(f"{batch_id}-{number}")
            return
        cell.claim = self.store.claim(f"{batch_id}-{number}")
        cell.has_folder, cell.is_cancel_requested = True, False

    @rule(batch_id=ids)
    def release_cells(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        for cell in batch.cells.values() if batch else ():
            if cell.claim:
                self.store.release(cell.claim)
                cell.claim = None

    @rule(batch_id=ids, state=STATES)
    def record_all(self, batch_id: str, state: JobState) -> None:
        """Move every claimed cell that can go there."""
        batch = self.batches.get(batch_id)
        for number, cell in batch.cells.items() if batch else ():
            if cell.claim is None or state not in next_states(cell.state, cell.good_state):
                continue
            self.store.record(f"{batch_id}-{number}", state, claim=cell.claim)
            cell.move(state)
            assert batch is not None
            batch.changed_at = self.clock.now

    @rule(batch_id=ids)
    def cancel(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        if batch is None:
            with pytest.raises(JobNotFound):
                self.store.batches.request_cancel(batch_id)
            return
        self.store.batches.request_cancel(batch_id)
        if batch.claim:
            batch.is_cancel_requested = True
        else:
            batch.cancel_open(self.clock.now)

    @rule(batch_id=ids)
    def cancel_open(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        if batch and batch.claim:
            self.store.batches.cancel_open(batch.claim)
            batch.cancel_open(self.clock.now)

    @rule(batch_id=ids, number=st.integers(1, 6))
    def cancel_cell(self, batch_id: str, number: int) -> None:
        batch = self.batches.get(batch_id)
        cell = batch.cells.get(number) if batch else None
        if batch is None or cell is None or cell.claim:
            return
        if cell.state is JobState.DONE:
            with pytest.raises(InvalidTransition):
                self.store.request_cancel(f"{batch_id}-{number}")
        elif cell.state is not JobState.CANCELLED:
            self.store.request_cancel(f"{batch_id}-{number}")
            cell.move(JobState.CANCELLED)
            batch.changed_at = self.clock.now

    @rule(batch_id=ids)
    def remove_one(self, batch_id: str) -> None:
        self.remove(batch_id)

    def remove(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        if batch is None or batch.is_held:
            with pytest.raises(JobBusy if batch else JobNotFound):
                self.store.batches.remove(batch_id)
        else:
            self.store.batches.remove(batch_id)
            del self.batches[batch_id]

    @rule(older_than=st.integers(1, 100_000), states=st.sets(STATES))
    def remove_old(self, older_than: int, states: set[JobState]) -> None:
        old = [batch.id for batch in self.store.batches.old(timedelta(seconds=older_than), states)]
        limit = self.clock.now - older_than
        assert old[::-1] == [
            batch_id
            for batch_id, batch in self.batches.items()
            if {cell.state for cell in batch.cells.values()} <= states and batch.changed_at <= limit
        ]
        for batch_id in old:
            self.remove(batch_id)

    @invariant()
    def store_holds_what_the_model_holds(self) -> None:
        assert [job.id for job in self.store.list()] == self.singles[::-1]
        listed = self.store.batches.list()
        assert [batch.id for batch in listed] == list(self.batches)[::-1]
        for stored in listed:
            batch = self.batches[stored.id]
            states = [cell.state for cell in batch.cells.values()]
            assert stored.counts == {state: states.count(state) for state in states}
            assert stored.is_running == bool(batch.claim)
            assert stored.updated_at.timestamp() == pytest.approx(batch.changed_at)
            assert stored.outcomes == batch.outcomes
            assert self.store.batches.cancel_requested(stored.id) == batch.is_cancel_requested
            assert stored.state is self.expected_state(batch)
            assert stored == self.store.batches.get(stored.id)
            cells = self.store.batches.cells(stored.id)
            assert [(cell.cell, cell.state, cell.good_state) for cell in cells] == [
                (number, cell.state, cell.good_state)
                for number, cell in sorted(batch.cells.items())
            ]
            assert [self.store.cancel_requested(cell.id) for cell in cells] == [
                cell.is_cancel_requested for _, cell in sorted(batch.cells.items())
            ]

    def expected_state(self, batch: ModelBatch) -> BatchState:
        states = {cell.state for cell in batch.cells.values()}
        left = states - RESTING_STATES
        if batch.claim:
            return BatchState.RUNNING
        if states == {JobState.PLANNED}:
            return BatchState.PLANNED
        if left:
            return BatchState.WAITING if left == {JobState.WAITING} else BatchState.INTERRUPTED
        return BatchState(next((one for one in WORST if one in states), JobState.DONE).value)

    @invariant()
    def folders_are_those_of_batches_and_of_what_was_claimed(self) -> None:
        expected = set(self.singles) | set(self.batches)
        for batch_id, batch in self.batches.items():
            expected |= {f"{batch_id}-{n}" for n, cell in batch.cells.items() if cell.has_folder}
        assert {path.name for path in self.folder.iterdir() if path.is_dir()} == expected


TestBatches = BatchMachine.TestCase
TestBatches.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
