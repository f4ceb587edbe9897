"""The same project captured through REAPER and from its file is the same audio."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.live_captures import captured, item, live, media, project, track
from fakes.projects import ItemText, ProjectText, TrackText
from fakes.timelines import noise

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.model import HostName, Selection

NULL = 1e-6  # -120 dB of full scale


def from_file(path: Path, folder: Path, start: float, end: float, handle: float):
    """What the project-file host makes of the same range."""
    selection = Selection(HostName.RPP, path, "part", start, end, "range")
    return RppHost(path).capture(
        selection, folder, handle_seconds=handle, stop=NeverStop(), progress=ignore_progress
    )


def twins(folder: Path, items: list[dict], rate: int):
    """A project with a track for each of the items' "on", as a spec and as a file."""
    numbers = sorted({one["on"] for one in items})
    tracks, texts = [], []
    for number in numbers:
        mine = [one for one in items if one["on"] == number]
        tracks.append(
            track(
                f"T{number}",
                *(
                    item(
                        one["file"],
                        one["position"],
                        one["length"],
                        volume=one.get("volume", 1.0),
                        loop=one.get("loop", 0),
                        mute=one.get("mute", False),
                        take={"offset": one.get("offset", 0.0)},
                    )
                    for one in mine
                ),
            )
        )
        texts.append(
            TrackText(
                name=f"T{number}",
                number=number,
                items=tuple(
                    ItemText(
                        one["position"],
                        one["length"],
                        number=10 * number + n,
                        file=f'"{one["file"]}"',
                        offset=repr(one.get("offset", 0.0)),
                        loop=one.get("loop", 0),
                        mute=f"{int(one.get('mute', False))} 0",
                        fade_in="1 0 0 1 0 0 0",
                        fade_out="1 0 0 1 0 0 0",
                        extra=(f"VOLPAN {one.get('volume', 1.0)!r} 0 1 -1",),
                    )
                    for n, one in enumerate(mine)
                ),
            )
        )
    text = ProjectText(tracks=tuple(texts), rate=f"{rate} 1 0")
    (folder / "song.rpp").write_bytes(text.content())
    return project(folder, *tracks, sample_rate=rate)


CASES = {
    "one": [{"on": 1, "n": 2, "position": 0.1234567, "length": 1.3}],
    "two tracks": [
        {"on": 1, "n": 1, "position": 0.3, "length": 1.0},
        {"on": 2, "n": 2, "position": 0.7777, "length": 1.5, "offset": 0.1},
    ],
    "mono": [{"on": 1, "n": 1, "position": 0.5, "length": 0.9, "offset": 0.2}],
    "overlaps": [
        {"on": 1, "n": 2, "position": 0.2, "length": 1.9},
        {"on": 1, "n": 1, "position": 0.61, "length": 0.5},
        {"on": 1, "n": 1, "position": 1.95, "length": 0.5},
    ],
    "muted": [
        {"on": 1, "n": 1, "position": 0.2, "length": 1.0},
        {"on": 2, "n": 2, "position": 0.2, "length": 1.0, "mute": True},
    ],
    "longer than its media": [{"on": 1, "n": 2, "position": 0.2, "length": 2.4, "offset": 1.5}],
}


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("handle", [0.0, 0.4])
@pytest.mark.parametrize("case", CASES)
def test_both_hosts_capture_the_same(tmp_path, case, handle, rate):
    made = [
        {**one, "file": media(tmp_path / f"{k}.wav", noise(one["n"], 2 * rate, k) / 4, rate)}
        for k, one in enumerate(CASES[case])
    ]
    spec = twins(tmp_path, made, rate)
    with live(spec) as channel:
        ours = captured(channel, tmp_path / "live", 0.5, 1.987654, handle_seconds=handle)
    theirs = from_file(tmp_path / "song.rpp", tmp_path / "file", 0.5, 1.987654, handle)
    facts = ("sample_rate", "n_channels", "n_frames", "lead_frames", "tail_frames", "start_frame")
    assert [getattr(ours, one) for one in facts] == [getattr(theirs, one) for one in facts]
    assert len(ours.sources) == len(theirs.sources)
    difference = read_audio(ours.path).samples - read_audio(theirs.path).samples
    assert np.abs(difference).max() < NULL
