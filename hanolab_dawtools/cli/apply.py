"""`hanolab apply`: a whole preset, chains and job, on a region, a file, or several files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.plans import EngineChoice, choose_engine
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.cli.started import run_or_show
from hanolab_dawtools.model import CapturePoint, HostName

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset
    from hanolab_dawtools.workflows.plan import RunPlan
    from hanolab_dawtools.workflows.planning import Asked

Sources = Annotated[
    list[Path],
    typer.Argument(help="A REAPER project (.rpp), or audio files.", show_default=False),
]


def apply(
    preset: Annotated[
        str,
        typer.Argument(help="A preset's name, or its file (.toml).", show_default=False),
    ],
    sources: Sources,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change the preset for this run: job.pitch_shift=3; may be repeated.",
        ),
    ] = None,
    voice: options.Voice = None,
    reference: options.Reference = None,
    sweep: options.Sweep = None,
    isolate: options.Isolate = False,
    isolate_engine: options.IsolateEngine = None,
    engine: options.EngineName = None,
    max_credits: options.MaxCredits = None,
    region: options.Region = None,
    range_: options.Range = None,
    tracks: options.Tracks = None,
    each: options.Each = None,
    capture: options.PointOrNone = None,
    keep_source: options.KeepSource = False,
    takes: options.Takes = False,
    to: options.To = None,
    output: options.Output = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Apply a preset: its effects, its job, and how it brings results back.

    See `hanolab presets` for which there are. Options beat --set, which beats the preset.
    """
    wanted = options.make_wanted(
        region, range_, tracks, each, capture or CapturePoint.ITEM, takes=takes
    )
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        from hanolab_dawtools.workflows.applying import (
            Beside,
            asked_of,
            parse_sweep,
            ready_preset,
            with_parts,
        )
        from hanolab_dawtools.workflows.planning import make_plans

        services = session.services
        given = preset_with(session, preset, set_ or [])
        choice = engine_for(session, given, engine)
        beside = Beside(wanted, capture, voice, reference, keep_source, output, to)
        ready = ready_preset(
            given,
            choice.name,
            beside,
            voices=lambda: _voices(session),
            plugins=services.plugins.installed(),
        )
        plans: list[RunPlan] = []
        sweeps = parse_sweep(sweep or ())
        for source in sources:
            if output is not None and len(sources) > 1:
                beside = replace(beside, folder=output / source.stem)
            host_name = services.host_name(source)
            asked = asked_of(ready, choice.name, beside, host_name)
            if sweeps:
                asked = as_takes(asked, host_name)
            host = services.host(source.absolute())
            plans += make_plans(asked, host, services.engine(choice.name))
        isolates = isolate or getattr(ready.job, "isolate", False)
        separator = separator_for(session, isolate_engine, choice.name)
        plans = with_parts(plans, sweeps, isolates=isolates, separator=separator)
        run_or_show(session, plans, choice, max_credits=max_credits, dry_run=dry_run, yes=yes)


def preset_with(session: Session, name: str, assignments: list[str]) -> Preset:
    """A preset of the library or of a file, changed by `--set`."""
    from hanolab_dawtools.presets.changes import parse_assignment, with_values

    preset = session.services.presets.get(name)
    return with_values(preset, dict(map(parse_assignment, assignments))) if assignments else preset


def engine_for(session: Session, preset: Preset, option: str | None) -> EngineChoice:
    """The engine of a preset's job, and why this one."""
    from hanolab_dawtools.workflows.applying import NO_ENGINE, chosen_engine

    usual = choose_engine(session, option)
    name = chosen_engine(preset, option, usual.name)
    if name == NO_ENGINE:
        return EngineChoice(name, "effects alone")
    return usual if option is not None or name == usual.name else EngineChoice(name, "the preset's")


def separator_for(session: Session, option: str | None, engine: str) -> str:
    """Who separates before a conversion: the option, else this machine if it can at once."""
    return option or ("local" if session.services.weights.is_installed() else engine)


def as_takes(asked: Asked, host: HostName) -> Asked:
    """What a sweep asks for: takes of the item, where there is one."""
    is_project = host is HostName.RPP and asked.folder is None
    return replace(asked, wanted=replace(asked.wanted, as_takes=is_project))


def _voices(session: Session) -> dict[str, str]:
    models = session.services.client().voice_models(stop=session.stop)
    return {model.id: model.name for model in models}
