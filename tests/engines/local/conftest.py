from pathlib import Path

import pytest
from fakes import weights

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.engines.local.networks import MaskNetwork
from hanolab_dawtools.engines.local.weights import WeightsStore


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    return weights.real_weights_folder()


@pytest.fixture(scope="session")
def network(weights_folder: Path) -> MaskNetwork:
    return WeightsStore(weights_folder).network(n_threads=1)


@pytest.fixture(scope="session")
def music() -> AudioBuffer:
    return read_audio(weights.real_music())
