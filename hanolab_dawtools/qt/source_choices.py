"""The controls that choose within a source: region, range, grouping and capture point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QStandardItemModel
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from hanolab_dawtools.model import CapturePoint, Grouping
from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_choice import region_word
from hanolab_dawtools.presenters.source_view import SourceKind
from hanolab_dawtools.presenters.wording import length_text
from hanolab_dawtools.qt.labels import plain_tip

OWN, WHOLE, RANGE = "own", "whole", "range"
FIELD_PIXELS = 94  # 1:23:45.678

Row = tuple[str, Any, str]  # text, what it stands for, why it cannot be chosen


class ChoiceBox(QComboBox):
    """A box whose rows are set as a whole; `act` gets what the chosen row stands for."""

    def __init__(self, n_characters: int, act: Callable[[Any], None]) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(n_characters)
        self.activated.connect(lambda row: act(self.itemData(row)))

    def set_rows(self, rows: Sequence[Row], chosen: object) -> None:
        """Show these rows, and which of them is chosen."""
        with QSignalBlocker(self):
            if tuple(rows) != self._rows:
                self._rows = tuple(rows)
                self.clear()
                for text, what, reason in rows:
                    self.addItem(text, what)
                    row = self.count() - 1
                    self.setItemData(row, plain_tip(reason or text), Qt.ItemDataRole.ToolTipRole)
                    model = self.model()
                    if reason and isinstance(model, QStandardItemModel):
                        item = model.item(row)
                        assert item is not None, "it was added just now"
                        item.setEnabled(False)
            values = [what for _, what, _ in self._rows]
            self.setCurrentIndex(values.index(chosen) if chosen in values else -1)


class RegionBox(ChoiceBox):
    """The host's own selection, all of it, a region, or a range that was made by hand."""

    def __init__(self, source: SourcePresenter) -> None:
        self._source = source
        super().__init__(9, self._choose)
        self.setAccessibleName(self.tr("Region"))
        self.setToolTip(self.tr("What is taken: a region, all of it, or a range"))
        source.changed.connect(self._render)
        self._render()

    def _choose(self, what: object) -> None:
        if what == OWN:
            self._source.choose_region(None)
        elif what == WHOLE:
            self._source.choose_whole()
        elif isinstance(what, tuple):
            self._source.choose_region(str(what[0]))

    def _render(self) -> None:
        view = self._source.view
        rows: list[Row] = []
        if view.host_choice:
            rows.append((view.host_choice, OWN, ""))
        if view.kind is not SourceKind.NONE and view.end_seconds > 0:
            is_file = view.kind is SourceKind.FILE
            rows.append((self.tr("Whole file") if is_file else self.tr("All of it"), WHOLE, ""))
        for region in view.regions:
            name = region.name or self.tr("region {}").format(region.number)
            text = f"{region.number}  {name}  {length_text(region.start_seconds)}"
            rows.append((text, (region_word(region),), ""))
        if view.is_range:
            rows.append((self.tr("Range"), RANGE, ""))
        chosen: object = OWN
        if view.is_range:
            chosen = RANGE
        elif view.region is not None:
            chosen = (view.region,)
        elif view.is_whole:
            chosen = WHOLE
        self.set_rows(rows, chosen)
        self.setEnabled(bool(rows))


class RangeFields(QWidget):
    """Start and end as times that can be typed over."""

    def __init__(self, source: SourcePresenter) -> None:
        super().__init__()
        self._source = source
        self.start = self._field(self.tr("Start"))
        self.end = self._field(self.tr("End"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.start)
        layout.addWidget(QLabel("\N{EN DASH}"))
        layout.addWidget(self.end)
        source.changed.connect(self._render)
        self._render()

    def _field(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setFixedWidth(FIELD_PIXELS)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setAccessibleName(name)
        field.setToolTip(
            self.tr("{}: minutes and seconds (1:02.500), or seconds; Enter takes it").format(name)
        )
        field.editingFinished.connect(self._type)
        return field

    def _type(self) -> None:
        if not (self.start.isModified() or self.end.isModified()):
            return
        self.start.setModified(False)
        self.end.setModified(False)
        if not self._source.type_range(self.start.text(), self.end.text()):
            self._render()

    def _render(self) -> None:
        span = self._source.view.range_seconds
        for field, seconds in zip((self.start, self.end), span or (None, None), strict=True):
            field.setEnabled(span is not None or self._source.view.end_seconds > 0)
            if not field.isModified():
                field.setText("" if seconds is None else length_text(seconds))


class GroupingBox(ChoiceBox):
    """What becomes one job."""

    def __init__(self, source: SourcePresenter) -> None:
        self._source = source
        super().__init__(7, source.set_grouping)
        self.setAccessibleName(self.tr("Jobs"))
        self.setToolTip(self.tr("What becomes one job"))
        source.changed.connect(self._render)
        self._render()

    def _render(self) -> None:
        view = self._source.view
        texts = {
            Grouping.SELECTION: self.tr("One job for all"),
            Grouping.TRACK: self.tr("A job for each track"),
            Grouping.ITEM: self.tr("A job for each item"),
        }
        rows: list[Row] = [(self.tr("Jobs: preset"), None, "")]
        rows += [(texts[one.grouping], one.grouping, one.reason) for one in view.groupings]
        self.set_rows(rows, view.grouping)
        self.setEnabled(view.kind in (SourceKind.PROJECT, SourceKind.REAPER))


class PointBox(ChoiceBox):
    """Where the signal is taken."""

    def __init__(self, source: SourcePresenter) -> None:
        self._source = source
        super().__init__(7, source.set_point)
        self.setAccessibleName(self.tr("Capture point"))
        self.setToolTip(self.tr("Where the signal is taken"))
        source.changed.connect(self._render)
        self._render()

    def _render(self) -> None:
        view = self._source.view
        texts = {
            CapturePoint.ITEM: self.tr("Items, before track effects"),
            CapturePoint.TRACK: self.tr("Tracks, after their effects"),
            CapturePoint.MASTER: self.tr("Master, all that sounds"),
        }
        rows: list[Row] = [(self.tr("Point: preset"), None, "")]
        rows += [(texts[one.point], one.point, one.reason) for one in view.points]
        self.set_rows(rows, view.point)
        self.setEnabled(view.kind in (SourceKind.PROJECT, SourceKind.REAPER))
