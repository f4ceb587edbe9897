from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes.array_pickles import RunsACommand, old_pickle, write_checkpoint
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.engines.local.bundle import DamagedWeights
from hanolab_dawtools.engines.local.checkpoint import read_checkpoint, read_pickle

ARRAYS = {
    "up1.0.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 12,
    "up1.0.bias": np.array([1.5, np.pi], dtype=np.float32),
}
PICKLE = old_pickle(ARRAYS)


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    write_checkpoint(tmp_path / "x.ckpt", PICKLE)
    np.testing.assert_array_equal(read_checkpoint(tmp_path / "x.ckpt")[name], ARRAYS[name])


def test_a_pickle_that_runs_a_command_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    with pytest.raises(DamagedWeights, match="asks to run"):
        read_pickle(old_pickle({"a": RunsACommand(f"touch {trace}")}))
    assert not trace.exists()


@pytest.mark.parametrize("name", [b"cbuiltins\neval\n", b"cnumpy\nload\n", b"c_codecs\ndecode\n"])
def test_any_other_global_is_refused(name: bytes) -> None:
    with pytest.raises(DamagedWeights, match="asks to run"):
        read_pickle(b"\x80\x02" + name + b".")


@given(st.integers(0, len(PICKLE) - 1))
def test_a_cut_off_pickle_is_refused(length: int) -> None:
    with pytest.raises(DamagedWeights):
        read_pickle(PICKLE[:length])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"a": np.zeros(3)}, id="float64"),
        pytest.param({"a": np.zeros(3, dtype=">f4")}, id="big-endian"),
        pytest.param({"a": np.asfortranarray(np.zeros((2, 2), dtype=np.float32))}, id="fortran"),
        pytest.param({"a": np.array([{}])}, id="objects"),
        pytest.param([np.zeros(3, dtype=np.float32)], id="list"),
    ],
)
def test_what_is_not_a_dict_of_float32_arrays_is_refused(content: Any) -> None:
    with pytest.raises(DamagedWeights):
        read_pickle(old_pickle(content))


def test_a_shape_that_promises_more_than_there_is_is_refused() -> None:
    pickled = old_pickle({"a": np.zeros((7, 9), dtype=np.float32)})
    assert pickled.count(b"K\x07K\x09") == 1
    with pytest.raises(DamagedWeights, match="does not fit"):
        read_pickle(pickled.replace(b"K\x07K\x09", b"K\xffK\xff"))


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    path.write_bytes(PICKLE)
    with pytest.raises(DamagedWeights, match="ZIP"):
        read_checkpoint(path)


def test_a_zip_without_a_pickle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    write_checkpoint(path, PICKLE)
    path.write_bytes(path.read_bytes().replace(b"data.pkl", b"data.txt"))
    with pytest.raises(DamagedWeights, match="one pickle"):
        read_checkpoint(path)
