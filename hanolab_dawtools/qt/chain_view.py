"""The tab of effects: which chain, its effects in rows, the selected one's knobs, hearing it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.chain_preview import ChainPreviewPresenter
from hanolab_dawtools.presenters.chain_rows import PlaceRow
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.qt.effect_editor import EffectEditorView
from hanolab_dawtools.qt.effect_picker import EffectPicker
from hanolab_dawtools.qt.effect_tree import EffectTree
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.preview_bar import PreviewBar
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme

ADD_KEYS = "Ins"


class ChainEditor(QWidget):
    """Shows and edits the chains of a `ChainPresenter`, one at a time."""

    def __init__(
        self,
        chains: ChainPresenter,
        preview: ChainPreviewPresenter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._chains = chains
        self._places = QComboBox()
        self._place_rows: tuple[PlaceRow, ...] = ()
        self._tree = EffectTree(chains)
        self._editor = EffectEditorView(chains)
        self._picker = EffectPicker(chains, parent=self)
        self._bar = PreviewBar(preview)
        self._empty = QLabel()
        self._loading = QLabel()
        self._question = QFrame()
        self._sentence = QLabel()
        self._add = QPushButton(self.tr("Add an effect"))
        self._icons: list[tuple[QToolButton, str]] = []
        self._build()
        chains.changed.connect(self._render)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._add.setIcon(icon("add", theme))
        for button, name in self._icons:
            button.setIcon(icon(name, theme))
        for part in (self._tree, self._editor, self._bar):
            part.set_theme(theme)
        self._render()

    def _build(self) -> None:
        self._places.setAccessibleName(self.tr("Which chain"))
        self._places.setToolTip(self.tr("The chain before the job, or behind it for one result"))
        self._places.activated.connect(
            lambda at: self._chains.choose_place(self._place_rows[at].place)
        )
        for label in (self._empty, self._loading, self._sentence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self._empty, self._loading):
            label.setProperty("faint", True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build_question()
        lower = QWidget()
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self._empty, stretch=1)
        below.addWidget(self._editor, stretch=1)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.addWidget(self._tree)
        halves.addWidget(lower)
        halves.setStretchFactor(0, 2)
        halves.setStretchFactor(1, 3)
        halves.setSizes([200, 300])  # a share: the rest is up to the user
        halves.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self._places)
        layout.addLayout(self._buttons())
        layout.addWidget(self._question)
        layout.addWidget(self._loading)
        layout.addWidget(halves, stretch=1)
        layout.addWidget(self._bar)

    def _buttons(self) -> QHBoxLayout:
        chains = self._chains
        self._add.setToolTip(f"{self.tr('Add an effect')} ({ADD_KEYS})")
        self._add.clicked.connect(lambda: self._picker.open_at(self._add))
        QShortcut(QKeySequence(ADD_KEYS), self).activated.connect(self._add.click)
        line = QHBoxLayout()
        line.setSpacing(SPACING // 2)
        line.addWidget(self._add)
        line.addStretch()
        for name, tip, keys, act in (
            ("up", self.tr("Move up"), "Alt+Up", chains.move_up),
            ("down", self.tr("Move down"), "Alt+Down", chains.move_down),
            ("duplicate", self.tr("Duplicate"), "Ctrl+D", chains.duplicate),
            ("remove", self.tr("Remove"), "Del", chains.remove),
        ):
            line.addWidget(self._button(name, f"{tip} ({keys})", act))
        return line

    def _button(self, name: str, tip: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda _: act())
        self._icons.append((button, name))
        return button

    def _build_question(self) -> None:
        self._question.setProperty("panel", True)
        allow = QPushButton(self.tr("Allow this folder"))
        allow.clicked.connect(self._chains.shelf.allow_folder)
        decline = QPushButton(self.tr("Not now"))
        decline.clicked.connect(self._chains.shelf.decline_folder)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(decline)
        buttons.addWidget(allow)
        layout = QVBoxLayout(self._question)
        layout.addWidget(self._sentence)
        layout.addLayout(buttons)

    def _render(self) -> None:
        view = self._chains.view
        if view.places != self._place_rows:
            self._place_rows = view.places
            with QSignalBlocker(self._places):
                self._places.clear()
                self._places.addItems([self._place_text(row) for row in view.places])
        at = [row.place for row in view.places].index(view.place)
        with QSignalBlocker(self._places):
            self._places.setCurrentIndex(at)
        has_effect, has_row = view.editor is not None, view.selected is not None
        for button, name in self._icons:
            button.setEnabled(has_row if name == "remove" else has_effect)
        self._empty.setVisible(not has_effect)
        self._empty.setText(
            self.tr("Select an effect to set it.")
            if view.rows
            else self.tr("No effects here yet. Add one, or drop a VST3 plug-in here.")
        )
        self._loading.setVisible(bool(view.loading))
        self._loading.setText(self.tr("Loading {}…").format(view.loading))
        self._question.setVisible(view.question is not None)
        self._sentence.setText(view.question.sentence if view.question else "")

    def _place_text(self, row: PlaceRow) -> str:
        count = self.tr("{} ({})").format(row.label, row.n_effects) if row.n_effects else row.label
        return self.tr("{}: this job makes none").format(count) if row.is_idle else count
