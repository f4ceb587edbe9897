"""Faults on demand: what a sandbox shall do wrong, where, and how often.

Written as `KIND[=VALUE][@WHERE][*TIMES]`: `502`, `429=30@generate`, `lost_answer@separate*2`,
`slow=20@output`, `shape=names*0`. TIMES is 1 unless said; 0 means until the faults are cleared.
WHERE is an operation, `submit` for the four that are paid, or `any`.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hanolab_dawtools.errors import UsageError


class Operation(StrEnum):
    """What can be asked of a sandbox."""

    GENERATE = "generate"
    CONVERT = "convert"
    FLASH = "convert-flash"
    SEPARATE = "separate"
    MODELS = "models"
    TASK = "task"
    OUTPUT = "output"
    PUT = "put"
    UPLOAD = "upload"
    DELETE = "delete"


SUBMISSIONS = (Operation.GENERATE, Operation.CONVERT, Operation.FLASH, Operation.SEPARATE)
SUBMIT, ANY = "submit", "any"


class Phase(StrEnum):
    """When a fault has its effect."""

    BEFORE = "before"  # instead of the work: nothing is accepted
    AFTER = "after"  # the work was done and, for a submission, accepted
    CONTENT = "content"  # the answer comes, but is not as it was


@dataclass(frozen=True)
class Kind:
    """One kind of fault: where it happens, and with what value, unless the fault says another.

    `meaning` is for the user; `is_bound` ones make sense at `where` only.
    """

    phase: Phase
    where: str
    value: str
    meaning: str
    is_bound: bool = False


def _bound(phase: Phase, where: str, value: str, meaning: str) -> Kind:
    return Kind(phase, where, value, meaning, is_bound=True)


KINDS: dict[str, Kind] = {
    "cut_before": Kind(Phase.BEFORE, SUBMIT, "", "the connection is cut, nothing is done"),
    "stall": Kind(Phase.BEFORE, SUBMIT, "30", "VALUE seconds pass before anything is done"),
    "lost_answer": Kind(Phase.AFTER, SUBMIT, "", "done, but the connection is cut unanswered"),
    "cut_answer": Kind(Phase.AFTER, SUBMIT, "", "done, but cut in the middle of the answer"),
    "late_answer": Kind(Phase.AFTER, SUBMIT, "30", "done, but the answer comes VALUE s later"),
    "crash": Kind(Phase.AFTER, SUBMIT, "", "done, but the sandbox dies as if it were killed"),
    "unreadable": Kind(Phase.AFTER, SUBMIT, "", "done, but the answer is a page of HTML"),
    "no_id": _bound(Phase.AFTER, SUBMIT, "", "done, but the 202 names no task id"),
    "id_field": _bound(Phase.AFTER, SUBMIT, "task_id", "the id is called VALUE; a dot nests it"),
    "task_failure": _bound(Phase.CONTENT, SUBMIT, "the model crashed", "the task fails with VALUE"),
    "wrong_length": _bound(
        *(Phase.CONTENT, SUBMIT, "-0.5", "the results are VALUE seconds longer (or shorter)")
    ),
    "late_404": _bound(Phase.BEFORE, Operation.TASK, "", "the task is not known yet"),
    "unknown_status": _bound(Phase.CONTENT, Operation.TASK, "rendering", "the status is VALUE"),
    "shape": _bound(
        *(Phase.CONTENT, Operation.TASK, "names"),
        "`output_urls` are a VALUE: list, unnamed (a list in another order), names, objects, "
        "single (the first), none",
    ),
    "expired_urls": _bound(Phase.CONTENT, Operation.TASK, "", "the URLs are expired already"),
    "slow": Kind(Phase.AFTER, Operation.OUTPUT, "30", "the body takes VALUE seconds"),
    "short_body": Kind(Phase.AFTER, Operation.OUTPUT, "", "cut after half of the body"),
    "wrong_type": Kind(Phase.AFTER, Operation.OUTPUT, "", "a page of HTML with status 200"),
    "redirect": Kind(Phase.BEFORE, Operation.OUTPUT, "", "sends the client to the URL in VALUE"),
}

_STATUS = re.compile(r"([45][0-9][0-9])(_after)?")
_FAULT = re.compile(
    r"(?P<kind>[a-z0-9_]+)(=(?P<value>.*?))?(@(?P<where>[a-z-]+))?(\*(?P<n>[0-9]{1,6}))?"
)
_DELAYS = {"stall", "slow", "late_answer"}
_MAX_SECONDS = 3600.0
_SHAPES = {"list", "unnamed", "names", "objects", "single", "none"}


@dataclass(frozen=True)
class Fault:
    """One fault; `times` 0 means always."""

    kind: str
    phase: Phase
    where: str
    value: str
    times: int

    @property
    def status(self) -> int | None:
        """The HTTP status that the fault answers with, if that is what it does."""
        match = _STATUS.fullmatch(self.kind)
        return int(match[1]) if match else None

    @property
    def seconds(self) -> float:
        """The value as a number."""
        return float(self.value)

    def meets(self, operation: Operation) -> bool:
        """Whether it is about this operation."""
        bound_to = (
            KINDS[self.kind].where if self.kind in KINDS and KINDS[self.kind].is_bound else ANY
        )
        return all(_covers(where, operation) for where in (self.where, bound_to))

    def to_json(self) -> dict[str, Any]:
        """For the admin endpoint."""
        return {"kind": self.kind, "where": self.where, "value": self.value, "times": self.times}


def parse_fault(text: str) -> Fault:
    """Read a fault as it is written.

    Raises
    ------
    UsageError
        It says no known kind, place or value.
    """
    match = _FAULT.fullmatch(text)
    kind = _kind(match["kind"]) if match else None
    if match is None or kind is None:
        raise UsageError(
            f"{text!r} is no fault of the sandbox",
            hint="Write KIND[=VALUE][@WHERE][*TIMES]; kinds: a status (502, 502_after), "
            + ", ".join(KINDS),
        )
    fault = Fault(
        kind=match["kind"],
        phase=kind.phase,
        where=match["where"] or kind.where,
        value=kind.value if match["value"] is None else match["value"],
        times=1 if match["n"] is None else int(match["n"]),
    )
    _check(fault, text)
    return fault


def _kind(name: str) -> Kind | None:
    if status := _STATUS.fullmatch(name):
        phase = Phase.AFTER if status[2] else Phase.BEFORE
        return Kind(phase, SUBMIT, "", "this status; VALUE is its Retry-After")
    return KINDS.get(name)


def _check(fault: Fault, text: str) -> None:
    places = [*Operation, SUBMIT, ANY]
    if fault.where not in places:
        raise UsageError(
            f"{text!r}: the sandbox has no operation {fault.where!r}",
            hint=f"Operations: {', '.join(places)}.",
        )
    if not any(map(fault.meets, Operation)):
        raise UsageError(f"{text!r}: {fault.kind} cannot happen at {fault.where}")
    if fault.kind in {*_DELAYS, "wrong_length"}:
        low = 0.0 if fault.kind in _DELAYS else -_MAX_SECONDS
        if not _is_number(fault.value) or not low <= fault.seconds <= _MAX_SECONDS:
            raise UsageError(f"{text!r}: a number of seconds from {low:g} to {_MAX_SECONDS:g}")
    if fault.kind == "redirect" and not fault.value.startswith(("http://", "https://")):
        raise UsageError(f"{text!r}: where to? Write redirect=URL")
    if fault.kind == "shape" and fault.value not in _SHAPES:
        raise UsageError(f"{text!r}: shapes are {', '.join(sorted(_SHAPES))}")
    if not (fault.value.isascii() and (fault.value.isprintable())):
        raise UsageError(f"{text!r}: a value is written in plain ASCII")


def _covers(where: str, operation: Operation) -> bool:
    return where in {ANY, operation} or (where == SUBMIT and operation in SUBMISSIONS)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


class FaultBox:
    """The faults that are still to come; safe for several threads."""

    def __init__(self, faults: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._faults = [parse_fault(text) for text in faults]

    def add(self, text: str) -> Fault:
        """Add a fault; raises `UsageError`."""
        fault = parse_fault(text)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[Fault]:
        """Those still to come, in order."""
        with self._lock:
            return list(self._faults)

    def take(self, operation: Operation, phase: Phase, *kinds: str) -> Fault | None:
        """The first fault for this operation and phase (and one of `kinds`, if given), used up."""
        with self._lock:
            for at, fault in enumerate(self._faults):
                if (
                    fault.phase is phase
                    and fault.meets(operation)
                    and (not kinds or fault.kind in kinds)
                ):
                    if fault.times == 1:
                        del self._faults[at]
                    elif fault.times:
                        self._faults[at] = replace(fault, times=fault.times - 1)
                    return fault
        return None
