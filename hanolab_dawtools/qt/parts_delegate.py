"""Draws names of several parts: each part is shortened by itself where there is no room."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, Qt
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hanolab_dawtools.qt.labels import fitted

PARTS = int(Qt.ItemDataRole.UserRole) + 1


class PartsDelegate(QStyledItemDelegate):
    """Asks the model for `PARTS`; `between` stands between them."""

    def __init__(self, between: str) -> None:
        super().__init__()
        self._between = between

    def initStyleOption(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem | None, index: QModelIndex
    ) -> None:
        """Put the text in that fits."""
        super().initStyleOption(option, index)
        parts = index.data(PARTS)
        if option is None or not parts:
            return
        style = option.widget.style() if option.widget is not None else QApplication.style()
        assert style is not None, "there is an application"
        where = QStyle.SubElement.SE_ItemViewItemText
        room = style.subElementRect(where, option, option.widget).width()
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option) + 1
        option.text = fitted(parts, self._between, option.fontMetrics, room - 2 * margin)
