"""The panel's real window over real services, used as a user uses it; offscreen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fakes.weights import real_weights_folder
from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication

from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.qt.audio_sink import QtAudioSink
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.window import PanelWindow
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings

DEADLINE_MS = 30_000


def panel_services(home: Path, *, has_weights: bool = False, **settings: object) -> Services:
    """Services in folders of their own, with or without the local network's weights."""
    if has_weights:
        weights = home / "data" / "weights"
        weights.mkdir(parents=True, exist_ok=True)
        for file in real_weights_folder().iterdir():
            if file.is_file() and not (weights / file.name).exists():
                (weights / file.name).symlink_to(file)
    where = Folders(*(home / name for name in ("config", "data", "cache", "logs")))
    return Services(Settings(**settings), where)


class OpenPanel:
    """A window and what is behind it, from its opening to its end."""

    def __init__(self, services: Services, qtbot, source: Path | None = None) -> None:
        self.services = services
        self.qtbot = qtbot
        self.dispatcher = QtDispatcher()
        self.panel = Panel(services, self.dispatcher, QtAudioSink())
        memory = services.folders.config / "panel.ini"
        self.window = PanelWindow(self.panel, QSettings(str(memory), QSettings.Format.IniFormat))
        self.window.show()
        self.window.activateWindow()
        self.panel.open(source)

    def close(self) -> None:
        """As the program does when the window was closed."""
        self.window.hide()
        self.dispatcher.close()
        self.panel.close()
        self.services.__exit__()
        self.window.deleteLater()
        QApplication.processEvents()

    def until(self, is_true: Callable[[], object]) -> None:
        """Let the window live until something is true."""

        def check() -> None:
            assert is_true(), f"{self.message}\n{self.panel.running.view}"

        self.qtbot.waitUntil(check, timeout=DEADLINE_MS)

    def click(self, button: QAbstractButton) -> None:
        """Press a button that can be pressed and seen."""
        self.until(lambda: button.isVisible() and button.isEnabled())
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def choose(self, **values: object) -> None:
        """Change the preset; `job_kind="convert"` stands for `job.kind`."""
        edits = {name.replace("_", ".", 1): value for name, value in values.items()}
        assert self.panel.presets.edit(edits), self.message

    def start(self) -> None:
        """Press the start button as soon as that is possible."""
        self.until(lambda: self.panel.running.view.can_start)
        self.click(self.window.cost.start)

    def agree(self) -> None:
        """Say yes to the question in the cost bar."""
        self.until(lambda: self.panel.cost.view.question)
        self.click(self.window.cost.agree)

    def until_shown(self) -> str:
        """Wait until a job's results are shown; its id."""
        self.until(lambda: self.panel.results.view.job_id)
        return self.panel.results.view.job_id

    def until_phase(self, *phases: str) -> None:
        """Wait until the newest job stands so."""
        self.until(lambda: (rows := self.panel.queue.view.rows) and rows[0].phase.value in phases)

    def place(self) -> str:
        """Place what is shown, by the button of the tab; the placed job's id."""
        before = self.panel.results.view.job_id
        self.window.side.setCurrentIndex(2)
        self.click(self.window.placing.place_button)
        self.until(lambda: self.panel.results.view.job_id not in {before, ""})
        return self.panel.results.view.job_id

    @property
    def message(self) -> str:
        """The sentence in the message strip, with its hint."""
        current = self.panel.messages.view.current
        return "" if current is None else f"{current.sentence} {current.hint}".strip()

    @property
    def lanes(self) -> list[str]:
        """Names of the lanes, from the top down."""
        return [lane.source.name for lane in self.panel.waveforms.view.lanes]
