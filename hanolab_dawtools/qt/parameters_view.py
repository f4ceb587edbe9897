"""The parameters of the preset in use, in sections; controls come from the presenter's rows."""

from __future__ import annotations

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
        """Make controls anew where there are others than before; all else stays as it is."""
        kept = self._controls
        self._controls = {}
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if isinstance(widget, QLabel):
                widget.deleteLater()
        titles = {"capture": self.tr("What is taken"), "import": self.tr("How results come back")}
        section = ""
        for row in rows:
            if row.section != section and row.section in titles:
                title = QLabel(titles[row.section])
                title.setProperty("heading", True)
                self._rows.addWidget(title)
            section = row.section
            control = kept.get(row.key)
            if control is None or (control.row.kind, control.row.options) != (
                row.kind,
                row.options,
            ):
                control = control_for(row, self._presenter.set, self._presenter.reset)
                control.set_theme(self._theme)
            else:
                del kept[row.key]
            self._controls[row.key] = control
            self._rows.addWidget(control)
        for control in kept.values():
            control.hide()
            control.deleteLater()
