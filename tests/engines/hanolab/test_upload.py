import threading

import numpy as np
import pytest

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import probe, read_audio, write_audio
from hanolab_dawtools.engines.hanolab.upload import Prepared, encode
from hanolab_dawtools.errors import AudioFileError, JobCancelled, JobError
from hanolab_dawtools.events import NeverStop, ignore_progress

RATE = 44_100
HALF_STEP = 2.0**-24  # of 24 bits: -144.5 dB of full scale


def written(folder, samples, rate=RATE):
    path = folder / "music.wav"
    write_audio(path, AudioBuffer(np.asarray(samples, np.float32), rate))
    return path


def encoded(path, wanted="flac"):
    return encode(path, path.parent, wanted, stop=NeverStop(), progress=ignore_progress)


@pytest.mark.parametrize("wanted", ["flac", "wav"])
@pytest.mark.parametrize("peak", [0.1, 1.0, 1.001, 8.0])
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_what_is_uploaded_is_the_music_to_a_step_of_24_bits(tmp_path, wanted, peak, n_channels):
    samples = np.random.default_rng(5).uniform(-1, 1, (n_channels, 5000))
    samples[0, 17] = -1.0
    path = written(tmp_path, samples * peak)
    upload, gain, suffix = encoded(path, wanted)
    info, came, original = probe(upload), read_audio(upload).samples, read_audio(path).samples
    assert (info.format, info.subtype, suffix) == (wanted.upper(), "PCM_24", wanted)
    assert (gain == 1.0) == (peak < 1.0)
    error = came.astype(np.float64) - original * np.float32(gain)
    # libsndfile's WAV takes full scale for 2^23 - 1, not 2^23: up to a step more when loud.
    assert np.max(np.abs(error)) <= {"flac": 1.01, "wav": 2.01}[wanted] * HALF_STEP
    assert np.sqrt(np.mean(error**2)) < 10 ** (-140 / 20)


def test_the_same_music_gives_the_same_bytes(tmp_path):
    path = written(tmp_path, np.random.default_rng(5).normal(0, 0.5, (2, 5000)))
    first = encoded(path)[0].read_bytes()
    assert encoded(path)[0].read_bytes() == first


@pytest.mark.parametrize(("n_channels", "rate"), [(9, RATE), (1, 384_000)])
def test_what_flac_cannot_hold_becomes_wav(tmp_path, n_channels, rate):
    path = written(tmp_path, np.zeros((n_channels, 100)), rate)
    assert encoded(path)[2] == "wav"


def test_samples_that_are_no_numbers_are_told(tmp_path):
    samples = np.zeros((2, 100))
    samples[1, 50] = np.nan
    with pytest.raises(AudioFileError, match="no numbers"):
        encoded(written(tmp_path, samples))


def test_it_can_be_stopped(tmp_path):
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        encode(
            written(tmp_path, np.zeros((2, 100))),
            tmp_path,
            "flac",
            stop=stop,
            progress=ignore_progress,
        )
    assert not (tmp_path / "upload.flac").exists()


def test_what_was_prepared_is_read_back():
    prepared = Prepared("https://api.test", key="a.flac", gain=0.5, format="flac")
    assert Prepared.from_text(prepared.to_text()) == prepared


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"colour": "red"}', "null"])
def test_what_nobody_prepared_is_told(text):
    with pytest.raises(JobError):
        Prepared.from_text(text)
