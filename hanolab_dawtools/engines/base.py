"""The protocol of an engine: who separates, converts or generates.

Phases are the heart of crash safety. `prepare` may be repeated as often as one likes (it puts the
audio where the engine can fetch it). `start` returns as soon as the work exists (and may have
been paid for); its ticket is stored before anything else happens. `finish` may run in another
process, days later. The `Journal` tells a later process how far an interrupted `start` came.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hanolab_dawtools import durable
from hanolab_dawtools.errors import DiskFull, EngineCannot, OutputError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Cap, Quote, Request, RequestKind, Stem, Ticket

_ROOM = 1 << 16  # bytes of the journal's first mark; answers are a few hundred


@dataclass(frozen=True)
class Capabilities:
    """What the road must know of an engine; `quote` says what it can do.

    Attributes
    ----------
    name
        As in `--engine`.
    version
        Changes whenever the same request may give other samples; part of the result cache's key.
    kind_versions
        Versions of single kinds that change by themselves.
    handle_seconds
        Real audio around a selection that the engine makes use of.
    is_paid
        Whether `start` may cost credits.
    is_kept
        Whether its results are worth a place in the result cache.
    prices_of
        The server whose prices count: what was learnt of one says nothing of another.
    is_remote
        Whether `finish` waits for a service; else it is work that any worker can do.
    """

    name: str
    version: str
    handle_seconds: float
    is_paid: bool
    kind_versions: Mapping[RequestKind, str] = field(default_factory=dict)
    is_kept: bool = True
    prices_of: str = ""
    is_remote: bool = False

    @property
    def learnt_as(self) -> str:
        """What prices are learnt by, beside the action."""
        return f"{self.name} {self.prices_of}".strip()

    def version_of(self, kind: RequestKind) -> str:
        """The version that counts for one kind."""
        return self.kind_versions.get(kind, self.version)


@dataclass(frozen=True)
class Answer:
    """What a server answered to a submission, as it came: status and raw body."""

    status: int
    body: bytes


class Journal:
    """Two durable marks in `folder` around the one request that may cost money.

    `intend` is called directly before it is sent, `keep` with the raw answer before that is
    parsed, `clear` when it provably came to nothing. Each returns only when its mark would
    survive a crash. The first mark holds room for the answer, so a full disk does not lose it.

    `check_owner` raises when somebody else works on the job meanwhile (this machine slept through
    the claim): then nothing is sent, and the marks are the other's.
    """

    def __init__(self, folder: Path, check_owner: Callable[[], None] = lambda: None) -> None:
        self._check_owner = check_owner
        self._sent = folder / "sent"
        self._answer = folder / "answer.json"

    def intend(self, prepared: str) -> None:
        """Mark that from now on a request made of what was prepared may have been sent."""
        self._check_owner()
        with durable.replacing(self._sent) as part:
            part.write_text(json.dumps({"prepared": prepared}).ljust(_ROOM), encoding="ascii")

    def keep(self, answer: Answer) -> None:
        """Keep the raw answer."""
        kept = {"status": answer.status, "body": answer.body.decode("latin-1")}
        try:
            durable.write_text(self._answer, json.dumps(kept))
        except OutputError:
            self._keep_in_room(json.dumps({"prepared": self.prepared, "answer": kept}))

    def _keep_in_room(self, text: str) -> None:
        """Write over the first mark, which takes no new room on the disk."""
        if len(text) > _ROOM:
            raise DiskFull(self._answer)
        with durable.translated_os_errors(self._sent), self._sent.open("r+b") as stream:
            stream.write(text.ljust(_ROOM).encode("ascii"))
            stream.flush()
            os.fsync(stream.fileno())

    def clear(self) -> None:
        """Forget both marks: nothing was accepted."""
        self._check_owner()
        with durable.translated_os_errors(self._sent):
            self._answer.unlink(missing_ok=True)
            self._sent.unlink(missing_ok=True)
            if self._sent.parent.is_dir():
                durable.sync_folder(self._sent.parent)

    @property
    def may_have_been_sent(self) -> bool:
        """False only when the request was provably never sent: a lost folder proves nothing."""
        return self._sent.exists() or not self._sent.parent.is_dir()

    @property
    def prepared(self) -> str:
        """What the request was made of; "" when that is not known."""
        return str(_mapping_in(self._sent).get("prepared", ""))

    @property
    def answer(self) -> Answer | None:
        """The answer that was kept, if any."""
        kept = _mapping_in(self._answer) or _mapping_in(self._sent).get("answer")
        return Answer(kept["status"], kept["body"].encode("latin-1")) if kept else None


def _mapping_in(path: Path) -> Mapping[str, Any]:
    """The JSON object in a file; empty when there is none, or a crash cut it short."""
    try:
        value = json.loads(path.read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return value if isinstance(value, Mapping) else {}


class Engine(Protocol):
    """What the road asks of an engine."""

    def capabilities(self) -> Capabilities:
        """What the road must know of this engine; no network, no weights needed."""
        ...

    def quote(self, request: Request) -> Quote:
        """What a request will cost; no network.

        Raises
        ------
        EngineCannot
            The engine lacks what is asked; the hint says the way to get it.
        UsageError
            A parameter is wrong.
        InputError
            The audio is too short for it.
        """
        ...

    def cap(self, request: Request) -> Cap | None:
        """The cap that a request counts against, None for none."""
        ...

    def prepare(self, request: Request, stop: Stop, progress: ProgressCallback) -> str:
        """Put the input where the engine can reach it; the text is what `start` needs of it.

        Nothing is billed. Calling it again replaces what an earlier, interrupted call left.
        """
        ...

    def start(
        self,
        request: Request,
        prepared: str,
        journal: Journal,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Ticket:
        """Take the work on. After the return the ticket alone is enough to finish it.

        Raises
        ------
        SubmissionUnsure
            Sent, without a usable answer; the journal keeps what came.
        HanolabError
            Any other: nothing came of it for sure, and the journal is clear.
        """
        ...

    def recover(self, request: Request, prepared: str, answer: Answer) -> Ticket:
        """The ticket in an answer that a crashed `start` had kept; else as `start` raises."""
        ...

    def adopt(self, request: Request, prepared: str, task_id: str) -> Ticket:
        """The ticket of a task whose id the user knows from elsewhere."""
        ...

    def finish(
        self, ticket: Ticket, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        """Wait for or do the work and write the stems into `folder`.

        Files appear under their final names only when they are whole. Calling it again, in this
        or another process, after any interruption, ends in the same files.
        """
        ...

    def discard(self, prepared: str) -> str:
        """Remove what `prepare` left elsewhere; called when no start or finish needs it any more.

        Never raises a `HanolabError`: what could not be removed is named in the sentence that
        comes back, "" when nothing is left.
        """
        ...


class NothingElsewhere:
    """What engines have in common that work on this machine alone: there is nothing to ask for.

    Nothing is capped, uploaded, sent or left anywhere, so there is nothing to recover either.
    """

    def cap(self, request: Request) -> Cap | None:
        """None: this machine may be used as much as one likes."""
        return None

    def prepare(self, request: Request, stop: Stop, progress: ProgressCallback) -> str:
        """Nothing to do: the input is on this machine already."""
        return ""

    def recover(self, request: Request, prepared: str, answer: Answer) -> Ticket:
        """Never called: `start` sends nothing, so there is no answer."""
        raise EngineCannot("nothing was sent anywhere, so there is no answer to recover from")

    def adopt(self, request: Request, prepared: str, task_id: str) -> Ticket:
        """Refuse: there are no tasks elsewhere."""
        raise EngineCannot("work on this machine has no tasks that could be taken over")

    def discard(self, prepared: str) -> str:
        """Nothing was left anywhere."""
        return ""
