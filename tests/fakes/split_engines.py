"""An engine that separates and converts, both so that the results are known beforehand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.engines import ShareEngine

from hanolab_dawtools import durable
from hanolab_dawtools.engines.base import Capabilities
from hanolab_dawtools.errors import TryLater
from hanolab_dawtools.events import Progress, raise_if_stopped
from hanolab_dawtools.model import Quote, Request, RequestKind, Stem, StemRole, Ticket


@dataclass
class SplitEngine(ShareEngine):
    """Separates as `ShareEngine`; a conversion gives its input back, `price` each.

    `failing`: conversions with these parameters fail until it is emptied. `asked`: parameters of
    every conversion that was begun. `stopped_in`: the conversion of this
    number goes on until it is stopped, once.
    """

    handle_seconds: float = 0.25
    price: float = 0.0
    failing: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    stopped_in: int = 0

    def capabilities(self) -> Capabilities:
        return Capabilities("split", "1", self.handle_seconds, is_paid=self.price > 0)

    def quote(self, request: Request) -> Quote:
        price = self.price if request.kind is RequestKind.CONVERT else 0.0
        return Quote(price, 1.0, action=request.kind.value)

    def start(self, request: Request, prepared, journal, stop, progress) -> Ticket:
        if request.kind is RequestKind.SEPARATE:
            return super().start(request, prepared, journal, stop, progress)
        parameters = dict(request.parameters)
        if parameters in self.failing:
            raise TryLater("the fake engine is tired", hint="Resume.")
        self.asked.append(parameters)
        return Ticket("split", json.dumps({"convert": str(request.input_path)}))

    def finish(self, ticket: Ticket, folder: Path, stop, progress) -> list[Stem]:
        asked = json.loads(ticket.text)
        if isinstance(asked, str):
            return super().finish(ticket, folder, stop, progress)
        if len(self.asked) == self.stopped_in:
            self.stopped_in = 0
            progress(Progress("converting", 0.5))
            stop.wait(60)
        raise_if_stopped(stop)
        folder.mkdir(parents=True, exist_ok=True)
        durable.copy_file(Path(asked["convert"]), folder / "0.wav")
        return [Stem(StemRole.CONVERTED, folder / "0.wav")]
