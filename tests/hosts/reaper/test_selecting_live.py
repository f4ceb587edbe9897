"""What is meant in a running REAPER, where nobody says it in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.timelines import item, project, region, track

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.project.timeline import Timeline
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, RazorEdit
from hanolab_dawtools.hosts.reaper.selecting import find_live_selections
from hanolab_dawtools.model import CapturePoint, Grouping, HostName, Selection, Wanted

VERSE, CHORUS, BRIDGE = (
    region(1, "Verse", 0.0, 4.0),
    region(2, "Chorus", 4.0, 8.0),
    region(3, "", 5.0, 6.0),
)
DRUMS, GUITARS, LEFT, RIGHT, MUTED = (f"id {number}" for number in range(1, 6))


def live(timeline: Timeline, **fields) -> LiveTimeline:
    given = LiveTimeline(
        timeline=timeline,
        tab="0x7f00",
        is_saved=True,
        change_count=1,
        cursor_seconds=60.0,
        length_seconds=timeline.end_seconds,
        device_rate=48_000,
        project_folder=timeline.path.parent,
        record_path=timeline.path.parent,
        selected_track_ids=(),
        selected_item_ids=(),
        region_selection=(),
        razor_edits=(),
        media={},
        n_channels={},
        item_states={},
    )
    return replace(given, **fields)


@pytest.fixture
def song(tmp_path: Path) -> LiveTimeline:
    """Drums all along, two guitars in a folder, and a muted item."""
    return live(
        project(
            tmp_path,
            track(item("d.wav", 0.0, 10.0, id="drums"), name="Drums"),
            track(name="Guitars", folder_change=1),
            track(item("l.wav", 1.0, 3.0, id="left"), name="Gtr L"),
            track(item("r.wav", 7.0, 2.0, id="right"), name="Gtr R", folder_change=-1),
            track(item("m.wav", 0.0, 10.0, id="muted", is_muted=True), name="Muted"),
            regions=(VERSE, CHORUS, BRIDGE),
        )
    )


def with_time(song: LiveTimeline, start: float, end: float) -> LiveTimeline:
    return replace(song, timeline=replace(song.timeline, time_selection=(start, end)))


def told(found: list[Selection]) -> list[tuple[str, float, float, str]]:
    return [(one.name, one.start_seconds, one.end_seconds, one.reason) for one in found]


def test_everything_selected_is_looked_at_in_the_order_of_the_module(song):
    everything = replace(
        with_time(song, 1.0, 2.0),
        razor_edits=(RazorEdit(DRUMS, 2.0, 3.0),),
        region_selection=(CHORUS,),
        selected_item_ids=("left",),
        cursor_seconds=0.5,
    )
    nothing = replace(everything.timeline, time_selection=None)
    steps = [
        everything,
        replace(everything, timeline=nothing),
        replace(everything, timeline=nothing, razor_edits=()),
        replace(everything, timeline=nothing, razor_edits=(), region_selection=()),
        replace(song, cursor_seconds=0.5),
    ]
    assert [told(find_live_selections(step, Wanted())) for step in steps] == [
        [("song 0.01.000-0.02.000", 1.0, 2.0, "time selection")],
        [("song 0.02.000-0.03.000 Drums", 2.0, 3.0, "razor edit")],
        [("Chorus", 4.0, 8.0, "region 2")],
        [("l.wav", 1.0, 4.0, "selected item")],
        [("Verse", 0.0, 4.0, "region 1 at the cursor")],
    ]


def test_words_come_before_what_is_selected(song):
    (one,) = find_live_selections(with_time(song, 1.0, 2.0), Wanted(region="Chorus"))
    assert told([one]) == [("Chorus", 4.0, 8.0, "region 2")]


def test_selection_names_the_open_project(song):
    (one,) = find_live_selections(with_time(song, 1.0, 2.0), Wanted())
    assert (one.host, one.tab, one.source) == (HostName.REAPER, "0x7f00", song.source)
    assert (one.track_ids, one.item_ids, one.point) == ((), (), CapturePoint.ITEM)


def test_nothing_selected_lists_the_regions_and_says_what_to_do(song):
    with pytest.raises(SelectionError) as caught:
        find_live_selections(song, Wanted())
    assert '1 "Verse"' in str(caught.value)
    assert "time selection" in caught.value.hint


def test_old_reaper_says_that_it_cannot_tell_selected_regions(song):
    with pytest.raises(SelectionError, match="razor edit or item") as caught:
        find_live_selections(replace(song, region_selection=None), Wanted())
    assert "7.62" in caught.value.hint


def test_each_selected_region_is_a_job(song):
    found = find_live_selections(replace(song, region_selection=(VERSE, BRIDGE)), Wanted())
    assert told(found) == [("Verse", 0.0, 4.0, "region 1"), ("region 3", 5.0, 6.0, "region 3")]


def test_cursor_in_two_regions_means_the_inner_one(song):
    (one,) = find_live_selections(replace(song, cursor_seconds=5.5), Wanted())
    assert one.name == "region 3"


def test_cursor_at_the_end_of_a_region_is_in_the_next(song):
    (one,) = find_live_selections(replace(song, cursor_seconds=4.0), Wanted())
    assert one.name == "Chorus"


def test_selected_tracks_are_a_job_each_as_named_ones_are(song):
    whole = with_time(song, 0.0, 10.0)
    selected = replace(whole, selected_track_ids=(DRUMS, GUITARS))
    found = find_live_selections(selected, Wanted())
    assert [one.track_ids for one in found] == [(DRUMS,), (GUITARS, LEFT, RIGHT)]
    assert found == find_live_selections(whole, Wanted(tracks=("Drums", "Guitars")))


def test_named_tracks_come_before_selected_ones(song):
    selected = replace(with_time(song, 0.0, 10.0), selected_track_ids=(DRUMS,))
    (one,) = find_live_selections(selected, Wanted(tracks=("Gtr L",)))
    assert one.track_ids == (LEFT,)


def test_selected_tracks_over_each_selected_region(song):
    both = replace(song, region_selection=(VERSE, CHORUS), selected_track_ids=(DRUMS, RIGHT))
    narrowed = replace(both, region_selection=(CHORUS,))
    assert [one.name for one in find_live_selections(narrowed, Wanted())] == [
        "Chorus Drums",
        "Chorus Gtr R",
    ]


def test_selected_track_without_sound_there_says_that_it_is_the_selected_ones(song):
    silent = replace(with_time(song, 5.0, 6.0), selected_track_ids=(LEFT,))
    with pytest.raises(SelectionError, match="selected tracks") as caught:
        find_live_selections(silent, Wanted())
    assert "none" in caught.value.hint


def test_selected_items_are_one_job_of_just_these(song):
    (one,) = find_live_selections(replace(song, selected_item_ids=("left", "right")), Wanted())
    assert told([one]) == [("song 0.01.000-0.09.000", 1.0, 9.0, "2 selected items")]
    assert (one.item_ids, one.track_ids) == (("left", "right"), (LEFT, RIGHT))


def test_selected_items_do_not_heed_the_selected_track(song):
    clicked = replace(song, selected_item_ids=("left", "right"), selected_track_ids=(RIGHT,))
    (one,) = find_live_selections(clicked, Wanted())
    assert one.item_ids == ("left", "right")


def test_selected_items_by_track_stay_just_these(song):
    chosen = replace(song, selected_item_ids=("drums", "right"))
    found = find_live_selections(chosen, Wanted(grouping=Grouping.TRACK))
    assert [(one.track_ids, one.item_ids) for one in found] == [
        ((DRUMS,), ("drums",)),
        ((RIGHT,), ("right",)),
    ]


def test_muted_item_among_the_selected_ones_does_not_count(song):
    (one,) = find_live_selections(replace(song, selected_item_ids=("left", "muted")), Wanted())
    assert told([one]) == [("l.wav", 1.0, 4.0, "selected item")]


def test_only_muted_items_selected_says_why_nothing_sounds(song):
    with pytest.raises(SelectionError, match=r'"m\.wav" on "Muted": it is muted') as caught:
        find_live_selections(replace(song, selected_item_ids=("muted",)), Wanted())
    assert "save" not in caught.value.hint


@pytest.mark.parametrize("wanted", [Wanted(grouping=Grouping.ITEM), Wanted(as_takes=True)])
def test_selected_items_within_a_time_selection_are_the_ones_meant(song, wanted):
    both = replace(
        with_time(song, 2.0, 8.0), selected_item_ids=("left",), selected_track_ids=(DRUMS,)
    )
    (one,) = find_live_selections(both, wanted)
    assert (one.item_ids, one.start_seconds, one.end_seconds) == (("left",), 2.0, 4.0)


def test_selected_items_elsewhere_do_not_narrow_a_time_selection(song):
    both = replace(with_time(song, 5.0, 6.0), selected_item_ids=("left",))
    (one,) = find_live_selections(both, Wanted(grouping=Grouping.ITEM))
    assert one.item_ids == ("drums",)


def test_razor_edits_with_equal_edges_are_a_job_for_each_track(song):
    edits = (RazorEdit(DRUMS, 1.0, 2.0), RazorEdit(LEFT, 1.0, 2.0), RazorEdit(RIGHT, 7.5, 8.0))
    razored = replace(song, razor_edits=edits, selected_track_ids=(MUTED,))
    assert [
        (one.track_ids, one.start_seconds) for one in find_live_selections(razored, Wanted())
    ] == [((DRUMS,), 1.0), ((LEFT,), 1.0), ((RIGHT,), 7.5)]
    mixed = find_live_selections(razored, Wanted(grouping=Grouping.SELECTION))
    assert [one.track_ids for one in mixed] == [(DRUMS, LEFT), (RIGHT,)]


def test_razor_edits_on_other_tracks_than_the_named_are_refused(song):
    razored = replace(song, razor_edits=(RazorEdit(DRUMS, 1.0, 2.0),))
    with pytest.raises(SelectionError, match="no razor edit"):
        find_live_selections(razored, Wanted(tracks=("Gtr*",)))


def test_point_track_names_the_tracks_that_sound(song):
    whole = with_time(song, 0.0, 10.0)
    (one,) = find_live_selections(whole, Wanted(point=CapturePoint.TRACK))
    assert (one.point, one.track_ids) == (CapturePoint.TRACK, (DRUMS, LEFT, RIGHT))


def test_point_master_covers_all_whatever_track_is_selected(song):
    selected = replace(with_time(song, 0.0, 10.0), selected_track_ids=(LEFT,))
    (one,) = find_live_selections(selected, Wanted(point=CapturePoint.MASTER))
    assert (one.point, one.track_ids, one.item_ids) == (CapturePoint.MASTER, (), ())


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(point=CapturePoint.MASTER, tracks=("Drums",)),
        Wanted(point=CapturePoint.MASTER, grouping=Grouping.TRACK),
        Wanted(point=CapturePoint.TRACK, grouping=Grouping.ITEM),
        Wanted(point=CapturePoint.TRACK, as_takes=True),
    ],
)
def test_point_that_holds_more_than_was_asked_for_is_refused(song, wanted):
    with pytest.raises(UsageError, match="--capture"):
        find_live_selections(with_time(song, 0.0, 10.0), wanted)


def test_silence_in_one_of_the_selected_regions_is_told(song):
    empty = region(9, "Outro", 20.0, 30.0)
    with pytest.raises(SelectionError, match="no item plays between 0:20"):
        find_live_selections(replace(song, region_selection=(VERSE, empty)), Wanted())
