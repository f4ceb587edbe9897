"""The panel as a program: one application, one window, one loop."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PyQt6 import sip
from PyQt6.QtCore import QSettings, QTimer
from PyQt6.QtWidgets import QApplication

from hanolab_dawtools.events import Stop
from hanolab_dawtools.presenters.messages import Severity
from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.presenters.working import INTERNAL
from hanolab_dawtools.qt.audio_sink import QtAudioSink
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.window import PanelWindow

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

log = logging.getLogger(__name__)
SETTLED_MILLISECONDS = 1500  # after the start: everything is loaded, nobody drags anything yet
STOP_MILLISECONDS = 200
MEMORY_FILE = "panel.ini"  # in the config folder: geometry alone, safe to remove


def run_panel(services: Services, source: Path | None, stop: Stop) -> int:
    """Open the panel and return when it is closed, or `stop` is set, with an exit code."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication), "no other kind of application was made"
    application.setApplicationName("hanolab")
    application.setApplicationDisplayName("HanoLab")
    dispatcher = QtDispatcher()
    panel = Panel(services, dispatcher, QtAudioSink())
    sys.excepthook = _hook(panel)
    memory = QSettings(str(services.folders.config / MEMORY_FILE), QSettings.Format.IniFormat)
    window = PanelWindow(panel, memory)
    window.show()
    window.lanes.preload(panel.workers)
    QTimer.singleShot(SETTLED_MILLISECONDS, _freeze)
    watch = QTimer()  # also lets Python see signals: it does not while Qt waits
    watch.timeout.connect(lambda: stop.is_set() and application.quit())
    watch.start(STOP_MILLISECONDS)
    panel.open(source)
    try:
        return application.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        dispatcher.close()
        panel.close()
        sip.delete(window)  # before the application goes: Qt's order of destruction, not Python's


def _freeze() -> None:
    """Spare what was loaded the collections of garbage: a whole one would stop the GUI."""
    gc.collect()
    gc.freeze()


_Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def _hook(panel: Panel) -> _Hook:
    """What is done about a mistake of the program in a slot: without a hook, Qt would abort."""

    def on_error(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.error("an act of the panel failed", exc_info=(kind, error, trace))
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
            return
        panel.messages.tell(INTERNAL, severity=Severity.FAILED)

    return on_error
