"""The selected effect: what it does, what is wrong with it, and a row for each of its knobs."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.chain_rows import EffectEditor
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.knobs import Knob
from hanolab_dawtools.qt.knob_rows import KnobRow, knob_row
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.plugin_dialog import ask_for_plugin
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme

MOST_ROWS = 40  # of a plug-in with thousands of parameters; the others are found by their names
FILTER_FROM = 16
ROWS_AT_ONCE = 6  # that are made before the window is drawn again: each takes some milliseconds


class EffectEditorView(QScrollArea):
    """Shows `ChainPresenter.view.editor`."""

    def __init__(self, chains: ChainPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chains = chains
        self._theme = current_theme()
        self._rows: list[KnobRow] = []
        self._wanted: Sequence[Knob] = ()  # the knobs that get rows
        self._shown: object = None  # the effect that the rows belong to
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._fill)
        self._title, self._about, self._problem = QLabel(), QLabel(), QLabel()
        self._more = QLabel()
        self._filter = QLineEdit()
        self._buttons = QWidget()
        self._locate = QPushButton(self.tr("Choose its file…"))
        self._again = QPushButton(self.tr("Look again"))
        self._allow = QPushButton(self.tr("Allow its folder"))
        self._branch = QPushButton(self.tr("Add a branch"))
        self._knobs = QVBoxLayout()
        self._build()
        chains.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        for row in self._rows:
            row.set_theme(theme)

    def _build(self) -> None:
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._title.setProperty("heading", True)
        self._about.setProperty("faint", True)
        self._more.setProperty("faint", True)
        self._problem.setProperty("severity", "warning")
        for label in (self._title, self._about, self._problem, self._more):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._filter.setPlaceholderText(self.tr("Find a parameter"))
        self._filter.setAccessibleName(self.tr("Find a parameter"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._render)
        self._locate.clicked.connect(self._ask_for_file)
        self._again.clicked.connect(self._chains.shelf.look_again)
        self._allow.clicked.connect(self._chains.allow_plugin_folder)
        self._branch.clicked.connect(self._chains.add_branch)
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        for button in (self._locate, self._again, self._allow):
            buttons.addWidget(button)
        buttons.addStretch()
        self._knobs.setSpacing(4)
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(0, 0, 4, 0)
        layout.setSpacing(SPACING // 2)
        for widget in (self._title, self._about, self._problem, self._buttons, self._filter):
            layout.addWidget(widget)
        layout.addLayout(self._knobs)
        layout.addWidget(self._more)
        layout.addWidget(self._branch, alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addStretch()
        self.setWidget(inner)

    def _ask_for_file(self) -> None:
        if (path := ask_for_plugin(self)) is not None:
            self._chains.locate_plugin(path)

    def _render(self) -> None:
        editor = self._chains.view.editor
        self.setVisible(editor is not None)
        if editor is None:
            self._shown, self._wanted = None, ()
            self._fill()
            return
        self._title.setText(editor.title)
        self._about.setText(" ".join(filter(None, (editor.meaning, editor.note))))
        self._about.setVisible(not editor.is_plugin)
        self._render_problem(editor)
        self._branch.setVisible(editor.is_mix)
        has_many = len(editor.knobs) > FILTER_FROM
        self._filter.setVisible(has_many)
        wanted = self._filter.text().casefold() if has_many else ""
        found = [knob for knob in editor.knobs if wanted in knob.label.casefold()]
        self._wanted = found[:MOST_ROWS]
        key = (self._chains.view.place, editor.path, editor.name, editor.title)
        if key != self._shown:
            self._shown = key
            self.verticalScrollBar().setValue(0)  # type: ignore[union-attr] # it has one
        self._fill()
        hidden = len(found) - len(self._wanted)
        self._more.setVisible(hidden > 0)
        self._more.setText(self.tr("{} more: find them by their names.").format(hidden))

    def _render_problem(self, editor: EffectEditor) -> None:
        """Say that a plug-in is being loaded, or why it cannot be, with the ways out."""
        if editor.problem:
            sentence = editor.problem[:1].upper() + editor.problem[1:]
            kept = self.tr("It stays in the preset; bypass it to go on without it.")
            text = " ".join(filter(None, (f"{sentence}.", editor.hint, kept)))
        else:
            text = self.tr("Loading its parameters…") if editor.is_loading else ""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        self._buttons.setVisible(bool(editor.problem))
        self._allow.setVisible(editor.outside is not None)
        self._allow.setToolTip(plain_tip(str(editor.outside or "")))

    def _fill(self) -> None:
        """Give each knob its row; rows are used again, and few are made at once."""
        n_made = 0
        for at, knob in enumerate(self._wanted):
            if at < len(self._rows) and self._rows[at].fits(knob):
                self._rows[at].show_knob(knob)
                continue
            if n_made == ROWS_AT_ONCE:
                self._cut(at)
                self._later.start()
                return
            self._cut(at)
            row = knob_row(knob, self._chains.set_value, self._chains.reset_value)
            row.set_theme(self._theme)
            self._knobs.addWidget(row)
            self._rows.append(row)
            n_made += 1
        self._cut(len(self._wanted))

    def _cut(self, n_rows: int) -> None:
        for row in self._rows[n_rows:]:
            self._knobs.removeWidget(row)
            row.hide()
            row.deleteLater()
        del self._rows[n_rows:]
