"""The tab "Batch": what a new batch runs over and with, or what a stored one was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.batch import BatchPresenter
from hanolab_dawtools.presenters.batch_draft import Kind
from hanolab_dawtools.presenters.batch_form import BatchForm
from hanolab_dawtools.presenters.batch_ticks import TickList
from hanolab_dawtools.qt.batch_asked import AskedView
from hanolab_dawtools.qt.batch_sources import SourceList
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.segments import Segments
from hanolab_dawtools.qt.source_choices import ChoiceBox
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme
from hanolab_dawtools.qt.tick_list import TickListView

MOST_CREDITS = 1_000_000.0


class BatchSide(QWidget):
    """Shows the form of a `BatchPresenter`'s draft, or what the shown batch was asked for.

    `this_source` gives what the panel has open, as a source of a batch; "" for nothing.
    """

    def __init__(
        self,
        presenter: BatchPresenter,
        this_source: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._kind = Kind.REGIONS
        self.batches = ChoiceBox(20, presenter.show_batch)
        self.form = QWidget()
        self.asked = AskedView(presenter)
        self.sources = SourceList(presenter.draft, this_source)
        self.kinds = Segments(
            (
                (Kind.REGIONS, self.tr("Regions"), self.tr("Which regions are taken")),
                (Kind.TRACKS, self.tr("Tracks"), self.tr("Which tracks are taken")),
                (Kind.PRESETS, self.tr("Presets"), self.tr("What is done, each on everything")),
            ),
            self.show_kind,
        )
        draft = presenter.draft
        self.ticks = TickListView(
            tick=lambda word, on: draft.tick(self._kind, word, is_ticked=on),
            tick_shown=lambda on: draft.tick_shown(self._kind, are_ticked=on),
            search=lambda text: draft.search_lines(self._kind, text),
        )
        self.mixed, self.render_matrix = QCheckBox(), QCheckBox()
        self.output, self.browse = QLineEdit(), QToolButton()
        self.again, self.limit = QCheckBox(self.tr("Make anew")), QDoubleSpinBox()
        self.setAcceptDrops(True)
        self._build_choices()
        self._build()
        presenter.changed.connect(self._render)
        self.set_theme(current_theme())
        self.show_kind(Kind.REGIONS)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self.kinds.set_theme(theme)
        self.sources.set_theme(theme)
        self.browse.setIcon(icon("folder", theme))

    def show_kind(self, kind: Kind) -> None:
        """Let the user tick regions, tracks or presets."""
        self._kind = kind
        self.kinds.show_value(kind)
        hints = {
            Kind.REGIONS: self.tr("No tick: the time selection, else all of it."),
            Kind.TRACKS: self.tr("No tick: the mix of all tracks."),
            Kind.PRESETS: "",
        }
        names = {
            Kind.REGIONS: self.tr("regions"),
            Kind.TRACKS: self.tr("tracks"),
            Kind.PRESETS: self.tr("presets"),
        }
        self.ticks.set_words(names[kind], hints[kind])
        self._render()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if event is not None and _paths_of(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Run over what is dropped, too."""
        paths = _paths_of(event) if event is not None else []
        if event is not None and paths:
            self.add(paths)
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def add(self, paths: Sequence[Path]) -> None:
        """Run over these, too; of a new batch."""
        if self._presenter.view.is_new:
            self._presenter.draft.add_sources(map(str, paths))

    def _build_choices(self) -> None:
        self.batches.setAccessibleName(self.tr("Which batch is shown"))
        self.batches.setToolTip(self.tr("A new batch, or one that was made, here or elsewhere"))
        self.mixed.setText(self.tr("Ticked tracks as one mix"))
        self.mixed.setToolTip(self.tr("Else each ticked track is taken alone"))
        self.mixed.toggled.connect(lambda on: self._change(is_mixed=on))
        self.render_matrix.setText(self.tr("As in REAPER's region render matrix"))
        self.render_matrix.setToolTip(
            self.tr("REAPER's own matrix says which track goes with which region")
        )
        self.render_matrix.toggled.connect(lambda on: self._change(uses_render_matrix=on))
        self.output.setPlaceholderText(self.tr("Into the projects, beside the files"))
        self.output.setAccessibleName(self.tr("Where results go"))
        self.output.setToolTip(
            self.tr("A folder, or s3://…, with $source $folder $region $track $preset; empty: ")
            + self.tr("into the projects, beside the files")
        )
        self.output.editingFinished.connect(lambda: self._change(output=self.output.text().strip()))
        self.browse.setToolTip(self.tr("Choose a folder"))
        self.browse.setAccessibleName(self.tr("Choose a folder"))
        self.browse.clicked.connect(lambda _: self._browse())
        self.again.setToolTip(
            self.tr("Also what is done already or in the cache; what costs is paid again")
        )
        self.again.toggled.connect(lambda on: self._change(again=on))
        self.limit.setRange(0.0, MOST_CREDITS)
        self.limit.setDecimals(1)
        self.limit.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.limit.setSpecialValueText(self.tr("no limit"))
        self.limit.setSuffix(self.tr(" credits"))
        self.limit.setKeyboardTracking(False)
        self.limit.setAccessibleName(self.tr("What all cells together may cost"))
        self.limit.setToolTip(self.tr("What all cells together may cost at most"))
        self.limit.valueChanged.connect(lambda value: self._change(max_credits=value or None))

    def _build(self) -> None:
        output = QHBoxLayout()
        output.setSpacing(SPACING // 2)
        output.addWidget(self.output, stretch=1)
        output.addWidget(self.browse)
        limits = QHBoxLayout()
        limits.addWidget(self.again)
        limits.addStretch()
        most = QLabel(self.tr("At most"))
        most.setBuddy(self.limit)
        limits.addWidget(most)
        limits.addWidget(self.limit)
        rows = QVBoxLayout(self.form)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACING // 2)
        rows.addWidget(self.sources)
        rows.addSpacing(SPACING // 2)
        rows.addWidget(self.kinds)
        rows.addWidget(self.ticks, stretch=1)
        rows.addWidget(self.mixed)
        rows.addWidget(self.render_matrix)
        rows.addSpacing(SPACING // 2)
        rows.addLayout(output)
        rows.addLayout(limits)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.batches)
        layout.addWidget(self.form, stretch=1)
        layout.addWidget(self.asked, stretch=1)

    def _change(self, **changes: object) -> None:
        draft = self._presenter.draft
        draft.change(replace(draft.form, **changes))  # type: ignore[arg-type] # names are fields

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Where results go"))
        if folder:
            self._change(output=folder)

    def _render(self) -> None:
        view = self._presenter.view
        rows = [(self.tr("New batch"), "", "")]
        rows += [(f"{one.note} · {one.title}", one.id, "") for one in view.batches]
        self.batches.set_rows(rows, view.batch_id)
        self.form.setVisible(view.is_new)
        self.asked.setVisible(not view.is_new)
        if view.is_new:
            self._render_form(view.form)
        else:
            self.asked.show_batch(view)

    def _render_form(self, form: BatchForm) -> None:
        self.sources.show_sources(form.sources)
        for kind, name in (
            (Kind.REGIONS, self.tr("Regions")),
            (Kind.TRACKS, self.tr("Tracks")),
            (Kind.PRESETS, self.tr("Presets")),
        ):
            self.kinds.buttons[kind].setText(_counted(name, getattr(form, kind.value)))
        is_free = not (form.is_live and form.uses_render_matrix)
        ticks: TickList = getattr(form, self._kind.value)
        self.ticks.show_lines(ticks, is_enabled=is_free or self._kind is Kind.PRESETS)
        self.mixed.setVisible(self._kind is Kind.TRACKS and is_free)
        self.mixed.setEnabled(form.tracks.n_ticked > 1)
        self.render_matrix.setVisible(form.is_live and self._kind is not Kind.PRESETS)
        for box, is_on in (
            (self.mixed, form.is_mixed),
            (self.render_matrix, form.uses_render_matrix),
            (self.again, form.again),
        ):
            with QSignalBlocker(box):
                box.setChecked(is_on)
        if not self.output.hasFocus() and self.output.text() != form.output:
            self.output.setText(form.output)
        with QSignalBlocker(self.limit):
            self.limit.setValue(form.max_credits or 0.0)


def _counted(name: str, ticks: TickList) -> str:
    return f"{name} {ticks.n_ticked}" if ticks.n_ticked else name


def _paths_of(event: QDropEvent) -> list[Path]:
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
