"""The effects of a chain in rows, branches of mixes below them; moved by drag and by keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QPoint, QSignalBlocker, QSize, Qt
from PyQt6.QtGui import (
    QBrush,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from hanolab_dawtools.presenters.chain_edits import EffectPath
from hanolab_dawtools.presenters.chain_rows import EffectRow
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.plugin_shelf import SUFFIX
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.theme import Role, Theme, current_theme

Indicator = QAbstractItemView.DropIndicatorPosition
PATH_ROLE = Qt.ItemDataRole.UserRole
ROW_PIXELS = 24
BOX_PIXELS = 12  # of the box that says whether an effect is applied
TITLE_SHARE = 0.6  # of the width, at most


def drop_path(target: EffectPath, where: Indicator) -> EffectPath:
    """Where an effect goes that is dropped at a row; of even length: to the end of that branch."""
    if len(target) % 2 == 0:
        return target if where is Indicator.OnItem else (*target, 0)
    if where is Indicator.AboveItem:
        return target
    return (*target[:-1], target[-1] + 1)


class EffectTree(QTreeWidget):
    """Shows the rows of a `ChainPresenter`; the check box says whether an effect is applied."""

    def __init__(self, chains: ChainPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chains = chains
        self._theme = current_theme()
        self._rows: tuple[EffectRow, ...] | None = None
        self._items: dict[EffectPath, QTreeWidgetItem] = {}
        self._build()
        chains.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        name = {role: theme.colour(role).name() for role in (Role.FAINT, Role.TEXT)}
        self.setStyleSheet(f"""
            QTreeView::branch {{ image: none; }}
            QTreeView::indicator {{ width: {BOX_PIXELS}px; height: {BOX_PIXELS}px;
                border: 1px solid {name[Role.FAINT]}; border-radius: 3px; }}
            QTreeView::indicator:checked {{ background: {name[Role.TEXT]};
                border-color: {name[Role.TEXT]}; }}
        """)
        self._rows = None
        self._render()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Leave room for what is set."""
        super().resizeEvent(event)
        self._fit()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take plug-ins from a file manager, too."""
        if event is not None and _plugins_of(event):
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:  # noqa: N802 - Qt's name
        """As above."""
        super().dragMoveEvent(event)
        if event is not None and _plugins_of(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Tell the presenter; the rows follow it."""
        if event is None:
            return
        if plugins := _plugins_of(event):
            event.acceptProposedAction()
            self._chains.add_plugin(plugins[0])
            return
        moved = self._chains.view.selected
        if event.source() is not self or moved is None:
            return
        to = self.target_at(event.position().toPoint())
        # Qt would take the row away after a move that it made itself.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._chains.move(moved, to)

    def target_at(self, point: QPoint) -> EffectPath:
        """The path that what is dropped there gets."""
        item = self.itemAt(point)
        if item is None:
            return (self.topLevelItemCount(),)
        path = drop_path(item.data(0, PATH_ROLE), self.dropIndicatorPosition())
        return (*path, item.childCount()) if len(path) % 2 == 0 else path

    def _build(self) -> None:
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(14)
        self.setAllColumnsShowFocus(True)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setAccessibleName(self.tr("Effects of the chain"))
        self.setAccessibleDescription(
            self.tr("Space applies or bypasses; Alt with the arrow keys moves.")
        )
        self.setMinimumHeight(84)
        header = self.header()
        assert header is not None, "a tree has one"
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._select)
        self.itemChanged.connect(self._bypass)
        for keys, act in (
            ("Alt+Up", self._chains.move_up),
            ("Alt+Down", self._chains.move_down),
            ("Alt+Right", self._chains.move_in),
            ("Alt+Left", self._chains.move_out),
            ("Ctrl+D", self._chains.duplicate),
            ("Del", self._chains.remove),
        ):
            self._shortcut(keys, act)

    def _shortcut(self, keys: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(act)

    def _select(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._chains.select(item.data(0, PATH_ROLE))

    def _bypass(self, item: QTreeWidgetItem, _: int) -> None:
        is_bypassed = item.checkState(0) is Qt.CheckState.Unchecked
        self._chains.set_bypass(item.data(0, PATH_ROLE), is_bypassed)

    def _render(self) -> None:
        view = self._chains.view
        with QSignalBlocker(self):
            if view.rows != self._rows:
                self._show_rows(view.rows)
            chosen = None if view.selected is None else self._items.get(view.selected)
            if chosen is not self.currentItem():
                self.setCurrentItem(chosen)
            if chosen is None:
                self.clearSelection()

    def _show_rows(self, rows: tuple[EffectRow, ...]) -> None:
        """Show these rows; new items only where others are needed, so that scrolling stays."""
        if self._rows is None or [row.path for row in rows] != list(self._items):
            self.clear()
            self._items = {}
            for row in rows:
                item = QTreeWidgetItem()
                item.setData(0, PATH_ROLE, row.path)
                item.setSizeHint(1, QSize(1, ROW_PIXELS))
                parent = self._items.get(row.path[:-1])
                if parent is None:
                    self.addTopLevelItem(item)
                else:
                    parent.addChild(item)
                self._items[row.path] = item
            self.expandAll()
        for row in rows:
            self._show_row(self._items[row.path], row)
        self._rows = rows
        self._fit()

    def _fit(self) -> None:
        viewport = self.viewport()
        assert viewport is not None, "a view has one"
        self.setColumnWidth(
            0, min(self.sizeHintForColumn(0) + 8, round(TITLE_SHARE * viewport.width()))
        )

    def _show_row(self, item: QTreeWidgetItem, row: EffectRow) -> None:
        item.setText(0, row.title)
        states = [self.tr("bypassed")] if row.is_bypassed else []
        if row.problem:
            states = [*states, self.tr("missing")]
        item.setText(1, " · ".join([*states, *([row.summary] if row.summary else [])]))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if row.is_branch:
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        else:
            flags |= Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsUserCheckable
            applied = Qt.CheckState.Unchecked if row.is_bypassed else Qt.CheckState.Checked
            item.setCheckState(0, applied)
        item.setFlags(flags)
        faint = QBrush(self._theme.colour(Role.FAINT))
        plain = QBrush(self._theme.colour(Role.TEXT))
        warning = QBrush(self._theme.colour(Role.WARNING))
        item.setForeground(0, faint if row.is_bypassed or row.is_branch else plain)
        item.setForeground(1, warning if row.problem else faint)
        tip = plain_tip(row.problem or f"{row.title}: {item.text(1)}".rstrip(": "))
        for column in (0, 1):
            item.setToolTip(column, tip)
        told = ", ".join(filter(None, (row.title, item.text(1), row.problem)))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, told)


def _plugins_of(event: QDropEvent) -> list[Path]:
    mime = event.mimeData()
    if mime is None or not mime.hasUrls():
        return []
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.casefold() == SUFFIX]
