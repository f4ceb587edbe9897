"""The stand-in's renders against mathematics: where frames land, what gains do, what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fakes.reaper.in_process import here
from fakes.reaper.specs import RATE, impulses, item, ramp, sine, song, track

RENDER = 42230
FLOAT, PCM_16, FLAC_24 = "ZXZhdyAAAA==", "ZXZhdxAAAA==", "Y2FsZhgAAAAFAAAA"
MASTER, STEMS, ITEMS, VIA_MASTER, BEFORE_FADER = 0, 2, 32, 128, 8192
HALF = 10 ** (-6 / 20)  # what "Gain -6 dB" does
EXACT = 2.0**-20  # a float32 file against a float64 sum


def rendered(folder: Path, *tracks: Any, **kept: Any) -> dict[str, np.ndarray]:
    """Render and read: by file name without its ending, (channels, frames)."""
    misbehaviours, answers = kept.pop("misbehaviours", ()), kept.pop("answers", ())
    numbers = {
        "RENDER_BOUNDSFLAG": 0,
        "RENDER_STARTPOS": 1.0,
        "RENDER_ENDPOS": 2.0,
        "RENDER_TAILFLAG": 0,
        **kept.pop("numbers", {}),
    }
    texts = {"RENDER_FILE": str(folder / "out"), "RENDER_PATTERN": "it", "RENDER_FORMAT": FLOAT}
    texts |= kept.pop("texts", {})
    spec = song(folder / "song.rpp", *tracks, numbers=numbers, texts=texts, **kept)
    with here(projects=[spec], misbehaviours=misbehaviours) as (reaper_python, host):
        host.answers.extend(answers)
        before = host.active_project.snapshot()
        reaper_python.RPR_Main_OnCommandEx(RENDER, 0, 0)
        assert host.active_project.snapshot() == before
    return dict(files_of(folder / "out"))


def files_of(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    for path in sorted(folder.glob("*")):
        yield path.stem, soundfile.read(path, always_2d=True)[0].T


def test_impulses_land_on_their_frames(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [0, 100, RATE - 1])
    found = rendered(tmp_path, track("a", item(file, 1.0)))["it"]
    assert found.shape == (2, RATE)
    assert np.flatnonzero(found[0]).tolist() == [0, 100, RATE - 1]
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize("frame", [1, 7, 44_101, 47_999])
def test_position_and_offset_move_by_whole_frames(tmp_path: Path, frame: int) -> None:
    file = ramp(tmp_path / "a.wav", seconds=3.0)
    take = {"offset": frame / RATE}
    found = rendered(tmp_path, track("a", item(file, 1 + 5 / RATE, take=take, length=0.5)))["it"]
    n_frames = 24_000
    assert not found[0, :5].any()
    expected = (frame + np.arange(n_frames)) / (3 * RATE)
    assert np.abs(found[0, 5 : 5 + n_frames] - expected).max() < EXACT
    assert not found[0, 5 + n_frames :].any()


def test_a_play_rate_of_two_takes_every_second_frame(tmp_path: Path) -> None:
    file = ramp(tmp_path / "a.wav", seconds=2.0)
    found = rendered(tmp_path, track("a", item(file, 1.0, take={"rate": 2.0})))["it"]
    assert np.abs(found[0] - np.arange(RATE) * 2 / (2 * RATE)).max() < EXACT


def test_a_source_of_another_rate_keeps_its_frequency(tmp_path: Path) -> None:
    file = sine(tmp_path / "a.wav", 100.0, rate=44_100)
    found = rendered(tmp_path, track("a", item(file, 1.0)))["it"]
    expected = 0.5 * np.sin(2 * np.pi * 100.0 * np.arange(RATE) / RATE)
    assert np.abs(found[0] - expected)[:-2].max() < 1e-4  # straight lines between 441 points


def test_a_looped_source_begins_again(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [10], seconds=0.25)
    found = rendered(tmp_path, track("a", item(file, 1.0, length=1.0, loop=True)))["it"]
    assert np.flatnonzero(found[0]).tolist() == [10, 12_010, 24_010, 36_010]


def test_every_gain_of_the_path_counts_once(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [100])
    inner = track(
        "in",
        item(file, 1.0, take={"volume": 0.5, "fx": ["Gain -6 dB"]}, volume=0.25),
        volume=0.5,
        fx=["Gain -6 dB", "ReaEQ", "-Gain -20 dB"],
        folder_depth=-1,
    )
    parent = track("out", folder_depth=1, volume=0.5, fx=["Gain +6 dB"])
    found = rendered(tmp_path, parent, inner, master={"volume": 0.5, "fx": ["Gain -6 dB"]})["it"]
    expected = 0.5 * 0.5 * HALF * 0.25 * HALF * 0.5 / HALF * 0.5 * HALF * 0.5
    assert found[0, 100] == pytest.approx(expected, rel=1e-6)


def test_fades_are_straight_and_automatic_ones_go_first(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", range(RATE), value=1.0)
    values = {"D_FADEINLEN_AUTO": 0.5}
    wanted = item(file, 1.0, fade_in=0.1, fade_out=0.25, values=values)
    found = rendered(tmp_path, track("a", wanted))["it"][0]
    assert found[[0, 12_000, 24_000]] == pytest.approx([0.0, 0.5, 1.0], abs=EXACT)
    assert found[42_000] == pytest.approx(0.5, abs=EXACT)


def test_pan_turns_the_other_side_down(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [0])
    found = rendered(tmp_path, track("a", item(file, 1.0), pan=-0.5))["it"]
    assert found[:, 0].tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    ("spec", "is_heard"),
    [
        ({}, [True, True]),
        ({"mute": True}, [False, True]),
        ({"solo": True}, [True, False]),
        ({"folder_depth": 1, "mute": True}, [False, False]),
        ({"folder_depth": 1, "solo": True}, [True, True]),
    ],
)
def test_mute_and_solo(tmp_path: Path, spec: dict[str, Any], is_heard: list[bool]) -> None:
    first, second = impulses(tmp_path / "a.wav", [10]), impulses(tmp_path / "b.wav", [20])
    tracks = track("a", item(first, 1.0), **spec), track("b", item(second, 1.0))
    found = rendered(tmp_path, *tracks)["it"]
    assert [bool(found[0, frame]) for frame in (10, 20)] == is_heard


def test_sends_before_and_after_the_fader(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [0], value=1.0)
    sends = [{"to": 1, "volume": 0.5}, {"to": 2, "mode": 3}, {"to": 3, "mode": 1}]
    a = track("a", item(file, 1.0), volume=0.5, fx=["Gain -6 dB"], sends=sends, selected=True)
    others = [track(name, selected=True) for name in ("after", "before", "pre fx")]
    texts = {"RENDER_PATTERN": "$track"}
    found = rendered(tmp_path, a, *others, numbers={"RENDER_SETTINGS": STEMS}, texts=texts)
    heard = {name: samples[0, 0] for name, samples in found.items()}
    expected = {"a": HALF / 2, "after": HALF / 4, "before": HALF, "pre fx": 1.0}
    assert heard == pytest.approx(expected, rel=1e-6)


def test_stems_hold_their_children_and_stop_before_the_fader_when_told(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [0], value=1.0)
    tracks = [
        track("parent", volume=0.5, pan=1.0, folder_depth=1, selected=True),
        track("child", item(file, 1.0), volume=0.5, folder_depth=-1),
    ]
    found = rendered(tmp_path, *tracks, numbers={"RENDER_SETTINGS": STEMS | BEFORE_FADER})["it"]
    assert found[:, 0].tolist() == [0.5, 0.5]
    after = rendered(tmp_path / "2", *tracks, numbers={"RENDER_SETTINGS": STEMS})["it"]
    assert after[:, 0].tolist() == [0.0, 0.25]


def test_selected_items_are_files_of_their_own_before_the_track(tmp_path: Path) -> None:
    file = impulses(tmp_path / "a.wav", [100], value=1.0)
    items = [item(file, 1.0, selected=True, volume=0.5), item(file, 1.5, selected=True)]
    a = track("a", *items, fx=["Gain -6 dB"], volume=0.1)
    found = rendered(tmp_path, a, numbers={"RENDER_SETTINGS": ITEMS})
    assert list(found) == ["it-001", "it-002"]
    assert [samples.shape[1] for samples in found.values()] == [RATE, RATE]
    assert found["it-001"][0, 100] == 0.5
    assert found["it-002"][0, 24_100] == 1.0


def test_custom_bounds_may_be_ignored_for_items(tmp_path: Path) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0], seconds=3.0), 0.5, selected=True))
    name = "render_ignores_custom_bounds_for_items"
    found = rendered(tmp_path, a, numbers={"RENDER_SETTINGS": ITEMS}, misbehaviours=[name])
    assert found["it"].shape == (2, 3 * RATE)


def test_selected_tracks_go_through_the_master(tmp_path: Path) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0), selected=True)
    numbers = {"RENDER_SETTINGS": VIA_MASTER}
    assert rendered(tmp_path, a, numbers=numbers, master={"volume": 0.5})["it"][0, 0] == 0.25


def test_regions_are_a_file_each(tmp_path: Path) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    regions = [
        {"name": "verse", "start": 1.0, "end": 1.5, "selected": True},
        {"name": "chorus", "start": 0.5, "end": 2.5},
    ]
    texts = {"RENDER_PATTERN": "$region"}
    numbers = {"RENDER_BOUNDSFLAG": 3}
    found = rendered(tmp_path, a, regions=regions, texts=texts, numbers=numbers)
    lengths = {name: samples.shape[1] for name, samples in found.items()}
    assert lengths == {"verse": RATE // 2, "chorus": 2 * RATE}
    chosen = rendered(
        tmp_path / "2", a, regions=regions, texts=texts, numbers={"RENDER_BOUNDSFLAG": 5}
    )
    assert list(chosen) == ["verse"]


@pytest.mark.parametrize(
    ("text", "ending", "subtype"),
    [(FLOAT, ".wav", "FLOAT"), (PCM_16, ".wav", "PCM_16"), (FLAC_24, ".flac", "PCM_24")],
)
def test_the_format_is_what_the_bytes_say(
    tmp_path: Path, text: str, ending: str, subtype: str
) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    rendered(tmp_path, a, texts={"RENDER_FORMAT": text})
    assert soundfile.info(tmp_path / "out" / f"it{ending}").subtype == subtype


def test_rate_channels_and_tail(tmp_path: Path) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    numbers = {"RENDER_SRATE": 44_100, "RENDER_CHANNELS": 1, "RENDER_TAILFLAG": 1}
    found = rendered(tmp_path, a, numbers={**numbers, "RENDER_TAILMS": 500})["it"]
    assert found.shape == (1, 66_150)
    assert found[0, 0] == 0.5


def test_a_forgotten_normalisation_is_heard(tmp_path: Path) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    numbers = {"RENDER_NORMALIZE": 1 | 4, "RENDER_NORMALIZE_TARGET": 0.25}
    assert rendered(tmp_path, a, numbers=numbers)["it"][0, 0] == 0.25


@pytest.mark.parametrize(
    ("name", "n_frames"),
    [("render_one_frame_short", RATE - 1), ("render_one_frame_long", RATE + 1)],
)
def test_a_frame_more_or_less(tmp_path: Path, name: str, n_frames: int) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    assert rendered(tmp_path, a, misbehaviours=[name])["it"].shape[1] == n_frames


def test_a_full_disk_leaves_half_a_file(tmp_path: Path) -> None:
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    rendered(tmp_path, a, misbehaviours=["disk_full"])
    assert (tmp_path / "out" / "it.wav").stat().st_size < RATE * 4 * 2 * 0.6


@pytest.mark.parametrize(("answer", "is_replaced"), [("yes", True), ("no", False)])
def test_a_file_that_is_there_is_asked_about(
    tmp_path: Path, answer: str, *, is_replaced: bool
) -> None:
    old = impulses(tmp_path / "out" / "it.wav", [], seconds=0.1)
    before = old.stat().st_size
    a = track("a", item(impulses(tmp_path / "a.wav", [0]), 1.0))
    rendered(tmp_path, a, answers=[answer])
    assert (old.stat().st_size != before) == is_replaced
