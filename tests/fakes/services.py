"""The real parts joined as in the program, but for the engine."""

from __future__ import annotations

from pathlib import Path

from fakes.engines import ShareEngine

from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings


class ShareServices(Services):
    """Services in a folder of their own, with an engine whose stems are known."""

    def __init__(self, folder: Path, engine: ShareEngine | None = None) -> None:
        where = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        super().__init__(Settings(), where)
        self._engine = engine or ShareEngine()

    def engine(self, name: str) -> ShareEngine:
        return self._engine
