"""What a project sounds like after stems became takes: rendered, and compared with the stems."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText
from fakes.timelines import noise, write_media

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.model import Alignment, Capture, Grouping, Stem, StemRole, Wanted
from hanolab_dawtools.placement import Placed, Placement

SHARES = {StemRole.VOCALS: 0.25, StemRole.ACCOMPANIMENT: 0.75}  # exact in float32
SPANS = {"inside": (1.0, 5.0), "start": (2.5, 5.0), "end": (1.0, 3.25), "both": (2.5, 3.25)}
ITEM = ItemText(
    position=2.0001,
    length=2.0,
    file="take.wav",
    offset="0.3",
    fade_in="1 0.25 0 1 0 0 0",
    fade_out="1 0.01 0.125 1 1 0 0",
)


def make_host(folder: Path, rate: int, n_channels: int, *items: ItemText) -> RppHost:
    write_media(folder / "take.wav", noise(n_channels, 3 * rate), rate)
    track = TrackText(items=items or (ITEM,))
    text = ProjectText((track,), DIALECTS["7.7"], rate=f"{rate} 1 0").content()
    text = text.replace(b"VOLPAN 1 0 1 -1\r", b"VOLPAN 0.7 0 -1.5 -1\r")
    (folder / "song.rpp").write_bytes(text)
    return RppHost(folder / "song.rpp")


def capture(host: RppHost, span: tuple[float, float], folder: Path, handle: float = 0.0) -> Capture:
    (selection,) = host.selections(Wanted(range_seconds=span, grouping=Grouping.SELECTION))
    folder.mkdir(exist_ok=True)
    return host.capture(
        selection, folder, handle_seconds=handle, stop=NeverStop(), progress=ignore_progress
    )


def sound(host: RppHost, span: tuple[float, float], folder: Path) -> np.ndarray:
    return read_audio(capture(host, span, folder).path).samples


def add_takes(host: RppHost, span: tuple[float, float], folder: Path) -> tuple[Placed, Placement]:
    """Capture with handles, share out, cut the handles off and place, as the road does."""
    (selection,) = host.selections(Wanted(range_seconds=span, as_takes=True))
    folder.mkdir()
    taken = host.capture(
        selection, folder, handle_seconds=0.5, stop=NeverStop(), progress=ignore_progress
    )
    samples = read_audio(taken.path).samples
    samples = samples[:, taken.lead_frames : taken.n_frames - taken.tail_frames]
    stems = []
    for role, share in SHARES.items():
        path = folder / f"{role.value}.wav"
        write_audio(path, AudioBuffer(samples * np.float32(share), taken.sample_rate))
        stems.append(Stem(role, path))
    alignment = Alignment(0.0, 1.0, 1, 1.0)
    wanted = Placement("j1", selection, taken, tuple(stems), alignment, as_takes=True)
    return host.place(wanted), wanted


def choose_take(host: RppHost, number: int) -> None:
    """Let another take of the item play, as a user does; 0 is the original."""
    heads = host.path.read_bytes().replace(b"TAKE SEL", b"TAKE").split(b"TAKE\r")
    text = heads[0]
    for index, head in enumerate(heads[1:], start=1):
        text += (b"TAKE SEL\r" if index == number else b"TAKE\r") + head
    host.path.write_bytes(text)


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
@pytest.mark.parametrize(("rate", "n_channels"), [(44_100, 2), (48_000, 1), (96_000, 4)])
def test_each_take_sounds_as_its_stem_and_all_together_as_the_item_did(
    tmp_path, span, rate, n_channels
):
    host = make_host(tmp_path, rate, n_channels)
    before = sound(host, span, tmp_path / "before")
    add_takes(host, span, tmp_path / "work")
    total = np.zeros_like(before, dtype=np.float64)
    for number, share in enumerate(SHARES.values(), start=1):
        choose_take(host, number)
        after = sound(host, span, tmp_path / "after")
        np.testing.assert_allclose(after, before * np.float32(share), atol=2e-7)
        total += after
    np.testing.assert_allclose(total, before, atol=4e-7)


def test_the_vocals_play_and_around_the_stems_all_is_as_before(tmp_path):
    host = make_host(tmp_path, 48_000, 2)
    inside, around = SPANS["both"], [(1.0, 2.5), (3.25, 5.0)]
    before = [sound(host, span, tmp_path / "before") for span in (inside, *around)]
    add_takes(host, inside, tmp_path / "work")
    after = [sound(host, span, tmp_path / "after") for span in (inside, *around)]
    np.testing.assert_allclose(after[0], before[0] * np.float32(0.25), atol=2e-7)
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_array_equal(after[2], before[2])


def test_the_original_take_chosen_again_sounds_as_before_where_no_fade_was(tmp_path):
    host = make_host(tmp_path, 48_000, 2)
    before = sound(host, SPANS["both"], tmp_path / "before")
    add_takes(host, SPANS["both"], tmp_path / "work")
    choose_take(host, 0)
    np.testing.assert_array_equal(sound(host, SPANS["both"], tmp_path / "after"), before)


def test_each_item_is_a_job_of_its_own_unless_told_otherwise(tmp_path):
    items = (ITEM, replace(ITEM, position=5.0, number=2))
    host = make_host(tmp_path, 48_000, 2, *items)
    wanted = Wanted(range_seconds=(1.0, 8.0), as_takes=True)
    assert len(host.selections(wanted)) == 2
    with pytest.raises(UsageError, match="holds 2"):
        host.selections(replace(wanted, grouping=Grouping.SELECTION))


def test_takes_placed_twice_are_placed_once(tmp_path):
    host = make_host(tmp_path, 48_000, 2)
    first, wanted = add_takes(host, SPANS["both"], tmp_path / "work")
    content = host.path.read_bytes()
    assert host.place(wanted) == first
    assert host.path.read_bytes() == content
    host.path.write_bytes(content.replace(b"RIPPLE 0", b"RIPPLE 1"))
    again = host.place(wanted)
    assert again.tracks == first.tracks
    assert "already in the project" in again.warnings[0]
