"""From a preset and a source to what is offered: runs that could be started, and their cost.

Nothing is sent, and no job is made. What the settings, the preset and the user say of the engine
is settled here, as is whether the runs cost anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.model import HostName, Quote, RequestKind
from hanolab_dawtools.presets.schema import Preset
from hanolab_dawtools.workflows.applying import (
    LOCAL,
    Beside,
    Voices,
    asked_of,
    chosen_engine,
    ready_preset,
    with_parts,
)
from hanolab_dawtools.workflows.parts import leaves
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import limited, make_plans, quote_plan, quote_whole


class Makers(Protocol):
    """What makes hosts and engines; `Services` is one."""

    def host(self, source: Path) -> Host:
        """The host that a source means."""
        ...

    def host_name(self, source: Path) -> HostName:
        """What kind of host it is."""
        ...

    def engine(self, name: str) -> Engine:
        """The engine with this name."""
        ...


@dataclass(frozen=True)
class Ask:
    """What is asked for, and what there is for it on this machine.

    `engine` beats the preset's; `usual_engine` is that of the settings. `has_weights`: the local
    engine can separate, so it isolates vocals for conversions elsewhere.
    """

    source: Path
    preset: Preset
    beside: Beside
    engine: str | None
    usual_engine: str
    has_weights: bool
    plugins: Sequence[Path] = ()
    max_credits: float | None = None


@dataclass(frozen=True)
class Offer:
    """Runs that could be started.

    Attributes
    ----------
    plans, quotes
        One of each for every job to be.
    paid, paid_quotes
        The runs among them and their parts that a paid engine does.
    """

    plans: tuple[RunPlan, ...]
    quotes: tuple[Quote, ...]
    paid: tuple[RunPlan, ...]
    paid_quotes: tuple[Quote, ...]

    @property
    def separates_here(self) -> bool:
        """Whether the local network has to work."""
        runs = [run for plan in self.plans for run in leaves(plan)]
        return any(run.engine == LOCAL and run.kind is RequestKind.SEPARATE for run in runs)


def make_offer(ask: Ask, makers: Makers, voices: Voices) -> Offer:
    """What is asked for, as runs with their quotes.

    Raises
    ------
    SetupError
        Something that the preset needs is not there.
    HanolabError
        As `make_plans`, `ready_preset` and `asked_of`; also from `voices`.
    """
    engine = chosen_engine(ask.preset, ask.engine, ask.usual_engine)
    ready = ready_preset(ask.preset, engine, ask.beside, voices=voices, plugins=ask.plugins)
    asked = asked_of(ready, engine, ask.beside, makers.host_name(ask.source))
    plans = with_parts(
        make_plans(asked, makers.host(ask.source), makers.engine(engine)),
        (),
        isolates=getattr(ready.job, "isolate", False),
        separator=LOCAL if ask.has_weights else engine,
    )
    return offer_of([_heard_later(plan) for plan in plans], makers.engine, ask.max_credits)


def offer_of(
    plans: Sequence[RunPlan], engine_named: Callable[[str], Engine], max_credits: float | None
) -> Offer:
    """Runs with their quotes, each plan with its share of what may be spent.

    Raises
    ------
    SpendingLimit
        Together they may cost more.
    HanolabError
        As `Engine.quote`.
    """
    quotes = tuple(quote_whole(plan, engine_named) for plan in plans)
    shared = tuple(limited(plans, max_credits, engine_named))
    runs = [run for plan in shared for run in leaves(plan)]
    paid = tuple(run for run in runs if engine_named(run.engine).capabilities().is_paid)
    paid_quotes = tuple(quote_plan(run, engine_named(run.engine)) for run in paid)
    return Offer(shared, quotes, paid, paid_quotes)


def _heard_later(plan: RunPlan) -> RunPlan:
    """With the original kept, to be compared with; an audio file is its own."""
    return replace(plan, keeps_original=plan.selection.host is not HostName.AUDIO_FILE)


def offline_voices(preset: Preset) -> Voices:
    """Voices for a quote without asking anybody: whichever the preset names is taken as there."""
    voice = getattr(preset.job, "voice", None)

    def known() -> dict[str, str]:
        return {voice.id or voice.name: voice.name} if voice is not None else {}

    return known
