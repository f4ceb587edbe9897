"""What is measured of an audio file, block by block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.timelines import noise, write_media

from hanolab_dawtools.audio.levels import measure_levels
from hanolab_dawtools.errors import AudioFileError, JobCancelled
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress
from hanolab_dawtools.hosts.audio_survey import survey_audio


class StopAtOnce(NeverStop):
    def is_set(self) -> bool:
        return True


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_levels_are_those_of_the_whole_file(tmp_path: Path, rate: int, n_channels: int) -> None:
    path = write_media(tmp_path / "a.wav", noise(n_channels, 150_000), rate)
    found = survey_audio(path, stop=NeverStop(), progress=ignore_progress)
    assert (found.info.sample_rate, found.info.n_channels) == (rate, n_channels)
    assert found.levels == measure_levels(path)
    assert found.bad_frame is None


@pytest.mark.parametrize("frame", [0, 65_535, 65_536, 149_999])
def test_the_first_bad_frame_is_found_in_any_block(tmp_path: Path, frame: int) -> None:
    samples = noise(2, 150_000)
    samples[1, frame:] = np.nan
    path = write_media(tmp_path / "a.wav", samples, 48_000)
    found = survey_audio(path, stop=NeverStop(), progress=ignore_progress)
    assert (found.bad_frame, found.levels) == (frame, None)


def test_progress_ends_at_the_end(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.wav", noise(1, 150_000), 48_000)
    told: list[Progress] = []
    survey_audio(path, stop=NeverStop(), progress=told.append)
    assert [report.fraction for report in told] == sorted(report.fraction for report in told)
    assert (told[-1].fraction, told[-1].audio_seconds) == (1.0, 150_000 / 48_000)


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.wav", noise(1, 100), 48_000)
    with pytest.raises(JobCancelled):
        survey_audio(path, stop=StopAtOnce(), progress=ignore_progress)


def test_a_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = write_media(
        tmp_path / "a.flac", noise(1, 150_000), 48_000, format="FLAC", subtype="PCM_16"
    )
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(AudioFileError):
        survey_audio(path, stop=NeverStop(), progress=ignore_progress)
