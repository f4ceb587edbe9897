from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.timelines import item, project, region, track

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.project.selecting import find_selections
from hanolab_dawtools.model import CapturePoint, Grouping, Wanted

REGIONS = (
    region(1, "Verse", 1.0, 2.0),
    region(2, "Chorus", 2.0, 4.0),
    region(7, "chorus", 6.0, 8.0),
    region(9, "1", 4.0, 5.0),
)


@pytest.fixture
def song(tmp_path):
    return project(
        tmp_path,
        track(item("d.wav", 0.0, 10.0, id="drums"), name="Drums"),
        track(name="Guitars", folder_change=1),
        track(item("l.wav", 1.0, 3.0, id="left"), name="Gtr L"),
        track(item("r.wav", 7.0, 3.0, id="right"), name="Gtr R", folder_change=-1),
        track(item("m.wav", 0.0, 10.0, id="muted", is_muted=True), name="Muted"),
        regions=REGIONS,
    )


def spans(found) -> list[tuple[str, float, float]]:
    return [(one.name, one.start_seconds, one.end_seconds) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verse", ("Verse", 1.0, 2.0)),
        ("VERSE", ("Verse", 1.0, 2.0)),
        ("Chorus", ("Chorus", 2.0, 4.0)),  # the exact name before one in another case
        ("2", ("Chorus", 2.0, 4.0)),
        ("#1", ("Verse", 1.0, 2.0)),
        ("7", ("chorus", 6.0, 8.0)),
    ],
)
def test_region_is_found_by_name_or_number(song, text, expected):
    found = find_selections(song, Wanted(region=text))
    assert spans(found) == [expected]
    assert found[0].reason.startswith("region ")


def test_name_that_exists_twice_lists_both_with_number_and_times(song):
    with pytest.raises(SelectionError) as caught:
        find_selections(song, Wanted(region="CHORUS"))
    assert '2 "Chorus" 0:02.000..0:04.000, 7 "chorus" 0:06.000..0:08.000' in str(caught.value)
    assert "number" in caught.value.hint


def test_name_that_is_another_regions_number_is_not_guessed(song):
    with pytest.raises(SelectionError, match="name of one region and the number of another") as e:
        find_selections(song, Wanted(region="1"))
    assert "#" in e.value.hint


def test_unknown_region_lists_the_nearest_name_first(song):
    with pytest.raises(SelectionError, match='its regions are 2 "Chorus"'):
        find_selections(song, Wanted(region="Chors"))


def test_region_without_a_name_is_called_by_its_number(tmp_path):
    song = project(tmp_path, track(item("a.wav", 0.0, 9.0)), regions=(region(3, "", 1.0, 2.0),))
    assert spans(find_selections(song, Wanted(region="3"))) == [("region 3", 1.0, 2.0)]


def test_time_selection_counts_when_nothing_is_said(song):
    (one,) = find_selections(replace(song, time_selection=(1.5, 2.5)), Wanted())
    assert (one.start_seconds, one.end_seconds, one.reason) == (1.5, 2.5, "time selection")
    assert one.track_ids == ()


def test_nothing_selected_lists_the_regions(song):
    with pytest.raises(SelectionError, match='its regions are 1 "Verse"') as caught:
        find_selections(song, Wanted())
    assert "--range" in caught.value.hint


def test_nothing_selected_and_no_regions_is_said(tmp_path):
    with pytest.raises(SelectionError, match="the project has no regions"):
        find_selections(project(tmp_path, track(item("a.wav", 0.0, 1.0))), Wanted())


@pytest.mark.parametrize(
    ("span", "message"),
    [((2.0, 1.0), "reversed"), ((2.0, 2.0), "empty"), ((-1.0, 1.0), "before the project")],
)
def test_impossible_ranges_are_refused(song, span, message):
    with pytest.raises(SelectionError, match=message):
        find_selections(song, Wanted(range_seconds=span))


def test_a_range_may_end_a_little_after_the_last_item_but_not_an_hour(song):
    assert spans(find_selections(song, Wanted(range_seconds=(1.0, 60.0))))[0][2] == 60.0
    with pytest.raises(SelectionError, match="long after the project's last item"):
        find_selections(song, Wanted(range_seconds=(1.0, 3600.0)))


def test_empty_region_is_refused(tmp_path):
    song = project(tmp_path, track(item("a.wav", 0.0, 9.0)), regions=(region(1, "Dot", 1.0, 1.0),))
    with pytest.raises(SelectionError, match="is empty"):
        find_selections(song, Wanted(region="Dot"))


def test_region_and_range_together_are_refused(song):
    with pytest.raises(UsageError):
        find_selections(song, Wanted(region="Verse", range_seconds=(1.0, 2.0)))


@pytest.mark.parametrize("point", [CapturePoint.TRACK, CapturePoint.MASTER])
def test_points_behind_effects_are_refused_with_a_way_out(song, point):
    with pytest.raises(UsageError, match="needs REAPER") as caught:
        find_selections(song, Wanted(region="Verse", point=point))
    assert "render" in caught.value.hint


def test_range_outside_all_items_tells_the_nearest(song):
    with pytest.raises(SelectionError, match="no item plays between 0:20") as caught:
        find_selections(song, Wanted(range_seconds=(20.0, 30.0)))
    assert '"d.wav" on "Drums" at 0:00.000..0:10.000' in str(caught.value)


def test_gap_between_items_tells_both_neighbours(song):
    with pytest.raises(SelectionError, match=r'nearest: "l\.wav" .*; "r\.wav"'):
        find_selections(song, Wanted(range_seconds=(5.0, 6.0), tracks=("Gtr*",)))


def test_only_muted_items_is_said(song):
    with pytest.raises(SelectionError, match=r'no item sounds .*"m\.wav" on "Muted": it is muted'):
        find_selections(song, Wanted(range_seconds=(1.0, 2.0), tracks=("Muted",)))


def test_project_without_items_is_refused(tmp_path):
    with pytest.raises(SelectionError, match="have no items"):
        find_selections(project(tmp_path, track()), Wanted(range_seconds=(0.0, 1.0)))


def test_all_that_plays_is_called_after_the_only_track_that_does(tmp_path):
    alone = project(tmp_path, track(item("a.wav", 0.0, 4.0), name="Lead"), track(name="Empty"))
    (one,) = find_selections(alone, Wanted(range_seconds=(0.0, 2.0)))
    assert (one.track_ids, one.track_names) == ((), ("Lead",))


def test_all_that_plays_on_several_tracks_has_no_tracks_name(song):
    (one,) = find_selections(song, Wanted(region="Verse"))
    assert (one.track_ids, one.track_names) == ((), ())


@pytest.mark.parametrize("wanted", ["Drums", "dru*", "1", "D?ums"])
def test_track_is_chosen_by_name_pattern_or_number(song, wanted):
    (one,) = find_selections(song, Wanted(region="Verse", tracks=(wanted,)))
    assert (one.track_names, one.name) == (("Drums",), "Verse Drums")


def test_track_with_a_sign_before_its_number_is_not_one_of_that_name(tmp_path):
    first = track(item("a.wav", 0.0, 4.0), name="#2")
    second = track(item("b.wav", 0.0, 4.0), name="1")
    both = project(tmp_path, first, second)
    for wanted, name in (("#1", "#2"), ("#2", "1"), ("1", "1")):
        (one,) = find_selections(both, Wanted(range_seconds=(0.0, 1.0), tracks=(wanted,)))
        assert one.track_names == (name,)


def test_named_tracks_become_one_selection_each(song):
    found = find_selections(song, Wanted(range_seconds=(0.0, 10.0), tracks=("Gtr *", "Drums")))
    assert [one.track_names for one in found] == [("Drums",), ("Gtr L",), ("Gtr R",)]


def test_folder_includes_what_lies_in_it(song):
    (one,) = find_selections(song, Wanted(range_seconds=(0.0, 10.0), tracks=("Guitars",)))
    assert one.track_names == ("Guitars", "Gtr L", "Gtr R")


def test_named_tracks_can_be_mixed(song):
    wanted = Wanted(
        range_seconds=(0.0, 10.0), tracks=("Gtr *", "Drums"), grouping=Grouping.SELECTION
    )
    (one,) = find_selections(song, wanted)
    assert one.track_names == ("Drums", "Gtr L", "Gtr R")


def test_each_track_without_names_takes_those_that_sound(song):
    found = find_selections(song, Wanted(region="Verse", grouping=Grouping.TRACK))
    assert [one.track_names for one in found] == [("Drums",), ("Gtr L",)]


def test_each_item_is_the_part_of_it_in_the_range(song):
    found = find_selections(song, Wanted(range_seconds=(2.0, 8.0), grouping=Grouping.ITEM))
    assert [(one.item_ids, one.start_seconds, one.end_seconds) for one in found] == [
        (("drums",), 2.0, 8.0),
        (("left",), 2.0, 4.0),
        (("right",), 7.0, 8.0),
    ]


def test_unknown_track_lists_the_tracks(song):
    with pytest.raises(SelectionError, match=r'its tracks are 1 "Drums", 2 "Guitars"'):
        find_selections(song, Wanted(region="Verse", tracks=("99",)))


def test_long_lists_are_cut(tmp_path):
    regions = tuple(region(n, f"r{n}", n, n + 1) for n in range(50))
    song = project(tmp_path, track(item("a.wav", 0.0, 9.0)), regions=regions)
    with pytest.raises(SelectionError, match="and 30 more"):
        find_selections(song, Wanted(region="none"))
