"""Choosing an effect to add: a search by name and by what it does, plug-ins included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.chain_words import Found
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.plugin_dialog import ask_for_plugin
from hanolab_dawtools.qt.theme import SPACING

SIZE = (340, 380)  # px
ROW_PIXELS = 24
_STEPPING = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}


class EffectPicker(QFrame):
    """A popup; closes when something was chosen, or by Escape."""

    def __init__(
        self,
        chains: ChainPresenter,
        ask: Callable[[QWidget], Path | None] = ask_for_plugin,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._chains = chains
        self._ask = ask
        self._found: list[Found] = []
        self.setProperty("panel", True)
        self.setAccessibleName(self.tr("Add an effect"))
        self._query = QLineEdit()
        self._list = QListWidget()
        self._about = QLabel()
        self._file = QPushButton(self.tr("Choose a VST3 file…"))
        self._build()
        chains.changed.connect(self._follow)

    def open_at(self, anchor: QWidget) -> None:
        """Show it below a widget, with everything there is."""
        self._query.clear()
        self._search()
        self.resize(*SIZE)
        self.move(anchor.mapToGlobal(anchor.rect().bottomLeft()))
        self.show()
        self._query.setFocus()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Keys that step through the list work while the user types."""
        if (
            watched is self._query
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _STEPPING
        ):
            self._list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _build(self) -> None:
        self._query.setPlaceholderText(self.tr("Find an effect, such as echo or room"))
        self._query.setAccessibleName(self.tr("Find an effect by its name or by what it does"))
        self._query.setClearButtonEnabled(True)
        self._query.textChanged.connect(self._search)
        self._query.returnPressed.connect(self._take)
        self._query.installEventFilter(self)
        self._list.setAccessibleName(self.tr("Effects"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentRowChanged.connect(self._tell)
        self._list.itemActivated.connect(lambda _: self._take())
        self._list.itemClicked.connect(lambda _: self._take())
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setProperty("faint", True)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._about.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self._file.setToolTip(self.tr("Add a plug-in that is not in the list"))
        self._file.clicked.connect(self._take_file)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.addWidget(self._query)
        layout.addWidget(self._list, stretch=1)
        layout.addWidget(self._about)
        layout.addWidget(self._file)

    def _follow(self) -> None:
        if self.isVisible():
            self._search()

    def _search(self) -> None:
        found = self._chains.find(self._query.text())
        if found == self._found and self._list.count():
            return
        self._found = found
        self._list.clear()
        for each in found:
            item = QListWidgetItem(each.title)
            item.setSizeHint(QSize(1, ROW_PIXELS))
            item.setToolTip(plain_tip(each.meaning))
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, each.meaning)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._tell(self._list.currentRow())

    def _tell(self, row: int) -> None:
        if 0 <= row < len(self._found):
            found = self._found[row]
            self._about.setText(" ".join(filter(None, (found.meaning, found.note))))
        else:
            self._about.setText(self.tr("No effect has these words. Plug-ins come by their names."))

    def _take(self) -> None:
        row = self._list.currentRow()
        if 0 <= row < len(self._found):
            self.close()
            self._chains.add(self._found[row])

    def _take_file(self) -> None:
        self.close()
        if (path := self._ask(self)) is not None:
            self._chains.add_plugin(path)
