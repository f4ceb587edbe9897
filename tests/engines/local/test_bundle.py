import numpy as np
import pytest
from fakes import tensor_bundle
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.engines.local.bundle import (
    BundleEntry,
    DamagedWeights,
    read_index,
    read_tensor,
)

TENSORS = {
    "conv2d/kernel": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "conv2d/bias": np.array([1.5], dtype=np.float32),
    "conv2d_1/kernel": np.full((300,), -2, dtype=np.float32),
}
INDEX, DATA = tensor_bundle.bundle(TENSORS)


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_is_read_as_it_was_written(name: str) -> None:
    values = read_tensor(memoryview(DATA), read_index(INDEX)[name])
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, TENSORS[name])


def test_tensors_that_are_not_float32_are_left_out() -> None:
    index, _ = tensor_bundle.bundle({"global_step": np.array(7), "bias": TENSORS["conv2d/bias"]})
    assert list(read_index(index)) == ["bias"]


@given(st.integers(0, len(INDEX) - 1))
def test_a_cut_off_index_is_refused(length: int) -> None:
    with pytest.raises(DamagedWeights):
        read_index(INDEX[:length])


@given(st.integers(0, len(INDEX) - 1), st.integers(1, 255))
def test_a_damaged_index_is_read_or_refused_but_never_crashes(at: int, change: int) -> None:
    damaged = INDEX[:at] + bytes([INDEX[at] ^ change]) + INDEX[at + 1 :]
    try:
        entries = read_index(damaged)
        for entry in entries.values():
            read_tensor(memoryview(DATA), entry)
    except DamagedWeights:
        pass


def test_a_cut_off_data_file_is_refused() -> None:
    entry = read_index(INDEX)["conv2d_1/kernel"]
    with pytest.raises(DamagedWeights, match="cut off"):
        read_tensor(memoryview(DATA[:-1]), entry)


def test_a_tensor_of_a_huge_size_is_refused_without_making_room_for_it() -> None:
    with pytest.raises(DamagedWeights, match="cut off"):
        read_tensor(memoryview(DATA), BundleEntry((2**40,), 0, 2**42))


def test_a_compressed_index_is_refused() -> None:
    entry = tensor_bundle.entry_message(TENSORS["conv2d/bias"], 0)
    with pytest.raises(DamagedWeights, match="compressed"):
        read_index(tensor_bundle.table([(b"bias", entry)], compression=1))


def test_a_tensor_in_another_data_file_is_refused() -> None:
    entry = tensor_bundle.entry_message(TENSORS["conv2d/bias"], 0, shard=1)
    with pytest.raises(DamagedWeights, match="another data file"):
        read_index(tensor_bundle.table([(b"bias", entry)]))


def test_a_size_that_does_not_fit_the_shape_is_refused() -> None:
    entry = tensor_bundle.entry_message(TENSORS["conv2d/bias"], 0)
    entry = entry.replace(b"\x28\x04", b"\x28\x08")
    with pytest.raises(DamagedWeights, match="does not fit"):
        read_index(tensor_bundle.table([(b"bias", entry)]))
