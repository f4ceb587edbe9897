"""Stems of a band whose instruments are made here, told apart by their sound alone."""

import numpy as np
import pytest

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.engines.hanolab.listening import conclude
from hanolab_dawtools.engines.hanolab.roles import EXPECTED
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.model import StemRole

RATE = 22_050
SECONDS = 6
TIME = np.arange(SECONDS * RATE) / RATE
_R = StemRole


def tones(*hertz: float) -> np.ndarray:
    return sum(np.sin(2 * np.pi * f * TIME) / n for n, f in enumerate(hertz, 1)) * 0.1


def voice() -> np.ndarray:
    vibrato = 0.02 * 5 * np.sin(2 * np.pi * 5 * TIME)
    sung = sum(np.sin(2 * np.pi * 330 * n * TIME + n * vibrato) / n for n in range(1, 8))
    breath = np.clip(np.sin(2 * np.pi * TIME / 3) * 8, 0, 1)  # sings half of the time
    return 0.1 * sung * breath


def drums() -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 0.3, TIME.size)
    return noise * np.exp(-((TIME * 2) % 1) * 30)


def parts(n_stems: int) -> dict[StemRole, np.ndarray]:
    band = {
        _R.VOCALS: voice(),
        _R.DRUMS: drums(),
        _R.BASS: tones(55, 110),
        _R.OTHER: tones(220, 277, 440) * 0.5,
    }
    if n_stems == 4:
        return band
    rest = sum(sound for role, sound in band.items() if role is not _R.VOCALS)
    return {_R.VOCALS: band[_R.VOCALS], _R.ACCOMPANIMENT: rest}


def written(folder, sounds) -> list:
    paths = []
    for number, sound in enumerate(sounds):
        paths.append(folder / f"{number}.wav")
        write_audio(paths[-1], AudioBuffer(np.float32(sound)[None], RATE))
    return paths


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_voice_is_told_from_the_band(tmp_path, order):
    roles = [list(parts(2))[at] for at in order]
    paths = written(tmp_path, [parts(2)[role] for role in roles])
    found = conclude(paths, EXPECTED[2], None, stop=NeverStop())
    assert [found[number] for number in range(2)] == roles


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_four_stems_are_told_apart(tmp_path, order):
    roles = [list(parts(4))[at] for at in order]
    paths = written(tmp_path, [parts(4)[role] for role in roles])
    found = conclude(paths, EXPECTED[4], None, stop=NeverStop())
    assert [found[number] for number in range(4)] == roles


@pytest.mark.parametrize("at", [0, 1, 2])
def test_of_more_files_those_count_that_add_up_to_the_input(tmp_path, at):
    roles = list(parts(2))
    sounds = [parts(2)[role] for role in roles]
    (reference,) = written(tmp_path, [sum(sounds)])
    folder = tmp_path / "came"
    folder.mkdir()
    paths = written(folder, [*sounds[:at], 0.9 * sum(sounds), *sounds[at:]])
    found = conclude(paths, EXPECTED[2], reference, stop=NeverStop())
    assert found == dict(zip([n for n in range(3) if n != at], roles, strict=True))


def test_more_roles_than_files_leave_roles_open(tmp_path):
    paths = written(tmp_path, [parts(4)[_R.BASS]])
    assert conclude(paths, EXPECTED[4], None, stop=NeverStop()) == {0: _R.BASS}


def test_silence_is_given_a_role_too(tmp_path):
    paths = written(tmp_path, [np.zeros(RATE), np.zeros(10)])
    found = conclude(paths, EXPECTED[2], None, stop=NeverStop())
    assert set(found.values()) == set(EXPECTED[2])


def test_it_can_be_stopped(tmp_path):
    class Stopped(NeverStop):
        def is_set(self) -> bool:
            return True

    with pytest.raises(JobCancelled):
        conclude(written(tmp_path, [tones(100)]), EXPECTED[2], None, stop=Stopped())
