"""What the preset bar asks, in lines of its own instead of dialogs: a name, and yes or no."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.qt.segments import colour_label


class NamePrompt(QFrame):
    """Asks for the name to save a preset by, and checks it as it is typed."""

    def __init__(self, presenter: PresetPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("panel", True)
        self._edit = QLineEdit()
        self._edit.setMaxLength(200)
        self._remark = QLabel()
        self._remark.setWordWrap(True)
        self._remark.setTextFormat(Qt.TextFormat.PlainText)
        self._save = QPushButton(self.tr("Save"))
        cancel = QPushButton(self.tr("Cancel"))
        title = QLabel(self.tr("Save as"))
        title.setBuddy(self._edit)
        self._edit.setAccessibleName(self.tr("Name of the preset"))
        self._edit.setToolTip(self.tr("Enter saves, Escape cancels"))
        self._edit.textChanged.connect(self._check)
        self._edit.returnPressed.connect(self._save.click)
        self._save.clicked.connect(self._done)
        cancel.clicked.connect(self.hide)
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (cancel, self._save):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        for widget in (title, self._edit, self._remark):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.hide()

    def begin(self, name: str) -> None:
        """Ask, with a name to begin with."""
        self._edit.setText(name)
        self._edit.selectAll()
        self._check()
        self.show()
        self._edit.setFocus()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Escape closes it."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        super().keyPressEvent(event)

    def _check(self) -> None:
        check = self._presenter.check_name(self._edit.text())
        self._remark.setText(check.sentence)
        self._remark.setVisible(bool(check.sentence))
        colour_label(self._remark, "" if check.is_allowed else "failed")
        self._save.setEnabled(check.is_allowed)

    def _done(self) -> None:
        self.hide()
        self._presenter.save_as(self._edit.text())


class QuestionStrip(QFrame):
    """Asks what the presenter wants to know before it replaces or removes something."""

    def __init__(self, presenter: PresetPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("panel", True)
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._yes = QPushButton()
        self._no = QPushButton(self.tr("Cancel"))
        self._yes.clicked.connect(lambda _: presenter.answer(yes=True))
        self._no.clicked.connect(lambda _: presenter.answer(yes=False))
        buttons = QHBoxLayout()
        buttons.addStretch()
        for button in (self._no, self._yes):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self._sentence)
        layout.addLayout(buttons)
        presenter.changed.connect(self._render)
        self._render()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Escape means no."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._no.click()
            return
        super().keyPressEvent(event)

    def _render(self) -> None:
        question = self._presenter.view.question
        was_hidden = self.isHidden()
        self.setVisible(question is not None)
        if question is not None:
            self._sentence.setText(question.sentence)
            self._yes.setText(question.yes)
            self._yes.setAccessibleDescription(question.sentence)
            if was_hidden:
                self._no.setFocus()
