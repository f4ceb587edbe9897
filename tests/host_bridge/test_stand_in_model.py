"""The stand-in's projects: what scripts change is there, undo restores it, and traps are traps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fakes.reaper import FakeReaper
from fakes.reaper.host import Host
from fakes.reaper.in_process import here
from fakes.reaper.specs import RATE, impulses, item, song, track

NULL = "0" * 16


@pytest.fixture
def spec(tmp_path: Path) -> dict[str, Any]:
    file = impulses(tmp_path / "a.wav", [0], seconds=2.0)
    vocals = track("vocals", item(file, 1.0), item(file, 4.0), sends=[1], fx=["ReaEQ", "-ReaComp"])
    regions = [{"name": "verse", "start": 1.0, "end": 3.0, "number": 7, "selected": True}]
    markers = [{"name": "here", "position": 2.0}]
    return song(tmp_path / "song.rpp", vocals, track("bus"), regions=regions, markers=markers)


@pytest.fixture
def reaper(spec: dict[str, Any]) -> Iterator[tuple[ModuleType, Host]]:
    with here(projects=[spec]) as (reaper_python, host):
        yield reaper_python, host


def first_item(r: ModuleType) -> str:
    return str(r.RPR_GetTrackMediaItem(r.RPR_GetTrack(0, 0), 0))


def build(r: ModuleType, file: Path, position: float) -> tuple[str, str]:
    """A track with an item of a file, as scripts make them; (track, item)."""
    r.RPR_InsertTrackAtIndex(r.RPR_CountTracks(0), False)
    made = r.RPR_GetTrack(0, r.RPR_CountTracks(0) - 1)
    new = r.RPR_AddMediaItemToTrack(made)
    r.RPR_SetMediaItemInfo_Value(new, "D_POSITION", position)
    r.RPR_AddTakeToMediaItem(new)
    return made, new


def document(host: Host) -> dict[str, Any]:
    """The snapshot without what undo leaves alone."""
    snapshot = host.active_project.snapshot()
    return {k: v for k, v in snapshot.items() if k not in {"change_count", "undo", "is_dirty"}}


def test_undo_restores_everything_in_one_step(
    reaper: tuple[ModuleType, Host], tmp_path: Path
) -> None:
    r, host = reaper
    before = document(host)
    r.RPR_Undo_BeginBlock2(0)
    build(r, tmp_path / "a.wav", 3.0)
    vocals = r.RPR_GetTrack(0, 0)
    r.RPR_SetMediaTrackInfo_Value(vocals, "D_VOL", 0.5)
    r.RPR_GetSetMediaTrackInfo_String(vocals, "P_NAME", "gone", True)
    r.RPR_SplitMediaItem(first_item(r), 2.0)
    r.RPR_TrackFX_Delete(vocals, 0)
    r.RPR_RemoveTrackSend(vocals, 0, 0)
    r.RPR_DeleteProjectMarker(0, 7, True)
    r.RPR_Undo_EndBlock2(0, "HanoLab: all of it", -1)
    after = document(host)
    assert after != before
    assert r.RPR_Undo_CanUndo2(0) == "HanoLab: all of it"
    assert r.RPR_Undo_DoUndo2(0) == 1
    assert document(host) == before
    assert r.RPR_Undo_DoRedo2(0) == 1
    assert document(host) == after


def test_an_undo_takes_what_no_step_holds_with_it(reaper: tuple[ModuleType, Host]) -> None:
    r, host = reaper
    before = document(host)
    r.RPR_Undo_BeginBlock2(0)
    r.RPR_SetMediaTrackInfo_Value(r.RPR_GetTrack(0, 0), "B_MUTE", 1.0)
    r.RPR_Undo_EndBlock2(0, "mute", -1)
    r.RPR_SetMediaTrackInfo_Value(r.RPR_GetTrack(0, 0), "D_PAN", 1.0)
    r.RPR_Undo_DoUndo2(0)
    assert document(host) == before


def test_inner_blocks_are_part_of_the_outer_one(reaper: tuple[ModuleType, Host]) -> None:
    r, host = reaper
    for _block in range(2):
        r.RPR_Undo_BeginBlock2(0)
    r.RPR_Undo_EndBlock2(0, "inner", -1)
    assert not host.active_project.snapshot()["is_closed"]
    r.RPR_Undo_EndBlock2(0, "outer", -1)
    assert host.active_project.undo_labels == ["outer"]
    assert host.active_project.snapshot()["is_closed"]


def test_what_a_script_leaves_open_is_told(tmp_path: Path) -> None:
    text = "from reaper_python import *\nRPR_PreventUIRefresh(1)\nRPR_Undo_BeginBlock2(0)\n"
    with FakeReaper(tmp_path, allow_errors=True) as reaper:
        reaper.run_text(text)
        told = [dialog["text"] for dialog in reaper.error_dialogs]
        assert told == ["an undo block was left open", "PreventUIRefresh was not released"]
        assert reaper.snapshot()["is_closed"]


def test_items_from_before_an_undo_are_stale_and_tracks_are_not(
    reaper: tuple[ModuleType, Host],
) -> None:
    r, host = reaper
    one, kept = r.RPR_GetTrack(0, 0), first_item(r)
    host.active_project.edit({"tracks": {0: {"name": "other"}}})
    r.RPR_Undo_DoUndo2(0)
    assert r.RPR_GetTrack(0, 0) == one
    assert first_item(r) != kept
    assert host.addresses.find(int(kept[-16:], 16)) is None


def test_a_fresh_source_is_refused_by_the_stock_wrapper(
    reaper: tuple[ModuleType, Host], tmp_path: Path
) -> None:
    r, host = reaper
    _track, new = build(r, tmp_path / "a.wav", 3.0)
    source = r.RPR_PCM_Source_CreateFromFile(str(tmp_path / "a.wav"))
    assert not source.endswith(NULL)
    r.RPR_SetMediaItemTake_Source(r.RPR_GetActiveTake(new), source)
    assert host.active_project.tracks[2].items[0].takes[0].source is None


def test_a_source_in_use_is_copied(reaper: tuple[ModuleType, Host], tmp_path: Path) -> None:
    r, _host = reaper
    used = r.RPR_GetMediaItemTake_Source(r.RPR_GetActiveTake(first_item(r)))
    _track, new = build(r, tmp_path / "a.wav", 3.0)
    assert r.RPR_SetMediaItemTake_Source(r.RPR_GetActiveTake(new), used)
    copied = r.RPR_GetMediaItemTake_Source(r.RPR_GetActiveTake(new))
    assert copied != used
    assert r.RPR_GetMediaSourceFileName(copied, "", 4096)[1] == str(tmp_path / "a.wav")
    assert r.RPR_GetMediaSourceLength(copied, False)[0] == 2.0
    assert r.RPR_GetMediaSourceSampleRate(copied) == RATE


def test_a_file_that_is_no_audio_gives_no_source(
    reaper: tuple[ModuleType, Host], tmp_path: Path
) -> None:
    r, _host = reaper
    (tmp_path / "text.wav").write_text("no audio")
    for name in ("text.wav", "absent.wav"):
        assert r.RPR_PCM_Source_CreateFromFile(str(tmp_path / name)).endswith(NULL)


def test_peaks_take_several_calls(reaper: tuple[ModuleType, Host]) -> None:
    r, host = reaper
    source = r.RPR_GetMediaItemTake_Source(r.RPR_GetActiveTake(first_item(r)))
    assert r.RPR_PCM_Source_BuildPeaks(source, 0)
    left = [r.RPR_PCM_Source_BuildPeaks(source, 1)]
    while left[-1]:
        left.append(r.RPR_PCM_Source_BuildPeaks(source, 1))
    r.RPR_PCM_Source_BuildPeaks(source, 2)
    assert left == [66, 33, 0]
    assert host.active_project.tracks[0].items[0].takes[0].source.has_peaks
    assert r.RPR_PCM_Source_BuildPeaks(source, 0) == 0


def test_a_split_keeps_what_sounds_where_it_is(reaper: tuple[ModuleType, Host]) -> None:
    r, host = reaper
    right = r.RPR_SplitMediaItem(first_item(r), 1.5)
    left, cut = (host.active_project.tracks[0].items[n] for n in (0, 1))
    assert (left.start, left.end, cut.start, cut.end) == (1.0, 1.5, 1.5, 3.0)
    assert cut.takes[0].values["D_STARTOFFS"] == 0.5
    assert cut.guid != left.guid
    assert r.RPR_SplitMediaItem(right, 1.5).endswith(NULL)


def test_regions_by_the_old_and_the_new_functions(spec: dict[str, Any]) -> None:
    with here("7.62", projects=[spec]) as (r, _host):
        assert r.RPR_CountProjectMarkers(0, 0, 0) == (2, 0, 1, 1)
        assert r.RPR_GetLastMarkerAndCurRegion(0, 2.5, 0, 0)[2:] == (1, 0)
        assert r.RPR_GetNumRegionsOrMarkers(0) == 2
        region = r.RPR_GetRegionOrMarker(0, 0, "")
        keys = ("D_STARTPOS", "D_ENDPOS", "I_NUMBER", "B_ISREGION", "B_UISEL")
        found = [r.RPR_GetRegionOrMarkerInfo_Value(0, region, key) for key in keys]
        assert found == [1.0, 3.0, 7.0, 1.0, 1.0]
        name = r.RPR_GetSetRegionOrMarkerInfo_String(0, region, "P_NAME", "", False)
        assert name[4] == "verse"


def test_folders_sends_and_effects_are_told(reaper: tuple[ModuleType, Host]) -> None:
    r, _host = reaper
    vocals, bus = r.RPR_GetTrack(0, 0), r.RPR_GetTrack(0, 1)
    assert [r.RPR_GetTrackNumSends(bus, category) for category in (-1, 0)] == [1, 0]
    assert [r.RPR_TrackFX_GetEnabled(vocals, n) for n in range(2)] == [1, 0]
    r.RPR_TrackFX_CopyToTrack(vocals, 0, bus, 0, False)
    assert r.RPR_TrackFX_GetFXName(bus, 0, "", 64)[3] == "ReaEQ"
    r.RPR_SetMediaTrackInfo_Value(vocals, "I_FOLDERDEPTH", 1.0)
    assert r.RPR_GetParentTrack(bus) == vocals
    assert r.RPR_GetTrackDepth(bus) == 1


def test_a_deleted_track_takes_sends_to_it_along(reaper: tuple[ModuleType, Host]) -> None:
    r, _host = reaper
    r.RPR_DeleteTrack(r.RPR_GetTrack(0, 1))
    assert r.RPR_GetTrackNumSends(r.RPR_GetTrack(0, 0), 0) == 0


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [("I_NCHAN", 3.0, 4.0), ("B_MUTE", 5.0, 1.0), ("I_SOLO", 2.0, 2.0), ("D_VOL", 0.1, 0.1)],
)
def test_values_are_kept_as_their_type_is(
    reaper: tuple[ModuleType, Host], key: str, given: float, kept: float
) -> None:
    r, _host = reaper
    one = r.RPR_GetTrack(0, 0)
    assert r.RPR_SetMediaTrackInfo_Value(one, key, given)
    assert r.RPR_GetMediaTrackInfo_Value(one, key) == kept


def test_lanes_need_the_mode_for_them(reaper: tuple[ModuleType, Host]) -> None:
    r, _host = reaper
    one, first = r.RPR_GetTrack(0, 0), first_item(r)
    r.RPR_SetMediaItemInfo_Value(first, "I_FIXEDLANE", 1.0)
    assert r.RPR_GetMediaItemInfo_Value(first, "I_FIXEDLANE") == 0.0
    r.RPR_SetMediaTrackInfo_Value(one, "I_FREEMODE", 2.0)
    r.RPR_SetMediaItemInfo_Value(first, "I_FIXEDLANE", 2.0)
    assert r.RPR_GetMediaTrackInfo_Value(one, "I_NUMFIXEDLANES") == 3.0
    r.RPR_SetMediaTrackInfo_Value(one, "C_LANEPLAYS:1", 1.0)
    plays = [r.RPR_GetMediaTrackInfo_Value(one, f"C_LANEPLAYS:{lane}") for lane in range(3)]
    assert plays == [0.0, 1.0, 0.0]


def test_render_settings_are_dirt_but_no_change_and_not_undone(
    reaper: tuple[ModuleType, Host],
) -> None:
    r, host = reaper
    count = r.RPR_GetProjectStateChangeCount(0)
    r.RPR_GetSetProjectInfo(0, "RENDER_TAILFLAG", 0.0, True)
    r.RPR_GetSetProjectInfo_String(0, "RENDER_PATTERN", "x", True)
    assert r.RPR_GetProjectStateChangeCount(0) == count
    assert r.RPR_IsProjectDirty(0)
    host.active_project.edit({"time_selection": [1, 2]})
    host.active_project.undo()
    assert host.active_project.snapshot()["texts"]["RENDER_PATTERN"] == "x"
    assert r.RPR_GetProjectStateChangeCount(0) > count


def test_new_items_may_have_fades_of_their_own(spec: dict[str, Any]) -> None:
    with here(projects=[spec], misbehaviours=["new_items_have_fades"]) as (r, _host):
        new = r.RPR_AddMediaItemToTrack(r.RPR_GetTrack(0, 1))
        assert r.RPR_GetMediaItemInfo_Value(new, "D_FADEINLEN_AUTO") > 0


@pytest.mark.parametrize(
    ("names", "answer", "is_set"),
    [((), 1, True), (("no_set_guid",), 0, False), (("set_guid_ignored",), 1, False)],
)
def test_guids_may_be_refused(
    spec: dict[str, Any], names: tuple[str, ...], answer: int, *, is_set: bool
) -> None:
    wanted = "{01234567-89AB-CDEF-0123-456789ABCDEF}"
    with here(projects=[spec], misbehaviours=names) as (r, _host):
        one = r.RPR_GetTrack(0, 0)
        assert r.RPR_GetSetMediaTrackInfo_String(one, "GUID", wanted, True)[0] == answer
        found = r.RPR_GetSetMediaTrackInfo_String(one, "GUID", "", False)[3]
        assert (found == wanted) == is_set
