import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.engines.local.grid import BlockCutter, Grid, OverlapAdder

GRIDS = [Grid(4096, 1024, 512), Grid(2048, 256, 64, context_windows=9), Grid(8192, 2048, 100)]
ROUNDING = 1e-6  # float32, for a signal in -1..1, through two FFTs; the worst of a million


def _noise(n_channels: int, n_frames: int) -> np.ndarray:
    generator = np.random.default_rng(n_frames)
    return generator.uniform(-1, 1, (n_channels, n_frames)).astype(np.float32)


def _cut(grid: Grid, sound: np.ndarray, edges: list[int]) -> list[np.ndarray]:
    cutter = BlockCutter(grid, len(sound))
    pieces = np.split(sound, sorted(edges), axis=1)
    return [*(block for piece in pieces for block in cutter.push(piece)), *cutter.finish()]


def _there_and_back(grid: Grid, block: np.ndarray) -> np.ndarray:
    own = slice(grid.context_windows, grid.context_windows + grid.block_windows)
    return grid.synthesise(grid.analyse(block)[:, own])


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("n_hops", [0, 1, 2])
@pytest.mark.parametrize("more_frames", [0, 1, 1023, 5000])
@pytest.mark.parametrize("end", ["hop", "block"])
def test_there_and_back_gives_the_same_sound(
    grid: Grid, n_hops: int, more_frames: int, end: str
) -> None:
    """Lengths around the places where a block begins or ends, where one more may be needed."""
    at = n_hops * grid.block_hop_frames + (grid.block_frames if end == "block" else 0)
    n_frames = max(0, at - grid.window_frames - 1 + more_frames)
    sound = _noise(2, n_frames)
    adder = OverlapAdder(grid, 2)
    parts = [adder.push(_there_and_back(grid, block)) for block in _cut(grid, sound, [])]
    back = np.concatenate(parts, axis=1)
    assert back.shape[1] >= n_frames
    np.testing.assert_allclose(back[:, :n_frames], sound, atol=ROUNDING)
    np.testing.assert_allclose(back[:, n_frames:], 0, atol=ROUNDING)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(GRIDS), st.lists(st.integers(0, 1_200_000), max_size=6))
def test_blocks_do_not_depend_on_how_the_sound_arrives(grid: Grid, edges: list[int]) -> None:
    sound = _noise(1, 1_200_000)
    for block, wanted in zip(_cut(grid, sound, edges), _cut(grid, sound, []), strict=True):
        np.testing.assert_array_equal(block, wanted)
