"""The parameters of the preset in use, in sections; controls come from the presenter's rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.parameter_rows import ParameterRow, RowKind
from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.qt.engine_box import EngineBox
from hanolab_dawtools.qt.kind_switch import KindSwitch
from hanolab_dawtools.qt.parameter_controls import ParameterControl
from hanolab_dawtools.qt.parameter_fields import control_for
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme
from hanolab_dawtools.qt.voice_picker import VoicePicker


class ParametersView(QWidget):
    """Shows and drives a `ParametersPresenter`; `voices` stands where a voice is to be chosen."""

    def __init__(
        self, presenter: ParametersPresenter, voices: VoicePicker, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._voices = voices
        self._theme = current_theme()
        self._controls: dict[str, ParameterControl] = {}
        self._made_of: Sequence[tuple[object, ...]] = ()
        self._engine = EngineBox(presenter, self)
        self._kinds = KindSwitch(presenter, self)
        self._titles = {
            "capture": self._title(self.tr("What is taken")),
            "import": self._title(self.tr("How results come back")),
        }
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACING)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self._engine)
        layout.addWidget(self._kinds)
        layout.addWidget(voices)
        layout.addLayout(self._rows)
        layout.addStretch()
        presenter.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._engine.set_theme(theme)
        self._voices.set_theme(theme)
        for part in self._controls.values():
            part.set_theme(theme)

    def control(self, key: str) -> ParameterControl:
        """The control of a parameter."""
        return self._controls[key]

    def _render(self) -> None:
        view = self._presenter.view
        voice = next((row for row in view.rows if row.kind is RowKind.VOICE), None)
        self._voices.show_reason("" if voice is None or not voice.is_idle else voice.reason)
        self._voices.setVisible(voice is not None)
        rows = [row for row in view.rows if row.kind is not RowKind.VOICE]
        made_of = [(row.key, row.kind, row.options) for row in rows]
        if made_of != self._made_of:
            self._made_of = made_of
            self._rebuild(rows)
        for row in rows:
            if self._controls[row.key].row != row:
                self._controls[row.key].show_row(row)

    def _rebuild(self, rows: list[ParameterRow]) -> None:
        """Put the controls of other rows than before into order; what is not needed hides."""
        self.setUpdatesEnabled(False)
        while self._rows.takeAt(0) is not None:
            pass
        shown = {row.key for row in rows}
        for key, control in self._controls.items():
            control.setVisible(key in shown)
        for title in self._titles.values():
            title.hide()
        section = ""
        for row in rows:
            if row.section != section and row.section in self._titles:
                self._rows.addWidget(self._titles[row.section])
                self._titles[row.section].show()
            section = row.section
            self._rows.addWidget(self._control_of(row))
        chain = [each for row in rows for each in self._controls[row.key].focus_chain()]
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)
        self.setUpdatesEnabled(True)

    def _control_of(self, row: ParameterRow) -> ParameterControl:
        """The control that the row had before, or one that fits it."""
        control = self._controls.get(row.key)
        if control is not None and control.fits(row):
            return control
        if control is not None:
            control.hide()
            control.deleteLater()
        control = control_for(row, self._presenter.set, self._presenter.reset)
        control.set_theme(self._theme)
        self._controls[row.key] = control
        return control

    def _title(self, text: str) -> QLabel:
        title = QLabel(text, self)
        title.setProperty("heading", True)
        title.hide()
        return title
