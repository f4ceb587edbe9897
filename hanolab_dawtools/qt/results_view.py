"""What is known of the results that are shown: where they are, how they lie, what they cost."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.placing import PlacingPresenter
from hanolab_dawtools.presenters.results import ResultsPresenter, ResultsView
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.labels import ElidedLabel
from hanolab_dawtools.qt.theme import Theme


class ResultsFrame(QFrame):
    """Facts, and what can be done with what is placed already."""

    def __init__(
        self, results: ResultsPresenter, placing: PlacingPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._results = results
        self._placing = placing
        self.setProperty("panel", True)
        self._title, self._where, self._warnings = _text(), _text(), _text()
        self._title.setProperty("heading", True)
        self._warnings.setProperty("severity", "warning")
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(10)
        self._facts.setVerticalSpacing(2)
        self._folder = self._button(
            self.tr("Show files"), self.tr("Open the folder of the files"), self._open_folder
        )
        self.undo_button = self._button(
            self.tr("Take out again"),
            self.tr("Undo what was placed; the files stay"),
            placing.undo,
        )
        self._leave = QToolButton()
        tip = self.tr("Close the results, and show the source again")
        self._leave.setToolTip(tip)
        self._leave.setAccessibleName(tip)
        self._leave.clicked.connect(lambda _: results.leave())
        self._build()
        results.changed.connect(self._render)
        placing.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._leave.setIcon(icon("remove", theme))

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title, stretch=1)
        top.addWidget(self._leave, alignment=Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._folder, self.undo_button):
            buttons.addWidget(button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 8)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._where)
        layout.addLayout(self._facts)
        layout.addWidget(self._warnings)
        layout.addLayout(buttons)

    def _button(self, text: str, tip: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        button.clicked.connect(lambda _: act())
        return button

    def _open_folder(self) -> None:
        if (folder := self._results.view.folder) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _render(self) -> None:
        view = self._results.view
        has_results = bool(view.job_id)
        self._title.setText(view.title if has_results else self.tr("No results are shown"))
        nothing = self.tr("Start some work, or choose a job in the queue and place it again.")
        self._where.setText(view.where if has_results else nothing)
        self._warnings.setText("\n".join(view.warnings))
        self._warnings.setVisible(bool(view.warnings))
        self._folder.setVisible(view.folder is not None)
        self.undo_button.setVisible(view.can_undo)
        self.undo_button.setEnabled(not self._placing.view.is_undoing)
        self._leave.setVisible(has_results)
        self._show_facts(view)

    def _show_facts(self, view: ResultsView) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, fact in enumerate(view.facts):
            name = _text()
            name.setText(fact.name)
            name.setProperty("faint", True)
            text: QLabel
            if " " in fact.text:
                text = _text()
                text.setText(fact.text)
            else:  # a name cannot be wrapped
                text = ElidedLabel()
                text.set_whole(fact.text)
            self._facts.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(text, row, 1)


def _text() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
