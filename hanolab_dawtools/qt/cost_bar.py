"""The bottom of the panel: what it costs, what was spent, the question to pay, and the start."""

from __future__ import annotations

from typing import Protocol

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.cost import CostPresenter, Question
from hanolab_dawtools.presenters.observing import Event
from hanolab_dawtools.presenters.running import RunningView, Stage
from hanolab_dawtools.qt.labels import ElidedLabel
from hanolab_dawtools.qt.theme import SPACING, Theme

START_KEYS = "Ctrl+Return"
DECLINE_KEYS = "Escape"
PROGRESS_PIXELS = 140


class Startable(Protocol):
    """What the button starts."""

    @property
    def changed(self) -> Event:
        """Tells that `view` is another one."""
        ...

    @property
    def view(self) -> RunningView:
        """What it would do, or why it cannot."""
        ...

    def start(self) -> None:
        """Do it, or ask first."""
        ...


class CostBar(QFrame):
    """Shows what can be started, and its `CostPresenter`."""

    def __init__(
        self, running: Startable, cost: CostPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._running, self._cost = running, cost
        self._quote, self._spent = ElidedLabel(), ElidedLabel()
        self._remark = _wrapped()
        self._activity, self._progress = QLabel(), QProgressBar()
        self.start, self.agree, self.decline = QPushButton(), QPushButton(), QPushButton()
        self._title, self._lines = _wrapped(), _wrapped()
        self._question = QWidget()
        self._shown: Question | None = None
        self._build()
        running.changed.connect(self._render)
        cost.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Nothing here has colours of its own: the style sheet gives them."""

    def _build(self) -> None:
        self._title.setProperty("heading", True)
        self._spent.setProperty("faint", True)
        self._remark.setProperty("faint", True)
        self._progress.setFixedWidth(PROGRESS_PIXELS)
        self._progress.setAccessibleName(self.tr("Progress"))
        for button in (self.start, self.agree):
            button.setProperty("primary", True)
        self.decline.setText(self.tr("Not now"))
        self.decline.setToolTip(self.tr("Nothing is sent and nothing is paid (Esc)"))
        self.start.clicked.connect(lambda _: self._running.start())
        self.agree.clicked.connect(lambda _: self._cost.agree())
        self.decline.clicked.connect(lambda _: self._cost.decline())
        begin = QShortcut(QKeySequence(START_KEYS), self)
        begin.setContext(Qt.ShortcutContext.WindowShortcut)
        begin.activated.connect(self._begin)
        no = QShortcut(QKeySequence(DECLINE_KEYS), self)
        no.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        no.activated.connect(self._cost.decline)
        answers = QHBoxLayout()
        answers.addStretch()
        answers.addWidget(self.decline)
        answers.addWidget(self.agree)
        asked = QVBoxLayout(self._question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(SPACING // 2)
        asked.addWidget(self._title)
        asked.addWidget(self._lines)
        asked.addLayout(answers)
        self._question.hide()
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._quote)
        texts.addWidget(self._spent)
        line.addLayout(texts, stretch=1)
        line.addWidget(self._activity)
        line.addWidget(self._progress)
        line.addWidget(self.start)
        self._line = QWidget()
        self._line.setLayout(line)
        line.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        for widget in (self._question, self._remark, self._line):
            layout.addWidget(widget)

    def _begin(self) -> None:
        """The keys start, and when something is asked they only lead to the answer."""
        if self._cost.view.question is None:
            self._running.start()
        else:
            self.agree.setFocus()

    def _render(self) -> None:
        running, cost = self._running.view, self._cost.view
        self._quote.set_whole(self._quote_text(running, cost.quote))
        self._quote.setProperty("severity", "warning" if running.stage is Stage.CANNOT else "")
        self._quote.setStyleSheet("")  # lets the style sheet look at the property again
        self._spent.set_whole(running.hint or cost.spent)
        self._spent.setVisible(bool(running.hint or cost.spent))
        self._remark.setText(cost.remark)
        self._remark.setVisible(bool(cost.remark) and cost.question is None)
        self._activity.setText(cost.activity)
        self._activity.setVisible(bool(cost.activity))
        self._progress.setVisible(cost.fraction is not None)
        self._progress.setValue(round(100 * (cost.fraction or 0.0)))
        self.start.setText(f"{running.verb}…" if cost.is_paid else running.verb)
        self.start.setEnabled(running.can_start)
        keys = QKeySequence(START_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        self.start.setToolTip(f"{running.verb} ({keys})")
        self.start.setAccessibleDescription(self._quote_text(running, cost.quote))
        self._line.setVisible(cost.question is None)
        self._render_question(cost.question)

    def _render_question(self, question: Question | None) -> None:
        if question is self._shown:
            return
        self._shown = question
        self._question.setVisible(question is not None)
        if question is None:
            return
        self._title.setText(question.title)
        self._lines.setText("\n".join(question.lines))
        self.agree.setText(question.agree.replace("&", "&&"))
        self.agree.setToolTip(question.title)
        self.agree.setAccessibleDescription(" ".join((question.title, *question.lines)))
        self.decline.setFocus()  # a key that is pressed too long never pays

    def _quote_text(self, running: RunningView, quote: str) -> str:
        if running.stage is Stage.NOTHING:
            return self.tr("Choose what to work on, and a preset.")
        if running.stage is Stage.CANNOT:
            return running.problem[:1].upper() + running.problem[1:]
        if running.stage is Stage.PLANNING:
            return self.tr("Looking at what is selected…")
        return ", ".join(filter(None, (running.what, quote)))


def _wrapped() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
    return label
