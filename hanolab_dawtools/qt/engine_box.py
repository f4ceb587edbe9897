"""Which engine does the work, what it can do, and what is missing for it."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.engine_facts import TITLES, EngineFacts
from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.knob_rows import WheelGuard
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
        self._list.activated.connect(
            lambda at: self._presenter.choose_engine(self._list.itemData(at))
        )
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
        head.addWidget(title, stretch=1)
        head.addWidget(self._list, stretch=2)
        head.addWidget(self._again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        for label in (self._can, self._missing, self._step):
            layout.addWidget(label)

    def _render(self) -> None:
        view = self._presenter.view
        self.setVisible(view.kind != "none")
        known = {each.name: each for each in view.engines}
        usual = self.tr("{} (as set up)").format(TITLES[view.usual_engine])
        with QSignalBlocker(self._list):
            self._list.clear()
            self._list.addItem(self._text(usual, known.get(view.usual_engine)), None)
            for name, title in TITLES.items():
                if name != view.usual_engine or view.engine == name:
                    self._list.addItem(self._text(title, known.get(name)), name)
            self._list.setCurrentIndex(max(self._list.findData(view.engine), 0))
        facts = view.facts
        self._tell(self._can, facts.can if facts else "")
        self._tell(self._missing, (facts.cannot or facts.missing) if facts else "")
        other = self.tr("Choose another engine, or change what is asked for.")
        step = (other if facts.cannot else facts.next_step) if facts else ""
        self._tell(self._step, step)

    def _text(self, title: str, facts: EngineFacts | None) -> str:
        return title if facts is None or facts.is_ready else f"{title}: {facts.state}"

    def _tell(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))
