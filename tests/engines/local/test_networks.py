from pathlib import Path

import numpy as np
import onnx
import pytest
from fakes import unet

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.engines.local.networks import MaskNetwork, write_graph
from hanolab_dawtools.engines.local.tensors import unpack
from hanolab_dawtools.engines.local.transform import NETWORK_GRID
from hanolab_dawtools.engines.local.transform import magnitudes as magnitudes_of
from hanolab_dawtools.engines.local.weights import WEIGHTS_NAME, WeightsStore
from hanolab_dawtools.errors import WeightsWrongHash

SHAPE = (2, 512, 1024)
MASK_TOLERANCE = 2e-5  # float32 sums in another order; measured 5.5e-6


@pytest.fixture(scope="module")
def magnitudes(music: AudioBuffer) -> np.ndarray:
    block = np.tile(music.samples, 2)[:, : NETWORK_GRID.block_frames]
    return magnitudes_of(NETWORK_GRID.analyse(block), 0.7)


def test_the_mask_is_that_of_an_independent_forward_pass(
    weights_folder: Path, network: MaskNetwork, magnitudes: np.ndarray
) -> None:
    tensors = unpack((weights_folder / f"{WEIGHTS_NAME}.weights").read_bytes())
    wanted = unet.vocal_mask(tensors, magnitudes)
    assert np.abs(network.vocal_mask(magnitudes) - wanted).max() < MASK_TOLERANCE
    assert 0.1 < wanted.mean() < 0.9  # there is something to compare


def test_the_number_of_threads_changes_no_bit(
    weights_folder: Path, network: MaskNetwork, magnitudes: np.ndarray
) -> None:
    other = WeightsStore(weights_folder).network(n_threads=2)
    np.testing.assert_array_equal(other.vocal_mask(magnitudes), network.vocal_mask(magnitudes))


def test_silence_is_shared_by_halves(network: MaskNetwork) -> None:
    np.testing.assert_array_equal(network.vocal_mask(np.zeros(SHAPE, np.float32)), 0.5)


def test_the_mask_is_a_share(network: MaskNetwork) -> None:
    loud = np.random.default_rng(5).random(SHAPE, dtype=np.float32) * 1e4
    mask = network.vocal_mask(loud)
    assert mask.shape == SHAPE
    assert 0 <= mask.min() <= mask.max() <= 1


def test_the_graph_passes_the_full_check_of_onnx(weights_folder: Path, network: object) -> None:
    onnx.checker.check_model(str(weights_folder / f"{WEIGHTS_NAME}.onnx"), full_check=True)


def test_the_graph_has_the_same_bytes_every_time(tmp_path: Path) -> None:
    write_graph(tmp_path / "a", "x.weights")
    write_graph(tmp_path / "b", "x.weights")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("content", [b"", b"no graph at all", bytes(1000)])
def test_a_graph_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "graph.onnx"
    path.write_bytes(content)
    with pytest.raises(WeightsWrongHash, match="cannot be loaded"):
        MaskNetwork(path, 1)


def test_a_graph_without_its_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    write_graph(path, "gone.weights")
    with pytest.raises(WeightsWrongHash, match="cannot be loaded"):
        MaskNetwork(path, 1)
