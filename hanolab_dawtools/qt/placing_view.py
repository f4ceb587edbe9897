"""The tab "Place": where results go, how, which of them, and the button that does it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QColor, QIcon, QKeySequence, QPainter, QPixmap, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.placing import PlacingPresenter
from hanolab_dawtools.presenters.placing_choices import StemChoice, Target
from hanolab_dawtools.presenters.results import ResultsPresenter
from hanolab_dawtools.qt.choice_list import ChoiceList
from hanolab_dawtools.qt.labels import ElidedLabel
from hanolab_dawtools.qt.results_view import ResultsFrame
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme

PLACE_SHORTCUT = "Ctrl+Shift+Return"
STEM_COLUMNS = 2
SWATCH_PIXELS = 12


class PlacingView(QWidget):
    """What was made, and where it goes."""

    def __init__(
        self, placing: PlacingPresenter, results: ResultsPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._placing = placing
        self._theme = current_theme()
        self.results = ResultsFrame(results, placing)
        self._targets = ChoiceList(self.tr("Where to place"), self._choose_target)
        self._path = ElidedLabel()
        self._path.setProperty("faint", True)
        self._layouts = ChoiceList(self.tr("Place as"), placing.set_layout)
        self._sources = ChoiceList(self.tr("The source"), placing.set_source_policy)
        self._stems: dict[StemRole, QCheckBox] = {}
        self._grid = QGridLayout()
        self.listen_box = QCheckBox(self.tr("Listen first, place when I say so"))
        self.place_button = QPushButton()
        self._reason = QLabel()
        self._build()
        placing.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self.results.set_theme(theme)
        for role, box in self._stems.items():
            box.setIcon(_swatch(theme.stem_colour(role)))

    def _build(self) -> None:
        self.listen_box.setToolTip(
            self.tr("Results are made to be heard; placing them then costs nothing more")
        )
        self.listen_box.toggled.connect(self._placing.set_listens_first)
        self.place_button.setProperty("primary", True)
        self.place_button.setToolTip(
            self.tr("Put the results where it says above ({})").format(
                QKeySequence(PLACE_SHORTCUT).toString(QKeySequence.SequenceFormat.NativeText)
            )
        )
        self.place_button.clicked.connect(lambda _: self._placing.place())
        QShortcut(QKeySequence(PLACE_SHORTCUT), self).activated.connect(self.place_button.click)
        self._reason.setProperty("faint", True)
        self._reason.setWordWrap(True)
        options = QWidget()
        rows = QVBoxLayout(options)
        rows.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        rows.setSpacing(SPACING // 2)
        rows.addWidget(self.results)
        for title, part in (
            (self.tr("Where"), self._targets),
            ("", self._path),
            (self.tr("As"), self._layouts),
            (self.tr("Source"), self._sources),
        ):
            if title:
                rows.addSpacing(SPACING // 2)
                rows.addWidget(_heading(title))
            rows.addWidget(part)
        rows.addSpacing(SPACING // 2)
        rows.addWidget(_heading(self.tr("Stems")))
        rows.addLayout(self._grid)
        rows.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(options)
        acts = QVBoxLayout()  # these stay in sight
        acts.setContentsMargins(SPACING, 0, SPACING, 0)
        acts.setSpacing(SPACING // 2)
        for widget in (self.listen_box, self._reason, self.place_button):
            acts.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area, stretch=1)
        layout.addLayout(acts)

    def _choose_target(self, value: str) -> None:
        target = Target(value)
        path: Path | None = None
        if target is Target.FOLDER:
            name = QFileDialog.getExistingDirectory(self, self.tr("Place into a folder"))
            path = Path(name) if name else None
        elif target is Target.PROJECT:
            name, _ = QFileDialog.getSaveFileName(
                self, self.tr("Place into a new project"), "", self.tr("REAPER projects (*.rpp)")
            )
            path = Path(name) if name else None
            if path is not None and path.suffix.lower() != ".rpp":
                path = path.with_name(f"{path.name}.rpp")
        self._placing.set_target(target, path)
        self._render()  # who closed the dialog sees the target that counts

    def _render(self) -> None:
        view = self._placing.view
        self._targets.show_choices(view.targets, view.target)
        self._path.set_whole(str(view.path or ""))
        self._path.setVisible(view.path is not None)
        self._layouts.show_choices(view.layouts, view.layout)
        self._sources.show_choices(view.sources, view.source)
        self._show_stems(view.stems)
        with QSignalBlocker(self.listen_box):
            self.listen_box.setChecked(view.listens_first)
        self.place_button.setText(self.tr("Placing...") if view.is_placing else view.verb)
        self.place_button.setEnabled(view.can_place)
        self._reason.setText(view.reason)
        self._reason.setVisible(bool(view.reason))

    def _show_stems(self, stems: tuple[StemChoice, ...]) -> None:
        if tuple(self._stems) != tuple(stem.role for stem in stems):
            for box in self._stems.values():
                self._grid.removeWidget(box)
                box.hide()
                box.deleteLater()
            self._stems = {stem.role: self._box(stem.role) for stem in stems}
            for number, box in enumerate(self._stems.values()):
                self._grid.addWidget(box, number // STEM_COLUMNS, number % STEM_COLUMNS)
        for stem in stems:
            with QSignalBlocker(self._stems[stem.role]):
                self._stems[stem.role].setChecked(stem.is_chosen)

    def _box(self, role: StemRole) -> QCheckBox:
        box = QCheckBox(role.value.capitalize())
        box.setIcon(_swatch(self._theme.stem_colour(role)))
        box.setToolTip(self.tr("Place this stem"))
        box.toggled.connect(lambda is_chosen: self._placing.choose_stem(role, is_chosen))
        return box


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("heading", True)
    return label


def _swatch(colour: QColor) -> QIcon:
    icon = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(SWATCH_PIXELS * scale, SWATCH_PIXELS * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(pixmap.rect(), 3 * scale, 3 * scale)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        icon.addPixmap(pixmap)
    return icon
