"""The tensors of Spleeter's 2-stem networks: names, shapes, and their place in our weights file.

Our weights file is nothing but these tensors, one after the other, little-endian float32, in
the layout that ONNX wants: a convolution's kernel is (outputs, inputs, height, width), a
transposed one's (inputs, outputs, height, width). Whatever package the weights came in, the
file has the same bytes, so one digest tells whether they are the right ones.

The networks are the U-Net of Jansson et al. 2017 ("Singing voice separation with deep U-Net
convolutional networks"), one for each instrument, as Deezer trained them (Hennequin et al.
2020, "Spleeter", JOSS 5(50), 2154).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

INSTRUMENTS = ("vocals", "accompaniment")
DOWN_FILTERS = (
    2,
    16,
    32,
    64,
    128,
    256,
    512,
)  # inputs of each step down, and the last one's outputs
UP_FILTERS = ((512, 256), (512, 128), (256, 64), (128, 32), (64, 16), (32, 1))
N_STEPS = 6
BYTES_PER_VALUE = 4

_NORM_PARTS = ("gamma", "beta", "mean", "variance")
_TF_PARTS = {
    "kernel": "kernel",
    "bias": "bias",
    "gamma": "gamma",
    "beta": "beta",
    "mean": "moving_mean",
    "variance": "moving_variance",
}
_TORCH_PARTS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "mean": "running_mean",
    "variance": "running_var",
}


@dataclass(frozen=True)
class Tensor:
    """One tensor: `name` is "instrument/layer/part"; `offset_bytes` is where it starts."""

    name: str
    shape: tuple[int, ...]
    offset_bytes: int

    @property
    def n_bytes(self) -> int:
        """Its length in the weights file."""
        return BYTES_PER_VALUE * math.prod(self.shape)

    @property
    def instrument(self) -> str:
        """Which of the two networks it belongs to."""
        return self.name.split("/")[0]


def _layers() -> Iterator[tuple[str, dict[str, tuple[int, ...]]]]:
    """Name and shapes of each layer of one network."""
    for step in range(1, N_STEPS + 1):
        inputs, outputs = DOWN_FILTERS[step - 1 : step + 1]
        yield f"down{step}", {"kernel": (outputs, inputs, 5, 5), "bias": (outputs,)}
        if step < N_STEPS:  # what follows the lowest convolution was trained but is never used
            yield f"down{step}_norm", dict.fromkeys(_NORM_PARTS, (outputs,))
    for step, (inputs, outputs) in enumerate(UP_FILTERS, start=1):
        yield f"up{step}", {"kernel": (inputs, outputs, 5, 5), "bias": (outputs,)}
        yield f"up{step}_norm", dict.fromkeys(_NORM_PARTS, (outputs,))
    yield "mask", {"kernel": (2, 1, 4, 4), "bias": (2,)}


def _tensors() -> Iterator[Tensor]:
    offset_bytes = 0
    for instrument in INSTRUMENTS:
        for layer, parts in _layers():
            for part, shape in parts.items():
                tensor = Tensor(f"{instrument}/{layer}/{part}", shape, offset_bytes)
                offset_bytes += tensor.n_bytes
                yield tensor


TENSORS = tuple(_tensors())
FILE_BYTES = TENSORS[-1].offset_bytes + TENSORS[-1].n_bytes


def tensorflow_name(tensor: Tensor) -> str:
    """Name of a tensor in TensorFlow's checkpoint, where layers of one kind are numbered."""
    instrument, layer, part = tensor.name.split("/")
    network = INSTRUMENTS.index(instrument)
    kind, step = _kind_and_step(layer)
    if kind == "up":
        family, number = "conv2d_transpose", 6 * network + step
    elif kind == "norm":
        family, number = "batch_normalization", 12 * network + step
    else:
        family, number = "conv2d", 7 * network + step
    suffix = f"_{number}" if number else ""
    return f"{family}{suffix}/{_TF_PARTS[part]}"


def torch_name(tensor: Tensor) -> str:
    """Name of a tensor in the PyTorch conversion, which has one file for each instrument."""
    _, layer, part = tensor.name.split("/")
    stem, _, norm = layer.partition("_")
    if stem == "mask":
        place = "up7.0"
    elif stem.startswith("down"):
        place = f"{stem}_act.0" if norm else f"{stem}_conv.1"
    else:
        place = f"{stem}.3" if norm else f"{stem}.0"
    return f"{place}.{_TORCH_PARTS[part]}"


def pack(tensors: Mapping[str, Array]) -> bytes:
    """Our weights file, made of all tensors by their names.

    Raises
    ------
    ValueError
        A tensor is missing or has another shape.
    """
    parts = []
    for tensor in TENSORS:
        values = tensors.get(tensor.name)
        if values is None or values.shape != tensor.shape:
            found = "missing" if values is None else f"of shape {values.shape}"
            raise ValueError(f"tensor {tensor.name} is {found}, not of shape {tensor.shape}")
        parts.append(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return b"".join(parts)


def unpack(content: bytes) -> dict[str, Array]:
    """All tensors by name, of a whole weights file."""
    return {
        tensor.name: np.frombuffer(
            content, "<f4", math.prod(tensor.shape), tensor.offset_bytes
        ).reshape(tensor.shape)
        for tensor in TENSORS
    }


def _kind_and_step(layer: str) -> tuple[str, int]:
    """Kind of a layer and its 0-based number among those of its kind in one network."""
    stem, _, norm = layer.partition("_")
    if stem == "mask":
        return "conv", N_STEPS
    step = int(stem[-1]) - 1
    if norm:
        return "norm", step + (N_STEPS if stem.startswith("up") else 0)
    return ("up" if stem.startswith("up") else "conv"), step
