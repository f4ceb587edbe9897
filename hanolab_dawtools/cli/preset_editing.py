"""`hanolab presets new` and `edit`.

An edit is done on a draft beside the user's presets and replaces the preset only when it is
correct. A draft that is not stays there, and the next `edit` goes on with it: no edit is lost.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.preset_files import Force
from hanolab_dawtools.cli.preset_needs import voices_of_account
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import PresetInvalid, SetupError, UsageError

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset

DRAFTS = "drafts"  # a folder in that of the presets; the library does not look into it
EDITORS = ("sensible-editor", "nano", "vim", "vi")  # when no variable names one

NewName = Annotated[str, typer.Argument(metavar="NAME", help="The new preset's name.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="NAME|FILE", help="Begin with a copy of this preset."),
]
FromJob = Annotated[
    str | None,
    typer.Option("--from-job", metavar="ID", help="Begin with what this job was to do."),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Such as job.pitch_shift=3; may be repeated."),
]
Anew = Annotated[
    bool, typer.Option("--anew", help="Drop an edit that was kept aside, and begin again.")
]


def new(
    name: NewName,
    from_: From = None,
    from_job: FromJob = None,
    set_: Assignments = None,
    force: Force = False,
    as_json: options.Json = False,
) -> None:
    """Make a preset: empty, from another one, or from what a job was to do."""
    if from_ is not None and from_job is not None:
        raise UsageError("--from and --from-job exclude each other", hint="Use one of them.")
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.presets.changes import parse_assignment, with_values
        from hanolab_dawtools.presets.files import checked_preset, preset_table
        from hanolab_dawtools.presets.words import idle_knobs

        library, screen = session.services.presets, session.screen
        if from_job is not None:
            base = _of_job(session, from_job, name)
        elif from_ is not None:
            base = library.get(from_)
        else:
            base = checked_preset({"name": name}, repr(name))
        values = dict(map(parse_assignment, set_ or ()))
        preset = with_values(base, {"name": name} | values)
        path = library.save(preset, may_replace=force)
        screen.say(f"preset {preset.name!r} saved: {path}")
        for sentence in idle_knobs(preset, session.services.settings.engine):
            screen.warn(sentence)
        screen.document({"name": preset.name, "path": str(path), "preset": preset_table(preset)})


def edit(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A preset's name.")],
    anew: Anew = False,
) -> None:
    """Change a preset in your editor ($VISUAL or $EDITOR), checked before it counts.

    A factory preset is copied to yours first; the copy is used instead of it then.
    """
    with open_session(Screen()) as session:
        from hanolab_dawtools.durable import FileStamp, safe_name, write_bytes
        from hanolab_dawtools.presets.files import read_content

        library, screen = session.services.presets, session.screen
        entry = library.entry(name)
        draft = library.user_folder / DRAFTS / f"{safe_name(entry.name)}.toml"
        content = read_content(entry.path)
        stamp = FileStamp.of_content(entry.path, content)
        if anew or not draft.exists():
            write_bytes(draft, content)
        elif draft.read_bytes() != content:
            screen.note(f"This goes on with the edit that was kept in {draft}")
        try:
            preset = _edited(screen, draft, name)
        except SetupError:
            if draft.read_bytes() == content:
                draft.unlink()
            raise
        stamp.check()
        edited = read_content(draft)
        if edited == content:
            screen.say("Nothing was changed.")
        else:
            path = _keep(session, preset, edited, entry.path if not entry.is_factory else None)
            screen.say(f"preset {preset.name!r} saved: {path}")
            if entry.is_factory and path == library.own_path(entry.name):
                screen.say("It is used instead of the factory's from now on.")
        draft.unlink()


def _keep(session: Session, preset: Preset, content: bytes, old: Path | None) -> Path:
    """Write an edited preset over its file, or beside it when it was given another name."""
    from hanolab_dawtools.durable import write_bytes

    library = session.services.presets
    of_same_name = library.own_path(preset.name)
    if old is None or of_same_name not in {None, old}:
        return library.put(content, preset.name)
    write_bytes(old, content)
    return old


def _edited(screen: Screen, draft: Path, name: str) -> Preset:
    """The preset in a draft when the user has done with it.

    Raises
    ------
    PresetInvalid
        It is wrong, and nobody wants to correct it now.
    SetupError
        There is no editor, or it failed.
    """
    from hanolab_dawtools.presets.files import look_at, read_content

    while True:
        _run_editor(draft)
        preset, mistakes = look_at(read_content(draft), str(draft))
        if preset is not None:
            return preset
        for mistake in mistakes:
            screen.error(mistake)
        if not screen.confirm("Edit it again?", yes=False):
            raise PresetInvalid(
                name,
                "",
                "the edit has mistakes",
                hint=f"It is kept in {draft}; go on with: hanolab presets edit {shlex.quote(name)}",
            )


def _run_editor(path: Path) -> None:
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    command = command or [editor for editor in EDITORS if shutil.which(editor)][:1]
    if not command:
        raise SetupError("no editor is known", hint="Set the variable EDITOR to one.")
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        raise SetupError(
            f"the editor {command[0]!r} cannot be started: {error.strerror}",
            hint="Set the variable EDITOR to one that is installed.",
        ) from error
    if code:
        raise SetupError(
            f"the editor {command[0]!r} ended with {code}, so the preset stays as it was",
            hint=f"Changes, if there are any, are kept in {path}",
        )


def _of_job(session: Session, job_id: str, name: str) -> Preset:
    """A preset out of a job's plan; the voice gets its name when the account can be asked."""
    from hanolab_dawtools.presets.schema import ConvertJob, FlashJob
    from hanolab_dawtools.workflows.outcomes import plan_of
    from hanolab_dawtools.workflows.preset_from_job import preset_from_job

    preset = preset_from_job(plan_of(session.services.store.get(job_id)), name)
    job = preset.job
    if isinstance(job, ConvertJob | FlashJob) and job.voice is not None and not job.voice.name:
        voices, _ = voices_of_account(session)
        voice = job.voice.model_copy(update={"name": (voices or {}).get(job.voice.id, "")})
        return preset.model_copy(update={"job": job.model_copy(update={"voice": voice})})
    return preset
