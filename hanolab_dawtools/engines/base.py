"""The protocol of an engine: who separates, converts or generates.

Two phases are the heart of crash safety: `start` returns as soon as the work exists (and may
have been paid for); its ticket is stored before anything else happens; `finish` may run in
another process, days later.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Quote, Request, RequestKind, Stem, Ticket


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do.

    Attributes
    ----------
    name
        As in `--engine`.
    version
        Changes whenever the same request may give other samples; part of the result cache's key.
    kinds, stem_counts
        What `Request.kind` and the parameter `stems` may be.
    handle_seconds
        Real audio around a selection that the engine makes use of.
    is_paid
        Whether `start` may cost credits.
    """

    name: str
    version: str
    kinds: tuple[RequestKind, ...]
    stem_counts: tuple[int, ...]
    handle_seconds: float
    is_paid: bool


class Engine(Protocol):
    """What the road asks of an engine."""

    def capabilities(self) -> Capabilities:
        """What this engine can do; no network, no weights needed."""
        ...

    def quote(self, request: Request) -> Quote:
        """What a request will cost.

        Raises
        ------
        EngineCannot
            The engine lacks what is asked; the hint says the way to get it.
        """
        ...

    def start(self, request: Request, stop: Stop, progress: ProgressCallback) -> Ticket:
        """Take the work on. After the return the ticket alone is enough to finish it."""
        ...

    def finish(
        self, ticket: Ticket, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        """Wait for or do the work and write the stems into `folder`.

        Files appear under their final names only when they are whole. Calling it again, in this
        or another process, after any interruption, ends in the same files.
        """
        ...

    def cancel(self, ticket: Ticket) -> None:
        """Stop what `start` began, as far as the engine can."""
        ...
