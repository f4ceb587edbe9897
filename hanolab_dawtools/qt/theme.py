"""Colours, sizes and the style sheet of the panel, light or dark as the system is.

A widget asks for a colour by what it means. Pairs of text and background keep a contrast of 4.5 or
more (WCAG 2.2, AA); stem colours are those of the tracks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import Template

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QGuiApplication, QPalette
from PyQt6.QtWidgets import QApplication

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.stem_roles import STEM_COLOURS

SPACING = 8  # px between controls; half of it inside groups
HERE = Path(__file__).parent
RADIUS = 5  # px of rounded corners


class Role(StrEnum):
    """What a colour stands for."""

    WINDOW = "window"
    PANEL = "panel"
    FIELD = "field"
    LINE = "line"
    TEXT = "text"
    FAINT = "faint"
    ACCENT = "accent"
    ON_ACCENT = "on_accent"
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SELECTION = "selection"
    ORIGINAL = "original"


_DARK = {
    Role.WINDOW: "#14171c",
    Role.PANEL: "#1c2128",
    Role.FIELD: "#252b34",
    Role.LINE: "#3a434f",
    Role.TEXT: "#e6e9ee",
    Role.FAINT: "#a3acb8",
    Role.ACCENT: "#5cb3f2",
    Role.ON_ACCENT: "#0b1a26",
    Role.OK: "#5fd08a",
    Role.WARNING: "#f0b429",
    Role.FAILED: "#ff8272",
    Role.SELECTION: "#5cb3f2",
    Role.ORIGINAL: "#c3cad4",
}
_LIGHT = {
    Role.WINDOW: "#f2f4f7",
    Role.PANEL: "#ffffff",
    Role.FIELD: "#ffffff",
    Role.LINE: "#c3cad3",
    Role.TEXT: "#1a1f26",
    Role.FAINT: "#545f6d",
    Role.ACCENT: "#0b62a8",
    Role.ON_ACCENT: "#ffffff",
    Role.OK: "#0a6b3c",
    Role.WARNING: "#8a5a00",
    Role.FAILED: "#b3261e",
    Role.SELECTION: "#0b62a8",
    Role.ORIGINAL: "#3f4a57",
}


@dataclass(frozen=True)
class Theme:
    """The colours of one scheme."""

    is_dark: bool

    def colour(self, role: Role) -> QColor:
        """The colour for a meaning."""
        return QColor((_DARK if self.is_dark else _LIGHT)[role])

    def stem_colour(self, role: StemRole | None) -> QColor:
        """A stem's track colour, darker on a light background; None: the original."""
        if role is None or role not in STEM_COLOURS:
            return self.colour(Role.ORIGINAL)
        colour = QColor(STEM_COLOURS[role])
        return colour if self.is_dark else colour.darker(125)


def current_theme() -> Theme:
    """The theme of the system's scheme now."""
    hints = QGuiApplication.styleHints()
    assert hints is not None, "there is an application"
    return Theme(is_dark=hints.colorScheme() == Qt.ColorScheme.Dark)


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole application the colours of a theme."""
    application.setStyle("Fusion")  # the one style that draws all of a palette on every system
    application.setPalette(_palette(theme))
    application.setStyleSheet(_style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    palette, group = QPalette(), QPalette.ColorRole
    roles = {
        group.Window: Role.WINDOW,
        group.WindowText: Role.TEXT,
        group.Base: Role.FIELD,
        group.AlternateBase: Role.PANEL,
        group.Text: Role.TEXT,
        group.PlaceholderText: Role.FAINT,
        group.Button: Role.PANEL,
        group.ButtonText: Role.TEXT,
        group.ToolTipBase: Role.PANEL,
        group.ToolTipText: Role.TEXT,
        group.Highlight: Role.ACCENT,
        group.HighlightedText: Role.ON_ACCENT,
        group.Link: Role.ACCENT,
        group.Mid: Role.LINE,
    }
    for place, role in roles.items():
        palette.setColor(place, theme.colour(role))
    for place in (group.WindowText, group.Text, group.ButtonText):
        faint = theme.colour(Role.FAINT)
        faint.setAlpha(150)
        palette.setColor(QPalette.ColorGroup.Disabled, place, faint)
    return palette


def _style_sheet(theme: Theme) -> str:
    tick = HERE / ("tick-dark.svg" if theme.is_dark else "tick-light.svg")
    sizes = {"radius": str(RADIUS), "inner_radius": str(RADIUS - 1)}
    colours = {role.value: theme.colour(role).name() for role in Role}
    sheet = Template((HERE / "style.qss").read_text(encoding="utf-8"))
    return sheet.substitute(colours, **sizes, tick=tick.as_posix())
