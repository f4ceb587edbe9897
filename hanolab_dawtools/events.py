"""Progress and stopping: what long work tells its caller, and how the caller ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hanolab_dawtools.errors import JobCancelled


@dataclass(frozen=True)
class Progress:
    """How far a piece of work is.

    Attributes
    ----------
    step
        What is being done, in a user's words ("separating").
    fraction
        True share that is done, 0..1; None when it cannot be known.
    audio_seconds
        Seconds of audio behind us, for "x times real time"; 0 where it means nothing.
    """

    step: str
    fraction: float | None = None
    audio_seconds: float = 0.0


ProgressCallback = Callable[[Progress], None]


class Stop(Protocol):
    """The part of `threading.Event` that stoppable work needs."""

    def is_set(self) -> bool:
        """Whether the work shall end as soon as it can."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until stopped or timed out; True when stopped."""
        ...


class NeverStop:
    """A stop flag nobody sets, for callers that have none."""

    def is_set(self) -> bool:
        """Always False."""
        return False

    def wait(self, timeout: float | None = None) -> bool:
        """Not meant to be waited on: there is nobody to wake the sleeper."""
        raise AssertionError(f"nothing can end a wait of {timeout} s on NeverStop")


def ignore_progress(progress: Progress) -> None:
    """Take a progress report and do nothing with it."""


def raise_if_stopped(stop: Stop) -> None:
    """Raise `JobCancelled` when the stop flag is set."""
    if stop.is_set():
        raise JobCancelled("stopped before the work was finished", hint="Resume the job any time.")
