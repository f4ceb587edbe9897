"""`hanolab generate`: music from words, as a new track of a project or as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.option_groups import Talk, spread
from hanolab_dawtools.cli.plans import choose_engine
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.cli.started import run_or_show
from hanolab_dawtools.errors import InputError, UsageError
from hanolab_dawtools.host_choice import source_path
from hanolab_dawtools.units import parse_clock

TIERS = ("draft", "studio", "signature", "maestro")
DEFAULT_TIER = "studio"
DEFAULT_SECONDS = "30"
MAX_LYRICS_BYTES = 200_000  # far above what the API takes; a wrong file is not read to its end
_MUSIC = "The music"
_WHERE = "Where it goes"

Tier = Annotated[
    str,
    typer.Option(metavar="|".join(TIERS), help="The quality.", rich_help_panel=_MUSIC),
]
Lyrics = Annotated[
    str | None, typer.Option(metavar="TEXT", help="What is sung.", rich_help_panel=_MUSIC)
]
LyricsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A text file of it.", rich_help_panel=_MUSIC),
]
Duration = Annotated[
    str,
    typer.Option(metavar="TIME", help="Seconds, or m:ss.", rich_help_panel=_MUSIC),
]
Into = Annotated[
    Path | None,
    typer.Option(
        metavar="PROJECT.rpp",
        parser=source_path,
        help="As a new track; reaper: of the project in the running REAPER.",
        rich_help_panel=_WHERE,
    ),
]
At = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Where in the project.", rich_help_panel=_WHERE),
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FOLDER", help="As a file.", rich_help_panel=_WHERE),
]


@spread
def generate(
    prompt: Annotated[str, typer.Argument(help="What to make.", show_default=False)],
    *,
    tier: Tier = DEFAULT_TIER,
    lyrics: Lyrics = None,
    lyrics_file: LyricsFile = None,
    duration: Duration = DEFAULT_SECONDS,
    into: Into = None,
    at: At = None,
    output: Output = None,
    engine: options.EngineName = None,
    max_credits: options.MaxCredits = None,
    again: options.Again = False,
    no_wait: options.NoWait = False,
    talk: Talk,
) -> None:
    """Make music from a prompt, into a project (--into, --at) or a folder (-o).

    HanoLab makes one piece at a time and ten in an hour; further ones wait for their turn.
    """
    parameters: dict[str, Any] = {"tier": tier, "duration": parse_clock(duration)}
    target = _target(into, at, output)
    words = _lyrics(lyrics, lyrics_file)
    if words is not None:
        parameters["lyrics"] = words
    with open_session(talk.screen()) as session:
        from hanolab_dawtools.workflows.generate import make_generate_plan

        choice = choose_engine(session, engine)
        plan = make_generate_plan(
            prompt,
            parameters,
            host=session.services.music_host(target),
            engine=session.services.engine(choice.name),
            at_seconds=parse_clock(at) if at is not None else 0.0,
            again=again,
        )
        run_or_show(session, [plan], choice, talk, max_credits=max_credits, is_patient=not no_wait)


def _lyrics(text: str | None, file: Path | None) -> str | None:
    """The lyrics, from the command line or a file.

    Raises
    ------
    UsageError
        Both are given.
    InputError
        The file cannot be read as text, or is far too large.
    """
    if file is None:
        return text
    if text is not None:
        raise UsageError("--lyrics and --lyrics-file exclude each other", hint="Use one of them.")
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_LYRICS_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"cannot read the lyrics in {file}: {reason}", hint="Name a text file."
        ) from error
    if len(content) > MAX_LYRICS_BYTES:
        raise InputError(
            f"the lyrics in {file} are longer than {MAX_LYRICS_BYTES // 1000} kB",
            hint="Name the file that holds the lyrics alone.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the lyrics in {file} are not UTF-8 text", hint="Save the file as UTF-8."
        ) from error


def _target(into: Path | None, at: str | None, output: Path | None) -> Path:
    """The project or folder that gets the music.

    Raises
    ------
    UsageError
        Neither is named, or both are.
    """
    if into is not None and output is not None:
        raise UsageError("--into and --output exclude each other", hint="Use one of them.")
    if into is not None:
        if at is None:
            raise UsageError("--into needs --at: where in the project", hint="Add --at 0.")
        return into
    if at is not None:
        raise UsageError("--at needs --into PROJECT.rpp", hint="Name the project.")
    if output is None:
        raise UsageError(
            "no place is given for the music",
            hint="Add -o FOLDER, or --into PROJECT.rpp --at TIME.",
        )
    return output.absolute()
