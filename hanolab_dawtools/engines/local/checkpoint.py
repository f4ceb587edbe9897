"""Reads the PyTorch conversion of Spleeter's weights without running what it says.

The file is a ZIP with one pickle: a dict of names and numpy arrays. A pickle is a program; this
reader knows four names (the way numpy arrays of 2023 were pickled) and refuses any other. None
of the four is numpy's own: each is a small stand-in here that only collects shape and bytes.
"""

from __future__ import annotations

import io
import math
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.engines.local.bundle import DamagedWeights
from hanolab_dawtools.engines.local.tensors import BYTES_PER_VALUE, Array

MAX_PICKLE_BYTES = 80_000_000  # the real ones have 59 MB


def read_checkpoint(path: Path) -> dict[str, Array]:
    """All arrays of a checkpoint by name.

    Raises
    ------
    DamagedWeights
        It is no such file, is cut off, or asks for anything but float32 arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if m.filename.endswith("/data.pkl")]
            if len(members) != 1 or members[0].file_size > MAX_PICKLE_BYTES:
                raise DamagedWeights("the checkpoint does not hold one pickle of arrays")
            content = archive.read(members[0])
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise DamagedWeights("the checkpoint is not a whole ZIP file") from error
    return read_pickle(content)


def read_pickle(content: bytes) -> dict[str, Array]:
    """All arrays of a pickled dict by name. Errors as `read_checkpoint`."""
    try:
        arrays = _ArrayUnpickler(io.BytesIO(content)).load()
    except DamagedWeights:
        raise
    except (  # what damaged pickles make `pickle` raise; it promises no common base
        pickle.UnpicklingError,
        AttributeError,
        EOFError,
        ImportError,
        IndexError,
        KeyError,
        MemoryError,
        OverflowError,
        TypeError,
        ValueError,
    ) as error:
        raise DamagedWeights("the checkpoint's pickle is damaged") from error
    if not isinstance(arrays, dict):
        raise DamagedWeights("the checkpoint is not a dict of arrays")
    return {
        str(name): array.values() for name, array in arrays.items() if isinstance(array, _Pickled)
    }


class _Pickled:
    """What a pickle says of one array."""

    def __init__(self) -> None:
        self._state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._state = state

    def values(self) -> Array:
        """The array; `DamagedWeights` unless it is plain little-endian float32."""
        if len(self._state) != 5:
            raise DamagedWeights("an array's description cannot be read")
        _, shape, dtype, is_fortran, content = self._state
        if not isinstance(dtype, _Dtype) or dtype.name != "f4" or dtype.order != "<":
            raise DamagedWeights("an array is not float32")
        if is_fortran or not isinstance(content, bytes) or not _is_shape(shape):
            raise DamagedWeights("an array's description cannot be read")
        if len(content) != BYTES_PER_VALUE * math.prod(shape):
            raise DamagedWeights("an array's size does not fit its shape")
        return np.frombuffer(content, "<f4").reshape(shape)


class _Dtype:
    """What a pickle says of an array's type."""

    def __init__(self, name: object, *_: object) -> None:
        self.name = name
        self.order: object = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]


class _ArrayType:
    """Stands for `numpy.ndarray`, which the pickle only mentions."""


def _reconstruct(*_: object) -> _Pickled:
    return _Pickled()


def _encode(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise DamagedWeights("an array's bytes are not stored as latin-1")
    return text.encode("latin1")


_KNOWN = {
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy", "ndarray"): _ArrayType,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _encode,
}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise DamagedWeights(f"the checkpoint asks to run {module}.{name}") from None


def _is_shape(shape: object) -> bool:
    return isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)
