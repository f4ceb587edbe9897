"""Which voice a conversion takes: the account's voice models, with how the list stands."""

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

from hanolab_dawtools.presenters.voices import VoicesPresenter, VoicesState
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.knob_rows import WheelGuard
from hanolab_dawtools.qt.parameter_controls import LABEL_PIXELS, LIST_PIXELS, no_effect_text
from hanolab_dawtools.qt.segments import colour_label
from hanolab_dawtools.qt.theme import Theme, current_theme


class VoicePicker(QWidget):
    """Shows and drives a `VoicesPresenter`; asks for the list when it is first seen."""

    def __init__(self, presenter: VoicesPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._reason = ""
        self._list = QComboBox()
        self._refresh = QToolButton()
        self._state, self._step = QLabel(), QLabel()
        self._build()
        presenter.changed.connect(self._render)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._refresh.setIcon(icon("refresh", theme))
        self._render()

    def show_reason(self, reason: str) -> None:
        """Say why a voice has no effect now; empty when it has one."""
        if reason != self._reason:
            self._reason = reason
            self._render()
            self._ask_once()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Ask for the list when it is first seen where it matters."""
        super().showEvent(event)
        self._ask_once()

    def _ask_once(self) -> None:
        is_asked = self._presenter.view.state is not VoicesState.NOT_ASKED
        if self.isVisible() and not self._reason and not is_asked:
            self._presenter.refresh()

    def _build(self) -> None:
        self._list.setAccessibleName(self.tr("Voice"))
        self._list.setToolTip(self.tr("The voice model of your account that sings"))
        self._list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._list.installEventFilter(WheelGuard(self))
        self._list.activated.connect(lambda at: self._presenter.choose(self._list.itemData(at)))
        name = self.tr("Ask for the list of voices again")
        self._refresh.setAccessibleName(name)
        self._refresh.setToolTip(name)
        self._refresh.clicked.connect(self._presenter.refresh)
        for label in (self._state, self._step):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._step.setProperty("faint", True)
        head = QHBoxLayout()
        title = QLabel(self.tr("Voice"))
        title.setBuddy(self._list)
        title.setMinimumWidth(LABEL_PIXELS)
        self._list.setMinimumHeight(LIST_PIXELS)
        head.setSpacing(6)
        head.addWidget(title)
        head.addWidget(self._list, stretch=1)
        head.addWidget(self._refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._state)
        layout.addWidget(self._step)

    def _render(self) -> None:
        view = self._presenter.view
        with QSignalBlocker(self._list):
            self._list.clear()
            self._list.addItem(self.tr("none chosen"), "")
            for row in view.rows:
                self._list.addItem(row.name or row.id, row.id)
                self._list.setItemData(self._list.count() - 1, row.id, Qt.ItemDataRole.ToolTipRole)
            if view.chosen and not any(row.is_chosen for row in view.rows):
                self._list.addItem(view.chosen, view.chosen_id)
            self._list.setCurrentIndex(max(self._list.findData(view.chosen_id), 0))
        for part in (self._list, self._refresh):
            part.setEnabled(not self._reason)
        self._refresh.setEnabled(not self._reason and view.state is not VoicesState.LOADING)
        if self._reason:
            text, step, severity = no_effect_text(self._reason), "", ""
        else:
            text, step = view.sentence, view.next_step
            severity = "warning" if view.needs_care else ""
        colour_label(self._state, severity)
        self._state.setText(text)
        self._state.setVisible(bool(text))
        self._step.setText(step)
        self._step.setVisible(bool(step))
