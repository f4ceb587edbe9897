"""`hanolab apply`: a whole preset, chains and job, on a region, a file, or several files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.option_groups import SelectedBeside, Talk, Target, spread
from hanolab_dawtools.cli.plans import EngineChoice, choose_engine
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.cli.started import run_or_show
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.host_choice import source_path
from hanolab_dawtools.model import HostName

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset
    from hanolab_dawtools.workflows.applying import Beside
    from hanolab_dawtools.workflows.plan import RunPlan
    from hanolab_dawtools.workflows.planning import Asked

Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="sources",
        parser=source_path,
        help="A REAPER project (.rpp), audio files, or reaper: the running REAPER.",
        show_default=False,
    ),
]


@spread
def apply(
    preset: Annotated[
        str,
        typer.Argument(help="A preset's name, or its file (.toml).", show_default=False),
    ],
    sources: Sources,
    *,
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
    selected: SelectedBeside,
    target: Target,
    talk: Talk,
) -> None:
    """Apply a preset: its effects, its job, and how it brings results back.

    See `hanolab presets` for which there are. Options beat --set, which beats the preset.
    """
    wanted = selected.wanted(takes=target.takes)
    with open_session(talk.screen()) as session:
        from hanolab_dawtools.workflows.applying import Beside

        given = preset_with(session, preset, set_ or [])
        choice = engine_for(session, given, engine)
        beside = Beside(
            *(wanted, selected.capture, voice, reference),
            *(target.keep_source, target.output, target.to),
        )
        parts = PartsWanted(sweep or [], isolate, isolate_engine)
        plans = plans_of(session, given, sources, choice, beside, parts)
        run_or_show(session, plans, choice, talk, max_credits=max_credits)


@dataclass(frozen=True)
class PartsWanted:
    """What the command line says of runs that are made of others."""

    sweep: list[str]
    isolates: bool
    separator: str | None

    def made(
        self, session: Session, plans: list[RunPlan], engine: str, *, isolates: bool = False
    ) -> list[RunPlan]:
        """The plans in parts, if that is wanted, here or by a preset (`isolates`)."""
        from hanolab_dawtools.workflows.applying import parse_sweep, with_parts

        if self.separator is not None and not (self.isolates or isolates):
            raise UsageError(
                "--isolate-engine does nothing without --isolate",
                hint="Add --isolate, or leave it out.",
            )
        can_separate = session.services.weights.is_installed()
        return with_parts(
            plans,
            parse_sweep(self.sweep),
            isolates=self.isolates or isolates,
            separator=self.separator or ("local" if can_separate else engine),
        )

    def asked(self, asked: Asked, host: HostName) -> Asked:
        """What is asked for; a sweep comes as takes of the item, where there is one."""
        if not self.sweep:
            return asked
        is_project = host in {HostName.RPP, HostName.REAPER} and asked.folder is None
        return replace(asked, wanted=replace(asked.wanted, as_takes=is_project))


def plans_of(
    session: Session,
    preset: Preset,
    sources: list[Path],
    choice: EngineChoice,
    beside: Beside,
    parts: PartsWanted,
) -> list[RunPlan]:
    """What a preset does with each of the sources."""
    from hanolab_dawtools.workflows.applying import asked_of, ready_preset
    from hanolab_dawtools.workflows.planning import make_plans

    services, folder = session.services, beside.folder
    ready = ready_preset(
        preset,
        choice.name,
        beside,
        voices=lambda: _voices(session),
        plugins=services.plugins.installed(),
    )
    plans: list[RunPlan] = []
    for source in sources:
        if folder is not None and len(sources) > 1:
            beside = replace(beside, folder=folder / source.stem)
        host_name = services.host_name(source)
        asked = parts.asked(asked_of(ready, choice.name, beside, host_name), host_name)
        host = services.host(source)
        plans += make_plans(asked, host, services.engine(choice.name))
    isolates = getattr(ready.job, "isolate", False)
    return parts.made(session, plans, choice.name, isolates=isolates)


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


def _voices(session: Session) -> dict[str, str]:
    models = session.services.client().voice_models(stop=session.stop)
    return {model.id: model.name for model in models}
