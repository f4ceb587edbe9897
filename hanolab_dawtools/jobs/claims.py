"""Who works on a job: one process at a time, and a dead one does not block the others.

A claim names its owner by machine, process id and the process's start, so that a reused id is not
taken for the owner. On the same machine the owner's life decides: a living process keeps its job
even when the machine slept past the lease, a dead one's job is free at once. Where life cannot be
seen (another machine, another container, a system without /proc) the lease decides: the owner
renews it every few seconds, and the job is free when it has run out.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sqlite3
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hanolab_dawtools.errors import HanolabError, JobBusy

_log = logging.getLogger(__name__)

_PROC = Path("/proc")
_GONE = {"Z", "X"}  # a killed process whose parent has not looked yet


@dataclass(frozen=True)
class ClaimTimes:
    """How long a silent owner is believed, and how often a claim's thread looks up, in seconds."""

    lease_seconds: float = 30.0
    renew_seconds: float = 5.0
    poll_seconds: float = 0.2


@dataclass(frozen=True)
class Owner:
    """A process; `started` is empty where the system does not tell it."""

    machine: str
    pid: int
    started: str


@cache
def _machine(pid_space: str) -> str:
    return f"{socket.gethostname()} {pid_space}".strip()


def this_process() -> Owner:
    """The process that asks."""
    pid = os.getpid()
    return Owner(_machine(_pid_space()), pid, _started(pid) or "")


def is_alive(owner: Owner) -> bool | None:
    """Whether the owner still runs; None where this process cannot tell."""
    here = this_process()
    if owner.machine != here.machine:
        return None
    if owner.started and here.started:
        return _started(owner.pid) == owner.started
    return None


def _pid_space() -> str:
    """The set of process ids that this process sees; containers on one machine have their own."""
    try:
        return str((_PROC / "self" / "ns" / "pid").readlink())
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When a process started, unique over reboots; None when it is gone or nobody tells."""
    try:
        boot = (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
        # The name in round brackets may hold anything; the fields behind it are counted from 3.
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    state, start_ticks = fields[0], fields[19]  # proc(5): fields 3 and 22
    return None if state in _GONE else f"{boot} {start_ticks}"


def living_owner(connection: sqlite3.Connection, job_id: str, now: float) -> Owner | None:
    """Who works on a job, by the rules of this module; `now` in seconds since 1970."""
    row = connection.execute(
        "SELECT machine, pid, process_started, lease_until FROM claims WHERE job_id = ?", (job_id,)
    ).fetchone()
    if row is None:
        return None
    owner, lease_until = Owner(*row[:3]), row[3]
    alive = is_alive(owner)
    return owner if alive or (alive is None and now < lease_until) else None


def living_token(connection: sqlite3.Connection, job_id: str, now: float) -> str | None:
    """The token of a job's claim; None when no living process works on the job."""
    if living_owner(connection, job_id, now) is None:
        return None
    row = connection.execute("SELECT token FROM claims WHERE job_id = ?", (job_id,)).fetchone()
    return str(row[0])


def check_unclaimed(
    connection: sqlite3.Connection, job_id: str, now: float, *, noun: str = "job"
) -> None:
    """Raise `JobBusy` when a living process works on a job."""
    owner = living_owner(connection, job_id, now)
    if owner is not None:
        raise JobBusy(
            f"{noun} {job_id} is being worked on by process {owner.pid} on {owner.machine}",
            hint=f"Wait for it, or stop it with: hanolab jobs cancel {job_id}",
        )


def check_claimed(connection: sqlite3.Connection, claim: Claim) -> None:
    """Raise `JobBusy` unless a claim is still its job's."""
    row = connection.execute(
        "SELECT 1 FROM claims WHERE job_id = ? AND token = ?", (claim.job_id, claim.token)
    ).fetchone()
    if row is None:
        raise _taken_over(claim.job_id, claim.noun)


def _taken_over(job_id: str, noun: str = "job") -> JobBusy:
    return JobBusy(
        f"{noun} {job_id} was taken over by another process, because this one was silent for too "
        "long",
        hint=f"Leave the {noun} to the other process.",
    )


def check_owned(connection: sqlite3.Connection, job_id: str) -> None:
    """Raise `JobBusy` unless this process works on a job."""
    row = connection.execute(
        "SELECT machine, pid, process_started FROM claims WHERE job_id = ?", (job_id,)
    ).fetchone()
    if row is None or Owner(*row) != this_process():
        raise _taken_over(job_id)


def put(connection: sqlite3.Connection, claim: Claim, lease_until: float) -> None:
    """Make a claim of this process the job's, in place of any other."""
    me = this_process()
    connection.execute(
        "INSERT OR REPLACE INTO claims"
        " (job_id, token, machine, pid, process_started, lease_until)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (claim.job_id, claim.token, me.machine, me.pid, me.started, lease_until),
    )


def lengthen(connection: sqlite3.Connection, claim: Claim, lease_until: float) -> bool:
    """Set the end of a claim's lease; False when the claim is not the job's any more."""
    cursor = connection.execute(
        "UPDATE claims SET lease_until = ? WHERE job_id = ? AND token = ?",
        (lease_until, claim.job_id, claim.token),
    )
    return cursor.rowcount == 1


def drop(connection: sqlite3.Connection, claim: Claim) -> None:
    """End a claim, if it is still the job's."""
    connection.execute(
        "DELETE FROM claims WHERE job_id = ? AND token = ?", (claim.job_id, claim.token)
    )


class Keeper(Protocol):
    """What a claim needs of the store."""

    def renew(self, claim: Claim) -> bool:
        """Lengthen the lease; False when the claim is not the job's any more."""
        ...

    def release(self, claim: Claim) -> None:
        """Let another process claim the job."""
        ...

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody asked to cancel the job since it was claimed."""
        ...


@dataclass
class Claim:
    """The right to work on a job, kept alive by a thread of its own; a context manager.

    `noun`: what `job_id` names, a job or a batch.

    `stop` is set, by that thread, when somebody asks to cancel the job or when the claim is lost.
    Leaving the block releases the claim; a crash leaves it to the rules of this module.
    """

    job_id: str
    keeper: Keeper
    times: ClaimTimes
    noun: str = "job"
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    stop: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._keep, name=f"claim of {self.noun} {self.job_id}", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._released.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.keeper.release(self)
        except HanolabError as failure:  # the process's end releases it as well
            _log.warning("the claim of %s %s was not released: %s", self.noun, self.job_id, failure)

    def _keep(self) -> None:
        polls_per_renewal = max(1, round(self.times.renew_seconds / self.times.poll_seconds))
        polls, is_told = 0, False
        while not self._released.wait(self.times.poll_seconds):
            polls += 1
            try:
                is_lost = polls % polls_per_renewal == 0 and not self.keeper.renew(self)
                if is_lost or self.keeper.cancel_requested(self.job_id):
                    self.stop.set()
                is_told = False
            except HanolabError as failure:  # a busy or full disk: the lease outlasts a few tries
                if not is_told:
                    _log.warning(
                        "%s %s: the store does not answer: %s", self.noun, self.job_id, failure
                    )
                is_told = True
