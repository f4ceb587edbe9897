"""`hanolab separate`: a region or a file comes back as stems."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.option_groups import Paid, Selected, Talk, Target, spread
from hanolab_dawtools.cli.plans import choose_engine
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.cli.started import run_or_show
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import RequestKind
from hanolab_dawtools.stem_roles import STEMS_OF_COUNT


@spread
def separate(
    source: options.Source,
    *,
    stems: Annotated[
        int | None,
        typer.Option(
            metavar="2|4|6",
            help="How many stems; default: 2, with --only 4. "
            "The local engine's drums, bass and other are a draft; 6 needs --engine hanolab.",
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
    paid: Paid,
    selected: Selected,
    target: Target,
    talk: Talk,
) -> None:
    """Split a region of a project, or an audio file, into stems.

    Without --region or --range a project's time selection counts, and the whole of an audio file.
    """
    parameters = _parameters(stems, only)
    if paid.input_url is not None:
        parameters["input_url"] = paid.input_url
    wanted = selected.wanted(takes=target.takes)
    with open_session(talk.screen()) as session:
        from hanolab_dawtools.workflows.planning import Asked, make_plans

        choice, services = choose_engine(session, engine), session.services
        asked = Asked(
            *(RequestKind.SEPARATE, choice.name, wanted, parameters),
            *(target.keep_source, target.output, target.to),
            again=paid.again,
        )
        plans = make_plans(asked, services.host(source), services.engine(choice.name))
        run_or_show(session, plans, choice, talk, max_credits=paid.max_credits)


def _parameters(stems: int | None, only: str | None) -> dict[str, Any]:
    """What the engine is told; `only` in an order of its own, so that equal requests are equal."""
    if stems is None:
        stems = 2 if only is None else 4
    if stems not in STEMS_OF_COUNT:
        raise UsageError(f"--stems {stems} is not possible: it is 2, 4 or 6", hint="Use --stems 2.")
    if only is None:
        return {"stems": stems}
    return {"stems": stems, "only": sorted({name.strip() for name in only.split(",")})}
