"""The matrix of an open project: what is named, what is selected, what REAPER's own matrix says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fakes.live_captures import captured, impulses, item, live, media, project, track

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.base import HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.reaper.facts import timeline_of
from hanolab_dawtools.hosts.reaper.matrix import find_live_matrix
from hanolab_dawtools.model import CapturePoint, Grouping


def band(folder: Path, **fields: Any) -> dict[str, Any]:
    """Three tracks that sound all the time, and three regions."""
    source = media(folder / "a.wav", impulses(48_000 * 7, 100, 48_000 * 5 + 9, n_channels=2))
    marks = {"selected": fields.pop("selected", ()), "render": fields.pop("render", {})}
    names = ("Vox", "Gtr", "Bass")
    chosen = fields.pop("tracks", ())
    tracks = [track(one, item(source, 0.0, 6.5), selected=one in chosen) for one in names]
    regions = [
        {
            "name": name,
            "start": start,
            "end": start + 1.0,
            "number": number,
            "selected": name in marks["selected"],
            "render": marks["render"].get(name, ()),
        }
        for number, (name, start) in enumerate([("Verse", 1.0), ("Chorus", 3.0), ("End", 5.0)], 4)
    ]
    return project(folder, *tracks, regions=regions, **fields)


def matrix(spec: dict[str, Any], **wanted: Any) -> HostMatrix:
    with live(spec, version="7.70") as channel:
        return find_live_matrix(timeline_of(channel.call("timeline", {})), MatrixWanted(**wanted))


def cells(found: HostMatrix) -> list[tuple[str, str]]:
    return [(cell.region, cell.track) for cell in found.cells]


def test_selected_regions_and_tracks_are_rows_and_columns(tmp_path: Path) -> None:
    spec = band(tmp_path, selected=("Chorus", "End"), tracks=("Vox", "Bass"))
    found = matrix(spec, grouping=Grouping.TRACK)
    assert cells(found) == [
        ("Chorus", "Vox"),
        ("Chorus", "Bass"),
        ("End", "Vox"),
        ("End", "Bass"),
    ]
    assert {cell.selection.tab for cell in found.cells} != {""}


def test_names_come_before_what_is_selected(tmp_path: Path) -> None:
    spec = band(tmp_path, selected=("Chorus",), tracks=("Vox",))
    assert cells(matrix(spec, regions=("V*",), tracks=("G*", "Bass"))) == [
        ("Verse", "Gtr"),
        ("Verse", "Bass"),
    ]


def test_without_regions_the_time_selection_is_the_row_else_the_cursor_s_or_the_whole(
    tmp_path: Path,
) -> None:
    (cell,) = matrix(band(tmp_path, time_selection=(2.0, 2.5))).cells
    assert (cell.selection.start_seconds, cell.selection.end_seconds) == (2.0, 2.5)
    ((region, _track),) = cells(matrix(band(tmp_path, cursor=3.5)))
    assert region == "Chorus"
    (cell,) = matrix(band(tmp_path)).cells
    assert (cell.selection.start_seconds, cell.selection.end_seconds) == (0.0, 6.5)


def test_the_render_matrix_says_which_track_goes_with_which_region(tmp_path: Path) -> None:
    render = {"Verse": (0, 2), "End": ("master", 1)}
    found = matrix(band(tmp_path, render=render), uses_render_matrix=True)
    assert cells(found) == [("Verse", "Vox"), ("Verse", "Bass"), ("End", ""), ("End", "Gtr")]
    assert [len(cell.selection.track_ids) for cell in found.cells] == [1, 1, 0, 1]
    narrowed = matrix(band(tmp_path, render=render), uses_render_matrix=True, regions=("End",))
    assert cells(narrowed) == [("End", ""), ("End", "Gtr")]


def test_an_empty_render_matrix_is_told(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match=r"render matrix of song\.rpp is empty"):
        matrix(band(tmp_path), uses_render_matrix=True)


def test_the_render_matrix_goes_with_no_tracks(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--render-matrix says which tracks"):
        matrix(band(tmp_path, render={"End": (1,)}), uses_render_matrix=True, tracks=("Vox",))


def test_behind_the_master_there_is_one_column(tmp_path: Path) -> None:
    spec = band(tmp_path, selected=("End",), tracks=("Vox",), render={"End": ("master", 0)})
    assert cells(matrix(spec, point=CapturePoint.MASTER)) == [("End", "")]
    found = matrix(spec, point=CapturePoint.MASTER, uses_render_matrix=True)
    assert cells(found) == [("End", "")]


def test_a_region_of_the_matrix_in_which_nothing_sounds_is_told(tmp_path: Path) -> None:
    spec = band(tmp_path, render={"Verse": (0, 1)})
    spec["tracks"][0]["items"][0]["mute"] = 1
    found = matrix(spec, uses_render_matrix=True)
    assert cells(found) == [("Verse", "Gtr")]
    ((cell, reason),) = found.left_out
    assert (cell.track, "does not sound" in reason) == ("Vox", True)


def test_a_capture_is_witnessed_until_its_items_or_files_change(tmp_path: Path) -> None:
    with live(band(tmp_path, selected=("End",)), version="7.70") as channel:
        before = timeline_of(channel.call("timeline", {}))
        (cell,) = find_live_matrix(before, MatrixWanted()).cells
        ids = [item.id for _, item in before.timeline.items()]
        taken = captured(channel, tmp_path, 5.0, 6.0)
        assert set(taken.sources) == set(ids)
        witness = find_live_matrix(before, MatrixWanted()).witness
        assert witness is not None
        assert witness.is_same(cell.selection, taken, time.time() + 1)
        assert not witness.is_same(cell.selection, taken, 1.0)  # the file is younger
        assert witness.has_items(ids)
        channel.host.projects[0].edit({"items": {"0,0": {"D_LENGTH": 6.25}}})
        after = find_live_matrix(timeline_of(channel.call("timeline", {})), MatrixWanted()).witness
        assert after is not None
        assert not after.is_same(cell.selection, taken, time.time() + 1)
        assert not after.has_items(["{00000000-0000-4000-8000-000000000000}"])
