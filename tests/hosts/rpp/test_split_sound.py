"""Cutting source items changes nothing that is heard beside the stems, whatever they play."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.placements import item_ids, place, placement
from fakes.projects import DIALECTS, ItemText, Lines, ProjectText, TrackText, block
from fakes.timelines import noise, write_media

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.model import Grouping, Wanted

RATE = 48_000
SPAN = (2.5, 3.25)
AROUND = [(1.5, 2.5), (3.25, 6.5)]
WAVE = block("SOURCE WAVE", "FILE take.wav")


def section(mode: int) -> Lines:
    return block("SOURCE SECTION", "LENGTH 2.5", "STARTPOS 0.25", f"MODE {mode}", WAVE)


def item(**options: object) -> ItemText:
    return ItemText(2.0, 4.0, file="take.wav", **options)


ITEMS = {
    "plain": item(),
    "offset": item(offset="0.3"),
    "negative offset": item(offset="-0.25"),
    "looped": item(loop=1, offset="1"),
    "looped from before the start": item(loop=1, offset="-1"),
    "double speed": item(rate="2"),
    "half speed": item(rate="0.5", offset="0.25"),
    "looped fast": item(rate="1.5", loop=1),
    "section": item(source=section(0), offset="0.125"),
    "looped section": item(source=section(0), loop=1),
    "reversed section": item(source=section(2), offset="0.125"),
    "reversed": item(source=block("SOURCE SECTION", "MODE 3", WAVE)),
    "looped reversed section": item(source=section(2), loop=1),
    "left channel": item(take_extra=["CHANMODE 3"]),
}


def project(folder: Path, one: ItemText) -> bytes:
    write_media(folder / "take.wav", noise(2, 3 * RATE), RATE)
    content = ProjectText((TrackText(items=(one,)),), DIALECTS["7.7"]).content()
    content = content.replace(b"VOLPAN 1 0 1", b"VOLPAN 0.8 0.25 1.5")
    return content.replace(f"PLAYRATE {one.rate} 1".encode(), f"PLAYRATE {one.rate} 0".encode())


def sound(folder: Path, content: bytes, span: tuple[float, float]) -> np.ndarray:
    (folder / "song.rpp").write_bytes(content)
    host = RppHost(folder / "song.rpp")
    (selection,) = host.selections(Wanted(range_seconds=span, grouping=Grouping.SELECTION))
    taken = host.capture(
        selection, folder, handle_seconds=0.0, stop=NeverStop(), progress=ignore_progress
    )
    assert taken.skipped == ()
    return read_audio(taken.path).samples


@pytest.mark.parametrize("one", ITEMS.values(), ids=ITEMS)
def test_what_plays_beside_the_stems_sounds_as_before(tmp_path, one):
    content = project(tmp_path, one)
    new, placed = place(content, placement(*SPAN, sources=item_ids(content), rate=RATE))
    assert placed.warnings == ()
    for span in AROUND:
        before, after = (sound(tmp_path, text, span) for text in (content, new))
        assert np.abs(before).max() > 0.1
        np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("one", ITEMS.values(), ids=ITEMS)
def test_the_original_take_chosen_again_sounds_as_before_between_the_cuts(tmp_path, one):
    content = project(tmp_path, one)
    wanted = placement(*SPAN, sources=item_ids(content), rate=RATE, as_takes=True)
    new, _ = place(content, wanted)
    new = new.replace(b"TAKE SEL", b"TAKE")
    before, after = (sound(tmp_path, text, (2.0, 5.5)) for text in (content, new))
    np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("n_sources", [1, 2])
@pytest.mark.parametrize(("rule", "n_warnings"), [(0, 1), (1, 0)])
def test_items_that_mixed_may_replace_each_other_when_cut(tmp_path, rule, n_warnings, n_sources):
    """The item 2..4 is cut at 3.5 while another, cut there or not, plays 3..5."""
    items = (ItemText(2.0, 2.0, 1, "take.wav"), ItemText(3.0, 2.0, 2, "take.wav"))
    write_media(tmp_path / "take.wav", noise(2, 3 * RATE), RATE)
    content = ProjectText((TrackText(items=items),), DIALECTS["7.7"]).content()
    content = content.replace(b"ITEMMIX 0", f"ITEMMIX {rule}".encode())
    sources = item_ids(content)[:n_sources]
    as_takes = n_sources == 1
    new, placed = place(content, placement(1.0, 3.5, sources=sources, rate=RATE, as_takes=as_takes))
    assert len(placed.warnings) == n_warnings
    before, after = (sound(tmp_path, text, (3.5, 6.0)) for text in (content, new))
    assert np.array_equal(after, before) == (n_warnings == 0)
