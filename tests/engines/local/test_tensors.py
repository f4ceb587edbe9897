import numpy as np
import pytest

from hanolab_dawtools.engines.local.tensors import (
    FILE_BYTES,
    TENSORS,
    pack,
    tensorflow_name,
    torch_name,
    unpack,
)


def _numbered() -> dict[str, np.ndarray]:
    return {
        tensor.name: np.full(tensor.shape, number, dtype=np.float32)
        for number, tensor in enumerate(TENSORS)
    }


def test_packed_tensors_come_back() -> None:
    content = pack(_numbered())
    assert len(content) == FILE_BYTES
    for (name, values), wanted in zip(unpack(content).items(), _numbered().values(), strict=True):
        np.testing.assert_array_equal(values, wanted, err_msg=name)


def test_every_tensor_has_a_tensorflow_name_of_its_own() -> None:
    assert len({tensorflow_name(tensor) for tensor in TENSORS}) == len(TENSORS)


def test_every_tensor_of_one_network_has_a_torch_name_of_its_own() -> None:
    names = {(tensor.instrument, torch_name(tensor)) for tensor in TENSORS}
    assert len(names) == len(TENSORS)


def test_a_missing_tensor_is_named() -> None:
    tensors = _numbered()
    del tensors["vocals/up3/bias"]
    with pytest.raises(ValueError, match="vocals/up3/bias is missing"):
        pack(tensors)


def test_a_tensor_of_another_shape_is_named() -> None:
    tensors = _numbered()
    tensors["vocals/up3/bias"] = np.zeros(63, dtype=np.float32)
    with pytest.raises(ValueError, match=r"vocals/up3/bias is of shape \(63,\)"):
        pack(tensors)
