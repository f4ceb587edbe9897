"""A few short choices side by side, of which one holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from hanolab_dawtools.qt.theme import RADIUS, Role, Theme, current_theme


class Segments(QWidget):
    """Buttons in a row; `chosen` is told the value that the user wants."""

    def __init__(
        self,
        options: Sequence[tuple[Any, str, str]],
        chosen: Callable[[Any], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: dict[Any, QToolButton] = {}
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for value, text, tip in options:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _, value=value: chosen(value))
            self._group.addButton(button)
            self.buttons[value] = button
            line.addWidget(button, stretch=1)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        accent = theme.colour(Role.ACCENT).name()
        self.setStyleSheet(
            f"QToolButton:checked {{ background: {accent}; border: 1px solid {accent};"
            f" border-radius: {RADIUS}px; color: {theme.colour(Role.ON_ACCENT).name()}; }}"
            f"QToolButton:checked:focus {{ border: 2px solid {theme.colour(Role.TEXT).name()}; }}"
        )

    def show_value(self, value: Any) -> None:
        """Show which one holds."""
        self.buttons[value].setChecked(True)


def colour_label(label: QLabel, severity: str) -> None:
    """Let a label tell by its colour how serious it is; "" is faint."""
    label.setProperty("severity", severity)
    label.setProperty("faint", not severity)
    if (style := label.style()) is not None:  # the style sheet looks at properties only then
        style.unpolish(label)
        style.polish(label)
