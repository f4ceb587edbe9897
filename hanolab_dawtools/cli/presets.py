"""`hanolab presets`: what presets there are, what each does, and their way in and out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen, error_document
from hanolab_dawtools.cli.preset_editing import edit, new
from hanolab_dawtools.cli.preset_files import Force, check, import_
from hanolab_dawtools.cli.preset_needs import needs_with_state, say_list, say_wrapped
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import UsageError

if TYPE_CHECKING:
    from hanolab_dawtools.presets.library import PresetEntry

app = typer.Typer(
    help="Presets: everything about a run except where the music is.", invoke_without_command=True
)

PresetName = Annotated[str, typer.Argument(metavar="NAME", help="A preset's name.")]
PresetOrFile = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A preset's name, or a file that ends in .toml.")
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only those with this tag; may be repeated."),
]
Out = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write a file; without it, to stdout."),
]


@app.callback()
def _default(context: typer.Context, as_json: options.Json = False) -> None:
    """Presets: everything about a run except where the music is; alone, it lists them."""
    if context.invoked_subcommand is None:
        list_presets(as_json=as_json)
    elif as_json:
        name = context.invoked_subcommand
        raise UsageError(
            f"--json stands before {name}", hint=f"Write: hanolab presets {name} … --json"
        )


@app.command("list")
def list_presets(tag: Tags = None, as_json: options.Json = False) -> None:
    """Show the presets there are: those that come with the program, and yours."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presets.words import KIND_WORDS

        screen = session.screen
        wanted = {each.casefold() for each in tag or ()}
        entries = [entry for entry in session.services.presets.entries() if _has(entry, wanted)]
        if not entries:
            screen.note("No preset has such tags. See all with: hanolab presets list")
        rows = []
        for entry in entries:
            if entry.preset is None:
                rows.append([entry.name, "cannot be used", "", "", entry.origin])
                continue
            job = entry.preset.job
            engine = getattr(job, "engine", None) or ("" if job.kind == "none" else "any")
            tags = ", ".join(entry.preset.tags)
            rows.append([entry.name, KIND_WORDS[job.kind], engine, tags, entry.origin])
        if rows:
            screen.table(["name", "does", "engine", "tags", "whose"], rows)
        for entry in entries:
            if entry.problem is not None:
                screen.warn(str(entry.problem))
        screen.document({"presets": [_summary(entry) for entry in entries]})


@app.command()
def show(name: PresetOrFile, as_json: options.Json = False) -> None:
    """Show what a preset does, what it needs, what is missing here, and its text."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presets.files import parse_preset, preset_table, read_content
        from hanolab_dawtools.presets.words import idle_knobs, steps_of

        screen, engine = session.screen, session.services.settings.engine
        path = session.services.presets.path_of(name)
        content = read_content(path)
        preset = parse_preset(content, str(path))
        needs = needs_with_state(session, preset)
        steps, idle = steps_of(preset, engine), idle_knobs(preset, engine)
        screen.say(f"{preset.name}  ({path})")
        if preset.description:
            say_wrapped(screen, preset.description)
        say_list(screen, "What it does", steps)
        say_list(screen, "What it needs", [need.text for need in needs])
        say_list(screen, "Without effect, or with less than it seems", idle)
        screen.say("\nIts file\n")
        screen.say(content.decode("utf-8-sig").rstrip())
        screen.document(
            {
                "name": preset.name,
                "path": str(path),
                "preset": preset_table(preset),
                "steps": steps,
                "needs": [need.document() for need in needs],
                "without_effect": idle,
            }
        )


@app.command()
def export(name: PresetName, output: Out = None, force: Force = False) -> None:
    """Give out a preset's file, byte for byte, for another machine."""
    with open_session(Screen()) as session:
        from hanolab_dawtools.durable import safe_name, write_bytes
        from hanolab_dawtools.presets.files import parse_preset, read_content

        path = session.services.presets.path_of(name)
        content = read_content(path)
        preset = parse_preset(content, str(path))
        if output is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        target = output / f"{safe_name(preset.name)}.toml" if output.is_dir() else output
        if target.exists() and not force:
            raise UsageError(f"{target} exists already", hint="Replace it with --force.")
        write_bytes(target, content)
        session.screen.say(f"preset {preset.name!r} written to {target}")


@app.command()
def remove(name: PresetName, as_json: options.Json = False) -> None:
    """Remove one of your presets; a factory preset that it hid shows again."""
    with open_session(Screen(as_json=as_json)) as session:
        entry = session.services.presets.remove(name)
        session.screen.say(f"preset {entry.name!r} removed: {entry.path}")
        if entry.shadows:
            session.screen.say("The factory preset of the same name is used again.")
        session.screen.document({"removed": entry.name, "path": str(entry.path)})


@app.command()
def schema() -> None:
    """Print the JSON Schema of presets; editors complete presets by it."""
    from hanolab_dawtools.presets.json_schema import preset_schema

    Screen(as_json=True).document(preset_schema())


app.command("new")(new)
app.command("edit")(edit)
app.command("check")(check)
app.command("import")(import_)


def _has(entry: PresetEntry, wanted: set[str]) -> bool:
    tags = entry.preset.tags if entry.preset else []
    return wanted <= {tag.casefold() for tag in tags}


def _summary(entry: PresetEntry) -> dict[str, Any]:
    told: dict[str, Any] = {"name": entry.name, "path": str(entry.path), "origin": entry.origin}
    if entry.preset is not None:
        job = entry.preset.job
        told |= {"kind": job.kind, "engine": getattr(job, "engine", None)}
        told |= {"tags": entry.preset.tags, "description": entry.preset.description}
    return told | {"problem": error_document(entry.problem) if entry.problem else None}
