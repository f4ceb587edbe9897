"""Qt without a screen; left out where PyQt6 is not installed."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("PyQt6", reason="PyQt6 is not installed")
os.environ["QT_QPA_PLATFORM"] = "offscreen"
