"""The strip that tells of one thing at a time: sentence, next step, details on request."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)

from hanolab_dawtools.presenters.messages import Message, MessagesPresenter, Severity
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.theme import Theme, current_theme

DETAILS_PIXELS = 120


class MessagesView(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, presenter: MessagesPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("panel", True)
        self._kind, self._sentence, self._hint = QLabel(), QLabel(), QLabel()
        self._details = QPlainTextEdit()
        self._more = self._button(self.tr("Details"), self._toggle_details)
        self._close = self._button(self.tr("Dismiss"), presenter.dismiss)
        self._build()
        presenter.changed.connect(self._render)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._more.setIcon(icon("more", theme))
        self._close.setIcon(icon("remove", theme))
        self._render()

    def _build(self) -> None:
        for label in (self._sentence, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._hint.setProperty("faint", True)
        self._details.setReadOnly(True)
        self._details.setAccessibleName(self.tr("Details of the message"))
        self._details.setMaximumHeight(DETAILS_PIXELS)
        self._details.hide()
        texts = QGridLayout()
        texts.setHorizontalSpacing(10)
        texts.setVerticalSpacing(2)
        texts.setColumnStretch(1, 1)
        texts.addWidget(self._kind, 0, 0, Qt.AlignmentFlag.AlignTop)
        for row, widget in enumerate((self._sentence, self._hint, self._details)):
            texts.addWidget(widget, row, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(texts, stretch=1)
        layout.setAlignment(texts, Qt.AlignmentFlag.AlignVCenter)
        for button in (self._more, self._close):
            layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)

    def _button(self, name: str, act: object) -> QToolButton:
        button = QToolButton()
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.clicked.connect(lambda _: act())  # type: ignore[operator] # a verb without arguments
        return button

    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())

    def _render(self) -> None:
        message = self._presenter.view.current
        self.setVisible(message is not None)
        if message is None:
            self._details.hide()
            return
        words = {
            Severity.NOTE: self.tr("Note"),
            Severity.OK: self.tr("Done"),
            Severity.WARNING: self.tr("Warning"),
            Severity.FAILED: self.tr("Error"),
        }
        self._kind.setText(words[message.severity])
        self._kind.setProperty("severity", str(message.severity))
        if (style := self._kind.style()) is not None:  # it looks at the property again
            style.unpolish(self._kind)
            style.polish(self._kind)
        self._sentence.setText(_sentence(message))
        self._hint.setText(message.hint)
        self._hint.setVisible(bool(message.hint))
        self._details.setPlainText(message.details)
        self._more.setVisible(bool(message.details))
        self.setAccessibleName(f"{words[message.severity]}: {message.sentence} {message.hint}")


def _sentence(message: Message) -> str:
    text = message.sentence
    return text[:1].upper() + text[1:]
