"""`hanolab plugins`: the VST3 plug-ins that chains may use, and how one is put into a preset."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import UsageError

app = typer.Typer(
    help="VST3 plug-ins: from the folders that plugin_folders in your settings allows.",
    invoke_without_command=True,
)

PluginName = Annotated[str, typer.Argument(metavar="NAME", help="A plug-in's name.")]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PARAMETER=VALUE", help="Set a parameter of its own; may be repeated."
    ),
]
AsEntry = Annotated[
    bool,
    typer.Option(
        "--entry", help="Print it as a preset holds it, with its whole state, ready to be pasted."
    ),
]


@app.callback()
def _default(context: typer.Context, as_json: options.Json = False) -> None:
    """List the plug-ins; alone, it does that."""
    if context.invoked_subcommand is None:
        list_plugins(as_json=as_json)
    elif as_json:
        name = context.invoked_subcommand
        raise UsageError(
            f"--json stands before {name}", hint=f"Write: hanolab plugins {name} … --json"
        )


@app.command("list")
def list_plugins(as_json: options.Json = False) -> None:
    """Show the plug-ins in the allowed folders."""
    with open_session(Screen(as_json=as_json)) as session:
        screen, rack = session.screen, session.services.plugins
        found = rack.installed()
        if not rack.folders:
            screen.note(
                "No folder is allowed. Add a line to the settings: "
                'plugin_folders = ["/usr/lib/vst3"]'
            )
        elif not found:
            screen.note(f"No plug-in lies in {', '.join(map(str, rack.folders))}.")
        else:
            screen.table(["plug-in", "file"], [[path.stem, str(path)] for path in found])
        screen.document({"plugins": [{"name": path.stem, "path": str(path)} for path in found]})


@app.command()
def show(
    name: PluginName,
    values: Values = None,
    as_entry: AsEntry = False,
    as_json: options.Json = False,
) -> None:
    """Load a plug-in, and show its parameters with their ranges."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presets.changes import parse_assignment
        from hanolab_dawtools.presets.files import chain_text

        screen = session.screen
        info, entry = session.services.describe_plugin(
            name, dict(parse_assignment(text) for text in values or ())
        )
        if as_entry:
            screen.say(chain_text("before", [entry]).rstrip("\n"))
        else:
            screen.say(f"{info.name} by {info.vendor}")
            rows = [[key, *_row(each)] for key, each in info.parameters.items()]
            screen.table(["parameter", "is", "may be"], rows)
        screen.document({"plugin": {"name": info.name, "vendor": info.vendor}, "entry": entry})


def _row(parameter: Any) -> list[str]:
    value, unit = parameter["value"], parameter["unit"]
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    if parameter["words"]:
        return [shown, ", ".join(parameter["words"])]
    if isinstance(value, bool):
        return [shown, "true, false"]
    span = f"{parameter['minimum']:g} to {parameter['maximum']:g} {unit}".rstrip()
    return [f"{shown} {unit}".rstrip(), span]
