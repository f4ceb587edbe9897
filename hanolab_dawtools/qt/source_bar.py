"""The source bar: where the music is, and what of it is meant."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QEvent, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_view import PreviewState, SourceKind, SourceView
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.source_choices import (
    ChoiceBox,
    GroupingBox,
    PointBox,
    RangeFields,
    RegionBox,
)
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme
from hanolab_dawtools.qt.track_chooser import TrackChooser

TICK_MILLISECONDS = 300
PROGRESS_PIXELS = 110
MUSIC = "*.rpp *.wav *.flac *.aif *.aiff *.mp3 *.ogg *.opus *.m4a *.w64 *.caf *.mp4 *.mov"


class SourceBar(QFrame):
    """Shows and drives a `SourcePresenter`; looks for changes while it is visible."""

    def __init__(self, source: SourcePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._theme = current_theme()
        self.setProperty("panel", True)
        self._title, self._facts, self._status = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.open_button = QToolButton()
        self.recent_button = QToolButton()
        self.reaper_button = QToolButton()
        self._ways_in = (self.open_button, self.recent_button, self.reaper_button)
        self.reapers = ChoiceBox(9, source.open_reaper)
        self.regions = RegionBox(source)
        self.range = RangeFields(source)
        self.tracks = TrackChooser(source)
        self.groupings = GroupingBox(source)
        self.points = PointBox(source)
        self.show_button = QPushButton(self.tr("Show it"))
        self.stop_button = QToolButton()
        self._progress = QProgressBar()
        self._menu = QMenu(self)
        self._timer = QTimer(self)
        self._build()
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(source.tick)
        source.changed.connect(self._render)
        self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self.open_button.setIcon(icon("folder", theme))
        self.stop_button.setIcon(icon("remove", theme))
        self.tracks.set_theme(theme)
        self._render()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Look for changes from now on."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802 - Qt's name
        """Look no more."""
        super().hideEvent(event)
        self._timer.stop()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Whoever comes back from REAPER sees what is selected there now."""
        super().changeEvent(event)
        is_activation = event is not None and event.type() == QEvent.Type.ActivationChange
        is_live = self._source.view.kind is SourceKind.REAPER
        if is_activation and is_live and self.isActiveWindow():
            self._source.refresh()

    def choose_file(self) -> None:
        """Let the user look for a file; the panel goes on meanwhile."""
        dialog = QFileDialog(self, self.tr("Open a project or an audio file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Music ({})").format(MUSIC), self.tr("All files (*)")])
        path = self._source.path
        if path is not None and self._source.view.kind is not SourceKind.REAPER:
            dialog.setDirectory(str(path.parent))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._source.open(Path(name)))
        dialog.open()

    def _build(self) -> None:
        self._title.setProperty("heading", True)
        self._facts.setProperty("faint", True)
        for label in (self._title, self._facts, self._status):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.open_button.setText(self.tr("Open…"))
        self.open_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.recent_button.setText(self.tr("Recent"))
        self.recent_button.setMenu(self._menu)
        self.recent_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.recent_button.setArrowType(Qt.ArrowType.DownArrow)
        self.recent_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.recent_button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.reaper_button.setText("REAPER")
        self.reaper_button.setCheckable(True)
        self.reapers.setAccessibleName(self.tr("Which REAPER"))
        self.reapers.setToolTip(self.tr("Which of the REAPERs that run"))
        self.stop_button.setToolTip(self.tr("Stop making the preview"))
        self.stop_button.setAccessibleName(self.tr("Stop making the preview"))
        self._progress.setFixedWidth(PROGRESS_PIXELS)
        self._progress.setAccessibleName(self.tr("Preview"))
        self._status.setMinimumHeight(self.show_button.sizeHint().height())  # it never jumps
        self._connect()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 10, 8)
        rows.setSpacing(6)
        for widgets in (
            (self._title, self._facts, self.reapers, *self._ways_in),
            (self.regions, self.range, self.tracks, self.groupings, self.points),
            (self._status, self._progress, self.stop_button, self.show_button),
        ):
            row = QHBoxLayout()
            row.setSpacing(SPACING - 2)
            for widget in widgets:
                row.addWidget(widget, stretch=_STRETCH.get(type(widget), 0))
            rows.addLayout(row)

    def _connect(self) -> None:
        for button, keys, tip in (
            (self.open_button, "Ctrl+O", self.tr("Open a project or an audio file")),
            (self.recent_button, "Ctrl+Shift+O", self.tr("What was opened last")),
            (self.reaper_button, "Ctrl+R", self.tr("Follow the running REAPER")),
            (self.tracks, "Ctrl+T", ""),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(button.click)
            if tip:
                button.setToolTip(f"{tip} ({keys})")
                button.setAccessibleName(tip)
        QShortcut(QKeySequence("F5"), self).activated.connect(self._source.refresh)
        self.open_button.clicked.connect(lambda _: self.choose_file())
        self.reaper_button.clicked.connect(lambda _: self._source.open_reaper())
        self.show_button.clicked.connect(lambda _: self._source.show_preview())
        self.stop_button.clicked.connect(lambda _: self._source.stop_preview())
        self._menu.aboutToShow.connect(self._fill_recent)

    def _fill_recent(self) -> None:
        self._menu.clear()
        for path in self._source.view.recent:
            action = self._menu.addAction(path.name.replace("&", "&&"))
            assert action is not None, "a menu makes actions"
            action.setToolTip(plain_tip(str(path)))
            action.triggered.connect(lambda _, path=path: self._source.open(path))
        self._menu.setToolTipsVisible(True)

    def _render(self) -> None:
        view = self._source.view
        is_open = view.kind is not SourceKind.NONE
        self._title.set_whole(view.title if is_open else self.tr("No music yet"))
        if view.location:
            self._title.setToolTip(plain_tip(view.location))
        self._facts.set_whole(view.facts_text)
        self._facts.setVisible(bool(view.facts_text))
        self.recent_button.setEnabled(bool(view.recent))
        self.reaper_button.setChecked(view.kind is SourceKind.REAPER)
        self.reapers.set_rows([(one.name, one.pid, "") for one in view.reapers], view.pid)
        self.reapers.setVisible(bool(view.reapers))
        self._render_status(view)
        self._render_preview(view)

    def _render_status(self, view: SourceView) -> None:
        severity, text = "", view.selection_text
        if view.problem:
            severity, text = "failed", f"{_sentence(view.problem)} {view.hint}"
        elif view.kind is SourceKind.NONE:
            text = self.tr("Open or drop a project or an audio file, or follow REAPER.")
        elif view.is_loading:
            text = self.tr("Reading…")
        elif not view.is_reachable or (view.reapers and not view.is_ready):
            severity, text = "warning", view.note
        elif view.note:
            text = f"{text}; {view.note}" if text else view.note
        if self._status.property("severity") != severity:
            self._status.setProperty("severity", severity)
            self._status.setProperty("faint", not severity)
            style = self._status.style()
            assert style is not None, "a widget has a style"
            style.unpolish(self._status)
            style.polish(self._status)
        self._status.set_whole(text[:1].upper() + text[1:] if severity != "failed" else text)
        self._status.setToolTip(plain_tip(text))

    def _render_preview(self, view: SourceView) -> None:
        is_making = view.preview_state is PreviewState.MAKING
        self._progress.setVisible(is_making)
        self.stop_button.setVisible(is_making)
        if is_making:
            fraction = view.preview_fraction
            self._progress.setRange(0, 0 if fraction is None else 1000)
            self._progress.setValue(round((fraction or 0.0) * 1000))
        can_show = view.is_ready and view.preview_state in (
            *(PreviewState.ON_REQUEST, PreviewState.STALE, PreviewState.FAILED),
        )
        self.show_button.setVisible(can_show)
        is_live = view.kind is SourceKind.REAPER
        self.show_button.setToolTip(
            self.tr("REAPER renders what is selected, and stands still meanwhile")
            if is_live
            else self.tr("Make what is selected visible and audible")
        )
        is_stale = view.preview_state is PreviewState.STALE
        self.show_button.setText(self.tr("Show it anew") if is_stale else self.tr("Show it"))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


_STRETCH = {ElidedLabel: 1, RegionBox: 2, GroupingBox: 1, PointBox: 1}
