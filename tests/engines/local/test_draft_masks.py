import numpy as np
import pytest
from fakes.band import RATE, band

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.engines.local.draft_masks import DRAFT_GRID, NO_BASS_HZ, draft_block
from hanolab_dawtools.engines.local.grid import BlockCutter, OverlapAdder
from hanolab_dawtools.events import NeverStop

ROUNDING = 3e-7  # float32, through two FFTs
BEGINNINGS = 0.06  # of a tone's energy: its ends are struck, and the diffusion hears 1.9 s far


def _draft(sound: Samples) -> tuple[Samples, Samples]:
    """Drums and bass of a whole sound."""
    n_channels, n_frames = sound.shape
    cutter, adder = BlockCutter(DRAFT_GRID, n_channels), OverlapAdder(DRAFT_GRID, 2 * n_channels)
    blocks = [*cutter.push(sound), *cutter.finish()]
    parts = [adder.push(draft_block(block, NeverStop())) for block in blocks]
    joined = np.concatenate(parts, axis=1)[:, :n_frames]
    return joined[:n_channels], joined[n_channels:]


def _sdr(wanted: Samples, got: Samples) -> float:
    """Signal to distortion in dB: how far below the wanted sound its error lies."""
    wanted, got = wanted.astype(np.float64), got.astype(np.float64)
    return float(10 * np.log10(np.sum(wanted**2) / np.sum((wanted - got) ** 2)))


def _tone(frequency_hz: float, seconds: float = 4) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * RATE)) / RATE)


def _energy(samples: Samples) -> float:
    """Mean square of the middle: a tone's beginning and end are struck, so to say."""
    return float(np.mean(np.square(samples[:, RATE:-RATE], dtype=np.float64)))


@pytest.mark.parametrize(
    ("n_channels", "at_least_db"), [(2, (9.0, 19.0, 12.0)), (1, (3.0, 13.0, 3.5))]
)
def test_a_band_is_told_apart(n_channels: int, at_least_db: tuple[float, ...]) -> None:
    wanted = [sound if n_channels == 2 else sound.mean(axis=0, keepdims=True) for sound in band(6)]
    mix = np.sum(wanted, axis=0, dtype=np.float32)
    drums, bass = _draft(mix)
    for sound, got, least_db in zip(
        wanted, (drums, bass, mix - drums - bass), at_least_db, strict=True
    ):
        assert _sdr(sound, got) > least_db
        assert _sdr(sound, got) > _sdr(sound, mix / 4) + 2.5


def test_the_drums_and_the_bass_of_a_band_gain_six_decibels_over_a_quarter_of_the_mix() -> None:
    wanted_drums, wanted_bass, chords = band(6)
    mix = wanted_drums + wanted_bass + chords
    drums, bass = _draft(mix)
    assert _sdr(wanted_drums, drums) > _sdr(wanted_drums, mix / 4) + 6
    assert _sdr(wanted_bass, bass) > _sdr(wanted_bass, mix / 4) + 6


@pytest.mark.parametrize(
    ("left", "right", "in_bass"),
    [(1, 1, 1.0), (1, 0, 0.0), (0, 1, 0.0), (1, -1, 0.0), (1, 0.5, 0.8**8)],
)
def test_only_what_is_central_is_bass(left: float, right: float, in_bass: float) -> None:
    # amplitudes 1 and 1/2 have the similarity 2 * 1/2 / (1 + 1/4) = 0.8; its fourth power is
    # the mask, whose square is the share of the energy
    tone = np.stack([left * _tone(100), right * _tone(100)]).astype(np.float32)
    _, bass = _draft(tone)
    assert _energy(bass) / _energy(tone) == pytest.approx(in_bass, abs=BEGINNINGS)


@pytest.mark.parametrize(("frequency_hz", "in_bass"), [(60, 1), (250, 1), (458.26, 0.25), (800, 0)])
def test_only_what_is_low_is_bass(frequency_hz: float, in_bass: float) -> None:
    # half-way from 300 to 700 Hz, by the logarithm, lies 458 Hz: half the amplitude
    tone = _tone(frequency_hz)[np.newaxis].astype(np.float32)
    _, bass = _draft(tone)
    assert _energy(bass) / _energy(tone) == pytest.approx(in_bass, abs=BEGINNINGS)


def test_a_click_is_drums() -> None:
    clicks = np.zeros((1, 4 * RATE), dtype=np.float32)
    clicks[:, RATE // 2 :: RATE] = 0.9
    drums, bass = _draft(clicks)
    assert _sdr(clicks, drums) > 20
    assert np.abs(bass).max() < 0.01


def test_one_channel_hears_what_two_alike_hear() -> None:
    mono = sum(band(3)).mean(axis=0, keepdims=True).astype(np.float32)
    for one, two in zip(_draft(mono), _draft(np.repeat(mono, 2, axis=0)), strict=True):
        np.testing.assert_allclose(two, np.repeat(one, 2, axis=0), atol=ROUNDING)


@pytest.mark.parametrize("exponent", [-30, 30])
def test_the_level_changes_only_the_level(exponent: int) -> None:
    mix = sum(band(3)).astype(np.float32)
    gain = np.float32(2.0**exponent)  # changes no bit of a mantissa
    for wanted, got in zip(_draft(mix), _draft(mix * gain), strict=True):
        np.testing.assert_allclose(got / gain, wanted, atol=ROUNDING)


def test_left_and_right_may_change_places() -> None:
    mix = sum(band(3)).astype(np.float32)
    for wanted, got in zip(_draft(mix), _draft(mix[::-1]), strict=True):
        np.testing.assert_allclose(got[::-1], wanted, atol=ROUNDING)


@pytest.mark.parametrize("n_channels", [1, 2])
def test_enormous_and_tiny_sound_gives_numbers(n_channels: int) -> None:
    noise = np.random.default_rng(2).uniform(-1, 1, (n_channels, RATE)).astype(np.float32)
    for gain in (1e15, 1e-30, 1e-44):
        for stem in _draft(noise * np.float32(gain)):
            assert np.isfinite(stem).all()
            assert np.abs(stem).max() <= 1.01 * gain * np.abs(noise).max()


def test_the_bass_has_nothing_above_its_band() -> None:
    _, bass = _draft(sum(band(3)).astype(np.float32))
    spectrum = np.abs(np.fft.rfft(bass * np.hanning(bass.shape[1])))
    frequencies = np.fft.rfftfreq(bass.shape[1], 1 / RATE)
    assert spectrum[:, frequencies > NO_BASS_HZ + 50].max() < 1e-4 * spectrum.max()
