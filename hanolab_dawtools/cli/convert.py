"""`hanolab convert`: a region or a file sung by another voice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.apply import PartsWanted
from hanolab_dawtools.cli.option_groups import Paid, Selected, Talk, Target, spread
from hanolab_dawtools.cli.plans import choose_engine
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.cli.started import LOCAL, run_or_show
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import RequestKind, Width

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.plan import RunPlan

_VOICE = "The voice"
KNOBS = ("pitch_shift", "formant_shift", "index_rate", "filter_radius", "rms_mix_rate", "protect")

Flash = Annotated[
    bool,
    typer.Option("--flash", help="Quicker, without the model's training.", rich_help_panel=_VOICE),
]
FullSong = Annotated[
    bool,
    typer.Option(
        "--full-song",
        help="The source is a whole song: its vocals are converted and mixed back there.",
        rich_help_panel=_VOICE,
    ),
]
PitchShift = Annotated[
    int | None,
    typer.Option(metavar="N", help="Semitones, -24 to 24.", rich_help_panel=_VOICE),
]
FormantShift = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Semitones, -12 to 12; the local voice preview alone has it.",
        rich_help_panel=_VOICE,
    ),
]
IndexRate = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="How much of the model's accent, 0 to 1; else 0.75.",
        rich_help_panel=_VOICE,
    ),
]
FilterRadius = Annotated[
    int | None,
    typer.Option(metavar="N", help="0 to 7; most RVC servers ignore it.", rich_help_panel=_VOICE),
]
RmsMixRate = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Loudness: 0 follows the source, 1 the model; else 0.25.",
        rich_help_panel=_VOICE,
    ),
]
Protect = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Breaths and consonants: lower protects more, 0.5 is off; else 0.33.",
        rich_help_panel=_VOICE,
    ),
]
VoiceWidth = Annotated[
    Width,
    typer.Option(
        "--width",
        help="mono: in the middle; source: with the source's balance between channels.",
        rich_help_panel=_VOICE,
    ),
]
MatchLevel = Annotated[
    bool,
    typer.Option(
        "--match-level/--no-match-level",
        help="Bring the result to the source's loudness.",
        rich_help_panel=_VOICE,
    ),
]


@spread
def convert(
    source: options.Source,
    *,
    voice: options.Voice = None,
    reference: options.Reference = None,
    flash: Flash = False,
    full_song: FullSong = False,
    pitch_shift: PitchShift = None,
    formant_shift: FormantShift = None,
    index_rate: IndexRate = None,
    filter_radius: FilterRadius = None,
    rms_mix_rate: RmsMixRate = None,
    protect: Protect = None,
    sweep: options.Sweep = None,
    isolate: options.Isolate = False,
    isolate_engine: options.IsolateEngine = None,
    width: VoiceWidth = Width.MONO,
    match_level: MatchLevel = True,
    engine: options.EngineName = None,
    paid: Paid,
    selected: Selected,
    target: Target,
    talk: Talk,
) -> None:
    """Convert a region of a project, or an audio file, to another voice.

    The result has the source's rate and length, and is in time with it. In the cloud it is a voice
    of yours; the local engine makes a voice preview: pitch, formants, a clip's timbre.
    """
    values = (pitch_shift, formant_shift, index_rate, filter_radius, rms_mix_rate, protect)
    given = _given(values, full_song=full_song)
    sound = {"width": width, "match_level": match_level, "voice": voice or ""}
    layout = {
        "keep_source": target.keep_source,
        "folder": target.output,
        "destination": target.to,
        "again": paid.again,
    }
    with open_session(talk.screen()) as session:
        choice = choose_engine(session, engine)
        is_cloud = choice.name != LOCAL
        parameters = parameters_of(voice, given, flash=flash, url=paid.input_url, is_cloud=is_cloud)
        plans = _plans(
            session,
            source,
            PartsWanted(sweep or [], isolate, isolate_engine),
            kind=RequestKind.CONVERT_FLASH if flash else RequestKind.CONVERT,
            engine=choice.name,
            wanted=selected.wanted(takes=target.takes),
            parameters=parameters | reference_of(reference),
            **layout,
            **sound,
        )
        run_or_show(session, plans, choice, talk, max_credits=paid.max_credits)


def _plans(session: Session, source: Path, parts: PartsWanted, **asked: Any) -> list[RunPlan]:
    """The plans of a conversion; `asked` are the fields of `Asked`."""
    from hanolab_dawtools.presets.words import idle_values
    from hanolab_dawtools.workflows.planning import Asked, make_plans

    services = session.services
    whole = parts.asked(Asked(**asked), services.host_name(source))
    engine = services.engine(whole.engine)
    plans = make_plans(whole, services.host(source), engine)
    for remark in idle_values(whole.parameters, is_local=whole.engine == LOCAL):
        name, _, reason = remark.partition(":")
        session.screen.warn(f"--{name.replace('_', '-')}:{reason}")
    return parts.made(session, plans, whole.engine)


def _given(values: Iterable[float | None], *, full_song: bool) -> dict[str, Any]:
    """The knobs that were turned, by their names."""
    knobs = {**dict(zip(KNOBS, values, strict=True)), "full_song": full_song or None}
    return {name: value for name, value in knobs.items() if value is not None}


def parameters_of(
    voice: str | None,
    knobs: Mapping[str, Any],
    *,
    flash: bool,
    url: str | None,
    is_cloud: bool = True,
) -> dict[str, Any]:
    """What the engine is told.

    Raises
    ------
    UsageError
        No voice is named for the cloud, or a knob has no meaning here.
    """
    if voice is None and (is_cloud or flash):
        raise UsageError("--voice is missing", hint="See which there are with: hanolab voices")
    if flash and knobs:
        option = f"--{next(iter(knobs)).replace('_', '-')}"
        raise UsageError(
            f"{option} does nothing with --flash, which takes the voice alone",
            hint=f"Leave {option} out, or --flash.",
        )
    input_url = {"input_url": url} if url is not None else {}
    named = {"voice": voice} if voice is not None else {}
    return {**named, **knobs, **input_url}


def reference_of(clip: Path | None) -> dict[str, Any]:
    """What the local voice preview is told of a clip."""
    from hanolab_dawtools import durable

    if clip is None:
        return {}
    with durable.translated_os_errors(clip):
        if not clip.is_file():
            raise UsageError(f"--reference {clip}: there is no such file")
        return {"reference": str(clip.absolute()), "reference_digest": durable.file_digest(clip)}
