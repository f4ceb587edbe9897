"""Asking for the file of a VST3 plug-in: a file on some systems, a folder on others."""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog, QWidget

USUAL_FOLDERS = {
    "win32": "C:/Program Files/Common Files/VST3",
    "darwin": "/Library/Audio/Plug-Ins/VST3",
    "linux": "/usr/lib/vst3",
}


def ask_for_plugin(parent: QWidget) -> Path | None:
    """The plug-in that the user chooses; None: none."""
    title = QCoreApplication.translate("PluginDialog", "Choose a VST3 plug-in")
    usual = USUAL_FOLDERS.get(sys.platform, "")
    if sys.platform == "linux":  # there a plug-in is a folder, and dialogs do not know it for one
        chosen = QFileDialog.getExistingDirectory(parent, title, usual)
    else:
        chosen, _ = QFileDialog.getOpenFileName(parent, title, usual, "VST3 (*.vst3)")
    return Path(chosen) if chosen else None
