"""All that is known of the selected job, and the buttons for what can be done with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QAction, QDesktopServices
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.job_details import JobDetails
from hanolab_dawtools.presenters.job_rows import JobRow
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.wording import percent_text
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.job_actions import JobActions
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme

HISTORY_PIXELS = 110
SEVERITIES = {
    Phase.FAILED: "failed",
    Phase.UNSURE: "warning",
    Phase.INTERRUPTED: "warning",
    Phase.DONE: "ok",
}


class JobDetailsView(QFrame):
    """The details of a `QueuePresenter`'s selected job; hidden while none is selected."""

    def __init__(
        self, presenter: QueuePresenter, actions: JobActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._presenter = presenter
        self._actions = actions
        self._theme = current_theme()
        self._title, self._state, self._problem, self._hint = (_text() for _ in range(4))
        self._title.setProperty("heading", True)
        self._problem.setProperty("severity", "failed")
        self._close, self._more = QToolButton(), QToolButton()
        self._main = [QPushButton(), QPushButton()]
        self._shown_actions: tuple[QAction, ...] = ()
        self.forgetting = self._forget_row()
        self._body = QWidget()
        self._body_layout = QVBoxLayout(self._body)
        self._shown: JobDetails | None = None
        self._build()
        presenter.changed.connect(self._render)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._close.setIcon(icon("remove", theme))
        self._more.setIcon(icon("more", theme))
        self._shown = None
        self._render()

    def _build(self) -> None:
        for tool, name in (
            (self._close, self.tr("Close the details (Esc)")),
            (self._more, self.tr("What can be done with this job")),
        ):
            tool.setToolTip(name)
            tool.setAccessibleName(name)
        self._close.clicked.connect(lambda _: self._presenter.select(""))
        self._more.clicked.connect(lambda _: self._open_menu())
        for number, button in enumerate(self._main):
            button.clicked.connect(lambda _, at=number: self._shown_actions[at].trigger())
        top = QHBoxLayout()
        top.addWidget(self._title, stretch=1)
        top.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        for button in self._main:
            buttons.addWidget(button)
        buttons.addWidget(self._more)
        buttons.addStretch()
        self._body_layout.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 6, 6, 6)
        column.setSpacing(SPACING // 2)
        column.addLayout(top)
        for widget in (self._state, self._problem, self._hint):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.forgetting)
        column.addWidget(self._body)
        column.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        inside.setObjectName("inside")
        scroll.setStyleSheet("QScrollArea, #qt_scrollarea_viewport, #inside { background: none; }")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.addWidget(scroll)

    def _forget_row(self) -> QWidget:
        """The question whether a job is to be forgotten, in its place."""
        row = QWidget()
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        question = _text(self.tr("Forget this job? Files that it has placed stay."))
        question.setProperty("severity", "warning")
        buttons = QHBoxLayout()
        for text, act in (
            (self.tr("Forget"), self._presenter.remove),
            (self.tr("Keep"), lambda: self._presenter.ask_remove("")),
        ):
            button = QPushButton(text)
            button.clicked.connect(lambda _, act=act: act())
            buttons.addWidget(button)
        buttons.addStretch()
        layout.addWidget(question)
        layout.addLayout(buttons)
        return row

    def _open_menu(self) -> None:
        menu = self._actions.menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _render(self) -> None:
        view = self._presenter.view
        row = view.selected_row
        self.setVisible(row is not None)
        if row is None:
            return
        self._render_state(row)
        self._render_actions()
        self.forgetting.setVisible(view.removing == row.id)
        details = view.details
        for label, text in (
            (self._problem, details.problem if details else ""),
            (self._hint, details.hint if details else ""),
        ):
            label.setText(text[:1].upper() + text[1:])
            label.setVisible(bool(text) and not row.phase.is_active)
        if details is not self._shown:
            self._shown = details
            self._render_body(details)

    def _render_state(self, row: JobRow) -> None:
        self._title.setText(row.title)
        share = "" if row.fraction is None else f", {percent_text(row.fraction)}"
        state = f"{row.status(datetime.now(UTC))}{share}"
        is_told_below = row.phase is Phase.FAILED
        self._state.setText(str(row.phase) if is_told_below else state)
        severity = SEVERITIES.get(row.phase, "")
        if self._state.property("severity") != severity:
            self._state.setProperty("severity", severity)
            self._state.setStyleSheet("")  # lets the style sheet look at the property again

    def _render_actions(self) -> None:
        self._shown_actions = self._actions.main()
        for number, button in enumerate(self._main):
            is_there = number < len(self._shown_actions)
            button.setVisible(is_there)
            if is_there:
                button.setText(self._shown_actions[number].text())
                button.setToolTip(self._shown_actions[number].toolTip())

    def _render_body(self, details: JobDetails | None) -> None:
        """Put what is known below the buttons; only when it is new."""
        old, self._body = self._body, QWidget()
        self._body_layout = QVBoxLayout(self._body)
        self._body_layout.setContentsMargins(0, 0, 0, 0)
        self._body_layout.setSpacing(SPACING // 2)
        column = old.parentWidget().layout()  # type: ignore[union-attr] # it stands in one
        assert column is not None, "it was built with one"
        column.replaceWidget(old, self._body)
        old.hide()
        old.deleteLater()
        if details is None:
            return
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for number, fact in enumerate(details.facts):
            name = QLabel(fact.name)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setProperty("faint", True)
            grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_text(fact.value), number, 1)
        self._body_layout.addLayout(grid)
        for note in details.notes:
            self._body_layout.addWidget(_text(note))
        for line in details.files:
            self._body_layout.addLayout(self._file_row(line.role, line.path))
        if details.history:
            self._body_layout.addWidget(self._history(details.history))

    def _file_row(self, role: str, path: Path) -> QHBoxLayout:
        name = ElidedLabel()
        name.set_whole(f"{role}: {path.name}")
        name.setToolTip(plain_tip(str(path)))
        button = QToolButton()
        button.setIcon(icon("folder", self._theme))
        tip = self.tr("Show {} in its folder").format(path.name)
        button.setToolTip(plain_tip(tip))
        button.setAccessibleName(tip)
        button.clicked.connect(
            lambda _: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
        )
        row = QHBoxLayout()
        row.addWidget(name, stretch=1)
        row.addWidget(button)
        return row

    def _history(self, lines: tuple[str, ...]) -> QWidget:
        box = QWidget()
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        toggle = QToolButton()
        toggle.setText(self.tr("History"))
        toggle.setCheckable(True)
        toggle.setToolTip(self.tr("Each step with its time"))
        text = QPlainTextEdit("\n".join(lines))
        text.setReadOnly(True)
        text.setAccessibleName(self.tr("History of the job"))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setFixedHeight(HISTORY_PIXELS)
        text.hide()
        toggle.toggled.connect(text.setVisible)
        layout.addWidget(toggle)
        layout.addWidget(text)
        return box


def _text(text: str = "") -> QLabel:
    """A label of plain text that wraps anywhere, so that a long name never widens the window."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label
