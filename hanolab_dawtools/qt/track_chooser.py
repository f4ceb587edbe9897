"""Choosing tracks: a button that says how many, and a list with a search that opens below it."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, QSignalBlocker, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPalette, QPixmap
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_view import TrackChoice
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.theme import Role, Theme

POPUP_SIZE = (320, 360)
INDENT = "    "  # for each folder around a track
NAME_PIXELS = 96  # of a name in the button
TEXT_PIXELS = 230  # of a name in the list
SWATCH = 12  # px
_ID = Qt.ItemDataRole.UserRole


class TrackChooser(QToolButton):
    """The button; `SourcePresenter.choose_tracks` is told of every check mark."""

    def __init__(self, source: SourcePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self.popup = TrackList(source, self)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setArrowType(Qt.ArrowType.DownArrow)
        self.clicked.connect(self.open)
        source.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        palette = self.popup.list.palette()
        palette.setColor(QPalette.ColorRole.Window, theme.colour(Role.FAINT))  # frames of marks
        self.popup.list.setPalette(palette)

    def open(self) -> None:
        """Show the list below the button."""
        self.popup.open_at(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _render(self) -> None:
        tracks = self._source.view.tracks
        chosen = [track for track in tracks if track.is_chosen]
        if len(chosen) == 1:
            text = chosen[0].name or self.tr("track {}").format(chosen[0].number)
        else:
            text = self.tr("{} tracks").format(len(chosen)) if chosen else self.tr("All tracks")
        metrics = self.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, NAME_PIXELS)
        self.setText(shown.replace("&", "&&"))
        self.setEnabled(bool(tracks))
        names = ", ".join(track.name or str(track.number) for track in chosen[:20])
        tip = self.tr("Which tracks are taken (Ctrl+T)")
        self.setToolTip(plain_tip(f"{tip}: {names}" if names else tip))
        self.setAccessibleName(self.tr("Tracks: {}").format(text))


class TrackList(QFrame):
    """The list, as a popup; typing searches, the space bar checks."""

    def __init__(self, source: SourcePresenter, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._source = source
        self._shown: tuple[TrackChoice, ...] = ()
        self.setProperty("panel", True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search tracks"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Tracks"))
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(SWATCH, SWATCH))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemChanged.connect(self._choose)
        self._hint = QLabel(self.tr("No check mark: all that sounds."))
        self._hint.setProperty("faint", True)
        self._hint.setWordWrap(True)
        none = QPushButton(self.tr("All tracks"))
        none.setToolTip(self.tr("Take away all check marks"))
        none.clicked.connect(lambda _: source.choose_tracks(()))
        done = QPushButton(self.tr("Done"))
        done.setToolTip(self.tr("Close the list (Escape)"))
        done.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addWidget(none)
        buttons.addStretch()
        buttons.addWidget(done)
        layout = QVBoxLayout(self)
        for widget in (self.search, self.list, self._hint):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        source.changed.connect(self._render)

    def open_at(self, corner: QPoint) -> None:
        """Open with the search ready to be typed into."""
        self._fill()
        self.resize(*POPUP_SIZE)
        screen = self.screen()
        if screen is not None:
            free = screen.availableGeometry()
            corner.setX(max(free.left(), min(corner.x(), free.right() - self.width())))
            corner.setY(max(free.top(), min(corner.y(), free.bottom() - self.height())))
        self.move(corner)
        self.search.clear()
        self.show()
        self.search.setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Go from the search into the list; leave."""
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
            if self.list.currentRow() < 0:
                self.list.setCurrentRow(0)
        else:
            super().keyPressEvent(event)

    def _render(self) -> None:
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        tracks = self._source.view.tracks
        if tracks == self._shown and self.list.count() == len(tracks):
            return
        is_same = [(one.id, one.name) for one in tracks] == [
            (one.id, one.name) for one in self._shown
        ]
        self._shown = tracks
        metrics, elide = self.list.fontMetrics(), Qt.TextElideMode.ElideRight
        with QSignalBlocker(self.list):
            if not is_same:
                self.list.clear()
                for track in tracks:
                    item = _item(track, self.tr("track {}"))
                    item.setText(metrics.elidedText(item.text(), elide, TEXT_PIXELS))
                    self.list.addItem(item)
            for row, track in enumerate(tracks):
                shown = self.list.item(row)
                assert shown is not None, "there is one for each track"
                shown.setCheckState(
                    Qt.CheckState.Checked if track.is_chosen else Qt.CheckState.Unchecked
                )
        self._filter()

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        for row, track in enumerate(self._shown):
            item = self.list.item(row)
            if item is not None:
                text = f"{track.number} {track.name}".casefold()
                item.setHidden(not all(word in text for word in words))

    def _choose(self) -> None:
        items = (self.list.item(row) for row in range(self.list.count()))
        self._source.choose_tracks(
            [
                str(item.data(_ID))
                for item in items
                if item is not None and item.checkState() == Qt.CheckState.Checked
            ]
        )


def _item(track: TrackChoice, unnamed: str) -> QListWidgetItem:
    name = track.name or unnamed.format(track.number)
    item = QListWidgetItem(f"{INDENT * track.depth}{track.number}  {name}")
    item.setData(_ID, track.id)
    item.setToolTip(plain_tip(name))
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setIcon(_swatch(track.colour))
    return item


def _swatch(colour: str) -> QIcon:
    """A square in a track's colour; empty for one without."""
    pixmap = QPixmap(SWATCH * 2, SWATCH * 2)
    pixmap.fill(Qt.GlobalColor.transparent)
    if colour:
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(pixmap.rect(), 5, 5)
        painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)
