"""The options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.host_choice import source_path
from hanolab_dawtools.model import CapturePoint, Grouping
from hanolab_dawtools.units import parse_clock

_WHAT = "What to take"
_WHERE = "Where it goes"
_TALK = "What is printed"
_PAID = "Work in the cloud"

Source = Annotated[
    Path,
    typer.Argument(
        metavar="source",
        parser=source_path,
        help="A REAPER project (.rpp), an audio file, or reaper: what is selected in the running "
        "REAPER (reaper:PID if several run; a file of that name is ./reaper).",
        show_default=False,
    ),
]
EngineName = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="local|hanolab",
        help="Who does the work: this machine, or the HanoLab cloud, which costs credits; "
        "default: your setting, else local.",
    ),
]
Region = Annotated[
    str | None,
    typer.Option(help="A region of the project, by name or number.", rich_help_panel=_WHAT),
]
Range = Annotated[
    str | None,
    typer.Option(
        "--range",
        metavar="A..B",
        help="From A to B, in seconds or m:ss.mmm.",
        rich_help_panel=_WHAT,
    ),
]
Tracks = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GLOB|N", help="Only these tracks; may be repeated.", rich_help_panel=_WHAT
    ),
]
Each = Annotated[
    Grouping | None,
    typer.Option(
        help="What becomes one job (default: each named track, else one mix of all).",
        rich_help_panel=_WHAT,
    ),
]
Point = Annotated[
    CapturePoint | None,
    typer.Option(
        "--capture",
        help="Where the signal is taken: items before track effects; track and master need REAPER.",
        rich_help_panel=_WHAT,
    ),
]
KeepSource = Annotated[
    bool,
    typer.Option(
        "--keep-source",
        help="Leave the source items playing; the new folder track is muted instead.",
        rich_help_panel=_WHERE,
    ),
]
Takes = Annotated[
    bool,
    typer.Option(
        "--takes",
        help="Add the stems to each item as takes, the vocals playing, instead of new tracks.",
        rich_help_panel=_WHERE,
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "--to",
        metavar="NEW.rpp",
        help="Write a new project file and leave the given one as it is.",
        rich_help_panel=_WHERE,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER",
        help="Only write the stems, into this folder; a project stays untouched.",
        rich_help_panel=_WHERE,
    ),
]
InputUrl = Annotated[
    str | None,
    typer.Option(
        "--input-url",
        metavar="URL",
        help="The cloud fetches this audio instead of an upload; it must hold the selection.",
        rich_help_panel=_PAID,
    ),
]
MaxCredits = Annotated[
    float | None,
    typer.Option(
        "--max-credits",
        metavar="N",
        min=0,
        help="Refuse to start if all of it together may cost more.",
        rich_help_panel=_PAID,
    ),
]
Again = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Ask the engine again, also when the answer is known (paid again).",
        rich_help_panel=_PAID,
    ),
]
_VOICE = "The voice"
Voice = Annotated[
    str | None,
    typer.Option(metavar="ID", help="A voice model; see: hanolab voices.", rich_help_panel=_VOICE),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        metavar="CLIP",
        help="A recording whose pitch and timbre the local voice preview comes near to.",
        rich_help_panel=_VOICE,
    ),
]
Sweep = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=V,V…",
        help="One take for each value (index_rate=0,0.5,1); two of them: every combination.",
        rich_help_panel=_VOICE,
    ),
]
Isolate = Annotated[
    bool,
    typer.Option(
        "--isolate",
        help="Separate first, convert the vocals alone; both come back as tracks.",
        rich_help_panel=_VOICE,
    ),
]
IsolateEngine = Annotated[
    str | None,
    typer.Option(
        metavar="local|hanolab",
        help="Who separates; default: this machine if its weights are there.",
        rich_help_panel=_VOICE,
    ),
]
NoWait = Annotated[
    bool,
    typer.Option(
        "--no-wait",
        help="If a cap is full, end with 75 and the time of the next slot instead of waiting.",
        rich_help_panel=_PAID,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Only say what would be done, sent and paid.", rich_help_panel=_TALK
    ),
]
Yes = Annotated[
    bool,
    typer.Option("--yes", "-y", help="Answer every question with yes.", rich_help_panel=_TALK),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document on stdout.", rich_help_panel=_TALK),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="No progress, only results and problems.", rich_help_panel=_TALK
    ),
]


def parse_range(text: str | None) -> tuple[float, float] | None:
    """Seconds of "A..B".

    Raises
    ------
    UsageError
        The text is no range, or it runs backwards.
    """
    if text is None:
        return None
    start, dots, end = text.partition("..")
    if not dots:
        raise UsageError(f"{text!r} is not a range", hint="Write it as --range 12.5..1:02.500.")
    seconds = (parse_clock(start), parse_clock(end))
    if seconds[0] >= seconds[1]:
        raise UsageError(
            f"the range {text} is empty: it ends at or before its start",
            hint="Write the earlier time first.",
        )
    return seconds
