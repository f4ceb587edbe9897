"""What is stretched lands where it shall, at its pitch and level, over any join."""

import math
import threading

import numpy as np
import pytest

from hanolab_dawtools.audio import stretch as stretch_module
from hanolab_dawtools.audio.stretch import TimeStretch, stretched_blocks
from hanolab_dawtools.audio.time_map import TimeMap
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import NeverStop

RATE = 48_000
CLICK_SECONDS = 0.503  # apart; no multiple of any hop


def reader(samples):
    """Source frames of an array, silence around it."""

    def read(start, stop):
        made = np.zeros((samples.shape[0], stop - start), np.float32)
        first, last = max(start, 0), min(stop, samples.shape[1])
        if first < last:
            made[:, first - start : last - start] = samples[:, first:last]
        return made

    return read


def stretched(samples, made, span, rate=RATE):
    blocks = list(stretched_blocks(reader(samples), made, rate, span, NeverStop()))
    return np.concatenate(blocks, axis=1)


def clicks(seconds, rate=RATE):
    """A click train on a mono track, and where its clicks are."""
    at = np.arange(0.25, seconds - 0.25, CLICK_SECONDS) * rate
    samples = np.zeros((1, round(seconds * rate)), np.float32)
    samples[0, at.astype(int)] = 1.0
    return samples, at.astype(int)


def click_errors_ms(made, wanted_frames, rate=RATE):
    """How late the loudest sample near each place is, in ms."""
    reach = round(0.05 * rate)
    errors = []
    for wanted in wanted_frames:
        first = max(round(wanted) - reach, 0)
        near = np.abs(made[0, first : round(wanted) + reach])
        errors.append((first + int(np.argmax(near)) - wanted) / rate * 1000)
    return np.array(errors)


def sine(hz, seconds, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate))[None].astype(
        np.float32
    )


def frequency(samples, rate):
    """Of a lone sine, by the peak of a windowed spectrum, to about 0.01 cents."""
    n_frames = min(len(samples), 1 << 17)
    spectrum = np.abs(np.fft.rfft(samples[:n_frames] * np.hanning(n_frames), 1 << 20))
    peak = int(np.argmax(spectrum))
    low, middle, high = np.log(spectrum[peak - 1 : peak + 2])
    return (peak + 0.5 * (low - high) / (low - 2 * middle + high)) * rate / (1 << 20)


@pytest.mark.parametrize("sample_rate", [44_100, 96_000])
@pytest.mark.parametrize(
    ("rate", "tolerance_ms"),
    [(0.7, 5.0), (0.8, 2.0), (0.97, 0.7), (1.03, 0.7), (1.25, 2.0), (2.0, 3.0)],
)
def test_clicks_land_at_their_time_and_the_length_is_exact(sample_rate, rate, tolerance_ms):
    samples, at = clicks(4.0, sample_rate)
    n_frames = round(samples.shape[1] / rate)
    made = stretched(samples, TimeStretch(TimeMap.at_rate(rate)), range(n_frames), sample_rate)
    assert made.shape == (1, n_frames)
    assert made.dtype == np.float32
    errors = click_errors_ms(made, at / rate, sample_rate)
    assert np.abs(errors).max() < tolerance_ms


@pytest.mark.parametrize(
    ("sample_rate", "rate"),
    [(44_100, 0.25), (44_100, 0.5), (44_100, 0.8), (96_000, 1.25), (96_000, 2.0), (44_100, 4.0)],
)
def test_bursts_of_noise_land_at_their_time(sample_rate, rate):
    """A click is spread by the windows when it is drawn out; where a burst lies is still clear."""
    frames = np.arange(4 * sample_rate)
    centres = np.arange(0.5, 3.6, 0.5) * sample_rate
    noise = np.random.default_rng(0).normal(0.0, 0.2, frames.size)
    loudness = sum(np.exp(-0.5 * ((frames - c) / (0.03 * sample_rate)) ** 2) for c in centres)
    samples = (noise * loudness)[None].astype(np.float32)
    span = range(round(frames.size / rate))
    made = stretched(samples, TimeStretch(TimeMap.at_rate(rate)), span, sample_rate)
    for centre in centres:
        wanted = middle(samples, centre, 0.2 * sample_rate) / rate
        late = middle(made, wanted, 0.2 * sample_rate / rate) - wanted
        assert abs(late / sample_rate) < 0.003 * max(1.0, 0.5 / rate)


def middle(samples, near, reach):
    """The centre of gravity of the energy within `reach` frames of a place."""
    first, last = max(round(near - reach), 0), round(near + reach)
    energy = samples[0, first:last].astype(float) ** 2
    return first + float(np.sum(energy * np.arange(energy.size)) / np.sum(energy))


@pytest.mark.parametrize(
    ("rate", "semitones"), [(1.03, 0.0), pytest.param(0.9, 1.5, marks=pytest.mark.soak)]
)
def test_nothing_drifts_over_ten_minutes(rate, semitones):
    rate_hz = 8_000  # the fewer frames, the sooner it is done; errors in ms do not shrink with it
    samples, at = clicks(600.0, rate_hz)
    span = range(round(samples.shape[1] / rate))
    made = stretched(samples, TimeStretch(TimeMap.at_rate(rate), semitones), span, rate_hz)
    errors = click_errors_ms(made, at / rate, rate_hz)
    assert np.abs(errors).max() < 15.0  # windows are six times as long as at 48 kHz
    assert abs(errors[-100:].mean() - errors[:100].mean()) < 1.0


@pytest.mark.parametrize("semitones", [-12.0, -5.0, -0.37, 0.05, 3.0, 12.0])
def test_pitch_is_shifted_by_its_semitones_in_place(semitones):
    made = stretched(
        sine(440.0, 4.0), TimeStretch(TimeMap.at_rate(1.0), semitones), range(4 * RATE)
    )
    found = frequency(made[0, RATE // 2 :].astype(float), RATE)
    assert abs(1200 * math.log2(found / 440.0) - 100 * semitones) < 0.05
    samples, at = clicks(4.0)
    errors = click_errors_ms(
        stretched(samples, TimeStretch(TimeMap.at_rate(1.0), semitones), range(4 * RATE)), at
    )
    assert np.abs(errors).max() < 4.0


@pytest.mark.parametrize("hz", [60.0, 997.0, 5_000.0])
@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_pitch_and_level_of_a_sine_stay_over_a_join(monkeypatch, hz, rate):
    monkeypatch.setattr(stretch_module, "SEGMENT_SECONDS", 1.5)
    made = stretched(sine(hz, 5.0), TimeStretch(TimeMap.at_rate(rate)), range(round(4.5 * RATE)))
    heard = made[0, RATE // 4 : round(3.75 * RATE)].astype(float)
    assert abs(1200 * math.log2(frequency(heard, RATE) / hz)) < 3.0  # each join moves the phase
    rms = np.sqrt(np.convolve(heard**2, np.ones(2400) / 2400, "valid")) / (0.5 / math.sqrt(2))
    assert np.abs(20 * np.log10(rms)).max() < 1.0


def test_joins_keep_clicks_where_they_are(monkeypatch):
    monkeypatch.setattr(stretch_module, "SEGMENT_SECONDS", 1.0)
    samples, at = clicks(8.0)
    made = stretched(samples, TimeStretch(TimeMap.at_rate(0.9)), range(round(8 * RATE / 0.9)))
    assert np.abs(click_errors_ms(made, at / 0.9)).max() < 2.0
    peaks = [np.abs(made[0, round(c / 0.9) - 480 : round(c / 0.9) + 480]).max() for c in at]
    assert min(peaks) > 0.3  # none is cut out by a join


def test_changing_rates_are_followed():
    knots = [(0.0, 0.0), (2.0 * RATE, 1.6 * RATE), (4.0 * RATE, 4.0 * RATE), (6 * RATE, 6.2 * RATE)]
    time_map = TimeMap(knots)
    samples, at = clicks(6.2)
    made = stretched(samples, TimeStretch(time_map), range(6 * RATE))
    wanted = [time_map.output_at(float(frame)) for frame in at]
    assert np.abs(click_errors_ms(made, wanted)).max() < 3.0


def test_a_ramp_of_rates_is_followed():
    """The rate rises from 0.8 to 1.2 over 4 s: source = (0.8 t + 0.05 t²)."""
    times = np.linspace(0.0, 4.0, 401)
    knots = [(t * RATE, (0.8 * t + 0.05 * t * t) * RATE) for t in times.tolist()]
    samples, at = clicks(4.0)
    made = stretched(samples, TimeStretch(TimeMap(knots)), range(4 * RATE))
    wanted = [(-0.8 + math.sqrt(0.64 + 0.2 * frame / RATE)) / 0.1 * RATE for frame in at]
    assert np.abs(click_errors_ms(made, wanted)).max() < 2.0


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_channels_stay_apart_and_together(n_channels):
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 2 * RATE)).astype(np.float32)
    samples = np.zeros((n_channels, 2 * RATE), np.float32)
    samples[-1] = noise[0]
    made = stretched(samples, TimeStretch(TimeMap.at_rate(0.9)), range(2 * RATE))
    assert made.shape == (n_channels, 2 * RATE)
    silent = made[: n_channels - 1]
    # The engine takes two channels as middle and side: what is on one side leaks a little.
    assert np.abs(silent).max(initial=0.0) < (0.1 if n_channels == 2 else 1e-6)
    assert np.sqrt(np.mean(made[-1] ** 2)) == pytest.approx(0.5 / math.sqrt(3), rel=0.12)


def test_a_part_is_at_its_place():
    samples, at = clicks(6.0)
    made = stretched(samples, TimeStretch(TimeMap.at_rate(1.1)), range(2 * RATE, 4 * RATE))
    assert made.shape[1] == 2 * RATE
    inside = [c / 1.1 - 2 * RATE for c in at if 2.1 * RATE < c / 1.1 < 3.9 * RATE]
    assert np.abs(click_errors_ms(made, inside)).max() < 1.0


def test_an_empty_part_is_empty():
    samples, _ = clicks(1.0)
    made = list(
        stretched_blocks(
            reader(samples), TimeStretch(TimeMap.at_rate(1.1)), RATE, range(5, 5), NeverStop()
        )
    )
    assert made == []


def test_it_stops_when_told():
    stop = threading.Event()
    samples, _ = clicks(40.0)
    blocks = stretched_blocks(
        reader(samples), TimeStretch(TimeMap.at_rate(1.1)), RATE, range(36 * RATE), stop
    )
    next(blocks)
    stop.set()
    with pytest.raises(JobCancelled):
        list(blocks)


@pytest.mark.parametrize(
    ("rate", "semitones"), [(0.05, 0.0), (11.0, 0.0), (1.0, 25.0), (0.1, 24.0), (1.0, math.nan)]
)
def test_what_is_beyond_the_engine_is_refused(rate, semitones):
    with pytest.raises(ValueError, match=r"rates of|semitones"):
        TimeStretch(TimeMap.at_rate(rate), semitones)
