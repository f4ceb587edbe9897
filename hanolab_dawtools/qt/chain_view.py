"""The tab of effects: which chain, its effects in rows, the selected one's knobs, hearing it."""

from __future__ import annotations

from PyQt6.QtWidgets import QVBoxLayout, QWidget

from hanolab_dawtools.presenters.chain_preview import ChainPreviewPresenter
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.qt.theme import Theme, current_theme


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
        self._preview = preview
        self._layout = QVBoxLayout(self)
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
