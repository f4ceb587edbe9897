"""What the bridge tells of an open project, and that REAPER never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from types import GeneratorType
from typing import Any

import pytest
from fakes.live_captures import scripts
from fakes.reaper.in_process import here

from hanolab_dawtools.hosts.reaper.facts import timeline_of

scripts()

import hanolab_reading  # noqa: E402 - the folder of the scripts must be known first
from hanolab_reascript import HostFault, Reascript  # noqa: E402

MAX_CALLS_IN_A_SLICE = 60  # of some microseconds each; a tick's budget is 8 ms
SONG = {
    "path": "/music/song.rpp",
    "tracks": [
        {
            "name": f"T{number}",
            "guid": f"{{T{number}}}",
            "items": [
                {
                    "guid": f"{{I{number}{place}}}",
                    "position": float(place),
                    "length": 1.0,
                    "takes": [{"guid": f"{{K{number}{place}}}", "fx": ["ReaComp", "-ReaEQ"]}],
                }
                for place in range(4)
            ],
        }
        for number in range(3)
    ],
}


def finish(result: Any, on_slice: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The result of a command; `on_slice` is called after each of its slices."""
    while isinstance(result, GeneratorType):
        try:
            next(result)
        except StopIteration as end:
            return end.value
        on_slice()
    return result


@pytest.fixture
def reaper():
    with here(version="7.70", projects=[SONG, {"path": "/music/other.rpp"}]) as (module, host):
        yield Reascript(module), host


def test_state_tells_what_is_pointed_at(reaper):
    face, host = reaper
    edit = {"select_tracks": [1], "select_items": [[0, 1], [2, 3]], "time_selection": [1, 2]}
    host.projects[0].edit({**edit, "cursor": 3.5, "play_state": 1})
    told = hanolab_reading.state(face, {})
    assert (told["name"], told["path"]) == ("song", "/music/song.rpp")
    assert (told["selected_tracks"], told["n_selected_items"]) == (["T1"], 2)
    assert (told["time_selection"], told["cursor_seconds"]) == ([1.0, 2.0], 3.5)
    assert told["is_playing"]


def test_other_tab_is_read_without_showing_it(reaper):
    face, host = reaper
    other = next(face.tab_text(p) for p, path in face.projects() if "other" in path)
    assert hanolab_reading.state(face, {"tab": other})["path"] == "/music/other.rpp"
    told = timeline_of(finish(hanolab_reading.timeline(face, {"tab": other})))
    assert (told.tab, told.source.name, told.timeline.tracks) == (other, "other.rpp", ())
    assert host.active_project is host.projects[0]


@pytest.mark.parametrize("tab", ["0x10", "none", "-1"])
def test_tab_that_is_not_open_is_gone(reaper, tab):
    with pytest.raises(HostFault) as caught:
        hanolab_reading.state(reaper[0], {"tab": tab})
    assert caught.value.code in {"gone", "bad_arguments"}


def test_slice_of_a_reading_is_a_handful_of_calls(reaper):
    face, _ = reaper
    counts = [0]
    original = face.api

    class Counting:
        def __getattr__(self, name):
            function = getattr(original, name)

            def call(*ins, **options):
                counts[-1] += 1
                return function(*ins, **options)

            return call if callable(function) else function

    face.api = Counting()
    finish(hanolab_reading.timeline(face, {}), lambda: counts.append(0))
    assert len(counts) > 15
    assert max(counts) <= MAX_CALLS_IN_A_SLICE


def test_change_while_reading_starts_it_again(reaper):
    face, host = reaper
    changes = iter([{"tracks": {"2": {"name": "late"}}}])

    def change_once():
        for change in changes:
            host.projects[0].edit(change)

    told = timeline_of(finish(hanolab_reading.timeline(face, {}), change_once))
    assert told.timeline.tracks[2].name == "late"
    assert told.change_count == host.projects[0].change_count


def test_track_that_goes_while_reading_starts_it_again(reaper):
    face, host = reaper
    slices = []

    def remove():
        slices.append(1)
        if len(slices) == 3:
            host.projects[0].edit({"delete_tracks": [0]})

    told = timeline_of(finish(hanolab_reading.timeline(face, {}), remove))
    assert [track.name for track in told.timeline.tracks] == ["T1", "T2"]


def test_project_that_never_rests_is_told_after_four_readings(reaper):
    face, host = reaper
    with pytest.raises(HostFault) as caught:
        finish(hanolab_reading.timeline(face, {}), lambda: host.projects[0].edit({"cursor": 1.0}))
    assert caught.value.code == "changed"


def test_tab_closed_while_reading_is_gone(reaper):
    face, host = reaper
    slices = []

    def close():
        slices.append(1)
        if len(slices) == 2:
            host.close_project(host.projects[0])

    with pytest.raises(HostFault) as caught:
        finish(hanolab_reading.timeline(face, {}), close)
    assert caught.value.code == "gone"


def test_values_are_read_by_kind_id_and_key(reaper):
    face, _ = reaper
    reads = [
        ["project", "", "RENDER_SRATE"],
        ["project", "", "RENDER_FORMAT"],
        ["track", "{T1}", "P_NAME"],
        ["track", "{T1}", "D_VOL"],
        ["item", "{I12}", "D_POSITION"],
        ["take", "{K12}", "GUID"],
        ["item", "{nowhere}", "D_POSITION"],
        ["track", "master", "I_NCHAN"],
    ]
    told = finish(hanolab_reading.values(face, {"reads": reads}))["values"]
    assert told == [0.0, "ZXZhdxgAAA==", "T1", 1.0, 2.0, "{K12}", None, 2.0]


def test_tab_closed_while_values_are_looked_up_is_gone(reaper):
    face, host = reaper
    reading = hanolab_reading.values(face, {"reads": [["track", "{T2}", "D_VOL"]]})
    next(reading)
    host.close_project(host.projects[0])
    with pytest.raises(HostFault) as caught:
        finish(reading)
    assert caught.value.code == "gone"


def test_tracks_deleted_while_values_are_looked_up_are_null(reaper):
    face, host = reaper
    reading = hanolab_reading.values(face, {"reads": [["track", "{T2}", "D_VOL"]]})
    next(reading)
    host.projects[0].edit({"delete_tracks": [2, 1]})
    assert finish(reading) == {"values": [None]}


def test_values_of_what_was_deleted_meanwhile_are_null(reaper):
    face, host = reaper
    ask = {"reads": [["track", "{T0}", "D_VOL"]]}
    assert finish(hanolab_reading.values(face, ask)) == {"values": [1.0]}
    host.projects[0].edit({"delete_tracks": [0]})
    assert finish(hanolab_reading.values(face, ask)) == {"values": [None]}


@pytest.mark.parametrize(
    "reads",
    [
        None,
        [["track", "{T0}"]],
        [["window", "", "X"]],
        [["project", "", 5]],
        ["abc"],
        [["project", "", "RENDER_STATS"]],
        [["project", "", "RENDER_TARGETS"]],
    ],
)
def test_reads_that_make_no_sense_or_open_dialogs_are_refused(reaper, reads):
    with pytest.raises(HostFault) as caught:
        finish(hanolab_reading.values(reaper[0], {"reads": reads}))
    assert caught.value.code == "bad_arguments"


@pytest.mark.parametrize(("version", "selected"), [("7.22", None), ("7.70", (7,))])
def test_selected_regions_are_told_from_the_version_on_that_can(version, selected):
    region = {"name": "A", "start": 1.0, "end": 2.0, "number": 7, "selected": True}
    twin = {"name": "B", "start": 3.0, "end": 4.0, "number": 8}
    with here(version=version, projects=[{**SONG, "regions": [region, twin]}]) as (module, _):
        live = timeline_of(finish(hanolab_reading.timeline(Reascript(module), {})))
    chosen = live.region_selection
    assert (chosen if chosen is None else tuple(one.number for one in chosen)) == selected


def test_unsaved_project_is_untitled_among_its_recordings():
    with here(projects=[{**SONG, "path": ""}]) as (module, _):
        live = timeline_of(finish(hanolab_reading.timeline(Reascript(module), {})))
    assert not live.is_saved
    assert live.source == live.record_path / "untitled"
    assert live.project_folder is None


def test_razor_edits_of_items_are_told_and_those_of_envelopes_not(reaper):
    face, host = reaper
    areas = '0.5 1.5 "" 2 3 "{ENVELOPE}" 4 5 ""'
    host.projects[0].edit({"razor": {"1": areas}})
    live = timeline_of(finish(hanolab_reading.timeline(face, {})))
    spans = [(one.track_id, one.start_seconds, one.end_seconds) for one in live.razor_edits]
    assert spans == [("{T1}", 0.5, 1.5), ("{T1}", 4.0, 5.0)]


def test_effects_are_those_that_sound(reaper):
    live = timeline_of(finish(hanolab_reading.timeline(reaper[0], {})))
    take = live.timeline.tracks[0].items[0].take
    assert [name.endswith("ReaComp") for name in take.effects] == [True]
