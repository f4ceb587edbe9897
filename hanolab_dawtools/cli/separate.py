"""`hanolab separate`: a region or a file comes back as stems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import CapturePoint, HostName, RequestKind, Wanted
from hanolab_dawtools.presenters.wording import length_text

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.plan import RunPlan

STEM_COUNTS = (2, 4, 6)


def separate(
    source: options.Source,
    stems: Annotated[
        int | None,
        typer.Option(
            metavar="2|4|6",
            help="How many stems; default: 2, with --only 4. "
            "The local engine's drums, bass and other are a draft.",
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="ROLE,…",
            help="Only these as files of their own (drums,bass); the others come as one.",
        ),
    ] = None,
    engine: options.EngineName = None,
    region: options.Region = None,
    range_: options.Range = None,
    tracks: options.Tracks = None,
    each: options.Each = None,
    capture: options.Point = CapturePoint.ITEM,
    keep_source: options.KeepSource = False,
    takes: options.Takes = False,
    to: options.To = None,
    output: options.Output = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Split a region of a project, or an audio file, into stems.

    Without --region or --range a project's time selection counts, and the whole of an audio file.
    """
    if region == "":
        raise UsageError("--region is empty", hint="Name a region, or leave it out.")
    parameters = _parameters(stems, only)
    wanted = Wanted(region, options.parse_range(range_), tuple(tracks or ()), each, capture, takes)
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        from hanolab_dawtools.workflows.planning import (
            Asked,
            make_plans,
        )

        services = session.services
        name = engine or services.settings.engine
        asked = Asked(RequestKind.SEPARATE, name, wanted, parameters, keep_source, output, to)
        plans = make_plans(asked, services.host(source.absolute()), services.engine(name))
        if dry_run:
            session.screen.document({"plans": [_show_plan(session, plan) for plan in plans]})
        else:
            _run(session, plans, yes=yes)


def _parameters(stems: int | None, only: str | None) -> dict[str, Any]:
    """What the engine is told; `only` in an order of its own, so that equal requests are equal."""
    if stems is None:
        stems = 2 if only is None else 4
    if stems not in STEM_COUNTS:
        raise UsageError(f"--stems {stems} is not possible: it is 2, 4 or 6", hint="Use --stems 2.")
    if only is None:
        return {"stems": stems}
    return {"stems": stems, "only": sorted({name.strip() for name in only.split(",")})}


def _run(session: Session, plans: list[RunPlan], *, yes: bool) -> None:
    from hanolab_dawtools.cli.running import run_jobs
    from hanolab_dawtools.cli.weights import ensure_weights

    if plans[0].engine == "local":
        ensure_weights(session, yes=yes)
    job_ids = [session.services.create_job(plan).id for plan in plans]
    run_jobs(session, job_ids)


def _show_plan(session: Session, plan: RunPlan) -> dict[str, Any]:
    """Say what a plan would do, and return the same as JSON values."""
    from hanolab_dawtools.workflows.planning import quote_plan
    from hanolab_dawtools.workflows.stored import to_json

    selection, screen = plan.selection, session.screen
    quote = quote_plan(plan, session.services.engine(plan.engine))
    seconds = selection.end_seconds - selection.start_seconds
    screen.say(plan.title)
    screen.say(
        f"  selected   {selection.reason}: {length_text(selection.start_seconds)} to "
        f"{length_text(selection.end_seconds)}, {length_text(seconds)} long"
    )
    screen.say(f"  tracks     {', '.join(selection.track_names) or 'all'}")
    if selection.host is HostName.RPP:
        screen.say("  signal     items before the faders and effects of their tracks")
    cost = "free" if quote.credits == 0 else f"{quote.credits or quote.reason} credits"
    screen.say(f"  engine     {plan.engine}, {cost}")
    if quote.remark:
        screen.say(f"             {quote.remark}")
    if plan.folder is not None:
        screen.say(f"  writes     stems into {plan.folder}; nothing else is touched")
    elif plan.destination is not None:
        screen.say(f"  writes     {plan.destination}, and the stems beside it")
        screen.say(f"             {selection.source} stays as it is")
    elif selection.host is HostName.RPP:
        screen.say(f"  writes     {selection.source} (a backup is kept), and the stems beside it")
    else:
        screen.say(f"  writes     stems beside {selection.source}")
    if plan.as_takes:
        screen.say("  as         takes of the item; it is cut at the edges of the selection")
    return {"plan": to_json(plan), "quote": to_json(quote)}
