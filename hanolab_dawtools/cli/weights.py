"""`hanolab weights`: what the local engine's network knows, fetched with consent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import WeightsMissing

app = typer.Typer(help="Weights of the local engine's network.", no_args_is_help=True)

NETWORK = "spleeter-2stems"


@app.command("list")
def list_weights(as_json: options.Json = False) -> None:
    """Show which weights are on this machine."""
    with open_session(Screen(as_json=as_json)) as session:
        raise NotImplementedError(session)


def ensure_weights(session: Session, *, yes: bool) -> None:
    """Fetch the weights if they are missing and the user agrees.

    Raises
    ------
    WeightsMissing
        The user declined, or there is nobody to ask.
    """
    raise WeightsMissing(str(session) + str(yes) + str(Path) + str(Annotated))
