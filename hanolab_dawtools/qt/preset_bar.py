"""The preset in use: what to do, which preset, what was changed, and its ways in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.preset_prompts import NamePrompt, QuestionStrip
from hanolab_dawtools.qt.preset_table import PresetTable
from hanolab_dawtools.qt.segments import Segments
from hanolab_dawtools.qt.theme import Role, Theme, current_theme

DOT = "\N{BULLET}"
SUFFIX = ".toml"


class PresetBar(QWidget):
    """Shows and drives a `PresetPresenter`; files that end in .toml can be dropped on it."""

    def __init__(self, presenter: PresetPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._theme = current_theme()
        self.setAcceptDrops(True)
        self._whats = Segments(
            [
                ("separate", self.tr("Separate"), self.tr("Separate into stems")),
                ("convert", self.tr("Convert"), self.tr("Convert a voice")),
                ("none", self.tr("Effects only"), self.tr("A chain of effects; costs nothing")),
            ],
            presenter.start,
            self,
        )
        self._choose = QToolButton()
        self._dot = ElidedLabel()
        self._state = ElidedLabel()
        self._save = self._button(self.tr("Save"), "Ctrl+S", presenter.save)
        self._save_as = self._button(self.tr("Save as…"), "Ctrl+Shift+S", self._ask_name)
        self._revert = self._button(self.tr("Revert"), "Ctrl+Alt+Z", presenter.revert)
        self._more = QToolButton()
        self._remove = QAction(self.tr("Remove this preset…"), self)
        self.table = PresetTable(presenter, self)
        self.name_prompt = NamePrompt(presenter, self)
        self.question = QuestionStrip(presenter, self)
        self._build()
        presenter.changed.connect(self._render)
        self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._more.setIcon(icon("more", theme))
        self._whats.set_theme(theme)
        self.table.set_theme(theme)
        self._dot.setStyleSheet(f"color: {theme.colour(Role.WARNING).name()}; font-weight: 700;")
        self._render()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take presets' files of this machine."""
        if event is not None and dropped_presets(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Import them."""
        if event is not None and (paths := dropped_presets(event)):
            event.acceptProposedAction()
            self._presenter.import_files(paths)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._whats)
        name = QHBoxLayout()
        name.setSpacing(4)
        self._choose.setCheckable(True)
        self._choose.setArrowType(Qt.ArrowType.DownArrow)
        self._choose.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._choose.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        QShortcut(QKeySequence("Ctrl+P"), self).activated.connect(self._choose.click)
        self._choose.toggled.connect(self._show_table)
        leave = QShortcut(QKeySequence("Esc"), self.table)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(lambda: self._choose.setChecked(False))
        self._dot.setFixedWidth(12)
        name.addWidget(self._choose, stretch=1)
        name.addWidget(self._dot)
        layout.addLayout(name)
        self._state.setProperty("faint", True)
        layout.addWidget(self._state)
        self.table.hide()
        self.table.chosen.connect(lambda: self._choose.setChecked(False))
        layout.addWidget(self.table)
        layout.addLayout(self._act_line())
        layout.addWidget(self.name_prompt)
        layout.addWidget(self.question)

    def _act_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        for button in (self._save, self._save_as, self._revert):
            line.addWidget(button, stretch=1)
        menu = QMenu(self)
        for text, act in (
            (self.tr("Import presets…"), self._ask_import),
            (self.tr("Export this preset…"), self._ask_export),
            (self.tr("Read the folders again"), self._presenter.refresh),
        ):
            action = QAction(text, menu)
            action.triggered.connect(lambda _, act=act: act())
            menu.addAction(action)
        self._remove.triggered.connect(lambda _: self._presenter.remove_current())
        menu.addAction(self._remove)
        name = self.tr("Import, export, remove")
        self._more.setToolTip(name)
        self._more.setAccessibleName(name)
        self._more.setMenu(menu)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        line.addWidget(self._more)
        return line

    def _button(self, text: str, key: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(f"{text.rstrip('…')} ({key})")
        button.setAccessibleName(text.rstrip("…"))
        QShortcut(QKeySequence(key), self).activated.connect(button.click)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda _: act())
        return button

    def _show_table(self, is_shown: bool) -> None:
        self.table.setVisible(is_shown)
        if is_shown:
            self.table.begin()

    def _ask_name(self) -> None:
        self.name_prompt.begin(self._presenter.current.name)

    def _ask_import(self) -> None:
        dialog = QFileDialog(self, self.tr("Import presets"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(self.tr("Presets (*.toml)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda files: self._presenter.import_files([Path(file) for file in files])
        )
        dialog.open()

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, self.tr("Export the preset"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.lstrip("."))
        dialog.setNameFilter(self.tr("Presets (*.toml)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(self._presenter.file_name)
        dialog.fileSelected.connect(lambda file: self._presenter.export(Path(file)))
        dialog.open()

    def _render(self) -> None:
        view = self._presenter.view
        self._whats.show_value(view.what)
        name = view.current.name
        metrics = self._choose.fontMetrics()
        room = max(self._choose.width() - 48, 120)
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        self._choose.setText(shown.replace("&", "&&"))
        self._choose.setToolTip(plain_tip(f"{name}: {view.current.description or ''} (Ctrl+P)"))
        self._choose.setAccessibleName(self.tr("Preset {}").format(name))
        self._choose.setAccessibleDescription(view.state)
        self._dot.set_whole(DOT if view.is_dirty else "")
        self._dot.setToolTip(self.tr("There are changes that are not saved"))
        self._dot.setAccessibleName(self.tr("changed") if view.is_dirty else "")
        self._state.set_whole(view.state)
        self._save.setEnabled(view.can_save)
        self._revert.setEnabled(view.can_revert)
        self._save.setToolTip(plain_tip(self.tr("{} (Ctrl+S)").format(view.save_words)))
        self._remove.setEnabled(view.can_remove)


def dropped_presets(event: QDropEvent) -> list[Path]:
    """The presets' files that are dropped; none when anything else is among them."""
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    is_all = len(paths) == len(urls) and all(path.suffix.lower() == SUFFIX for path in paths)
    return paths if is_all else []
