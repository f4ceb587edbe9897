"""`hanolab demo`: the main job on real music, from nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.stem_roles import STEM_COLOURS

if TYPE_CHECKING:
    from hanolab_dawtools.placement import Placed
    from hanolab_dawtools.workflows.plan import RunPlan

MIX_COLOUR = "#C9D1D9"
PICTURE_NAME = "waveforms.png"


def demo(
    folder: Annotated[
        Path, typer.Argument(help="A new folder for the demo's project.", show_default=False)
    ] = Path("hanolab-demo"),
    yes: options.Yes = False,
    quiet: options.Quiet = False,
) -> None:
    """Separate a region of a small project made of real music, from nothing.

    Fetches the network's weights and the music, builds a project with a trimmed, offset and
    faded item that a region cuts on both sides, separates that region, and draws a picture.
    """
    from hanolab_dawtools import durable
    from hanolab_dawtools.cli.running import run_job
    from hanolab_dawtools.cli.weights import fetch_demo_material
    from hanolab_dawtools.workflows.demo import REGION_NAME, build_demo_project
    from hanolab_dawtools.workflows.outcomes import placed_of
    from hanolab_dawtools.workflows.planning import Asked, make_plans

    folder = durable.unused_path(folder.absolute())
    screen = Screen(quiet=quiet)
    with open_session(screen) as session:
        services = session.services
        music = fetch_demo_material(session, yes=yes)
        project = build_demo_project(folder, music)
        screen.say(f"made       {project}: one item, trimmed, offset and faded, and a region")
        screen.say(f'runs       hanolab separate {project} --region "{REGION_NAME}"')
        wanted = Wanted(region=REGION_NAME)
        asked = Asked(RequestKind.SEPARATE, "local", wanted, {"stems": 2})
        plan = make_plans(asked, services.host(project), services.engine("local"))[0]
        job = services.create_job(plan)
        with tempfile.TemporaryDirectory() as scratch:
            mix = _capture_mix(session, plan, Path(scratch))
            run_job(session, job.id)
            placed = placed_of(services.store.get(job.id).outcomes)
            _draw(plan.title, mix, placed, Path(scratch), folder / PICTURE_NAME)
        screen.say(f"picture    {folder / PICTURE_NAME}")
        screen.say(f"Open {project} in REAPER, or listen to the files above.")


def _capture_mix(session: Session, plan: RunPlan, folder: Path) -> Path:
    """Write what the region sounds like before anything is placed: the picture's first lane."""
    host = session.services.host_for(plan.selection)
    capture = host.capture(
        plan.selection, folder, handle_seconds=0.0, stop=session.stop, progress=lambda _: None
    )
    return capture.path


def _draw(title: str, mix: Path, placed: Placed, scratch: Path, picture: Path) -> None:
    from hanolab_dawtools.presenters.waveforms import WaveformView, read_lane
    from hanolab_dawtools.qt.picture import LANE_COLUMNS, draw_picture

    files = [("mix", MIX_COLOUR, mix)]
    files += [(track.role.value, STEM_COLOURS[track.role], track.path) for track in placed.tracks]
    lanes = [
        read_lane(path, name, colour, scratch, n_columns=LANE_COLUMNS)
        for name, colour, path in files
    ]
    draw_picture(WaveformView(title, lanes[0].seconds, tuple(lanes)), picture)
