"""One row for each thing that can be set: a slider and a box, a list, a switch or a text."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QToolButton,
    QWidget,
)

from hanolab_dawtools.presenters.knobs import STEPS, Knob, KnobKind, KnobValue
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.theme import Theme

LABEL_PIXELS = 92
BOX_PIXELS = 88
RESET_PIXELS = 24
PAGE_STEPS = 100  # of a slider, by Page Up and Page Down
ARROW_STEPS = 10
LONGEST_UNIT = 4  # characters that fit into the box; longer ones are told in the tool tip

SetValue = Callable[[str, KnobValue], None]


class WheelGuard(QObject):
    """Keeps the wheel for scrolling: a control takes it only when it has the focus."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 - Qt's name
        """Let the scroll area have the wheel."""
        if event is not None and event.type() == QEvent.Type.Wheel:
            has_focus = isinstance(watched, QWidget) and watched.hasFocus()
            if not has_focus:
                event.ignore()
                return True
        return super().eventFilter(watched, event)


class KnobRow(QWidget):
    """Shows a knob; `set_value` and `reset` are told what the user does."""

    def __init__(self, knob: Knob, set_value: SetValue, reset: Callable[[str], None]) -> None:
        super().__init__()
        self.knob = knob
        self._set_value = set_value
        self._guard = WheelGuard(self)
        self._label = ElidedLabel()
        self._label.setFixedWidth(LABEL_PIXELS)
        self._reset = QToolButton()
        self._reset.setFixedWidth(RESET_PIXELS)
        self._reset.clicked.connect(lambda: reset(self.knob.name))
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(6)
        self._line.addWidget(self._label)
        self._build()
        self._line.addWidget(self._reset)
        keep = self._reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(keep)
        self.show_knob(knob)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._reset.setIcon(icon("reset", theme))

    def show_knob(self, knob: Knob) -> None:
        """Show what it is set to now; it may be another knob of the same kind."""
        self.knob = knob
        self._reset.setAccessibleName(self.tr("Reset {}").format(knob.label))
        tip = plain_tip(f"{knob.label}: {knob.description}" if knob.description else knob.label)
        self._label.set_whole(knob.label)
        self._label.setToolTip(tip)
        for control in self._controls():
            control.setToolTip(tip)
            control.setAccessibleName(knob.label)
            control.setAccessibleDescription(knob.description)
        self._reset.setVisible(not knob.is_default)
        self._reset.setToolTip(plain_tip(self.tr("Back to {}").format(knob.default_text)))
        self._show()

    def fits(self, knob: Knob) -> bool:
        """Whether the row can show this knob."""
        return type(self) is _ROWS[knob.kind]

    def _build(self) -> None:
        """Put the controls into the line."""

    def _controls(self) -> tuple[QWidget, ...]:
        return ()

    def _show(self) -> None:
        """Let the controls show the knob."""

    def _guarded(self, control: QWidget) -> None:
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        control.installEventFilter(self._guard)

    def _tell(self, value: KnobValue) -> None:
        if value != self.knob.value:
            self._set_value(self.knob.name, value)


class NumberRow(KnobRow):
    """A number: a slider, and a box for exact values."""

    def _build(self) -> None:
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, STEPS)
        self._slider.setSingleStep(ARROW_STEPS)
        self._slider.setPageStep(PAGE_STEPS)
        self._slider.setMinimumWidth(36)
        self._slider.valueChanged.connect(lambda at: self._tell(self.knob.value_at(at)))
        self._box = QDoubleSpinBox()
        self._box.setFixedWidth(BOX_PIXELS)
        self._box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._box.setKeyboardTracking(False)
        self._box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self._box.valueChanged.connect(self._tell)
        for control in (self._slider, self._box):
            self._guarded(control)
        self._line.addWidget(self._slider, stretch=1)
        self._line.addWidget(self._box)

    def _controls(self) -> tuple[QWidget, ...]:
        return self._slider, self._box

    def _show(self) -> None:
        knob = self.knob
        is_short = 0 < len(knob.unit) <= LONGEST_UNIT
        with QSignalBlocker(self._slider), QSignalBlocker(self._box):
            self._box.setDecimals(knob.decimals)
            self._box.setRange(knob.minimum, knob.maximum)
            self._box.setSuffix(f" {knob.unit}" if is_short else "")
            if knob.value_at(self._slider.value()) != knob.value:
                self._slider.setValue(knob.position)
            self._box.setValue(float(knob.value))


class ChoiceRow(KnobRow):
    """One of several words."""

    def _build(self) -> None:
        self._list = QComboBox()
        self._list.setMinimumContentsLength(8)
        self._list.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._options: tuple[str, ...] = ()
        self._list.textActivated.connect(self._tell)
        self._guarded(self._list)
        self._line.addWidget(self._list, stretch=1)

    def _controls(self) -> tuple[QWidget, ...]:
        return (self._list,)

    def _show(self) -> None:
        with QSignalBlocker(self._list):
            if self.knob.options != self._options:
                self._options = self.knob.options
                self._list.clear()
                self._list.addItems(self._options)
            self._list.setCurrentText(str(self.knob.value))


class SwitchRow(KnobRow):
    """On or off."""

    def _build(self) -> None:
        self._box = QCheckBox()
        self._box.toggled.connect(self._tell)
        self._line.addWidget(self._box, stretch=1)

    def _controls(self) -> tuple[QWidget, ...]:
        return (self._box,)

    def _show(self) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(bool(self.knob.value))
            self._box.setText(self.tr("on") if self.knob.value else self.tr("off"))


class TextRow(KnobRow):
    """Free text; for a file with a button that chooses one."""

    def _build(self) -> None:
        self._edit = QLineEdit()
        self._edit.editingFinished.connect(lambda: self._tell(self._edit.text()))
        self._line.addWidget(self._edit, stretch=1)
        self._choose = QToolButton()
        self._choose.setAccessibleName(self.tr("Choose a file"))
        self._choose.setToolTip(self.tr("Choose a file"))
        self._choose.clicked.connect(self._ask)
        self._line.addWidget(self._choose)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        super().set_theme(theme)
        self._choose.setIcon(icon("folder", theme))

    def _controls(self) -> tuple[QWidget, ...]:
        return (self._edit,)

    def _show(self) -> None:
        self._choose.setVisible(self.knob.kind is KnobKind.FILE)
        text = str(self.knob.value)
        if text != self._edit.text():
            self._edit.setText(text)

    def _ask(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.knob.label, str(self.knob.value))
        if path:
            self._tell(path)


_ROWS: dict[KnobKind, type[KnobRow]] = {
    KnobKind.NUMBER: NumberRow,
    KnobKind.CHOICE: ChoiceRow,
    KnobKind.SWITCH: SwitchRow,
    KnobKind.TEXT: TextRow,
    KnobKind.FILE: TextRow,
}


def knob_row(knob: Knob, set_value: SetValue, reset: Callable[[str], None]) -> KnobRow:
    """The row for a knob."""
    return _ROWS[knob.kind](knob, set_value, reset)
