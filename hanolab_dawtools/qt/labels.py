"""Texts as they are: never taken for markup, and shortened where there is no room."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QLabel


def plain_tip(text: str) -> str:
    """A text for a tool tip: wrapped, with its own line breaks, and never taken for markup."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>" if text else ""


def fitted(parts: Sequence[str], between: str, metrics: QFontMetrics, pixels: int) -> str:
    """Parts of a name on one line: those that are too long for it end in an ellipsis each.

    So names whose beginnings are long and alike are still told apart.
    """
    whole = between.join(parts)
    if len(parts) < 2 or metrics.horizontalAdvance(whole) <= pixels:
        return whole
    room = pixels - metrics.horizontalAdvance(between) * (len(parts) - 1)
    widths = [metrics.horizontalAdvance(part) for part in parts]
    n_left, share = len(parts), room // len(parts)
    for width in sorted(widths):  # what a short one leaves over, the longer ones get
        share = room // n_left
        if width > share:
            break
        room, n_left = room - width, n_left - 1
    mode = Qt.TextElideMode.ElideRight
    return between.join(metrics.elidedText(part, mode, max(share, 0)) for part in parts)


class ElidedLabel(QLabel):
    """Lines that end in an ellipsis where they do not fit; the whole is in the tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setMinimumWidth(20)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def set_whole(self, text: str) -> None:
        """Show a text as far as there is room."""
        self._whole = text
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Fit the text anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, mode = QFontMetrics(self.font()), Qt.TextElideMode.ElideRight
        lines = [metrics.elidedText(line, mode, self.width()) for line in self._whole.split("\n")]
        self.setText("\n".join(lines))
