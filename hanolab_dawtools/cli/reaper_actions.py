"""What the actions in REAPER's action list do, each in a process of its own.

An action talks with the user through the bridge alone. It ends with its work; a job that is cut
off by that stays where it is, and the action that imports results goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from hanolab_dawtools.cli.reaper_batch import batch_render
from hanolab_dawtools.cli.reaper_jobs import cancel_running, import_results
from hanolab_dawtools.cli.reaper_runs import (
    Action,
    apply_last_preset,
    choose_and_apply,
    convert_with_last_preset,
    separate_into,
)
from hanolab_dawtools.cli.reaper_screen import ReaperScreen
from hanolab_dawtools.cli.reaper_status import open_panel, show_status
from hanolab_dawtools.cli.reaper_teller import Teller
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.hosts.reaper.bridge_file import read_bridge_file

ACTIONS: Mapping[str, Callable[[Action], None]] = {
    "open-panel": open_panel,
    "separate-2": lambda action: separate_into(action, 2),
    "separate-4": lambda action: separate_into(action, 4),
    "separate-6": lambda action: separate_into(action, 6),
    "convert-with-last-preset": convert_with_last_preset,
    "apply-last-preset": apply_last_preset,
    "choose-preset-and-apply": choose_and_apply,
    "batch-render-selected-tracks": batch_render,
    "import-results": import_results,
    "cancel": cancel_running,
    "show-status": show_status,
}


def run_action(name: str, bridge_path: Path, tab: str = "") -> None:
    """Do an action through the bridge whose port file is named; what fails is told in REAPER.

    `tab` is the bridge's name of the project that is meant; without one, the one in front.

    Raises
    ------
    UsageError
        There is no such action.
    HanolabError, typer.Exit
        After it was told, for the exit code.
    """
    if name not in ACTIONS:
        raise UsageError(f"there is no action {name!r}", hint=f"Actions: {', '.join(ACTIONS)}.")
    with Teller(read_bridge_file(bridge_path)) as teller:
        screen = ReaperScreen(teller)
        try:
            with open_session(screen) as session:
                session.services.hosts.reapers.prefer(bridge_path, tab)
                ACTIONS[name](Action(session, screen, teller))
        except HanolabError as error:
            screen.error(error)
            raise
        except typer.Exit:
            raise
        except Exception as error:
            screen.error(
                HanolabError(
                    f"internal error: {type(error).__name__}: {error}",
                    hint="This is a defect of the program; its log has the details.",
                )
            )
            raise
