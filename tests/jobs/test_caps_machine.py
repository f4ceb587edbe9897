"""The caps against a model that fits on a screen: any order of asking, sending, dying, waiting."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from fakes.clock import FakeClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hanolab_dawtools.jobs.claims import Claim, ClaimTimes
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import Cap

HOUR = 3600.0
CAP = Cap("key", n_in_flight=2, n_per_hour=4)
MEMORY = Path("/dev/shm")  # syncing is free there
QUIET = ClaimTimes(poll_seconds=60.0)
N_JOBS = 5
BUSY = (JobState.STARTING, JobState.STARTED, JobState.UNSURE)
JOBS = st.integers(0, N_JOBS - 1)


@dataclass
class Row:
    """A request that waits, has a slot, or was sent with one."""

    job: int
    claim: Claim
    granted_at: float | None = None
    is_sent: bool = False


class CapsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.clock = FakeClock()
        self.retry_at = 0.0
        self.rows: list[Row] = []
        self.open()
        self.claims: dict[int, Claim] = {}
        for job in range(N_JOBS):
            self.store.create("generate", "", {}, job_id=f"job-{job}")
            self.claims[job] = self.store.claim(f"job-{job}")
            self.record(job, JobState.CAPTURED)
            self.record(job, JobState.PREPARED)

    def open(self) -> None:
        self.store = JobStore(Path(self.place.name) / "jobs", clock=self.clock, times=QUIET)

    def teardown(self) -> None:
        self.store.close()
        self.place.cleanup()

    def record(self, job: int, state: JobState) -> None:
        self.store.record(f"job-{job}", state, claim=self.claims[job])

    def state(self, job: int) -> JobState:
        return self.store.get(f"job-{job}").state

    def forget_the_dead(self) -> None:
        """Keep what a living process waits for or holds, and what was sent within the hour."""
        self.rows = [
            row
            for row in self.rows
            if (self.claims.get(row.job) is row.claim if not row.is_sent else self.lasts(row))
        ]

    def lasts(self, row: Row) -> bool:
        assert row.granted_at is not None
        is_young = row.granted_at > self.clock.now - HOUR
        return is_young or (row.job in self.claims and self.state(row.job) in BUSY)

    def has_room(self, mine: Row) -> bool:
        ahead = self.rows[: self.rows.index(mine)]
        n_ahead = sum(row.granted_at is None for row in ahead)
        granted = [row for row in self.rows if row.granted_at is not None]
        in_flight = {row.job for row in granted if not row.is_sent or self.state(row.job) in BUSY}
        in_hour = [row for row in granted if (row.granted_at or 0.0) > self.clock.now - HOUR]
        return (
            len(in_flight) + n_ahead < CAP.n_in_flight
            and len(in_hour) + n_ahead < CAP.n_per_hour
            and self.clock.now >= self.retry_at
        )

    @rule(seconds=st.sampled_from([1, 60, 1800, 3599, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(seconds)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()
        for job, claim in self.claims.items():
            claim.keeper = self.store
            assert self.store.renew(claim), job

    @rule(job=JOBS)
    def ask(self, job: int) -> None:
        if job not in self.claims or self.state(job) not in (JobState.PREPARED, JobState.WAITING):
            return
        self.forget_the_dead()
        mine = next((row for row in self.rows if row.job == job and not row.is_sent), None)
        if mine is None:
            mine = Row(job, self.claims[job])
            self.rows.append(mine)
        is_granted = mine.granted_at is not None or self.has_room(mine)
        wait = self.store.caps.acquire(f"job-{job}", CAP)
        assert (wait is None) == is_granted
        if wait is not None and wait.until is not None:
            assert wait.until.timestamp() > self.clock.now
        if is_granted and mine.granted_at is None:
            mine.granted_at = self.clock.now

    @rule(job=JOBS)
    def send(self, job: int) -> None:
        mine = next((row for row in self.rows if row.job == job and not row.is_sent), None)
        if mine and mine.granted_at is not None and self.claims.get(job) is mine.claim:
            self.record(job, JobState.STARTING)
            mine.is_sent = True

    @rule(job=JOBS, state=st.sampled_from([JobState.PREPARED, JobState.WAITING]))
    def come_to_nothing(self, job: int, state: JobState) -> None:
        if job in self.claims and self.state(job) is JobState.STARTING:
            self.record(job, state)
            sent = [row for row in self.rows if row.job == job and row.is_sent]
            sent[-1].is_sent, sent[-1].granted_at = False, None

    @rule(job=JOBS)
    def go_on(self, job: int) -> None:
        """Take a job one state further: accepted, and then finished."""
        ways = {JobState.STARTING: JobState.STARTED, JobState.STARTED: JobState.FINISHED}
        if job in self.claims and self.state(job) in ways:
            self.record(job, ways[self.state(job)])

    @rule(job=JOBS)
    def leave_in_doubt_and_send_again(self, job: int) -> None:
        if job in self.claims and self.state(job) is JobState.STARTING:
            self.record(job, JobState.UNSURE)
        elif job in self.claims and self.state(job) is JobState.UNSURE:
            self.record(job, JobState.PREPARED)

    @rule(job=JOBS)
    def die(self, job: int) -> None:
        if job in self.claims:
            self.store.release(self.claims.pop(job))

    @rule(job=JOBS)
    def take_up(self, job: int) -> None:
        if job not in self.claims:
            self.claims[job] = self.store.claim(f"job-{job}")

    @precondition(lambda self: self.clock.now >= self.retry_at)
    @rule(seconds=st.integers(1, 5000))
    def service_refuses(self, seconds: int) -> None:
        self.retry_at = self.clock.now + seconds
        self.store.caps.refused(CAP.scope, self.retry_at)

    @invariant()
    def no_more_than_the_hour_allows_was_sent(self) -> None:
        sent = [row.granted_at for row in self.rows if row.is_sent and row.granted_at is not None]
        assert sum(at > self.clock.now - HOUR for at in sent) <= CAP.n_per_hour


TestCaps = CapsMachine.TestCase
TestCaps.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
