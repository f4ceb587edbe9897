"""Random timelines of everything that is rendered: the whole is its pieces, however it is cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fakes.timelines import item, noise, project, render, track, write_media
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.hosts.project.timeline import Envelope, Fade, Item, Source, Timeline

RATE = 44_100
END_SECONDS = 0.4
TOLERANCE = 2e-6  # -114 dB: several items that are read between their frames
MEDIA = {"mono.wav": (1, 44_100), "stereo.wav": (2, 48_000), "six.wav": (6, 44_100)}

seconds = st.integers(0, 300).map(lambda k: k / 1_000 + 0.000_3)
points = st.tuples(seconds, st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 5), st.floats(-1, 1))


@pytest.fixture(scope="module")
def media(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    for name, (n_channels, rate) in MEDIA.items():
        write_media(folder / name, 0.2 * noise(n_channels, 7_000, n_channels), rate)
    return folder


@st.composite
def envelopes(draw: st.DrawFn, kind: str) -> Envelope:
    own = tuple(sorted(draw(st.lists(points, max_size=4))))
    return Envelope(kind, draw(st.booleans()), own, is_fader_scaled=draw(st.booleans()))


@st.composite
def items(draw: st.DrawFn, number: int) -> Item:
    kinds = draw(st.sets(st.sampled_from(["VOLENV", "PANENV", "MUTEENV"])))
    one = item(
        draw(st.sampled_from(sorted(MEDIA))),
        draw(seconds),
        draw(seconds),
        id=f"i{number}",
        is_looped=draw(st.booleans()),
        source_offset_seconds=draw(st.floats(-0.1, 0.2)),
        play_rate=draw(st.sampled_from([1.0, 1.0, 0.5, 1.07, 2.3])),
        channel_mode=draw(st.sampled_from([0, 1, 2, 3])),
        pan=draw(st.sampled_from([0.0, -0.5, 1.0])),
        gain=draw(st.sampled_from([1.0, 0.7])),
        envelopes=tuple(draw(envelopes(kind)) for kind in sorted(kinds)),
        fade_in=Fade(draw(seconds), draw(st.integers(0, 7)), draw(st.floats(-1, 1))),
        fade_out=Fade(draw(seconds), draw(st.integers(0, 7)), draw(st.floats(-1, 1))),
        lane_y=draw(st.sampled_from([0.0, 0.5])),
        lane_height=0.5,
    )
    if not draw(st.booleans()):
        return one
    (take,) = one.takes
    source = Source(
        "SECTION",
        section_start_seconds=draw(st.floats(0.0, 0.1)),
        section_length_seconds=draw(st.floats(0.0, 0.2)),
        section_mode=draw(st.sampled_from([0, 2, 3])),
        inner=take.source,
    )
    return replace(one, takes=(replace(take, source=source),))


@st.composite
def timelines(draw: st.DrawFn, folder: Path) -> Timeline:
    tracks = []
    for number in range(draw(st.integers(1, 3))):
        own = [draw(items(4 * number + k)) for k in range(draw(st.integers(1, 3)))]
        free_mode = draw(st.sampled_from([0, 1, 2]))
        lanes = draw(st.sampled_from([None, 3])) if free_mode == 2 else None
        tracks.append(track(*own, free_mode=free_mode, playing_lanes=lanes))
    widest = track(item("six.wav", 0.0, END_SECONDS, is_looped=True, id="widest"))
    rule = draw(st.integers(0, 2))
    return project(folder, *tracks, widest, sample_rate=RATE, overlap_rule=rule)


@given(
    data=st.data(),
    block_frames=st.integers(900, 9_000),
    cuts=st.lists(st.integers(1, 17_639), max_size=3),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_whole_is_its_pieces(media, data, block_frames, cuts):
    timeline = data.draw(timelines(media))
    whole = render(timeline, 0.0, END_SECONDS)
    blocks = render(timeline, 0.0, END_SECONDS, block_frames=block_frames)
    assert np.abs(blocks - whole).max() < TOLERANCE
    edges = sorted({0, 17_640, *cuts})
    pieces = [render(timeline, start / RATE, end / RATE) for start, end in pairwise(edges)]
    assert np.abs(np.concatenate(pieces, axis=1) - whole).max() < TOLERANCE
