"""Results of many jobs in a running REAPER: one step, tracks that are shared, found again later."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes.failing_calls import failing
from fakes.live_captures import DirectChannel, impulses, item, live, media, track
from fakes.live_places import (
    SONG,
    captured,
    difference,
    files_of,
    placement,
    song,
    told,
    without_history,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.errors import HanolabError, HostError
from hanolab_dawtools.hosts.reaper.place import NOT_SAVED
from hanolab_dawtools.hosts.reaper.place_together import place_together
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.placement import Placed, Placement

OTHER = "{00000002-0000-4000-8000-000000000000}"  # an item on the second track of `two_tracks`
REGIONS = ((0.5, 1.5), (1.5, 2.25), (3.0, 4.0))
LABEL = "HanoLab: results of batch b"


def two_tracks(folder: Path, **fields: Any) -> dict[str, Any]:
    """A track "Mix" and a track "Gtr" with an item of 4 s each, which begin at 0.5 s."""
    source = media(folder / "gtr.wav", impulses(5 * 48_000, 300, n_channels=2))
    return song(folder, track("Gtr", item(source, 0.5, 4.0, guid=OTHER)), **fields)


def cell(
    channel: DirectChannel,
    folder: Path,
    number: int,
    span: tuple[float, float],
    sources: tuple[str, ...] = (SONG,),
    **fields: Any,
) -> Placement:
    """A cell of the batch b, captured now."""
    fields.setdefault("shelf", "Mix\nb")
    return placement(
        folder,
        *span,
        job_id=f"b-{number}",
        sources=sources,
        fingerprint=captured(channel, sources),
        **fields,
    )


def cells(channel: DirectChannel, folder: Path, **fields: Any) -> list[Placement]:
    """Three regions of both tracks."""
    columns = [((SONG,), "Mix\nb"), ((OTHER,), "Gtr\nb")]
    spans = [(span, column) for span in REGIONS for column in columns]
    return [
        cell(channel, folder, number, span, sources, shelf=shelf, **fields)
        for number, (span, (sources, shelf)) in enumerate(spans, 1)
    ]


def put(
    channel: DirectChannel, wanted: Sequence[Placement], label: str = LABEL
) -> list[Placed | HanolabError]:
    return place_together(channel, [(one, files_of(one)) for one in wanted], label)


def well(outcomes: Sequence[Placed | HanolabError]) -> list[Placed]:
    """The results, when all were placed."""
    for outcome in outcomes:
        if isinstance(outcome, HanolabError):
            raise outcome
    return [one for one in outcomes if isinstance(one, Placed)]


def names(channel: DirectChannel) -> list[tuple[str, int, int]]:
    """Name, folder depth and number of items of each track."""
    return [
        (one["name"], int(one["values"]["I_FOLDERDEPTH"]), len(one["items"]))
        for one in channel.snapshot()["tracks"]
    ]


def muted(channel: DirectChannel, number: int) -> list[tuple[float, float]]:
    """Where items of a track are muted."""
    values = [one["values"] for one in channel.snapshot()["tracks"][number]["items"]]
    return [
        (one["D_POSITION"], one["D_POSITION"] + one["D_LENGTH"]) for one in values if one["B_MUTE"]
    ]


SHELVES = [
    ("Mix", 0, 5),
    ("Gtr", 0, 5),
    ("STEMS: Mix", 1, 0),
    ("Vocals", 0, 3),
    ("Accompaniment", -1, 3),
    ("STEMS: Gtr", 1, 0),
    ("Vocals", 0, 3),
    ("Accompaniment", -1, 3),
]


def test_regions_of_a_track_share_its_folder_and_one_undo_takes_all_back(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        before = told(channel)
        placed = well(put(channel, cells(channel, tmp_path)))
        assert sorted(names(channel)) == sorted(SHELVES)
        assert muted(channel, 0) == [pytest.approx(span) for span in REGIONS]
        assert muted(channel, 1) == [pytest.approx(span) for span in REGIONS]
        assert {one.undo_label for one in placed} == {LABEL}
        assert sum(NOT_SAVED in one.changes for one in placed) == 1
        assert told(channel)["undo"] == [LABEL]
        channel.call("undo", {"tab": channel.tab(), "label": LABEL})
        assert not difference(told(channel), before)


@pytest.mark.parametrize("misbehaviour", [(), ("no_set_guid",), ("set_guid_ignored",)])
def test_what_is_placed_later_finds_the_tracks_and_the_parts_of_the_items(
    tmp_path: Path, misbehaviour: Any
) -> None:
    with live(two_tracks(tmp_path), misbehaviours=misbehaviour) as channel:
        wanted = cells(channel, tmp_path)  # all are captured before anything is cut
        for number, one in enumerate([wanted[:1], wanted[3:5], wanted[1:3], wanted[5:]]):
            well(put(channel, one, f"{LABEL} {number}"))
        assert sorted(names(channel)) == sorted(SHELVES)
        assert sorted(muted(channel, 0)) == [pytest.approx(span) for span in REGIONS]
        before = channel.snapshot()
        again = well(put(channel, wanted))
        assert channel.snapshot() == before
        assert [one.undo_label[-1] for one in again] == ["0", "2", "2", "1", "1", "3"]
        assert all("already in the project" in one.warnings[0] for one in again)


def test_a_result_whose_source_was_changed_is_refused_alone(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = cells(channel, tmp_path)
        channel.host.projects[0].edit({"items": {"1,0": {"D_POSITION": 0.75}}})
        outcomes = put(channel, wanted)
        refused = [one for one in outcomes if isinstance(one, HanolabError)]
        assert len(refused) == 3
        assert all("were changed in REAPER" in str(one) for one in refused)
        assert len(names(channel)) == 5
        assert muted(channel, 1) == []


def test_a_change_at_the_last_moment_is_refused_alone_too(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = cells(channel, tmp_path)

        def change(command: str, arguments: object) -> None:
            if command == "place_many":
                channel.host.projects[0].edit({"items": {"1,0": {"D_POSITION": 0.75}}})

        channel.before_call = change
        outcomes = put(channel, wanted)
        assert [isinstance(one, Placed) for one in outcomes] == [True, False] * 3


def test_what_one_plan_is_refused_for_leaves_what_the_others_alone_would(tmp_path: Path) -> None:
    """Takes of an item that cannot be cut, between results that go onto tracks."""
    midi = {"takes": [{"kind": "MIDI", "file": str(tmp_path / "a.mid")}]}
    bad = {"items": [{"guid": OTHER, "position": 0.5, "length": 4.0, **midi}]}
    with live(song(tmp_path, {"name": "Midi", **bad})) as channel:
        wanted = [
            cell(channel, tmp_path, 1, REGIONS[0]),
            cell(channel, tmp_path, 2, REGIONS[1], (OTHER,), shelf="", as_takes=True),
            cell(channel, tmp_path, 3, REGIONS[2]),
        ]
        first, refused, last = put(channel, wanted)
        assert isinstance(first, Placed)
        assert isinstance(last, Placed)
        assert "it has a MIDI take" in str(refused)
        with_it = without_history(told(channel))
        channel.call("undo", {"tab": channel.tab(), "label": LABEL})
        well(put(channel, [wanted[0], wanted[2]]))
        drop = ("guid", "effects", "strings")
        assert not difference(*[_plain(one, drop) for one in (with_it, told(channel))])


def _plain(value: Any, drop: Sequence[str]) -> Any:
    """A snapshot without what is new with every cut, and its undo steps."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key not in drop and key != "undo"}
        return {key: _plain(one, drop) for key, one in kept.items()}
    return [_plain(one, drop) for one in value] if isinstance(value, list) else value


def test_when_all_are_refused_there_is_no_undo_step(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path), misbehaviours=["source_not_attached"]) as channel:
        before = channel.snapshot()
        outcomes = put(channel, cells(channel, tmp_path))
        assert all("did not let a take play" in str(one) for one in outcomes)
        assert channel.snapshot() == before


@pytest.mark.parametrize("step", [97, pytest.param(3, marks=pytest.mark.soak)])
@pytest.mark.parametrize("after", [False, True])
def test_a_fault_at_any_call_leaves_the_project_as_it_was(
    tmp_path: Path, step: int, after: bool
) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = cells(channel, tmp_path)
        well(put(channel, wanted[:1], "first"))
        before = told(channel)
        n = 5
        while True:
            with failing(channel, n, after=after) as api:
                with suppress(HostError):
                    put(channel, wanted)
                if not api.failed:
                    break
            changed = difference(told(channel), before)
            assert not changed, f"after call {n}, {api.failed}"
            n += step
        assert n > 1000
        assert len(told(channel)["undo"]) == 2


@pytest.mark.parametrize("step", [211, pytest.param(7, marks=pytest.mark.soak)])
@pytest.mark.parametrize("after", [False, True])
def test_a_refusal_at_any_call_leaves_out_one_result(
    tmp_path: Path, step: int, after: bool
) -> None:
    """What REAPER refuses one of them is taken back, and the others are there whole."""
    n, n_refused = 20, 0
    while True:
        with live(two_tracks(tmp_path)) as channel:
            wanted = cells(channel, tmp_path)
            before = told(channel)
            outcomes: list[Placed | HanolabError] = []
            with failing(channel, n, after=after, code="refused") as api, suppress(HostError):
                outcomes = put(channel, wanted)
            left = [one for one, made in zip(wanted, outcomes, strict=False) if _is_out(made)]
            n_refused += len(left)
            assert len(left) <= 1
            if outcomes:
                n_items = sum(n_items for _, _, n_items in names(channel)[2:])
                assert n_items == 2 * (6 - len(left))
                channel.call("undo", {"tab": channel.tab(), "label": LABEL})
            assert not difference(told(channel), before), f"call {n}, {api.failed}"
            if not api.failed:
                break
        n += step
    assert n_refused > 5


def _is_out(outcome: Placed | HanolabError) -> bool:
    return isinstance(outcome, HanolabError)


def test_a_stem_of_a_new_name_goes_to_the_end_of_its_folder(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = cells(channel, tmp_path)
        well(put(channel, wanted[:2]))
        drums = (StemRole.DRUMS, StemRole.VOCALS)
        later = cell(channel, tmp_path, 9, (2.5, 2.75), roles=drums)
        well(put(channel, [later], "later"))
        assert ("Drums", -1, 1) in names(channel)
        folder = [name for name, _, _ in names(channel)].index("STEMS: Mix")
        inside = names(channel)[folder : folder + 4]
        assert [depth for _, depth, _ in inside] == [1, 0, 0, -1]
        assert inside[3][0] == "Drums"


@pytest.mark.parametrize(
    ("depths", "expected"),
    [
        ([1, 0, -1, 0], [1, 0, 0, -1, 0]),  # as it was made
        ([1, 1, -2, 0], [1, 1, -1, -1, 0]),  # a folder of the user's at its end
        ([0, 0, 0, 0], [1, -1, 0, 0, 0]),  # no folder any more
        ([1, 0, 0, 0], [1, 0, 0, 0, -1]),  # never closed
    ],
)
def test_a_folder_gets_a_track_whatever_was_made_of_it(
    tmp_path: Path, depths: list[int], expected: list[int]
) -> None:
    from hanolab_changes import Changes
    from hanolab_place_shelf import add_to_folder

    tracks = [track(f"{number}", folder_depth=depth) for number, depth in enumerate(depths)]
    with live({"path": str(tmp_path / "song.rpp"), "tracks": tracks}) as channel:
        before = channel.snapshot()
        changes = Changes(channel.face, channel.face.find_project())
        add_to_folder(changes, channel.face.api.GetTrack(changes.project, 0))
        after = [int(one["values"]["I_FOLDERDEPTH"]) for one in channel.snapshot()["tracks"]]
        assert after == expected
        assert changes.take_back() == []
        assert channel.snapshot() == before


def test_further_presets_over_the_same_music_are_there_and_silent(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = [
            cell(channel, tmp_path, 1, REGIONS[0], shelf="Mix, one\nb"),
            cell(channel, tmp_path, 2, REGIONS[0], shelf="Mix, two\nb"),
        ]
        first, second = well(put(channel, wanted))
        assert not first.warnings
        assert "another result stands for the same music" in second.warnings[0]
        folders = [one for one in channel.snapshot()["tracks"] if one["name"].startswith("STEMS")]
        assert [one["values"]["B_MUTE"] for one in folders] == [0, 1]
        assert len(muted(channel, 0)) == 1


def test_takes_of_many_regions_lie_in_their_parts_of_the_item(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = [
            cell(channel, tmp_path, n, span, shelf="", as_takes=True)
            for n, span in enumerate(REGIONS, 1)
        ]
        well(put(channel, wanted))
        parts = channel.snapshot()["tracks"][0]["items"]
        with_takes = [one["values"]["D_POSITION"] for one in parts if len(one["takes"]) == 3]
        assert with_takes == [start for start, _ in REGIONS]


def test_a_stem_that_is_no_audio_is_left_out_alone(tmp_path: Path) -> None:
    with live(two_tracks(tmp_path)) as channel:
        wanted = cells(channel, tmp_path)
        wanted[2].stems[0].path.write_bytes(b"no audio")
        outcomes = put(channel, wanted)
        assert [isinstance(one, Placed) for one in outcomes] == [True, True, False] + [True] * 3


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_rounds_in_any_order_end_in_the_same_music(tmp_path_factory: Any, data: Any) -> None:
    """Whatever is placed when: the same items at the same places, and the rest plays as before."""
    folder = tmp_path_factory.mktemp("rounds")
    edges = data.draw(st.lists(st.integers(24_001, 210_000), min_size=2, max_size=8, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    spans = [
        (one / 48_000, other / 48_000)
        for one, other in zip(edges[::2], edges[1::2], strict=True)
        if other - one > 480
    ]
    with live(song(folder)) as channel:
        wanted = [cell(channel, folder, n, span) for n, span in enumerate(spans, 1)]
        left = data.draw(st.permutations(wanted))
        while left:
            n_now = data.draw(st.integers(1, len(left)))
            well(put(channel, left[:n_now]))
            left = left[n_now:]
        parts = channel.snapshot()["tracks"][0]["items"]
        for part in parts:
            values, offset = part["values"], part["takes"][0]["values"]["D_STARTOFFS"]
            assert offset == pytest.approx(values["D_POSITION"] - 0.5, abs=1e-9)
            middle = values["D_POSITION"] + values["D_LENGTH"] / 2
            assert values["B_MUTE"] == any(start < middle < end for start, end in spans)
        assert sum(one["values"]["D_LENGTH"] for one in parts) == pytest.approx(4.0, abs=1e-9)
        on_tracks = [len(one["items"]) for one in channel.snapshot()["tracks"][2:]]
        assert on_tracks == ([len(spans)] * 2 if spans else [])
