"""Whether REAPER gave the mix where a stem was asked for; known of folder and bus tracks.

The mix is rendered for some seconds more where it must differ from the right stem: where music
sounds that does not feed the track; for a folder with a moved fader, with the folder soloed.
A folder with its fader at rest sounds the same either way, but for effects of the master.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.hosts.project.timeline import Item
from hanolab_dawtools.hosts.reaper.capture_plan import CapturePlan
from hanolab_dawtools.hosts.reaper.render_files import COMMAND, Piece, RenderedPiece
from hanolab_dawtools.hosts.reaper.rendering import Renderer
from hanolab_dawtools.hosts.reaper.track_plan import TrackChoice
from hanolab_dawtools.units import seconds_to_frames

COMPARED_SECONDS = 10.0  # of a stem with the mix; a render more costs the user time
SAME_RATIO = 1e-3  # -60 dB: what differs less from the mix, but for its level, is the mix


def refuse_mix(
    renderer: Renderer, plan: CapturePlan, choice: TrackChoice, stem: RenderedPiece
) -> None:
    """Refuse a stem that is the mix, or a folder's that is its mix behind its fader.

    Raises
    ------
    HostCallFailed
    """
    label = stem.piece.label
    for item, soloed, told in (
        (choice.stranger, (), f"the whole mix instead of {label}"),
        (choice.insider, (choice.id,), f"{label} behind the fader"),
    ):
        if item is not None and _is_mix(renderer, plan, stem, item, soloed):
            raise HostCallFailed(
                f"REAPER rendered {told}",
                command=COMMAND,
                code=COMMAND,
                hint="Select the tracks with the items instead, or capture at point item or "
                "master; a folder also comes out right with its fader at 0 dB and its pan in "
                "the middle.",
            )


def _is_mix(
    renderer: Renderer,
    plan: CapturePlan,
    stem: RenderedPiece,
    item: Item,
    soloed: Sequence[str],
) -> bool:
    """Whether a stem is the mix where an item sounds; of any level, unless soloed."""
    rate = plan.sample_rate
    start = max(plan.start_frame, seconds_to_frames(item.position_seconds, rate))
    end = min(plan.end_frame, seconds_to_frames(item.end_seconds, rate))
    end = min(end, start + seconds_to_frames(COMPARED_SECONDS, rate))
    if start >= end:
        return False
    piece = Piece("master", "the mix", start, end)
    (mix,) = renderer.render("master", [piece], stem.n_channels, soloed)
    if mix.is_silent:
        return False
    with AudioReader(mix.path) as reader:
        of_mix = reader.read_at(0, end - start).astype(np.float64)
    with AudioReader(stem.path) as reader:
        at = stem.offset_frames + start - stem.piece.start_frame
        of_stem = reader.read_at(at, end - start).astype(np.float64)
    fitting = float(np.vdot(of_stem, of_mix)) / float(np.vdot(of_mix, of_mix))
    level = 1.0 if soloed else fitting
    rest = float(np.linalg.norm(of_stem - level * of_mix))
    return rest < SAME_RATIO * float(np.linalg.norm(of_stem))
