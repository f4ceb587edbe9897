"""What can be done with the selected job: the same actions for buttons, menus and keys."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QUrl
from PyQt6.QtGui import QAction, QDesktopServices, QKeySequence
from PyQt6.QtWidgets import QMenu, QWidget

from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.qt.resolve_dialog import ResolveDialog, RolesDialog


class JobActions(QObject):
    """The actions of a `QueuePresenter`'s selected job; `widget` is where their keys work."""

    def __init__(self, presenter: QueuePresenter, widget: QWidget) -> None:
        super().__init__(widget)
        self._presenter = presenter
        self._widget = widget
        tr = self.tr
        self.resume = self._action(tr("Resume"), "Ctrl+Shift+R", presenter.resume)
        self.open_batch = self._action(tr("Show cells"), "", presenter.show_batch)
        self.cancel = self._action(tr("Cancel"), "Ctrl+.", presenter.cancel)
        self.settle = self._action(tr("Settle…"), "", self._ask_what_became)
        self.show_files = self._action(tr("Show in folder"), "Ctrl+Shift+F", self._show_folder)
        self.place_again = self._action(tr("Place again"), "", presenter.place_again)
        self.correct_roles = self._action(tr("Correct roles…"), "", self._ask_roles)
        self.undo = self._action(tr("Undo in the project"), "", presenter.undo)
        self.remove = self._action(tr("Forget…"), "Delete", presenter.ask_remove)
        self.all = (
            *(self.resume, self.open_batch, self.cancel, self.settle, self.show_files),
            *(self.place_again, self.correct_roles, self.undo, self.remove),
        )
        presenter.changed.connect(self._follow)
        self._follow()

    def main(self) -> tuple[QAction, ...]:
        """The actions that matter most now, as they are enabled."""
        first = (
            *(self.settle, self.resume, self.cancel, self.open_batch, self.show_files),
            self.place_again,
        )
        return tuple(action for action in first if action.isEnabled())[:2]

    def menu(self, parent: QWidget) -> QMenu:
        """A menu of all that is possible now."""
        menu = QMenu(parent)
        menu.addActions([action for action in self.all if action.isEnabled()])
        return menu

    def _action(self, text: str, keys: str, act: Callable[[str], None]) -> QAction:
        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{text} ({shown})")
        action.triggered.connect(lambda _: act(self._presenter.view.selected))
        self._widget.addAction(action)
        return action

    def _follow(self) -> None:
        """Only what is possible is enabled."""
        row, details = self._presenter.view.selected_row, self._presenter.view.details
        is_active = row is not None and row.phase.is_active
        is_left = row is not None and row.phase is Phase.INTERRUPTED
        self.resume.setEnabled(row is not None and row.can_resume and not is_active)
        self.open_batch.setEnabled(row is not None and row.is_batch)
        self.cancel.setEnabled(row is not None and not row.part_of and (is_active or is_left))
        self.remove.setEnabled(row is not None and not is_active)
        self.settle.setEnabled(details is not None and details.is_unsure and not is_active)
        self.show_files.setEnabled(details is not None and details.folder is not None)
        self.place_again.setEnabled(details is not None and details.is_done)
        self.correct_roles.setEnabled(details is not None and bool(details.roles))
        self.undo.setEnabled(details is not None and details.can_undo)

    def _ask_what_became(self, _: str) -> None:
        details = self._presenter.view.details
        if details is not None:
            ResolveDialog(self._presenter, details, self._widget).open()

    def _ask_roles(self, _: str) -> None:
        details = self._presenter.view.details
        if details is not None:
            RolesDialog(self._presenter, details, self._widget).open()

    def _show_folder(self, _: str) -> None:
        details = self._presenter.view.details
        if details is not None and details.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(details.folder)))
