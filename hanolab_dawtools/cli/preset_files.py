"""`hanolab presets check` and `import`: files by hand or from elsewhere, looked at closely."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen, error_document
from hanolab_dawtools.cli.preset_needs import needs_with_state
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import PresetInvalid, UsageError

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset

STDIN = "-"

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME|FILE…", help="Names, or files that end in .toml; none: all that are yours."
    ),
]
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="Presets' files; - reads one from stdin.")
]

Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]


def check(targets: Targets = None, as_json: options.Json = False) -> None:
    """Check presets, and name every mistake; exit code 6 when there is one."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presets.words import idle_knobs

        library, screen = session.services.presets, session.screen
        own = [str(entry.path) for entry in library.entries() if not entry.is_factory]
        told, n_bad = [], 0
        for target in targets or own:
            path = library.path_of(target)
            preset, mistakes = _looked_at(path)
            idle = idle_knobs(preset, session.services.settings.engine) if preset else []
            n_bad += bool(mistakes)
            for mistake in mistakes:
                screen.error(mistake)
            if preset is not None:
                screen.say(f"{preset.name}: correct  ({path})")
            for sentence in idle:
                screen.warn(f"{target}: {sentence}")
            told.append(
                {
                    "path": str(path),
                    "mistakes": [
                        {"field": each.field, **error_document(each)} for each in mistakes
                    ],
                    "without_effect": idle,
                }
            )
        if not told:
            screen.note("You have no presets yet. Make one with: hanolab presets new NAME")
        screen.document({"presets": told})
    if n_bad:
        raise typer.Exit(PresetInvalid.exit_code)


def import_(files: Files, force: Force = False, as_json: options.Json = False) -> None:
    """Take presets from files into yours, all of them or none; says what is missing here."""
    with open_session(Screen(as_json=as_json)) as session:
        library, screen = session.services.presets, session.screen
        contents, presets = _read_all(screen, files)
        for preset, path in zip(presets, files, strict=True):
            own = library.own_path(preset.name)
            if own is not None and not force:
                raise UsageError(
                    f"{path} holds {preset.name!r}, and you have a preset of this name: {own}",
                    hint="Nothing was imported. Replace yours with --force.",
                )
        told: list[dict[str, Any]] = []
        for preset, content, path in zip(presets, contents, files, strict=True):
            target = library.put(content, str(path), may_replace=force)
            states = needs_with_state(session, preset)
            screen.say(f"preset {preset.name!r} imported: {target}")
            for state in states:
                if state.is_met is not True or state.remark:
                    screen.say(f"  {state.text}")
            told.append(
                {
                    "name": preset.name,
                    "path": str(target),
                    "needs": [state.document() for state in states],
                }
            )
        screen.document({"imported": told})


def _read_all(screen: Screen, files: list[Path]) -> tuple[list[bytes], list[Preset]]:
    """Bytes and presets of all the files; every mistake in any of them is told first."""
    from hanolab_dawtools.presets.files import look_at, read_content
    from hanolab_dawtools.presets.library import name_key

    contents, presets, mistakes, names = [], [], [], set()
    for path in files:
        is_piped = str(path) == STDIN
        where = "stdin" if is_piped else str(path)
        content = sys.stdin.buffer.read() if is_piped else read_content(path)
        preset, wrong = look_at(content, where)
        if preset is not None:
            if name_key(preset.name) in names:
                wrong = [PresetInvalid(where, "name", "another of these files has the same name")]
            names.add(name_key(preset.name))
            contents.append(content)
            presets.append(preset)
        mistakes += wrong
    if mistakes:
        for mistake in mistakes[:-1]:
            screen.error(mistake)
        raise mistakes[-1]
    return contents, presets


def _looked_at(path: Path) -> tuple[Preset | None, list[PresetInvalid]]:
    from hanolab_dawtools.presets.files import look_at, read_content

    try:
        return look_at(read_content(path), str(path))
    except PresetInvalid as mistake:
        return None, [mistake]
