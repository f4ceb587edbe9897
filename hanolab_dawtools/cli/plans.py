"""What a run would do and cost, shown before it is done; and which engine works, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import CapturePoint, HostName, RequestKind
from hanolab_dawtools.presenters.agreement import sent_text
from hanolab_dawtools.presenters.wording import cost_text, length_text

if TYPE_CHECKING:
    from hanolab_dawtools.cli.console import Screen
    from hanolab_dawtools.model import Quote
    from hanolab_dawtools.workflows.plan import RunPlan


ENGINES = ("local", "hanolab")
PROJECTS = frozenset({HostName.RPP, HostName.REAPER})
SIGNALS = {
    CapturePoint.ITEM: "items before the faders and effects of their tracks",
    CapturePoint.TRACK: "tracks with their effects, before their faders",
    CapturePoint.MASTER: "the master with its effects",
}


@dataclass(frozen=True)
class EngineChoice:
    """An engine's name, and why this one."""

    name: str
    why: str


def choose_engine(session: Session, option: str | None) -> EngineChoice:
    """The option's engine, else that of the settings, else the local one.

    Raises
    ------
    UsageError
        The option names no engine.
    """
    if option is not None:
        if option not in ENGINES:
            raise UsageError(
                f"--engine {option!r}: there is no such engine",
                hint=f"Engines: {', '.join(ENGINES)}.",
            )
        return EngineChoice(option, "because of --engine")
    settings = session.services.settings
    why = "your setting" if "engine" in settings.model_fields_set else "the default"
    return EngineChoice(settings.engine, why)


def say_engine(session: Session, choice: EngineChoice, *, is_paid: bool) -> None:
    """Say which engine works and why; a paid one also with --quiet."""
    say = session.screen.notice if is_paid else session.screen.note
    say(f"engine     {choice.name} ({choice.why})")


def show_plan(
    session: Session, plan: RunPlan, quote: Quote, choice: EngineChoice
) -> dict[str, Any]:
    """Say what a plan would do, and return the same as JSON values."""
    from hanolab_dawtools.workflows.applying import CLOUD
    from hanolab_dawtools.workflows.parts import leaves
    from hanolab_dawtools.workflows.stored import to_json

    screen = session.screen
    screen.say(plan.title)
    _show_source(screen, plan)
    screen.say(f"  engine     {choice.name} ({choice.why}), {cost_text(quote)}")
    if quote.remark:
        screen.say(f"             {quote.remark}")
    for part in plan.parts:
        screen.say(f"  part       {part.label} ({part.engine})")
    if any(leaf.engine == CLOUD for leaf in leaves(plan)):
        say_sent(session, plan, quote, screen.say)
    _show_target(screen, plan)
    return {"plan": to_json(plan), "quote": to_json(quote), "engine_why": choice.why}


def _show_source(screen: Screen, plan: RunPlan) -> None:
    selection = plan.selection
    if plan.kind is RequestKind.GENERATE:
        if selection.host in PROJECTS:
            screen.say(f"  at         {length_text(selection.start_seconds)}")
        return
    seconds = selection.end_seconds - selection.start_seconds
    screen.say(
        f"  selected   {selection.reason}: {length_text(selection.start_seconds)} to "
        f"{length_text(selection.end_seconds)}, {length_text(seconds)} long"
    )
    screen.say(f"  tracks     {', '.join(selection.track_names) or 'all'}")
    if selection.host in PROJECTS:
        screen.say(f"  signal     {SIGNALS[selection.point]}")


def say_sent(session: Session, plan: RunPlan, quote: Quote, say: Callable[[str], None]) -> None:
    """What leaves this machine, with the parameters."""
    say(f"  sends      {sent_text(plan, quote, session.services.settings)}")
    for name, value in plan.parameters.items():
        if name not in {"stems", "only", "prompt", "input_url"} and value is not None:
            say(f"             {name.replace('_', ' ')} {_short(value)}")


def _short(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _show_target(screen: Screen, plan: RunPlan) -> None:
    selection = plan.selection
    what = "a new track" if plan.kind is RequestKind.GENERATE else "the stems"
    if plan.folder is not None:
        screen.say(f"  writes     {what} into {plan.folder}; nothing else is touched")
    elif selection.host is HostName.FOLDER:
        screen.say(f"  writes     one audio file into {selection.source}")
    elif plan.destination is not None:
        screen.say(f"  writes     {plan.destination}, and {what} beside it")
        screen.say(f"             {selection.source} stays as it is")
    elif selection.host is HostName.REAPER:
        screen.say(f"  writes     {what} into REAPER (one undo step), their files beside")
        screen.say(f"             {selection.source}")
    elif selection.host is HostName.RPP:
        screen.say(f"  writes     {selection.source} (a backup is kept), and {what} beside it")
    else:
        screen.say(f"  writes     {what} beside {selection.source}")
    if plan.as_takes:
        screen.say("  as         takes of the item; it is cut at the edges of the selection")
