"""Which engine does the work, what it can do, and what is missing for it."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.engine_facts import TITLES
from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.knob_rows import WheelGuard
from hanolab_dawtools.qt.parameter_controls import LABEL_PIXELS, LIST_PIXELS
from hanolab_dawtools.qt.theme import Theme, current_theme


class EngineBox(QWidget):
    """Shows and chooses the engine of a `ParametersPresenter`; hidden where no engine works."""

    def __init__(self, presenter: ParametersPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._list = QComboBox()
        self._again = QToolButton()
        self._can, self._missing, self._step = QLabel(), QLabel(), QLabel()
        self._build()
        presenter.changed.connect(self._render)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._again.setIcon(icon("refresh", theme))
        self._render()

    def _build(self) -> None:
        self._list.setAccessibleName(self.tr("Engine"))
        self._list.setToolTip(self.tr("Who does the work"))
        self._list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._list.installEventFilter(WheelGuard(self))
        self._list.activated.connect(self._choose)
        name = self.tr("Look again at what is set up")
        self._again.setAccessibleName(name)
        self._again.setToolTip(name)
        self._again.clicked.connect(self._presenter.refresh)
        for label in (self._can, self._missing, self._step):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._can.setProperty("faint", True)
        self._missing.setProperty("severity", "warning")
        head = QHBoxLayout()
        title = QLabel(self.tr("Engine"))
        title.setBuddy(self._list)
        title.setMinimumWidth(LABEL_PIXELS)
        self._list.setMinimumHeight(LIST_PIXELS)
        head.setSpacing(6)
        head.addWidget(title)
        head.addWidget(self._list, stretch=1)
        head.addWidget(self._again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        for label in (self._can, self._missing, self._step):
            layout.addWidget(label)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Look at the engines when this is first seen, not before."""
        super().showEvent(event)
        self._presenter.look()

    def _choose(self, at: int) -> None:
        name = self._list.itemData(at)
        self._presenter.choose_engine(None if name == self._presenter.view.usual_engine else name)

    def _render(self) -> None:
        view = self._presenter.view
        self.setVisible(view.kind != "none")
        known = {each.name: each for each in view.engines}
        with QSignalBlocker(self._list):
            self._list.clear()
            for name, title in TITLES.items():
                is_usual = name == view.usual_engine
                text = self.tr("{} (usual)").format(title) if is_usual else title
                if name in known and not known[name].is_ready and name != view.engine_in_use:
                    text = f"{text}: {known[name].state}"
                self._list.addItem(text, name)
            self._list.setCurrentIndex(self._list.findData(view.engine_in_use))
        facts = view.facts
        self._tell(self._can, facts.can if facts else "")
        self._tell(self._missing, (facts.cannot or facts.missing) if facts else "")
        other = self.tr("Choose another engine, or change what is asked for.")
        step = (other if facts.cannot else facts.next_step) if facts else ""
        self._tell(self._step, step)

    def _tell(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))
