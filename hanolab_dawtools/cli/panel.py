"""`hanolab panel`: the window beside REAPER, or on a project or an audio file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import SetupError

QT_HINT = (
    "On Debian: apt-get install libgl1 libegl1 libxkbcommon0 libdbus-1-3 libpulse0 libxcb-cursor0; "
    "see also: hanolab doctor."
)


def panel(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="A REAPER project (.rpp), an audio file, or the word reaper for the running one.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Open the panel: hear, see, set, send, place."""
    with open_session(Screen()) as session:
        _check_display()
        try:
            from hanolab_dawtools.qt.app import run_panel
        except ImportError as error:  # a system library below Qt is missing
            raise SetupError(f"the panel cannot be loaded: {error}", hint=QT_HINT) from error
        raise typer.Exit(run_panel(session.services, source, session.stop))


def _check_display() -> None:
    """Qt would abort the process without a screen; say it instead.

    Raises
    ------
    SetupError
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        raise SetupError(
            "there is no screen to open the panel on",
            hint="Run it on the desktop; the other commands work without: hanolab --help.",
        )
