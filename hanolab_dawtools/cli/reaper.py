"""`hanolab reaper`: what belongs to a running REAPER."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanolab_dawtools.cli import reaper_install

app = typer.Typer(help="HanoLab inside REAPER.", no_args_is_help=True)
app.command()(reaper_install.install)
app.command()(reaper_install.uninstall)
app.command()(reaper_install.status)


@app.command(hidden=True)
def action(
    name: Annotated[str, typer.Argument(help="An action's name, as separate-2.")],
    bridge: Annotated[Path, typer.Option(metavar="FILE", help="The bridge's port file.")],
    tab: Annotated[str, typer.Option(help="The tab that was shown at the click.")] = "",
) -> None:
    """Do what an action of REAPER's action list was started for; the scripts there call this."""
    from hanolab_dawtools.cli.reaper_actions import run_action

    run_action(name, bridge, tab)
