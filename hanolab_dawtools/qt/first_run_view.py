"""What can be set up, one row each: a title, a sentence, a button; nothing blocks."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.first_run import FirstRunPresenter, Step, StepName

DIALOG_SIZE = (640, 260)


class FirstRunView(QFrame):
    """Hidden when nothing is left to set up; one line, with a button for the rest, when compact."""

    def __init__(self, presenter: FirstRunPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._rows: dict[StepName, _StepRow] = {}
        self._is_compact = False
        self.setProperty("panel", True)
        heading = QLabel(self.tr("Set up, or leave it for later"))
        heading.setProperty("heading", True)
        self._hide = QPushButton(self.tr("Not now"))
        self._hide.setToolTip(self.tr("Offer these steps no more; hanolab doctor tells of them"))
        self._hide.clicked.connect(lambda _: presenter.hide())
        self.more = QPushButton(self.tr("Set up…"))
        self.more.setToolTip(self.tr("Weights, account and REAPER, in a window of their own"))
        self.more.clicked.connect(lambda _: self.show_steps())
        self.more.hide()
        top = QHBoxLayout()
        top.addWidget(heading, stretch=1)
        top.addWidget(self.more)
        top.addWidget(self._hide)
        self._list = QVBoxLayout(self)
        self._list.addLayout(top)
        presenter.changed.connect(self._render)
        self._render()

    def set_compact(self, is_compact: bool) -> None:
        """Take one line, because there is little room, or as many as there are steps."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self._render()

    def show_steps(self) -> None:
        """Show the steps in a window of their own."""
        dialog = QDialog(self)
        dialog.setWindowTitle(self.tr("Set up"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        QVBoxLayout(dialog).addWidget(FirstRunView(self._presenter, dialog))
        dialog.resize(*DIALOG_SIZE)
        dialog.open()

    def _render(self) -> None:
        steps = self._presenter.view.steps
        self.more.setVisible(self._is_compact and bool(steps))
        self.setVisible(bool(steps))
        names = [step.name for step in steps]
        for name in [known for known in self._rows if known not in names]:
            row = self._rows.pop(name)
            self._list.removeWidget(row)
            row.deleteLater()
        for step in steps:
            if step.name not in self._rows:
                self._rows[step.name] = _StepRow(step, self._presenter)
                self._list.addWidget(self._rows[step.name])
            self._rows[step.name].show_step(step)
            self._rows[step.name].setVisible(not self._is_compact)


class _StepRow(QWidget):
    """One step; that of the account has its fields in the row."""

    def __init__(self, step: Step, presenter: FirstRunPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._name = step.name
        title, text = QLabel(step.title), QLabel(step.text)
        title.setProperty("heading", True)
        text.setWordWrap(True)
        text.setProperty("faint", True)
        self._activity = QLabel()
        self.button = QPushButton(step.verb)
        self.button.setAccessibleDescription(step.text)
        self.button.clicked.connect(lambda _: self._do())
        self.url, self.key = QLineEdit(), QLineEdit()
        self.url.setPlaceholderText(self.tr("Base URL, from your account's API page"))
        self.url.setAccessibleName(self.tr("Base URL of the API"))
        self.key.setPlaceholderText(self.tr("API key"))
        self.key.setAccessibleName(self.tr("API key"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.returnPressed.connect(self._do)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(title)
        texts.addWidget(text)
        if step.name is StepName.ACCOUNT:
            fields = QHBoxLayout()
            fields.addWidget(self.url, stretch=2)
            fields.addWidget(self.key, stretch=1)
            texts.addLayout(fields)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.addLayout(texts, stretch=1)
        layout.addWidget(self._activity, alignment=Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignBottom)

    def show_step(self, step: Step) -> None:
        """Show how it stands."""
        self._activity.setText(step.activity)
        self.button.setEnabled(not step.is_busy)

    def _do(self) -> None:
        if self._name is StepName.WEIGHTS:
            self._presenter.fetch_weights()
        elif self._name is StepName.REAPER:
            self._presenter.install_into_reaper()
        else:
            self._presenter.log_in(self.url.text(), self.key.text())
            self.key.clear()  # never longer on the screen's side than it is needed
