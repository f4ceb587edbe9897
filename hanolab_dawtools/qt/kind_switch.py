"""With a trained model, or without: the two kinds of voice conversion."""

from __future__ import annotations

from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from hanolab_dawtools.presenters.parameters import ParametersPresenter


class KindSwitch(QWidget):
    """Shown for conversions alone."""

    def __init__(self, presenter: ParametersPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._group = QButtonGroup(self)
        texts = {
            "convert": (
                self.tr("Trained model"),
                self.tr("By a voice model that was trained (RVC), or as a local voice preview"),
            ),
            "convert-flash": (
                self.tr("Without training"),
                self.tr("By a reference embedding (zero-shot); only the cloud has it"),
            ),
        }
        self._buttons: dict[str, QRadioButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for kind, (text, tip) in texts.items():
            button = QRadioButton(text)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(lambda _, kind=kind: presenter.choose_kind(kind))
            self._buttons[kind] = button
            self._group.addButton(button)
            layout.addWidget(button)
        layout.addStretch()
        presenter.changed.connect(self._render)
        self._render()

    def _render(self) -> None:
        kind = self._presenter.view.kind
        self.setVisible(kind in self._buttons)
        if kind in self._buttons:
            self._buttons[kind].setChecked(True)
