"""The whole mix, by an independent mixer, before and after stems were placed."""

from __future__ import annotations

import numpy as np
import pytest
from fakes.mixer import POST_FADER, PRE_FADER, PRE_FX, RATE, Mixer
from fakes.placements import place, placement, timeline_of
from fakes.projects import ItemText, Lines, ProjectText, TrackText, block, envelope
from hypothesis import given
from hypothesis import strategies as st

N_FRAMES = 4 * RATE
ITEM = ItemText(0.5, 3.0, file="take.wav", offset="0.25")
TAKE = np.random.default_rng(1).uniform(-1, 1, (2, N_FRAMES))


def gain_effect(gain: float) -> Lines:
    inside = ["BYPASS 0 0", block(f"JS gain {gain}", "0"), "FXID {F}"]
    return block("FXCHAIN", *inside)


def audible(text: str, start: float, end: float) -> dict[str, np.ndarray]:
    """What comes out, when the stems share what the item plays between two times."""
    first, last = round(start * RATE), round(end * RATE)
    mix = np.zeros((2, last - first))
    item_first, item_last = 500, 3500
    at, until = max(first, item_first), min(last, item_last)
    mix[:, at - first : until - first] = TAKE[:, 250 + at - item_first : 250 + until - item_first]
    media = {"take.wav": TAKE, "vocals.wav": 0.25 * mix, "accompaniment.wav": 0.75 * mix}
    return Mixer(text, media, N_FRAMES).outputs


def outputs_before_and_after(
    content: bytes, start: float, end: float, **options: object
) -> list[dict[str, np.ndarray]]:
    sources = tuple(item.id for _, item in timeline_of(content).items())
    new, _ = place(content, placement(start, end, sources=sources, rate=RATE, **options))
    return [audible(text.decode(), start, end) for text in (content, new)]


levels = st.sampled_from([0.25, 0.5, 1.0, 2.0])
pans = st.sampled_from([-1.0, -0.25, 0.0, 0.5, 1.0])
modes = st.sampled_from([POST_FADER, PRE_FX, PRE_FADER])


@st.composite
def strips(draw: st.DrawFn, number: int, senders: range, *, has_item: bool) -> TrackText:
    """A channel strip that may receive from the tracks `senders`."""
    extra = [
        f"AUXRECV {sender} {draw(modes)} {draw(levels)} {draw(pans)} {draw(st.integers(0, 1))} 0"
        " 0 0 0 -1:U 0 -1 ''"
        for sender in senders
        if draw(st.booleans())
    ]
    extra += [f"HWOUT 4 {draw(modes)} {draw(levels)} 0 0 0 0 -1:U -1"] * draw(st.integers(0, 1))
    chunks = [envelope("VOLENV2", (0, 1), (4, 0.5))] if draw(st.booleans()) else []
    chunks += [gain_effect(draw(levels))] if draw(st.booleans()) else []
    return TrackText(
        name=f"T{number}",
        number=number,
        items=(ITEM,) if has_item else (),
        extra=tuple(extra),
        chunks=tuple(chunks),
    )


@st.composite
def mixes(draw: st.DrawFn) -> ProjectText:
    """A source track somewhere among others; who sends to whom is drawn, without circles."""
    n_tracks = draw(st.integers(1, 4))
    source = draw(st.integers(0, n_tracks - 1))
    tracks = [
        draw(strips(number, range(number), has_item=number == source)) for number in range(n_tracks)
    ]
    return ProjectText(tuple(tracks), settings=(f"PANLAW {draw(levels)}",))


spans = st.sampled_from([(0.0, 4.0), (1.0, 2.0), (0.0, 2.0), (1.5, 4.0)])


strip_values = st.tuples(levels, pans, st.integers(0, 1), st.integers(0, 1))


@given(mixes(), strip_values, spans)
def test_every_output_sounds_as_before(project, values, span):
    gain, pan, phase, to_master = values
    text = project.text().replace("VOLPAN 1 0 -1 -1 1", f"VOLPAN {gain} {pan} -1 -1 1")
    text = text.replace("IPHASE 0", f"IPHASE {phase}")
    text = text.replace("MAINSEND 1", f"MAINSEND {to_master}")
    before, after = outputs_before_and_after(text.encode(), *span)
    assert before.keys() == after.keys()
    for name, signal in before.items():
        np.testing.assert_allclose(after[name], signal, atol=1e-12)


@pytest.mark.parametrize("keep_source", [False, True])
def test_the_mixer_hears_the_item_once_whoever_plays_it(keep_source):
    content = ProjectText((TrackText(items=(ITEM,)),)).content()
    before, after = outputs_before_and_after(content, 1.0, 2.0, keep_source=keep_source)
    assert np.abs(before["master"]).max() > 0.9
    np.testing.assert_allclose(after["master"], before["master"], atol=1e-15)


def test_a_send_that_is_not_taken_over_would_be_heard():
    """The mixer can fail: without the folder's copies of the sends the mix differs."""
    receive = "AUXRECV 0 0 0.5 0 0 0 0 0 0 -1:U 0 -1 ''"
    project = ProjectText((TrackText(items=(ITEM,)), TrackText("Reverb", 2, extra=(receive,))))
    content = project.content()
    sources = tuple(item.id for _, item in timeline_of(content).items())
    new, _ = place(content, placement(1.0, 2.0, sources=sources, rate=RATE))
    assert new.count(b"AUXRECV") == 2
    cut = b"\n".join(line for line in new.split(b"\n") if b"AUXRECV 2" not in line)
    heard = [audible(text.decode(), 1.0, 2.0)["master"] for text in (content, new, cut)]
    np.testing.assert_allclose(heard[1], heard[0], atol=1e-15)
    assert np.abs(heard[2] - heard[0]).max() > 0.1
