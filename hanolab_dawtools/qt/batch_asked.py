"""What a stored batch was asked for, and the way to a new one like it."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.batch import BatchPresenter
from hanolab_dawtools.presenters.batch_page import BatchPageView
from hanolab_dawtools.qt.theme import SPACING


class AskedView(QWidget):
    """Shows what the batch of a `BatchPresenter` was asked for."""

    def __init__(self, presenter: BatchPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.like = QPushButton(self.tr("New batch like this"))
        self.like.setToolTip(self.tr("Put together the same again, to be changed"))
        self.like.clicked.connect(lambda _: presenter.start_like_shown())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(area, stretch=1)
        layout.addWidget(self.like)

    def show_batch(self, view: BatchPageView) -> None:
        """Show what is asked for by the shown batch."""
        self.text.setText("\n\n".join(view.asked))
        self.like.setEnabled(view.can_start_like)
