import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.band import RATE, band
from fakes.full_disk import files_at_most

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.engines.local import draft_masks, draft_split
from hanolab_dawtools.engines.local.draft_split import DRAFT_ROLES, Rest, split_accompaniment
from hanolab_dawtools.errors import DiskFull, JobCancelled
from hanolab_dawtools.events import NeverStop, Progress, Stop, ignore_progress
from hanolab_dawtools.model import StemRole

Split = Callable[..., list[np.ndarray]]
ULP = 2.0**-23  # of a float32 at 1; two differences and two sums round once each


@pytest.fixture
def split(tmp_path: Path) -> Split:
    """Split a buffer into drums, bass and other."""

    def run(
        accompaniment: AudioBuffer,
        *,
        n_workers: int = 2,
        stop: Stop | None = None,
        progress: Callable[[Progress], None] = ignore_progress,
    ) -> list[np.ndarray]:
        write_audio(tmp_path / "in.wav", accompaniment)
        paths = {role: tmp_path / f"{role}.wav" for role in DRAFT_ROLES}
        split_accompaniment(
            tmp_path / "in.wav",
            paths,
            n_workers=n_workers,
            stop=stop or NeverStop(),
            progress=progress,
        )
        return [read_audio(path).samples for path in paths.values()]

    return run


def _noise(n_channels: int, n_frames: int, rate: int) -> AudioBuffer:
    generator = np.random.default_rng(rate + n_channels)
    samples = generator.uniform(-0.5, 0.5, (n_channels, n_frames)).astype(np.float32)
    return AudioBuffer(samples, rate)


def _song(seconds: int) -> AudioBuffer:
    return AudioBuffer(np.sum(band(seconds), axis=0, dtype=np.float32), RATE)


@pytest.mark.parametrize(
    ("n_channels", "rate"),
    [(1, 44_100), (1, 96_000), (2, 8000), (2, 44_100), (2, 48_000), (2, 192_000), (6, 48_000)],
)
def test_the_stems_add_up_and_are_as_long_as_the_file(
    split: Split, n_channels: int, rate: int
) -> None:
    sound = _noise(n_channels, 10_007, rate)
    stems = split(sound)
    assert all(stem.any() for stem in stems)
    np.testing.assert_allclose(sum(stems), sound.samples, atol=2 * ULP, strict=True)


@pytest.mark.parametrize("n_frames", [1, 2, 2047, 8193])
def test_short_files_are_split_too(split: Split, n_frames: int) -> None:
    sound = _noise(2, n_frames, 48_000)
    np.testing.assert_allclose(sum(split(sound)), sound.samples, atol=2 * ULP, strict=True)


def test_silence_gives_silence(split: Split) -> None:
    for stem in split(AudioBuffer(np.zeros((2, 700_000), np.float32), 44_100)):
        assert stem.shape == (2, 700_000)
        assert not stem.any()


def test_blocks_give_what_the_whole_file_gives(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = _song(14)
    in_blocks = split(sound)
    whole = replace(draft_masks.DRAFT_GRID, block_windows=1 + 14 * RATE // 2048 + 8)
    monkeypatch.setattr(draft_masks, "DRAFT_GRID", whole)
    monkeypatch.setattr(draft_split, "DRAFT_GRID", whole)
    for stem, wanted in zip(in_blocks, split(sound), strict=True):
        np.testing.assert_allclose(stem, wanted, atol=2 * ULP)  # sums at the seams, else the same


def test_the_blocks_in_which_the_file_is_read_change_no_bit(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = _noise(2, 100_000, 48_000)
    wanted = split(sound)
    monkeypatch.setattr(files, "BLOCK_FRAMES", 1009)
    np.testing.assert_array_equal(split(sound), wanted)


def test_the_number_of_workers_changes_no_bit(split: Split) -> None:
    sound = _song(14)
    np.testing.assert_array_equal(split(sound, n_workers=1), split(sound, n_workers=3))


def test_each_pair_of_channels_is_split_as_if_alone(split: Split) -> None:
    pairs = [_noise(2, 50_000, 44_100), AudioBuffer(_song(2).samples[:, :50_000], 44_100)]
    both = split(AudioBuffer(np.concatenate([pair.samples for pair in pairs]), 44_100))
    for number, pair in enumerate(pairs):
        for stem, alone in zip(both, split(pair), strict=True):
            np.testing.assert_array_equal(stem[2 * number : 2 * number + 2], alone)


def test_a_rest_holds_all_that_no_stem_holds(tmp_path: Path) -> None:
    accompaniment, vocals = _song(2), _noise(2, 2 * RATE, RATE)
    mix = AudioBuffer(accompaniment.samples + vocals.samples, RATE)
    write_audio(tmp_path / "in.wav", accompaniment)
    write_audio(tmp_path / "mix.wav", mix)
    split_accompaniment(
        tmp_path / "in.wav",
        {StemRole.DRUMS: tmp_path / "drums.wav", StemRole.OTHER: tmp_path / "other.wav"},
        Rest(tmp_path / "rest.wav", whole=tmp_path / "mix.wav"),
        n_workers=2,
        stop=NeverStop(),
        progress=ignore_progress,
    )
    stems = [read_audio(tmp_path / f"{name}.wav").samples for name in ("drums", "other", "rest")]
    np.testing.assert_allclose(sum(stems), mix.samples, atol=4 * ULP)
    bass = accompaniment.samples - stems[0] - stems[1]
    assert np.abs(bass).max() > 0.1
    np.testing.assert_allclose(stems[2], vocals.samples + bass, atol=4 * ULP)


def test_progress_ends_at_the_whole_file_and_never_goes_back(split: Split) -> None:
    told: list[Progress] = []
    split(_song(14), progress=told.append)
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert told[-1].audio_seconds == pytest.approx(14)


def test_stopping_leaves_no_file(split: Split, tmp_path: Path) -> None:
    stop = threading.Event()
    with pytest.raises(JobCancelled):
        split(_song(40), stop=stop, progress=lambda _: stop.set())
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    write_audio(tmp_path / "in.wav", _noise(2, 100_000, 44_100))
    paths = {role: tmp_path / f"{role}.wav" for role in DRAFT_ROLES}
    with files_at_most(200_000), pytest.raises(DiskFull):
        split_accompaniment(
            tmp_path / "in.wav", paths, n_workers=2, stop=NeverStop(), progress=ignore_progress
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


MEASURED = """
import sys
from pathlib import Path
from fakes.memory import peak_mb
from hanolab_dawtools.engines.local.draft_split import DRAFT_ROLES, split_accompaniment
from hanolab_dawtools.events import NeverStop, ignore_progress
path = Path(sys.argv[1])
paths = {role: path.with_name(f"{role}.wav") for role in DRAFT_ROLES}
split_accompaniment(path, paths, n_workers=2, stop=NeverStop(), progress=ignore_progress)
print(peak_mb())
"""


@pytest.mark.soak
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    def peak_mb(seconds: int) -> int:
        second = _noise(2, RATE, RATE).samples
        with files.AudioWriter(tmp_path / "in.wav", RATE, 2) as writer:
            for _ in range(seconds):
                writer.write(second)
        command = [sys.executable, "-c", MEASURED, str(tmp_path / "in.wav")]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return int(done.stdout)

    short_mb, long_mb = peak_mb(60), peak_mb(900)
    assert long_mb < min(600, 1.2 * short_mb)
