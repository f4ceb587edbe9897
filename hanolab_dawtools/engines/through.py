"""The engine of runs that are made of effects alone: what it gets is what it gives."""

from __future__ import annotations

import json
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.engines.base import Capabilities, Journal, NothingElsewhere
from hanolab_dawtools.errors import EngineCannot
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.model import Quote, Request, RequestKind, Stem, StemRole, Ticket

NAME = "none"
HANDLE_SECONDS = 1.0  # for the effects to settle: compressors, gates and filters are in time then


class ThroughEngine(NothingElsewhere):
    """Implements `engines.base.Engine` by a copy; free, and nothing worth keeping."""

    def capabilities(self) -> Capabilities:
        """Free, and nothing worth keeping."""
        return Capabilities(
            name=NAME,
            version="1",
            handle_seconds=HANDLE_SECONDS,
            is_paid=False,
            is_kept=False,
        )

    def quote(self, request: Request) -> Quote:
        """Nothing; raises `EngineCannot` for real work."""
        if request.kind is not RequestKind.PROCESS:
            raise EngineCannot(
                f"without an engine there is nobody to {request.kind.value}",
                hint="Choose --engine local or --engine hanolab.",
            )
        return Quote(credits=0.0, billed_seconds=0.0, reason="effects are free")

    def start(
        self,
        request: Request,
        prepared: str,
        journal: Journal,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Ticket:
        """Note what is to be copied."""
        self.quote(request)
        return Ticket(NAME, json.dumps(str(request.input_path)))

    def finish(
        self, ticket: Ticket, folder: Path, stop: Stop, progress: ProgressCallback
    ) -> list[Stem]:
        """Copy the input into `folder`."""
        raise_if_stopped(stop)
        progress(Progress("applying effects"))
        path = folder / f"{StemRole.PROCESSED}.wav"
        with durable.translated_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        durable.copy_file(Path(json.loads(ticket.text)), path)
        return [Stem(StemRole.PROCESSED, path)]
