from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.presenters.waveforms import Lane, loudest, read_lane

RATE = 8_000


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """One second: the left channel rises from -1 to 0, the right one from 0 to 1."""
    rise = np.arange(RATE, dtype=np.float32) / RATE
    path = tmp_path / "ramp.wav"
    files.write_audio(path, AudioBuffer(np.stack([rise - 1, rise]), RATE))
    return path


def test_a_lane_spans_all_channels(ramp: Path, tmp_path: Path) -> None:
    lane = read_lane(ramp, "ramp", "#ffffff", tmp_path / "peaks", n_columns=8)
    np.testing.assert_allclose(lane.minima, np.arange(8) / 8 - 1, atol=1e-6)
    np.testing.assert_allclose(lane.maxima, (np.arange(8) + 1) / 8 - 1 / RATE, atol=1e-6)
    assert lane.seconds == 1.0


def test_a_lane_of_a_part_is_as_long_as_the_part(ramp: Path, tmp_path: Path) -> None:
    lane = read_lane(
        ramp, "ramp", "#ffffff", tmp_path / "peaks", n_columns=4, frames=(2_000, 4_000)
    )
    assert lane.seconds == 0.25
    assert float(lane.minima[0]) == pytest.approx(-0.75)


def test_lanes_are_scaled_by_the_loudest_and_silence_by_nothing() -> None:
    quiet = Lane("q", "#fff", 1.0, np.float32([-0.1, 0]), np.float32([0.0, 0.2]))
    loud = Lane("l", "#fff", 1.0, np.float32([-1.5, 0]), np.float32([0.0, 0.2]))
    silent = Lane("s", "#fff", 1.0, np.zeros(2, np.float32), np.zeros(2, np.float32))
    assert loudest([quiet, loud]) == pytest.approx(1.5)
    assert loudest([silent]) == 1.0
