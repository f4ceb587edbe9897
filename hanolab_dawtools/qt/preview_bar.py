"""The button that lets a chain be heard, and what it is heard on."""

from __future__ import annotations

from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.chain_preview import ChainPreviewPresenter
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.theme import Theme, current_theme

KEYS = "H"


class PreviewBar(QWidget):
    """Shows and drives a `ChainPreviewPresenter`."""

    def __init__(self, preview: ChainPreviewPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        self._theme = current_theme()
        self._button = QPushButton(self.tr("Hear it"))
        self._button.setCheckable(True)
        self._button.clicked.connect(preview.toggle)
        QShortcut(QKeySequence(KEYS), self).activated.connect(self._button.click)
        self._state, self._told = ElidedLabel(), ElidedLabel()
        self._told.setProperty("faint", True)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._state)
        texts.addWidget(self._told)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._button)
        layout.addLayout(texts, stretch=1)
        preview.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._render()

    def _render(self) -> None:
        view = self._preview.view
        self._button.setChecked(view.is_on)
        self._button.setEnabled(view.can_hear or view.is_on)
        self._button.setText(self.tr("Stop hearing it") if view.is_on else self.tr("Hear it"))
        self._button.setIcon(icon("stop" if view.is_on else "play", self._theme))
        if view.is_rendering:
            state = self.tr("Rendering…")
        else:
            state = self.tr("A: without. B: with the effects.") if view.is_on else ""
        told = view.reason or view.stretch
        for label, text in ((self._state, state), (self._told, told)):
            label.set_whole(text)
            label.setToolTip(plain_tip(text))
            label.setVisible(bool(text))
        tip = self.tr(
            "Send the loop, the selection, or 10 seconds from the cursor through the chain"
        )
        self._button.setToolTip(f"{tip} ({KEYS})")
        self._button.setAccessibleDescription(f"{state} {told}".strip())
