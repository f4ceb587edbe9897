"""Channel modes, pan and envelopes, against gains worked out by hand or by formula."""

from __future__ import annotations

import numpy as np
import pytest
from fakes.timelines import item, noise, project, render, track, write_media

from hanolab_dawtools.hosts.project.timeline import Envelope, Fade

RATE = 48_000
SIX = np.arange(1, 7, dtype=np.float32)[:, np.newaxis] / 8 * np.ones((1, 480), dtype=np.float32)


def channels_of(tmp_path, samples, **fields) -> list[float]:
    """What an item of constant channels comes out as, one value a channel."""
    write_media(tmp_path / "a.wav", samples, RATE)
    out = render(project(tmp_path, track(item("a.wav", 0.0, 0.01, **fields))), 0.0, 0.01)
    assert np.ptp(out, axis=1).max() == 0.0
    return [float(value) for value in out[:, 0]]


@pytest.mark.parametrize(
    ("mode", "n_media", "expected"),
    [
        (0, 2, [1, 2]),
        (1, 2, [2, 1]),
        (1, 6, [2, 1, 3, 4, 5, 6]),
        (2, 2, [1.5]),
        (3, 2, [1]),
        (4, 2, [2]),
        (5, 6, [3]),
        (8, 6, [6]),
        (67, 6, [1, 2]),
        (69, 6, [3, 4]),
        (0, 1, [1]),
        (1, 1, [1]),
        (2, 1, [1]),
        (3, 1, [1]),
    ],
)
def test_channel_mode_chooses_what_plays(tmp_path, mode, n_media, expected):
    out = channels_of(tmp_path, SIX[:n_media], channel_mode=mode)
    assert out == [value / 8 for value in expected]


@pytest.mark.parametrize(
    ("pan", "expected"),
    [(0.0, [1, 1]), (-1.0, [1, 0]), (1.0, [0, 1]), (0.25, [0.75, 1]), (-0.25, [1, 0.75])],
)
@pytest.mark.parametrize("n_media", [1, 2])
def test_pan_lowers_the_side_it_leaves(tmp_path, pan, expected, n_media):
    samples = np.full((n_media, 480), 0.5, dtype=np.float32)
    out = channels_of(tmp_path, samples, pan=pan)
    assert out == ([0.5] if n_media == 1 and pan == 0 else [value / 2 for value in expected])


def test_panned_mono_side_of_a_stereo_file_is_stereo(tmp_path):
    assert channels_of(tmp_path, SIX[:2], channel_mode=4, pan=-0.5) == [0.25, 0.125]


def test_pan_of_six_channels_goes_by_pairs(tmp_path):
    expected = [0.125 / 2, 0.25, 0.375 / 2, 0.5, 0.625 / 2, 0.75]
    assert channels_of(tmp_path, SIX, pan=0.5) == expected


def test_mono_stereo_and_six_channels_are_mixed_in_their_own_channels(tmp_path):
    for n_channels in (1, 2, 6):
        write_media(tmp_path / f"{n_channels}.wav", SIX[:n_channels], RATE)
    tracks = [track(item(f"{n_channels}.wav", 0.0, 0.01)) for n_channels in (1, 2, 6)]
    out = render(project(tmp_path, *tracks), 0.0, 0.01)
    assert (out[:, 0] * 8).tolist() == [3, 5, 3, 4, 5, 6]


def test_negative_take_gain_turns_the_polarity(tmp_path):
    samples = noise(2, 480)
    write_media(tmp_path / "a.wav", samples, RATE)
    one = item("a.wav", 0.0, 0.01, is_inverted=True, gain=0.5, item_gain=0.25)
    out = render(project(tmp_path, track(one)), 0.0, 0.01)
    assert np.allclose(out, -0.125 * samples, atol=1e-9)


def ramp(x):
    return x


SHAPES = {
    0: ramp,
    1: np.zeros_like,
    2: lambda x: x**2 * (3 - 2 * x),
    3: lambda x: 1 - (1 - x) ** 3,
    4: lambda x: x**3,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("play_rate", [1.0, 0.8])
@pytest.mark.parametrize("rate", [22_050, 48_000, 192_000])
def test_volume_envelope_of_a_take_bends_as_its_shape(tmp_path, shape, play_rate, rate):
    write_media(tmp_path / "a.wav", np.ones((1, rate), dtype=np.float32), rate)
    points = ((0.1, 0.25, shape, 0.0), (0.4, 2.0, 0, 0.0))
    envelope = Envelope("VOLENV", is_active=True, points=points)
    one = item("a.wav", 0.2, 0.6, play_rate=play_rate, envelopes=(envelope,))
    out = render(project(tmp_path, track(one), sample_rate=rate), 0.25, 0.75)[0]
    start = np.floor(0.25 * rate + 0.5) / rate
    in_envelope = (start + np.arange(out.size) / rate - 0.2) * play_rate
    x = np.clip((in_envelope - 0.1) / 0.3, 0.0, 1.0)
    expected = 0.25 + 1.75 * np.where(x < 1.0, SHAPES[shape](x), 1.0)
    is_off_the_edge = np.abs(in_envelope - 0.4) > 1e-9  # a hold's step may round either way
    assert np.abs(out - expected)[is_off_the_edge].max() < 2e-6


def test_pan_envelope_has_left_at_plus_one(tmp_path):
    write_media(tmp_path / "a.wav", np.ones((1, 4_800), dtype=np.float32), RATE)
    points = ((0.0, 1.0, 0, 0.0), (0.1, -1.0, 0, 0.0))
    envelope = Envelope("PANENV", is_active=True, points=points)
    one = item("a.wav", 0.0, 0.1, envelopes=(envelope,))
    out = render(project(tmp_path, track(one)), 0.0, 0.1)
    pan = -1 + 2 * np.arange(4_800) / 4_800
    assert np.allclose(out, [1 - np.maximum(pan, 0), 1 + np.minimum(pan, 0)], atol=1e-6)


def test_mute_envelope_switches(tmp_path):
    write_media(tmp_path / "a.wav", np.ones((1, 4_800), dtype=np.float32), RATE)
    points = ((0.0, 1.0, 1, 0.0), (0.025, 0.0, 1, 0.0), (0.05, 1.0, 1, 0.0))
    envelope = Envelope("MUTEENV", is_active=True, points=points)
    one = item("a.wav", 0.0, 0.1, envelopes=(envelope,))
    out = render(project(tmp_path, track(one)), 0.0, 0.1)[0]
    assert np.flatnonzero(out == 0).tolist() == list(range(1_200, 2_400))


def test_envelopes_fades_and_gains_multiply(tmp_path):
    write_media(tmp_path / "a.wav", np.ones((2, 4_800), dtype=np.float32), RATE)
    volume = Envelope("VOLENV", is_active=True, points=((0.0, 0.5, 0, 0.0),))
    one = item(
        "a.wav", 0.0, 0.1, gain=0.5, pan=0.5, envelopes=(volume,), fade_in=Fade(length_seconds=0.05)
    )
    out = render(project(tmp_path, track(one)), 0.0, 0.1)
    fade = np.minimum(np.arange(4_800) / 2_400, 1.0)
    assert np.allclose(out, [0.125 * fade, 0.25 * fade], atol=1e-7)
