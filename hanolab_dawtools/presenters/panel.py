"""The panel as a whole: its presenters, joined."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import AudioSink, ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Dispatcher
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


class Panel:
    """Everything behind the window; made and used on the GUI thread."""

    def __init__(self, services: Services, dispatcher: Dispatcher, sink: AudioSink) -> None:
        self.services = services
        self.messages = MessagesPresenter()
        self.workers = Workers(dispatcher, on_internal_error=self._tell_internal)
        self.waveforms = WaveformPresenter(self.workers, services.folders.cache / "peaks")
        self.listening = ListeningPresenter(self.workers, sink)

    def open(self, source: Path | None) -> None:
        """Begin with a source, if there is one."""

    def close(self) -> None:
        """Stop all work and give everything back."""
        self.workers.close()
        self.listening.close()
        self.waveforms.close()

    def _tell_internal(self, sentence: str) -> None:
        self.messages.tell(
            sentence, severity=Severity.FAILED, hint="See the log, and copy the report from there."
        )
