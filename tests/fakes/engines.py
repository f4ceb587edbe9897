"""An engine whose stems are known beforehand, and that can misbehave in one way at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio import files
from hanolab_dawtools.engines.base import Capabilities
from hanolab_dawtools.errors import TryLater
from hanolab_dawtools.events import Progress, raise_if_stopped
from hanolab_dawtools.model import Quote, Request, Stem, StemRole, Ticket

VOCAL_SHARE = 0.25  # a power of two: shares of float32 samples are exact


@dataclass
class ShareEngine:
    """Gives a quarter of the mix as vocals and the rest as accompaniment.

    `late_frames`: the stems come that much late. `lost_share`: what is missing from their sum.
    `failures`: how often `finish` fails before it works. `is_draft`: the stems are drafts.
    `rest_role`: what the second stem is called.
    """

    late_frames: int = 0
    lost_share: float = 0.0
    failures: int = 0
    is_draft: bool = False
    rest_role: StemRole = StemRole.ACCOMPANIMENT
    handle_seconds: float = 0.5
    n_finished: int = 0

    def capabilities(self) -> Capabilities:
        return Capabilities("share", "1", self.handle_seconds, is_paid=False)

    def quote(self, request: Request) -> Quote:
        return Quote(0.0, request.n_frames / request.sample_rate)

    def cap(self, request: Request) -> None:
        return None

    def prepare(self, request: Request, stop: object, progress: object) -> str:
        return ""

    def discard(self, prepared: str) -> str:
        return ""

    def start(self, request: Request, prepared, journal, stop, progress) -> Ticket:
        return Ticket("share", json.dumps(str(request.input_path)))

    def finish(self, ticket: Ticket, folder: Path, stop, progress) -> list[Stem]:
        if self.failures:
            self.failures -= 1
            raise TryLater("the fake engine is tired", hint="Resume.")
        source = Path(json.loads(ticket.text))
        shares = (
            (StemRole.VOCALS, VOCAL_SHARE),
            (self.rest_role, 1 - VOCAL_SHARE - self.lost_share),
        )
        stems = []
        for number, (role, share) in enumerate(shares):
            path = folder / f"{number}.wav"
            self._write(source, path, np.float32(share), stop, progress)
            stems.append(Stem(role, path, is_draft=self.is_draft))
        self.n_finished += 1
        return stems

    def _write(self, source: Path, path: Path, share: np.float32, stop, progress) -> None:
        with (
            files.AudioReader(source) as reader,
            files.AudioWriter(path, reader.info.sample_rate, reader.info.n_channels) as writer,
        ):
            writer.write(np.zeros((reader.info.n_channels, self.late_frames), np.float32))
            left = reader.info.n_frames - self.late_frames
            for block in reader.blocks(0, left):
                raise_if_stopped(stop)
                progress(Progress("separating", 0.5))
                writer.write(block * share)
