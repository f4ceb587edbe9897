"""The log and the report, in a window of their own."""

from __future__ import annotations

from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.presenters.report import log_tail, report_text

SIZE = (820, 520)


class LogView(QDialog):
    """Shows the end of the log; copies a report that holds no secrets."""

    def __init__(self, panel: Panel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._panel = panel
        self.setWindowTitle(self.tr("Log"))
        self.resize(*SIZE)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(self.tr("Log"))
        self.copy = QPushButton(self.tr("Copy report"))
        self.copy.setToolTip(self.tr("Versions, checks and the log, without keys or links"))
        self.copy.clicked.connect(lambda _: self._copy())
        refresh = QPushButton(self.tr("Refresh"))
        refresh.clicked.connect(lambda _: self.read())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(refresh, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(buttons)
        self.read()

    def read(self) -> None:
        """Read the end of the log anew."""
        self._panel.workers.run(
            "log",
            lambda _: log_tail(self._panel.services),
            done=self._show,
            failed=self._panel.messages.tell,
        )

    def _show(self, text: str) -> None:
        self.text.setPlainText(text or self.tr("The log is empty."))
        bar = self.text.verticalScrollBar()
        if bar is not None:
            bar.setValue(bar.maximum())

    def _copy(self) -> None:
        self.copy.setEnabled(False)
        self.copy.setText(self.tr("Looking…"))
        told = tuple(message.sentence for message in self._panel.messages.view.history)
        self._panel.workers.run(
            "report",
            lambda _: report_text(self._panel.services, told),
            done=self._copied,
            failed=self._panel.messages.tell,
        )

    def _copied(self, text: str) -> None:
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None, "there is an application"
        clipboard.setText(text)
        self.copy.setText(self.tr("Copied"))
        self.copy.setEnabled(True)
