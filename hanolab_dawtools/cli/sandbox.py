"""`hanolab sandbox`: the HanoLab API on this machine, to try everything without paying."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools import durable
from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import UsageError

if TYPE_CHECKING:
    from hanolab_dawtools.sandbox.options import Plan
    from hanolab_dawtools.sandbox.running import Running

_ACCOUNT = "The account"
_SERVER = "The server"
MAX_PORT = 65_535
MAX_SECONDS = 86_400

Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=MAX_PORT, help="0 takes a free one; else 8787.", rich_help_panel=_SERVER
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(help="Where it keeps its state; else your data.", rich_help_panel=_SERVER),
]
Delay = Annotated[
    float | None,
    typer.Option(
        "--delay",
        metavar="SECONDS",
        min=0,
        max=MAX_SECONDS,
        help="What a task takes at least; else 2.",
        rich_help_panel=_SERVER,
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND[=VALUE][@WHERE][*TIMES]",
        help="Do this wrong, such as 502@separate or lost_answer; may be repeated.",
        rich_help_panel=_SERVER,
    ),
]
PlanName = Annotated[
    str | None,
    typer.Option(metavar="free|starter|creator|pro", rich_help_panel=_ACCOUNT, help="Plan."),
]
Credits = Annotated[
    int | None,
    typer.Option("--credits", min=0, help="Credits that are left.", rich_help_panel=_ACCOUNT),
]


def sandbox(
    port: Port = None,
    folder: Folder = None,
    delay: Delay = None,
    fault: Faults = None,
    plan: PlanName = None,
    credits_: Credits = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Run the HanoLab API on this machine until Ctrl-C; its credits are play money.

    Separation is done for real by the local engine, music comes from a simple synthesiser. It
    takes connections from this machine alone.
    """
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        from hanolab_dawtools.sandbox.options import SandboxOptions
        from hanolab_dawtools.sandbox.serve import run_sandbox

        folders, weights = session.services.folders, session.services.weights
        given: dict[str, Any] = {
            "port": port,
            "delay_seconds": delay,
            "credits": credits_,
            "plan": _plan(plan),
            "weights_folder": weights.folder if weights.is_installed() else None,
            "faults": tuple(fault or ()),
        }
        sandbox_options = SandboxOptions(
            folder=folder.absolute() if folder else folders.data / "sandbox",
            **{name: value for name, value in given.items() if value is not None},
        )

        def announce(running: Running) -> None:
            _announce(session.screen, running)

        run_sandbox(sandbox_options, stop=session.stop, announce=announce)
        session.screen.note("the sandbox has stopped; what it knows is kept for the next time")


def _plan(name: str | None) -> Plan | None:
    from hanolab_dawtools.sandbox.options import Plan

    if name is None or name in set(Plan):
        return None if name is None else Plan(name)
    raise UsageError(f"there is no plan {name!r}", hint=f"Plans: {', '.join(Plan)}.")


def _announce(screen: Screen, running: Running) -> None:
    """Say how to use it, while the command goes on running."""
    script = _write_client_script(running)
    screen.say(f"base URL   {running.base_url}")
    screen.say(f"key        {running.key}")
    screen.say(f"account    plan {running.plan}, {running.credits} credits of play money")
    screen.say(f"state      {running.folder}")
    for note in running.notes:
        screen.say(f"           {note}")
    screen.say("\nTo try it in another terminal, with settings and jobs apart from your own:")
    screen.say(f"  export HANOLAB_API_KEY={running.key}; . {shlex.quote(str(script))}")
    screen.say("  hanolab separate song.wav --engine hanolab --stems 4")
    screen.say("\nCtrl-C ends it.")
    screen.document(
        {
            "base_url": running.base_url,
            "key": running.key,
            "plan": running.plan,
            "credits": running.credits,
            "folder": str(running.folder),
            "notes": list(running.notes),
            "script": str(script),
        }
    )


def _write_client_script(running: Running) -> Path:
    """A script that lets one shell use the sandbox; the key is not in it, as in no file."""
    client = running.folder / "client"
    settings = f'base_url = "{running.base_url}"\n\n[storage]\nkind = "sandbox"\n'
    durable.write_text(client / "config" / "settings.toml", settings)
    lines = [
        f"export HANOLAB_{name}_DIR={shlex.quote(str(client / name.lower()))}"
        for name in ("CONFIG", "DATA", "CACHE", "LOG")
    ]
    script = running.folder / "client.sh"
    durable.write_text(script, "\n".join(lines) + "\n")
    return script
