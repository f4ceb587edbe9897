"""The sources of a new batch: a list, and the ways to add to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.batch_draft import BatchDraft
from hanolab_dawtools.presenters.batch_sources import BatchSource
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.parts_delegate import PARTS, PartsDelegate
from hanolab_dawtools.qt.theme import SPACING, Role, Theme, current_theme

LIST_PIXELS = (30, 78)  # at least, at most: one line, three lines
REAPER = "reaper"
_TEXT = Qt.ItemDataRole.UserRole


class SourceList(QWidget):
    """Shows the sources of a `BatchDraft`."""

    def __init__(
        self, draft: BatchDraft, this_source: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._draft = draft
        self._this_source = this_source
        self._theme = current_theme()
        self._shown: tuple[BatchSource, ...] = ()
        self.list = QListWidget()
        self.add, self.remove = QToolButton(), QToolButton()
        self.menu = QMenu(self)
        self._build()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self.remove.setIcon(icon("remove", theme))
        shown, self._shown = self._shown, ()
        self.show_sources(shown)

    def show_sources(self, sources: tuple[BatchSource, ...]) -> None:
        """Show these."""
        if sources == self._shown:
            return
        at = self.list.currentRow()
        self._shown = sources
        self.list.clear()
        for source in sources:
            item = QListWidgetItem(", ".join((source.title, source.problem or source.note)))
            item.setData(_TEXT, source.text)
            item.setData(PARTS, (source.title, source.problem or source.note))
            item.setToolTip(plain_tip("\n".join((source.text, source.problem or source.note))))
            if source.problem:
                item.setForeground(self._theme.colour(Role.FAILED))
            self.list.addItem(item)
        self.list.setCurrentRow(min(at, len(sources) - 1))
        self.remove.setEnabled(bool(sources))

    def _build(self) -> None:
        heading = QLabel(self.tr("Sources"))
        heading.setProperty("heading", True)
        self.add.setText(self.tr("Add"))
        self.add.setToolTip(self.tr("Add projects, files, folders, REAPER; or drop them here"))
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setMenu(self.menu)
        self.add.setArrowType(Qt.ArrowType.DownArrow)
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.menu.aboutToShow.connect(self._fill_menu)
        self.remove.setToolTip(self.tr("Take the selected source off the list (Delete)"))
        self.remove.setAccessibleName(self.tr("Take the selected source off the list"))
        self.remove.clicked.connect(lambda _: self._remove())
        self.list.setAccessibleName(self.tr("Sources"))
        self.list.setMinimumHeight(LIST_PIXELS[0])
        self.list.setMaximumHeight(LIST_PIXELS[1])
        self._delegate = PartsDelegate(", ")
        self.list.setItemDelegate(self._delegate)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self._remove)
        bar = QHBoxLayout()
        bar.addWidget(heading)
        bar.addStretch()
        bar.addWidget(self.add)
        bar.addWidget(self.remove)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(bar)
        layout.addWidget(self.list)

    def _fill_menu(self) -> None:
        self.menu.clear()
        this = self._this_source()
        acts: list[tuple[str, Callable[[], None]]] = []
        if this and this != REAPER:
            text = self.tr("What is open: {}").format(Path(this).name).replace("&", "&&")
            acts.append((text, lambda: self._draft.add_sources([this])))
        acts += [
            (self.tr("Projects and audio files…"), self._add_files),
            (self.tr("Folder…"), self._add_folder),
            (self.tr("Running REAPER"), lambda: self._draft.add_sources([REAPER])),
            (self.tr("Object storage…"), self._add_url),
        ]
        for text, act in acts:
            action = QAction(text, self.menu)
            action.triggered.connect(lambda _, act=act: act())
            self.menu.addAction(action)

    def _add_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Projects, audio files, lists of sources")
        )
        self._draft.add_sources(names)

    def _add_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("A folder, with all in it"))
        if name:
            self._draft.add_sources([name])

    def _add_url(self) -> None:
        text, is_ok = QInputDialog.getText(
            self, self.tr("Object storage"), self.tr("Address, such as s3://bucket/folder/")
        )
        if is_ok and text.strip():
            self._draft.add_sources([text.strip()])

    def _remove(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self._draft.remove_source(item.data(_TEXT))
