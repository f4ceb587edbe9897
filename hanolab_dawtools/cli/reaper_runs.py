"""Actions in REAPER that make something of what is selected there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hanolab_dawtools.cli.apply import PartsWanted, engine_for, plans_of
from hanolab_dawtools.cli.option_groups import Talk
from hanolab_dawtools.cli.plans import EngineChoice, choose_engine
from hanolab_dawtools.cli.reaper_presets import (
    Memory,
    choose_preset,
    last_or_chosen_preset,
    remembered_preset,
)
from hanolab_dawtools.cli.reaper_screen import ReaperScreen
from hanolab_dawtools.cli.reaper_teller import Teller
from hanolab_dawtools.cli.reaper_words import summary_of_reports
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.cli.started import LOCAL, run_or_show
from hanolab_dawtools.errors import EngineCannot
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.presenters.wording import length_text

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset
    from hanolab_dawtools.workflows.plan import RunPlan

REAPER = Path("reaper")  # as a source: what the bridge's REAPER has in front
MOST_NAMED = 3


@dataclass(frozen=True)
class Action:
    """What an action works with; `screen` is also that of `session`."""

    session: Session
    screen: ReaperScreen
    teller: Teller


def separate_into(action: Action, n_stems: int) -> None:
    """Separate what is selected, by the engine of the settings.

    Raises
    ------
    EngineCannot
        Six stems, and the engine is the local one.
    """
    from hanolab_dawtools.workflows.planning import Asked, make_plans

    services = action.session.services
    choice = choose_engine(action.session, None)
    if n_stems > 4 and choice.name == LOCAL:
        raise EngineCannot(
            f"{n_stems} stems are made by the HanoLab cloud alone, and your engine is local",
            hint='Separate into 4 stems, or set engine = "hanolab" in the settings, after: '
            "hanolab login",
        )
    action.screen.tooltip(f"looks at the selection, for {n_stems} stems")
    asked = Asked(RequestKind.SEPARATE, choice.name, parameters={"stems": n_stems})
    plans = make_plans(asked, services.host(REAPER), services.engine(choice.name))
    _run(action, plans, choice)


def convert_with_last_preset(action: Action) -> None:
    """Convert what is selected by the last preset that converts; without one the user chooses."""
    memory = Memory(action.teller)
    preset = remembered_preset(action.session, memory.conversion)
    if preset is None:
        preset = choose_preset(action.session, action.screen, converts=True)
    _apply(action, preset)


def apply_last_preset(action: Action) -> None:
    """Apply the last preset to what is selected; without one the user chooses."""
    _apply(action, last_or_chosen_preset(action.session, action.screen, action.teller))


def choose_and_apply(action: Action) -> None:
    """Let the user choose a preset, and apply it to what is selected."""
    _apply(action, choose_preset(action.session, action.screen))


def _apply(action: Action, preset: Preset) -> None:
    """Apply a preset to what is selected, and remember it as the last."""
    from hanolab_dawtools.workflows.applying import Beside

    session = action.session
    action.screen.tooltip(f"looks at the selection, for {preset.name!r}")
    choice = engine_for(session, preset, None)
    parts = PartsWanted([], isolates=False, separator=None)
    plans = plans_of(session, preset, [REAPER], choice, Beside(Wanted()), parts)
    Memory(action.teller).remember(preset)
    _run(action, plans, choice)


def _run(action: Action, plans: list[RunPlan], choice: EngineChoice) -> None:
    """Run plans to their end, telling what begins and what came of it."""
    beginning = _beginning(plans, choice)
    action.screen.tooltip(beginning)
    action.screen.say(f"\nHanoLab: {beginning}")  # the console holds what other actions told, too
    try:
        run_or_show(action.session, plans, choice, Talk())
    except typer.Exit:  # some of several failed, and each was told
        action.screen.tooltip(summary_of_reports(action.screen.reports))
        raise
    action.screen.tooltip(summary_of_reports(action.screen.reports))


def _beginning(plans: Sequence[RunPlan], choice: EngineChoice) -> str:
    """What is begun, how long it is, and who does it."""
    selections = [plan.selection for plan in plans]
    seconds = sum(selection.end_seconds - selection.start_seconds for selection in selections)
    names = [plan.title for plan in plans[:MOST_NAMED]]
    if len(plans) > MOST_NAMED:
        names.append(f"and {len(plans) - MOST_NAMED} more")
    return f"{'; '.join(names)}; {length_text(seconds)}, {choice.name} ({choice.why})"
