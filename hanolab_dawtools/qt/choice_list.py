"""A few choices below each other, with the reason under those that cannot be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QSignalBlocker, QSize, Qt
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.placing_choices import Choice

MARK_PIXELS = 26  # of the circle beside the text


class ElidedRadio(QRadioButton):
    """A radio button whose text ends in an ellipsis where it does not fit."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_whole(self, text: str) -> None:
        """Show a text as far as there is room; the whole is in the tool tip."""
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Small: the text gives way."""
        return QSize(MARK_PIXELS + 40, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the whole text."""
        width = QFontMetrics(self.font()).horizontalAdvance(self._whole) + MARK_PIXELS
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Fit the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, room = QFontMetrics(self.font()), self.width() - MARK_PIXELS
        text = metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room)
        self.setText(text.replace("&", "&&"))


class ChoiceList(QWidget):
    """Radio buttons; `chosen` is told the value that the user wants."""

    def __init__(self, name: str, chosen: Callable[[str], None]) -> None:
        super().__init__()
        self._chosen = chosen
        self._values: tuple[str, ...] = ()
        self._group = QButtonGroup(self)
        self._buttons: list[ElidedRadio] = []
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setProperty("faint", True)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)
        self._rows.addWidget(self._reason)
        self.setAccessibleName(name)

    def show_choices(self, choices: Sequence[Choice], value: str) -> None:
        """Show what can be chosen now, and what is."""
        if tuple(choice.value for choice in choices) != self._values:
            self._rebuild(choices)
        for button, choice in zip(self._buttons, choices, strict=True):
            button.set_whole(choice.name)
            button.setEnabled(not choice.reason)
            button.setAccessibleDescription(choice.reason)
            if choice.reason:
                button.setToolTip(choice.reason)
            with QSignalBlocker(button):
                button.setChecked(choice.value == value)
        reasons = dict.fromkeys(choice.reason for choice in choices if choice.reason)
        self._reason.setText(" ".join(reasons))
        self._reason.setVisible(bool(reasons))

    def _rebuild(self, choices: Sequence[Choice]) -> None:
        for button in self._buttons:
            self._group.removeButton(button)
            self._rows.removeWidget(button)
            button.deleteLater()
        self._values = tuple(choice.value for choice in choices)
        self._buttons = []
        for row, value in enumerate(self._values):
            button = ElidedRadio()
            button.clicked.connect(lambda _, value=value: self._chosen(value))
            self._group.addButton(button)
            self._rows.insertWidget(row, button)
            self._buttons.append(button)
