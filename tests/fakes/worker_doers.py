"""Doers for worker processes: what an order's one step says, done where it can be watched."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import JobCancelled, UsageError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.workers.base import Doer, WorkDone, WorkOrder

_log = logging.getLogger("hanolab_dawtools.fakes")


class Unreadable(Exception):
    """An exception that cannot be made again from what pickle keeps of it."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


def order_of(step: str, folder: Path, **plan: Any) -> WorkOrder:
    """An order with one step; `plan` is the job's."""
    return WorkOrder({"id": "abcd", "plan": plan}, folder, (step,))


def make_doer(setup: Mapping[str, Any]) -> Doer:
    """See `DoerMaker`."""
    if setup.get("cannot_start"):
        raise UsageError("this worker cannot be made")

    def do(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> WorkDone:
        (step,) = order.steps
        value = ACTS[step](order, stop, progress)
        return WorkDone({step: value, "pid": os.getpid(), "setup": dict(setup)})

    return do


def _begin(order: WorkOrder) -> int:
    """Leave a file that says which process works; how many have begun this order."""
    (order.folder / f"begun-{os.getpid()}-{time.monotonic_ns()}").touch()
    return len(list(order.folder.glob("begun-*")))


def _greet(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> str:
    return "hello"


def _surroundings(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> Mapping[str, Any]:
    return {
        "threads": os.environ["OMP_NUM_THREADS"],
        "nice": os.nice(0),
        "was_numpy_there": "numpy" in sys.modules,
        "ignores_interrupts": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        "out_of_memory_score": int(Path("/proc/self/oom_score_adj").read_text()),
    }


def _report(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    for number in range(1000):
        progress(Progress("first", number / 1000))
    progress(Progress("second", 0.5))


def _log_something(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    _log.warning("heard by %s", "the owner")
    _log.debug("heard by nobody")


def _wait(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    _begin(order)
    if stop.wait(60):
        raise JobCancelled("stopped as it was told")


def _hang(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    _begin(order)
    threading.Event().wait(60)


def _report_and_hang(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    progress(Progress("hanging"))
    threading.Event().wait(60)


def _die(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _crash(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _leave(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    os._exit(3)


def _die_once(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> str:
    if _begin(order) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return "hello"


def _wait_once(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> str:
    if _begin(order) == 1:
        stop.wait(60)
    return "hello"


def _mistake(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    raise ZeroDivisionError("a mistake of the program")


def _unreadable(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> None:
    raise Unreadable("one", "other")


def _meet(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> bool:
    """Whether two were in here at the same time."""
    _begin(order)
    return _seen_within(order.folder, 2, 10.0)


def _stay(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> bool:
    """Whether another was in here at the same time, of two that may not."""
    mine = order.folder / f"inside-{os.getpid()}"
    mine.touch()
    time.sleep(0.05)
    was_alone = len(list(order.folder.glob("inside-*"))) == 1
    mine.unlink()
    return not was_alone


def _seen_within(folder: Path, n_begun: int, seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if len(list(folder.glob("begun-*"))) >= n_begun:
            return True
        time.sleep(0.005)
    return False


def _fill(order: WorkOrder, stop: Stop, progress: ProgressCallback) -> int:
    """Hold as many bytes as the plan says, for a moment."""
    return len(bytearray(order.job["plan"]["n_bytes"]))


ACTS = {
    "greet": _greet,
    "surroundings": _surroundings,
    "report": _report,
    "log": _log_something,
    "wait": _wait,
    "hang": _hang,
    "report and hang": _report_and_hang,
    "die": _die,
    "crash": _crash,
    "leave": _leave,
    "die once": _die_once,
    "wait once": _wait_once,
    "mistake": _mistake,
    "unreadable": _unreadable,
    "meet": _meet,
    "stay": _stay,
    "work": _stay,
    "fill": _fill,
}
