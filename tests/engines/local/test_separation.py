"""What must hold for any sound, through the real networks, from file to files."""

import hashlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes.full_disk import files_at_most

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import probe, read_audio, write_audio
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.engines.local.networks import MaskNetwork
from hanolab_dawtools.engines.local.separation import separate_file
from hanolab_dawtools.engines.local.transform import NETWORK_GRID
from hanolab_dawtools.errors import AudioFileError, DiskFull, EngineCannot, JobCancelled
from hanolab_dawtools.events import NeverStop, Progress, Stop, ignore_progress
from hanolab_dawtools.units import db_to_gain, gain_to_db

Separate = Callable[..., tuple[AudioBuffer, AudioBuffer]]
ULP = 2.0**-23  # of a float32 at 1; a difference and a sum round once each


@pytest.fixture
def separate(tmp_path: Path, network: MaskNetwork) -> Separate:
    """Separate a buffer; vocals and accompaniment."""

    def run(
        mix: AudioBuffer,
        *,
        n_workers: int = 2,
        stop: Stop | None = None,
        progress: Callable[[Progress], None] = ignore_progress,
    ) -> tuple[AudioBuffer, AudioBuffer]:
        paths = [tmp_path / name for name in ("mix.wav", "vocals.wav", "accompaniment.wav")]
        write_audio(paths[0], mix)
        separate_file(
            *paths, network, n_workers=n_workers, stop=stop or NeverStop(), progress=progress
        )
        return read_audio(paths[1]), read_audio(paths[2])

    return run


def _noise(n_channels: int, seconds: float, rate: int) -> AudioBuffer:
    generator = np.random.default_rng(rate + n_channels)
    shape = (n_channels, round(seconds * rate))
    return AudioBuffer(generator.uniform(-0.5, 0.5, shape).astype(np.float32), rate)


def _level_db(samples: np.ndarray) -> float:
    return gain_to_db(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))


def _excerpt(music: AudioBuffer, start_seconds: float, seconds: float) -> AudioBuffer:
    start, length = (round(time * music.sample_rate) for time in (start_seconds, seconds))
    return AudioBuffer(music.samples[:, start : start + length], music.sample_rate)


@pytest.mark.parametrize(
    ("n_channels", "rate"),
    [
        *((2, 8000), (2, 44_100), (2, 48_000), (2, 96_000), (2, 192_000)),
        *((1, 44_100), (1, 48_000), (3, 44_100), (6, 48_000)),
    ],
)
def test_the_stems_add_up_to_the_mix(separate: Separate, n_channels: int, rate: int) -> None:
    mix = _noise(n_channels, 0.7, rate)
    vocals, accompaniment = separate(mix)
    assert vocals.samples.any()
    assert vocals.sample_rate == accompaniment.sample_rate == rate
    np.testing.assert_allclose(vocals.samples + accompaniment.samples, mix.samples, atol=ULP)


@pytest.mark.parametrize("rate", [44_100, 48_000, 11_025])
@pytest.mark.parametrize("n_frames", [1, 12_345])
def test_the_stems_are_as_long_as_the_mix(separate: Separate, rate: int, n_frames: int) -> None:
    mix = AudioBuffer(_noise(2, 2, rate).samples[:, :n_frames], rate)
    vocals, accompaniment = separate(mix)
    assert vocals.n_frames == accompaniment.n_frames == n_frames


def test_length_and_sum_hold_over_many_blocks(separate: Separate, music: AudioBuffer) -> None:
    mix = resample(AudioBuffer(np.tile(music.samples, 3), 44_100), 48_000)
    vocals, accompaniment = separate(mix)
    assert vocals.n_frames == mix.n_frames
    np.testing.assert_allclose(vocals.samples + accompaniment.samples, mix.samples, atol=2 * ULP)


def test_silence_gives_silence(separate: Separate) -> None:
    vocals, accompaniment = separate(AudioBuffer(np.zeros((2, 50_000), np.float32), 44_100))
    assert not vocals.samples.any()
    assert not accompaniment.samples.any()


def test_a_constant_offset_comes_through(separate: Separate) -> None:
    mix = AudioBuffer(np.full((2, 30_000), 0.25, np.float32), 48_000)
    vocals, accompaniment = separate(mix)
    np.testing.assert_allclose(vocals.samples + accompaniment.samples, 0.25, atol=ULP)


def test_the_blocks_in_which_the_file_is_read_change_no_bit(
    separate: Separate, music: AudioBuffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mix = resample(_excerpt(music, 0, 4), 48_000)
    wanted, _ = separate(mix)
    monkeypatch.setattr(files, "BLOCK_FRAMES", 1009)
    np.testing.assert_array_equal(separate(mix)[0].samples, wanted.samples)


def test_the_number_of_workers_changes_no_bit(separate: Separate, music: AudioBuffer) -> None:
    mix = AudioBuffer(np.tile(music.samples, 2), 44_100)
    np.testing.assert_array_equal(
        separate(mix, n_workers=1)[0].samples, separate(mix, n_workers=3)[0].samples
    )


def test_the_same_mix_gives_files_of_the_same_bytes(
    separate: Separate, music: AudioBuffer, tmp_path: Path
) -> None:
    def digest() -> str:
        return hashlib.sha256((tmp_path / "vocals.wav").read_bytes()).hexdigest()

    separate(_excerpt(music, 0, 3))
    first = digest()
    separate(_excerpt(music, 0, 3))
    assert digest() == first


@pytest.mark.parametrize("gain_db", [-40, 25])
def test_a_change_of_level_changes_only_the_level(
    separate: Separate, music: AudioBuffer, gain_db: float
) -> None:
    mix = _excerpt(music, 2, 5)
    wanted, _ = separate(mix)
    louder, _ = separate(
        AudioBuffer(mix.samples * np.float32(db_to_gain(gain_db)), mix.sample_rate)
    )
    error = louder.samples / db_to_gain(gain_db) - wanted.samples
    assert _level_db(error) < _level_db(wanted.samples) - 90  # float32 rounding, not the gain


def test_a_whole_block_of_silence_in_front_shifts_the_stems(
    separate: Separate, music: AudioBuffer
) -> None:
    shift = NETWORK_GRID.block_hop_frames
    lead = np.zeros((2, shift), dtype=np.float32)
    wanted, _ = separate(music)
    shifted, _ = separate(AudioBuffer(np.concatenate([lead, music.samples], axis=1), 44_100))
    error = shifted.samples[:, shift:] - wanted.samples
    # the windows that the level is measured in lie elsewhere, so the gain differs by a little
    assert _level_db(error) < _level_db(wanted.samples) - 60
    assert not shifted.samples[:, : shift - NETWORK_GRID.window_frames].any()


def test_one_channel_gives_one_channel_and_hears_what_stereo_hears(
    separate: Separate, music: AudioBuffer
) -> None:
    mono = AudioBuffer(music.samples.mean(axis=0, keepdims=True), music.sample_rate)
    vocals, _ = separate(mono)
    twice, _ = separate(AudioBuffer(np.repeat(mono.samples, 2, axis=0), music.sample_rate))
    assert vocals.n_channels == 1
    error = twice.samples.mean(axis=0, keepdims=True) - vocals.samples
    assert _level_db(error) < _level_db(vocals.samples) - 100


def test_each_pair_of_channels_is_separated_as_if_alone(
    separate: Separate, music: AudioBuffer
) -> None:
    pairs = [_excerpt(music, start, 4).samples for start in (1, 5)]
    both, _ = separate(AudioBuffer(np.concatenate(pairs), music.sample_rate))
    for number, pair in enumerate(pairs):
        alone, _ = separate(AudioBuffer(pair, music.sample_rate))
        np.testing.assert_array_equal(both.samples[2 * number : 2 * number + 2], alone.samples)


def test_what_44_kilohertz_cannot_carry_stays_in_the_accompaniment(separate: Separate) -> None:
    rate = 96_000
    times = np.arange(rate) / rate
    tone = np.tile((0.25 * np.sin(2 * np.pi * 30_000 * times)).astype(np.float32), (2, 1))
    vocals, _ = separate(AudioBuffer(tone, rate))
    assert _level_db(vocals.samples[:, 5000:-5000]) < -120


def test_drums_and_noise_leave_little_in_the_vocals(separate: Separate) -> None:
    mix = _drums()
    vocals, _ = separate(mix)
    assert _level_db(vocals.samples) < _level_db(mix.samples) - 40


def test_the_accompaniment_of_real_music_holds_hardly_any_vocals(
    separate: Separate, music: AudioBuffer
) -> None:
    vocals, accompaniment = separate(music)
    rest, _ = separate(accompaniment)
    assert _level_db(vocals.samples) > _level_db(music.samples) - 10  # somebody sings
    assert _level_db(rest.samples) < _level_db(vocals.samples) - 20


def test_progress_ends_at_the_whole_file_and_never_goes_back(
    separate: Separate, music: AudioBuffer
) -> None:
    told: list[Progress] = []
    separate(AudioBuffer(np.tile(music.samples, 3), 44_100), progress=told.append)
    assert all(0 <= progress.fraction <= 1 for progress in told if progress.fraction is not None)
    fractions = [progress.fraction for progress in told if progress.step == "separating"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(set(fractions)) == 3  # one step for each block
    assert told[-1].audio_seconds == pytest.approx(3 * music.seconds)


def test_stopping_leaves_no_file(separate: Separate, music: AudioBuffer, tmp_path: Path) -> None:
    stop = threading.Event()
    seen: list[str] = []

    def stop_in_the_middle(progress: Progress) -> None:
        seen.append(progress.step)
        if progress.step == "separating":
            stop.set()

    with pytest.raises(JobCancelled):
        separate(
            AudioBuffer(np.tile(music.samples, 4), 44_100), stop=stop, progress=stop_in_the_middle
        )
    assert seen.count("separating") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mix.wav"]


def test_a_full_disk_leaves_no_file(
    separate: Separate, tmp_path: Path, network: MaskNetwork
) -> None:
    mix = _noise(2, 3, 44_100)
    write_audio(tmp_path / "mix.wav", mix)
    paths = [tmp_path / name for name in ("mix.wav", "vocals.wav", "accompaniment.wav")]
    with files_at_most(200_000), pytest.raises(DiskFull):
        separate_file(*paths, network, n_workers=2, stop=NeverStop(), progress=ignore_progress)
    assert [path.name for path in tmp_path.iterdir()] == ["mix.wav"]


def test_a_sample_that_is_no_number_is_refused(separate: Separate, tmp_path: Path) -> None:
    mix = _noise(2, 0.5, 44_100)
    mix.samples[1, 9000] = np.nan
    with pytest.raises(AudioFileError, match="frame 9000"):
        separate(mix)
    assert not (tmp_path / "vocals.wav").exists()


def test_a_cut_off_file_is_refused(
    separate: Separate, tmp_path: Path, network: MaskNetwork
) -> None:
    paths = [tmp_path / name for name in ("mix.flac", "vocals.wav", "accompaniment.wav")]
    write_audio(paths[0], _noise(2, 5, 44_100), format="FLAC", subtype="PCM_24")
    content = paths[0].read_bytes()
    paths[0].write_bytes(content[: len(content) // 2])
    assert probe(paths[0]).n_frames == 5 * 44_100
    with pytest.raises(AudioFileError):
        separate_file(*paths, network, n_workers=2, stop=NeverStop(), progress=ignore_progress)
    assert not paths[1].exists()


def test_too_many_channels_are_refused(separate: Separate) -> None:
    with pytest.raises(EngineCannot, match="at most 16 channels"):
        separate(_noise(17, 0.1, 44_100))


def _drums() -> AudioBuffer:
    """Ten seconds of a kick, a snare and a hi-hat, made of sines and noise; 44.1 kHz stereo."""
    rate, seconds = 44_100, 10
    generator = np.random.default_rng(3)
    sound = np.zeros((2, rate * seconds))

    def hit(at_seconds: float, length: float, wave: np.ndarray) -> None:
        start = round(at_seconds * rate)
        times = np.arange(wave.shape[-1]) / rate
        part = sound[:, start : start + wave.shape[-1]]
        part += (wave * np.exp(-times / length))[..., : part.shape[1]]

    times = np.arange(rate // 2) / rate
    for beat in range(seconds * 2):
        hit(beat / 2, 0.1, 0.9 * np.sin(2 * np.pi * 50 * times))
        hit(beat / 2 + 0.25, 0.06, 0.3 * generator.standard_normal((2, rate // 4)))
        for eighth in range(4):
            bright = np.diff(generator.standard_normal((2, rate // 8)), axis=1)
            hit(beat / 2 + eighth / 8, 0.02, 0.1 * bright)
    return AudioBuffer(sound.astype(np.float32), rate)


@pytest.mark.soak
def test_memory_does_not_grow_with_the_length() -> None:
    """The benchmark measures in processes of their own; here only its verdict counts."""
    benchmark = Path(__file__).parents[3] / "benchmarks" / "separation.py"
    lines = subprocess.run(
        [sys.executable, str(benchmark), "--only-memory"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    short_mb, long_mb = (int(re.search(r": (\d+) MB", line)[1]) for line in lines)
    longer_audio_mb = (600 - 120) * 48_000 * 2 * 4 / 1e6  # as float32 in memory, once
    assert long_mb - short_mb < longer_audio_mb, "as much as if the audio were held in memory"
    assert long_mb < 900
