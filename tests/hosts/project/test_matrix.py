"""Regions x tracks of a project."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.timelines import item, project, region, track

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.base import HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.project.matrix import find_matrix
from hanolab_dawtools.hosts.project.selecting import find_selections
from hanolab_dawtools.model import CapturePoint, Grouping, Wanted

REGIONS = (
    region(1, "Verse", 0.0, 2.0),
    region(2, "Chorus", 2.0, 4.0),
    region(7, "Chorus", 6.0, 8.0),
    region(9, "Empty", 5.0, 5.0),
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


def titles(matrix: HostMatrix) -> list[tuple[str, str]]:
    return [(cell.region, cell.track) for cell in matrix.cells]


def silent(matrix: HostMatrix) -> dict[tuple[str, str], str]:
    return {(cell.region, cell.track): reason for cell, reason in matrix.left_out}


def test_each_track_that_sounds_in_a_region_is_a_cell(song):
    found = find_matrix(song, MatrixWanted(("Verse", "#2"), ("Drums", "Gtr*", "Muted")))
    assert titles(found) == [
        ("Verse", "Drums"),
        ("Verse", "Gtr L"),
        ("Chorus", "Drums"),
        ("Chorus", "Gtr L"),
    ]
    assert "is muted" in silent(found)["Verse", "Muted"]
    assert silent(found)["Verse", "Gtr R"] == "no item lies there"


def test_regions_of_one_name_are_told_apart_and_come_in_the_order_of_time(song):
    found = find_matrix(song, MatrixWanted(("chorus", "V*"), ("Drums",)))
    assert titles(found) == [("Verse", "Drums"), ("Chorus #2", "Drums"), ("Chorus #7", "Drums")]


def test_empty_region_is_left_out_with_the_reason(song):
    found = find_matrix(song, MatrixWanted(("*",), ("Drums",)))
    assert "is empty" in silent(found)["Empty", ""]
    assert len(found.cells) == 3


@pytest.mark.parametrize(
    ("tracks", "columns"),
    [
        (("Guitars",), {"Guitars": {"id 2", "id 3", "id 4"}}),
        (("*",), {"Gtr L": {"id 3"}, "Drums": {"id 1"}}),
        (("*", "Guitars"), {"Guitars": {"id 2", "id 3", "id 4"}, "Gtr L": {"id 3"}}),
        (("G*s",), {"Guitars": {"id 2", "id 3", "id 4"}}),
    ],
)
def test_folder_stands_for_its_tracks_unless_they_are_columns_themselves(song, tracks, columns):
    found = find_matrix(song, MatrixWanted(("#2",), tracks))
    ids = {cell.track: set(cell.selection.track_ids) for cell in found.cells}
    assert columns.items() <= ids.items()
    if tracks == ("*",):
        assert "Guitars" not in ids  # it holds no item, and its tracks are columns


def test_without_tracks_all_that_sounds_is_one_cell(song):
    found = find_matrix(song, MatrixWanted(("Verse", "#2")))
    assert titles(found) == [("Verse", ""), ("Chorus", "")]
    assert len({cell.bench for cell in found.cells}) == 1
    assert found.cells[0].selection.track_ids == ()


def test_named_tracks_can_be_mixed(song):
    found = find_matrix(song, MatrixWanted(("Verse",), ("Drums", "Gtr*"), Grouping.SELECTION))
    assert [c.selection.track_names for c in found.cells] == [("Drums", "Gtr L", "Gtr R")]


def test_each_item_is_a_cell_of_its_own_length(song):
    found = find_matrix(song, MatrixWanted(("#2", "#7"), ("Gtr*",), Grouping.ITEM))
    spans = [(c.selection.start_seconds, c.selection.end_seconds) for c in found.cells]
    assert spans == [(2.0, 4.0), (7.0, 8.0)]
    assert [c.selection.item_ids for c in found.cells] == [("left",), ("right",)]


@pytest.mark.parametrize(
    ("wanted", "grouping"),
    [
        ((), None),
        ((), Grouping.TRACK),
        ((), Grouping.ITEM),
        (("Drums", "Gtr L"), None),
        (("Guitars",), None),
        (("Drums", "Guitars"), Grouping.SELECTION),
    ],
)
def test_one_row_is_what_the_single_command_selects(song, wanted, grouping):
    one = find_selections(song, Wanted("Verse", tracks=wanted, grouping=grouping))
    many = find_matrix(song, MatrixWanted(("Verse",), wanted, grouping))
    assert [cell.selection for cell in many.cells] == one


def test_without_regions_the_time_selection_counts_else_the_whole(song):
    (whole,) = find_matrix(song, MatrixWanted()).cells
    assert (whole.selection.start_seconds, whole.selection.end_seconds) == (0.0, 10.0)
    (chosen,) = find_matrix(replace(song, time_selection=(1.0, 3.0)), MatrixWanted()).cells
    assert (chosen.selection.start_seconds, chosen.selection.end_seconds) == (1.0, 3.0)


def test_patterns_that_fit_nothing_are_told_with_what_there_is(song):
    found = find_matrix(song, MatrixWanted(("Vers", "Verse"), ("Bass",)))
    assert set(found.unmatched) == {"Vers", "Bass"}
    assert '1 "Verse"' in found.unmatched["Vers"]
    assert found.cells == ()


def test_tracks_of_one_name_are_told_apart(tmp_path):
    twins = project(
        tmp_path,
        track(item("a.wav", 0.0, 1.0), name="Vox"),
        track(item("b.wav", 0.0, 1.0), name="Vox"),
    )
    assert titles(find_matrix(twins, MatrixWanted(tracks=("vox",)))) == [
        ("", "Vox #1"),
        ("", "Vox #2"),
    ]


def test_results_of_earlier_jobs_are_a_column_only_when_named(song):
    made = frozenset({"id 1"})
    by_pattern = find_matrix(song, MatrixWanted(("Verse",), ("*",)), made=made)
    by_name = find_matrix(song, MatrixWanted(("Verse",), ("Drums",)), made=made)
    each = find_matrix(song, MatrixWanted(("Verse",), grouping=Grouping.TRACK), made=made)
    assert titles(by_pattern) == titles(each) == [("Verse", "Gtr L")]
    assert titles(by_name) == [("Verse", "Drums")]


def test_project_without_items_is_refused(tmp_path):
    with pytest.raises(SelectionError, match="holds no item"):
        find_matrix(project(tmp_path, track(name="Bare")), MatrixWanted())


@pytest.mark.parametrize(
    "wanted",
    [MatrixWanted(uses_render_matrix=True), MatrixWanted(point=CapturePoint.MASTER)],
)
def test_what_only_a_running_reaper_has_is_refused(song, wanted):
    with pytest.raises(UsageError, match="REAPER"):
        find_matrix(song, wanted)
