"""One control for each parameter: label, value, reset, and the reason where it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QCoreApplication, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.parameter_rows import ParameterRow
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.knob_rows import WheelGuard
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.segments import Segments
from hanolab_dawtools.qt.theme import Theme

LABEL_PIXELS = 116
LIST_PIXELS = 26  # high
BOX_PIXELS = 116
RESET_PIXELS = 26
IDLE_OPACITY = 0.5
OCTAVE_SEMITONES = 12
SEGMENT_PIXELS = 44
SHORT_CHARACTERS = 3  # options so short stand side by side

SetValue = Callable[[str, Any], None]
Reset = Callable[[str], None]


def no_effect_text(reason: str) -> str:
    """Why something has no effect, as a remark."""
    if reason.lower().startswith("no effect"):
        return f"{reason[:1].upper()}{reason[1:]}"
    return QCoreApplication.translate("ParameterControl", "No effect: {}").format(reason)


class ParameterControl(QWidget):
    """A head line (label, what fits beside it, reset), what does not fit below it, the reason."""

    def __init__(self, row: ParameterRow, set_value: SetValue, reset: Reset) -> None:
        super().__init__()
        self.row = row
        self._set_value = set_value
        self._guard = WheelGuard(self)
        self._label = ElidedLabel()
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._reset = QToolButton()
        self._reset.setFixedWidth(RESET_PIXELS)
        self._reset.clicked.connect(lambda: reset(self.row.key))
        kept = self._reset.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(kept)
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setProperty("faint", True)
        self._body = QWidget()
        self._lines = QVBoxLayout(self._body)
        self._head = QHBoxLayout()
        self._compose()
        self.show_row(row)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._reset.setIcon(icon("reset", theme))

    def fits(self, row: ParameterRow) -> bool:
        """Whether this can show a row."""
        return (row.key, row.kind, row.options) == (self.row.key, self.row.kind, self.row.options)

    def focus_chain(self) -> list[QWidget]:
        """What the tab key visits, in this order."""
        return [*self._controls(), self._reset]

    def show_row(self, row: ParameterRow) -> None:
        """Show how the parameter stands now."""
        self.row = row
        self._label.set_whole(self._label_text())
        tip = plain_tip(self._tip())
        self._label.setToolTip(tip)
        for control in self._controls():
            control.setToolTip(tip)
            control.setAccessibleName(row.label)
            control.setAccessibleDescription(" ".join(filter(None, [row.meaning, row.reason])))
        self._reset.setVisible(not row.is_default)
        self._reset.setAccessibleName(self.tr("Reset {}").format(row.label))
        self._reset.setToolTip(plain_tip(self.tr("Back to {}").format(self._default_text())))
        self._reason.setText(no_effect_text(row.reason) if row.is_idle else row.reason)
        self._reason.setVisible(bool(row.reason))
        self._dim(is_idle=row.is_idle)
        self._show()

    def _compose(self) -> None:
        self._head.setSpacing(6)
        self._head.addWidget(self._label, stretch=1)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self._lines.addLayout(self._head)
        self._build()
        self._head.addWidget(self._reset)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addWidget(self._body)
        whole.addWidget(self._reason)

    def _dim(self, *, is_idle: bool) -> None:
        """Draw it pale where it changes nothing; it can be set nevertheless."""
        if is_idle and self._body.graphicsEffect() is None:
            effect = QGraphicsOpacityEffect(self._body)
            effect.setOpacity(IDLE_OPACITY)
            self._body.setGraphicsEffect(effect)
        elif not is_idle and self._body.graphicsEffect() is not None:
            self._body.setGraphicsEffect(None)

    def _label_text(self) -> str:
        return self.row.label

    def _tip(self) -> str:
        return self.row.meaning

    def _default_text(self) -> str:
        words = dict(self.row.options) if self.row.kind == "choice" else {}
        return str(words.get(self.row.default, self.row.default)) or self.tr("nothing")

    def _build(self) -> None:
        """Put the controls into the lines."""

    def _controls(self) -> tuple[QWidget, ...]:
        return ()

    def _show(self) -> None:
        """Let the controls show the row."""

    def _give_room(self, control: QWidget) -> None:
        """Let a control stand beside the label, and take what room there is."""
        self._label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._label.setFixedWidth(LABEL_PIXELS)
        self._head.addWidget(control, stretch=1)

    def _guarded(self, control: QWidget) -> None:
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        control.installEventFilter(self._guard)

    def _tell(self, value: Any) -> None:
        if value != self.row.value:
            self._set_value(self.row.key, value)


class ParameterSlider(QSlider):
    """A slider that a double click, or Delete, resets."""

    reset_wanted = pyqtSignal()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Reset."""
        if event is not None:
            event.accept()
        self.reset_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Reset by Delete or Backspace; arrows, page keys, Home and End are Qt's."""
        if event is not None and event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.reset_wanted.emit()
            return
        super().keyPressEvent(event)


class NumberControl(ParameterControl):
    """A slider between its ends, and a box for exact values."""

    def _build(self) -> None:
        row = self.row
        self._slider = ParameterSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, round((row.high - row.low) / row.step))
        ticks = round(OCTAVE_SEMITONES / row.step)
        is_pitch = row.unit == "semitones"
        self._slider.setPageStep(ticks if is_pitch else max(self._slider.maximum() // 10, 1))
        self._slider.valueChanged.connect(lambda at: self._tell(self._value_at(at)))
        self._slider.reset_wanted.connect(self._reset.click)
        self._box = QDoubleSpinBox()
        self._box.setFixedWidth(BOX_PIXELS)
        self._box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._box.setKeyboardTracking(False)
        self._box.setDecimals(0 if row.is_whole else (1 if row.step >= 0.1 else 2))
        self._box.setRange(row.low, row.high)
        self._box.setSingleStep(row.step)
        self._box.setSuffix(f" {row.unit}" if row.unit else "")
        self._box.valueChanged.connect(
            lambda value: self._tell(round(value) if self.row.is_whole else value)
        )
        for control in (self._slider, self._box):
            self._guarded(control)
        self._head.addWidget(self._box)
        line = QHBoxLayout()
        line.setSpacing(6)
        for end in (row.low, row.high):
            mark = QLabel(f"{end:g}".replace("-", "\N{MINUS SIGN}"))
            mark.setProperty("faint", True)
            line.addWidget(mark)
            if end == row.low:
                line.addWidget(self._slider, stretch=1)
        line.addSpacing(RESET_PIXELS + 6)
        self._lines.addLayout(line)

    def _controls(self) -> tuple[QWidget, ...]:
        return self._slider, self._box

    def _tip(self) -> str:
        row = self.row
        keys = self.tr("Arrows and page keys move it; a double click, or Delete, resets it.")
        return f"{row.meaning} {row.range_text}. {keys}"

    def _default_text(self) -> str:
        return f"{self.row.default:g} {self.row.unit}".rstrip()

    def _value_at(self, tick: int) -> float:
        row = self.row
        value = round(row.low + tick * row.step, 2)
        return round(value) if row.is_whole else value

    def _show(self) -> None:
        with QSignalBlocker(self._slider), QSignalBlocker(self._box):
            self._slider.setValue(round((self.row.value - self.row.low) / self.row.step))
            self._box.setValue(float(self.row.value))


class SwitchControl(ParameterControl):
    """On or off."""

    def _build(self) -> None:
        self._label.hide()
        self._check = QCheckBox()
        self._check.toggled.connect(self._tell)
        self._head.insertWidget(0, self._check, stretch=1)

    def _controls(self) -> tuple[QWidget, ...]:
        return (self._check,)

    def _default_text(self) -> str:
        return self.tr("on") if self.row.default else self.tr("off")

    def _show(self) -> None:
        with QSignalBlocker(self._check):
            self._check.setText(self.row.label.replace("&", "&&"))
            self._check.setChecked(bool(self.row.value))


class ChoiceControl(ParameterControl):
    """One of several words; very short ones side by side, all others in a list."""

    def _build(self) -> None:
        self._list = QComboBox()
        self._segments: Segments | None = None
        options = self.row.options
        if all(len(text) <= SHORT_CHARACTERS for _, text in options):
            self._segments = Segments([(value, text, "") for value, text in options], self._tell)
            self._segments.setFixedWidth(len(options) * SEGMENT_PIXELS)
            self._head.addWidget(self._segments)
            return
        self._list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._list.setMinimumHeight(LIST_PIXELS)
        for value, text in options:
            self._list.addItem(text, value)
        self._list.activated.connect(lambda at: self._tell(self.row.options[at][0]))
        self._guarded(self._list)
        self._give_room(self._list)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        super().set_theme(theme)
        if self._segments is not None:
            self._segments.set_theme(theme)

    def _controls(self) -> tuple[QWidget, ...]:
        if self._segments is None:
            return (self._list,)
        return tuple(self._segments.buttons.values())

    def _show(self) -> None:
        if self._segments is not None:
            self._segments.show_value(self.row.value)
            for (_, text), button in zip(self.row.options, self._controls(), strict=True):
                button.setAccessibleName(f"{self.row.label}: {text}")
            return
        chosen = [value for value, _ in self.row.options].index(self.row.value)
        with QSignalBlocker(self._list):
            self._list.setCurrentIndex(chosen)
