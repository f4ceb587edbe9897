"""Settling what only the user knows: whether a request arrived, and which stem is which."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.job_details import ENGINE_ROLES, JobDetails
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.qt.theme import SPACING

WIDTH = 460  # px


class ResolveDialog(QDialog):
    """Asks what became of a request that nobody answered."""

    def __init__(
        self, presenter: QueuePresenter, details: JobDetails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._job_id = details.id
        self.setWindowTitle(self.tr("Settle a doubt"))
        self.setMinimumWidth(WIDTH)
        self.found = QRadioButton(self.tr("It is in my HanoLab account, as this task:"))
        self.task = QLineEdit()
        self.task.setPlaceholderText(self.tr("Task id"))
        self.task.setAccessibleName(self.tr("Task id"))
        self.lost = QRadioButton(self.tr("It is not there: send it again"))
        self.left = QRadioButton(self.tr("Leave it, whether it was billed or not"))
        self._warning = _text(
            self.tr("If HanoLab did accept it, sending it again is billed a second time.")
        )
        self._warning.setProperty("severity", "warning")
        self._buttons = _buttons(self, self.tr("Settle"))
        self._build(details)
        self._follow()

    def accept(self) -> None:
        """Do what was chosen."""
        if self.found.isChecked():
            self._presenter.resolve_as_task(self._job_id, self.task.text())
        elif self.lost.isChecked():
            self._presenter.resend(self._job_id)
        else:
            self._presenter.abandon(self._job_id)
        super().accept()

    def _build(self, details: JobDetails) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACING)
        heading = _text(details.title)
        heading.setProperty("heading", True)
        layout.addWidget(heading)
        for text in (details.problem, *details.notes[:1], details.hint):
            layout.addWidget(_text(text))
        choices = QButtonGroup(self)
        for widget in (self.found, self.task, self.lost, self._warning, self.left):
            layout.addWidget(widget)
            if isinstance(widget, QRadioButton):
                choices.addButton(widget)
                widget.toggled.connect(self._follow)
        self.task.textChanged.connect(self._follow)
        self.found.setChecked(True)
        layout.addWidget(self._buttons)

    def _follow(self) -> None:
        """Only what can be done can be pressed."""
        self.task.setEnabled(self.found.isChecked())
        self._warning.setVisible(self.lost.isChecked())
        accept = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert accept is not None, "it was made with one"
        accept.setEnabled(not self.found.isChecked() or bool(self.task.text().strip()))


class RolesDialog(QDialog):
    """Asks which stem of a separation is which."""

    def __init__(
        self, presenter: QueuePresenter, details: JobDetails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._job_id = details.id
        self.setWindowTitle(self.tr("Correct the roles of stems"))
        self.setMinimumWidth(WIDTH)
        self.choices: dict[StemRole, QComboBox] = {}
        self._problem = _text(self.tr("Every stem needs a role of its own."))
        self._problem.setProperty("severity", "warning")
        self._buttons = _buttons(self, self.tr("Correct"))
        form = QFormLayout()
        for role in details.roles:
            choice = QComboBox()
            choice.addItems([other.value for other in ENGINE_ROLES])
            choice.setCurrentText(role.value)
            choice.setAccessibleName(self.tr("What {} really is").format(role.value))
            choice.currentIndexChanged.connect(self._follow)
            form.addRow(self.tr("{} is really").format(role.value), choice)
            self.choices[role] = choice
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACING)
        layout.addWidget(_text(details.title))
        layout.addLayout(form)
        note = self.tr("The old result is undone first; placing it anew costs nothing.")
        layout.addWidget(_text(note))
        layout.addWidget(self._problem)
        layout.addWidget(self._buttons)
        self._follow()

    def corrected(self) -> Mapping[StemRole, StemRole]:
        """The right roles by the wrong ones; what is right is left out."""
        chosen = {role: StemRole(choice.currentText()) for role, choice in self.choices.items()}
        return {role: right for role, right in chosen.items() if right is not role}

    def accept(self) -> None:
        """Correct what was chosen."""
        self._presenter.correct_roles(self._job_id, self.corrected())
        super().accept()

    def _follow(self) -> None:
        right = [choice.currentText() for choice in self.choices.values()]
        is_possible = len(set(right)) == len(right)
        self._problem.setVisible(not is_possible)
        accept = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert accept is not None, "it was made with one"
        accept.setEnabled(is_possible and bool(self.corrected()))


def _text(text: str) -> QLabel:
    label = QLabel(text[:1].upper() + text[1:])
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setVisible(bool(text))
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _buttons(dialog: QDialog, accept_text: str) -> QDialogButtonBox:
    kinds = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(kinds.Ok | kinds.Cancel)
    accept = box.button(kinds.Ok)
    assert isinstance(accept, QPushButton), "it was made with one"
    accept.setText(accept_text)
    accept.setProperty("primary", True)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box
