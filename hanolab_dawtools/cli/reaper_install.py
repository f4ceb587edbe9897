"""`hanolab reaper install`, `uninstall` and `status`: HanoLab in REAPER's action list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session

ResourcePath = Annotated[
    list[Path] | None,
    typer.Option(
        "--resource-path",
        metavar="FOLDER",
        help="REAPER's resource folder, such as that of a portable REAPER; may be repeated.",
    ),
]
Everything = Annotated[bool, typer.Option("--all", help="Every REAPER of yours that can be found.")]
SetPython = Annotated[
    bool,
    typer.Option(
        "--set-python",
        help="Also name a Python in reaper.ini, if none is named there that loads. "
        "REAPER must be closed.",
    ),
]
PythonLibrary = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Name this shared library of Python in reaper.ini, whatever is named there now.",
    ),
]


def install(
    resource_path: ResourcePath = None,
    everything: Everything = False,
    set_python: SetPython = False,
    python_library: PythonLibrary = None,
    as_json: options.Json = False,
) -> None:
    """Put HanoLab's actions into REAPER's action list; doing it again mends and updates.

    Scripts are copied to Scripts/HanoLab of the resource folder. They are registered by REAPER
    itself when it runs and HanoLab lives in it, else in reaper-kb.ini while REAPER is closed.
    """
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presenters.reaper_setup import installed_document, installed_lines

        setup, screen = session.services.reaper_setup, session.screen
        documents = []
        for folder in setup.choose(resource_path or [], everything=everything):
            done = setup.install(folder, set_python=set_python, library=python_library)
            for line in installed_lines(done):
                screen.say(line)
            documents.append(installed_document(done))
        screen.document({"installed": documents})


def uninstall(
    resource_path: ResourcePath = None,
    everything: Everything = False,
    as_json: options.Json = False,
) -> None:
    """Take HanoLab out of REAPER: its settings files become what they were before.

    What others changed in them since stays. Jobs, presets and stems are not touched.
    """
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presenters.reaper_setup import uninstalled_document, uninstalled_lines

        setup, screen = session.services.reaper_setup, session.screen
        documents = []
        for folder in setup.choose(resource_path or [], everything=everything):
            done = setup.uninstall(folder)
            for line in uninstalled_lines(done):
                screen.say(line)
            documents.append(uninstalled_document(done))
        screen.document({"uninstalled": documents})


def status(resource_path: ResourcePath = None, as_json: options.Json = False) -> None:
    """Show how HanoLab stands in each REAPER of this machine, and how to mend what is wrong."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.cli.doctor import say_check
        from hanolab_dawtools.presenters.reaper_health import (
            NO_REAPER,
            status_checks,
            status_document,
        )

        setup, screen = session.services.reaper_setup, session.screen
        folders = setup.choose(resource_path, everything=False) if resource_path else setup.find()
        if not folders:
            screen.note(f"No resource folder of REAPER was found. {NO_REAPER}")
        statuses = [setup.status(folder) for folder in folders]
        for each in statuses:
            for check in status_checks(each):
                say_check(screen, check)
        screen.document({"reapers": [status_document(each) for each in statuses]})
