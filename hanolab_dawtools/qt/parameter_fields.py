"""Controls for texts, files, sets of stems and their colours; and the choice of a row's control."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent, QIcon, QPixmap
from PyQt6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.parameter_rows import ParameterRow, RowKind
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.parameter_controls import (
    ChoiceControl,
    NumberControl,
    ParameterControl,
    Reset,
    SetValue,
    SwitchControl,
)
from hanolab_dawtools.qt.theme import Theme, current_theme

COLUMNS = 3
SWATCH_PIXELS = 14


class TextControl(ParameterControl):
    """Free text."""

    def _build(self) -> None:
        self._edit = QLineEdit()
        self._edit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._edit.editingFinished.connect(lambda: self._tell(self._edit.text()))
        self._give_room(self._edit)

    def _controls(self) -> tuple[QWidget, ...]:
        return (self._edit,)

    def _show(self) -> None:
        if self._edit.text() != self.row.value:
            self._edit.setText(self.row.value)
            self._edit.setCursorPosition(0)


class FileControl(TextControl):
    """A file: by its path, by a dialog, or dropped here."""

    def _build(self) -> None:
        super()._build()
        self.setAcceptDrops(True)
        self._edit.setAcceptDrops(False)  # it would take the address of a file as text
        self._edit.setPlaceholderText(self.tr("none"))
        self._choose = QToolButton()
        self._choose.setToolTip(self.tr("Choose a file"))
        self._choose.clicked.connect(self._ask)
        self._head.addWidget(self._choose)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        super().set_theme(theme)
        self._choose.setIcon(icon("folder", theme))

    def _show(self) -> None:
        super()._show()
        self._choose.setAccessibleName(self.tr("Choose a file: {}").format(self.row.label))

    def focus_chain(self) -> list[QWidget]:
        """What the tab key visits, in this order."""
        return [self._edit, self._choose, self._reset]

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take one file of this machine."""
        if event is not None and _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Use the file."""
        if event is not None and (path := _dropped(event)):
            event.acceptProposedAction()
            self._tell(path)

    def _ask(self) -> None:
        dialog = QFileDialog(self, self.row.label)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.row.value:
            dialog.selectFile(self.row.value)
        dialog.fileSelected.connect(self._tell)
        dialog.open()


class RolesControl(ParameterControl):
    """Some of the stems; none ticked means all."""

    def _build(self) -> None:
        self._boxes: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setContentsMargins(8, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        for number, (role, text) in enumerate(self.row.options):
            box = QCheckBox(text)
            box.toggled.connect(self._toggled)
            self._boxes[role] = box
            grid.addWidget(box, number // COLUMNS, number % COLUMNS)
        self._lines.addLayout(grid)

    def _label_text(self) -> str:
        chosen = len(self.row.value)
        return self.row.label if chosen else self.tr("{}: all of them").format(self.row.label)

    def focus_chain(self) -> list[QWidget]:
        """What the tab key visits, in this order."""
        return [*self._boxes.values(), self._reset]

    def _default_text(self) -> str:
        return self.tr("all of them")

    def _show(self) -> None:
        for role, box in self._boxes.items():
            box.setAccessibleName(f"{self.row.label}: {role}")
            with QSignalBlocker(box):
                box.setChecked(role in self.row.value)

    def _toggled(self) -> None:
        self._tell(tuple(role for role, box in self._boxes.items() if box.isChecked()))


class ColoursControl(ParameterControl):
    """A colour for each stem: the usual one, one of the user's, or none."""

    def _build(self) -> None:
        self._theme = current_theme()
        self._buttons: dict[str, QToolButton] = {}
        grid = QGridLayout()
        grid.setContentsMargins(8, 0, 0, 0)
        for number, (role, text) in enumerate(self.row.options):
            button = QToolButton()
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setMenu(self._menu(role))
            self._buttons[role] = button
            grid.addWidget(button, number // COLUMNS, number % COLUMNS)
        self._lines.addLayout(grid)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        super().set_theme(theme)
        self._theme = theme
        self._show()

    def focus_chain(self) -> list[QWidget]:
        """What the tab key visits, in this order."""
        return [*self._buttons.values(), self._reset]

    def _menu(self, role: str) -> QMenu:
        menu = QMenu(self)
        acts = (
            (self.tr("Choose a colour…"), lambda: self._ask(role)),
            (self.tr("No colour"), lambda: self._give(role, "none")),
            (self.tr("The usual colour"), lambda: self._give(role, "")),
        )
        for text, act in acts:
            action = QAction(text, menu)
            action.triggered.connect(act)
            menu.addAction(action)
        return menu

    def _default_text(self) -> str:
        return self.tr("the usual colours")

    def _show(self) -> None:
        own = dict(self.row.value)
        for role, button in self._buttons.items():
            usual = self._theme.stem_colour(StemRole(role))
            given = own.get(role, "")
            colour = QColor(given) if given.startswith("#") else usual
            swatch = QPixmap(SWATCH_PIXELS * 2, SWATCH_PIXELS * 2)
            swatch.fill(Qt.GlobalColor.transparent if given == "none" else colour)
            swatch.setDevicePixelRatio(2)
            button.setIcon(QIcon(swatch))
            state = {"none": self.tr("no colour"), "": self.tr("usual")}.get(given, given)
            button.setAccessibleName(self.tr("Colour of {}: {}").format(role, state))
            button.setToolTip(self.tr("{}: {}").format(role, state))

    def _ask(self, role: str) -> None:
        dialog = QColorDialog(QColor(dict(self.row.value).get(role, "#808080")), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self._give(role, colour.name()))
        dialog.open()

    def _give(self, role: str, colour: str) -> None:
        own: dict[str, Any] = dict(self.row.value)
        own.pop(role, None)
        if colour:
            own[role] = colour
        self._set_value(self.row.key, own)


_CONTROLS: dict[RowKind, type[ParameterControl]] = {
    RowKind.NUMBER: NumberControl,
    RowKind.SWITCH: SwitchControl,
    RowKind.CHOICE: ChoiceControl,
    RowKind.TEXT: TextControl,
    RowKind.FILE: FileControl,
    RowKind.ROLES: RolesControl,
    RowKind.COLOURS: ColoursControl,
}


def control_for(row: ParameterRow, set_value: SetValue, reset: Reset) -> ParameterControl:
    """The control of a row; a voice has a picker of its own."""
    return _CONTROLS[row.kind](row, set_value, reset)


def _dropped(event: QDropEvent) -> str:
    """The one file that is dropped; empty when it is none, or more."""
    data = event.mimeData()
    files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data else []
    return files[0] if len(files) == 1 else ""
