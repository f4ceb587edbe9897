"""An open project and the same project as a file mean the same, and say the same when nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.live_captures import scripts
from fakes.live_songs import DIALECT, REGION_NAMES, TRACK_NAMES, Song, SongItem, SongTrack, songs
from fakes.reaper.in_process import here
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.hosts.project.selecting import find_selections
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, timeline_of
from hanolab_dawtools.hosts.reaper.selecting import find_live_selections
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.model import Grouping, HostName, Wanted

SAVE_HINT = "Unmute them in REAPER, or end the solo, save and run it again."
LIVE_HINT = "Unmute them in REAPER or end the solo, and run it again."

wants = st.builds(
    Wanted,
    region=st.none() | st.sampled_from([name for name in REGION_NAMES if name] + ["#1", "3"]),
    tracks=st.lists(st.sampled_from([*TRACK_NAMES[:-1], "g*", "1", "9"]), max_size=2).map(tuple),
    grouping=st.none() | st.sampled_from(Grouping),
) | st.builds(
    Wanted,
    range_seconds=st.tuples(st.integers(0, 20), st.integers(0, 30)).map(
        lambda pair: (float(pair[0]), float(pair[1]))
    ),
    grouping=st.none() | st.sampled_from(Grouping),
)


def opened(song: Song, path: Path) -> LiveTimeline:
    """As the bridge tells of it."""
    _, reascript = scripts()
    import hanolab_reading

    with here(version="7.70", projects=[song.spec(str(path))]) as (module, _):
        reading = hanolab_reading.timeline(reascript.Reascript(module), {})
        while True:
            try:
                next(reading)
            except StopIteration as end:
                return timeline_of(end.value)


def outcome(find, thing, wanted):
    """Selections, or what was said instead."""
    try:
        return [replace(one, host=HostName.RPP, tab="") for one in find(thing, wanted)]
    except HanolabError as error:
        return type(error), str(error), error.hint.replace(LIVE_HINT, SAVE_HINT)


@settings(max_examples=40, deadline=None)
@given(song=songs(), wanted=st.lists(wants, min_size=8, max_size=8))
def test_both_hosts_select_the_same(tmp_path_factory, song, wanted):
    path = tmp_path_factory.mktemp("song") / "song.rpp"
    path.write_bytes(song.content())
    saved = read_timeline(Document.read(path))
    live = opened(song, path)
    for each in wanted:
        told = outcome(find_live_selections, live, each)
        assert told == outcome(find_selections, saved, each)


@pytest.fixture
def two_tracks() -> Song:
    item = SongItem(11, 1.0, 2.0, False, "gtr")
    folder = SongTrack(1, "Folder", 1, False, False, False, ())
    return Song(
        (folder, SongTrack(2, "Gtr", -1, False, True, False, (item,))),
        ((1, "Verse", 0.0, 4.0),),
        (1.0, 2.0),
    )


def test_both_hosts_read_the_same_timeline(two_tracks, tmp_path):
    path = tmp_path / "song.rpp"
    path.write_bytes(two_tracks.content())
    saved, live = read_timeline(Document.read(path)), opened(two_tracks, path).timeline
    for kept in ("path", "sample_rate", "time_selection", "regions", "tempo_bpm", "overlap_rule"):
        assert getattr(live, kept) == getattr(saved, kept), kept
    for ours, theirs in zip(live.tracks, saved.tracks, strict=True):
        same = {"lines": range(0), "items": ()}
        assert replace(ours, **same) == replace(theirs, **same)
    (ours,), (theirs,) = live.tracks[1].items, saved.tracks[1].items
    assert (ours.id, ours.name, ours.position_seconds, ours.length_seconds) == (
        theirs.id,
        theirs.name,
        theirs.position_seconds,
        theirs.length_seconds,
    )
    assert ours.take.guid == theirs.take.guid == DIALECT.guid(511)
