"""Spleeter's networks once more, in plain numpy, for comparison: slow, short and independent.

Written from the definition of the network (Jansson et al. 2017, and Spleeter's
`model/functions/unet.py`), not from the ONNX graph.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def vocal_mask(tensors: dict[str, Array], magnitudes: Array) -> Array:
    """Vocal mask of magnitudes, shape (2, 512, 1024)."""
    vocals = _magnitudes(tensors, "vocals", magnitudes).astype(np.float64) ** 2
    rest = _magnitudes(tensors, "accompaniment", magnitudes).astype(np.float64) ** 2
    return (vocals + 0.5e-10) / (vocals + rest + 1e-10)


def _magnitudes(tensors: dict[str, Array], instrument: str, x: Array) -> Array:
    def part(layer: str, name: str) -> Array:
        return tensors[f"{instrument}/{layer}/{name}"]

    def norm(layer: str, signal: Array) -> Array:
        gamma, beta, mean, variance = (
            part(layer, name)[:, None, None] for name in ("gamma", "beta", "mean", "variance")
        )
        return (signal - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    seen: list[Array] = []
    signal = x
    for step in range(1, 7):
        layer = f"down{step}"
        seen.append(_halve(signal, part(layer, "kernel"), part(layer, "bias")))
        if step < 6:
            signal = norm(f"{layer}_norm", seen[-1])
            signal = np.where(signal > 0, signal, 0.2 * signal)
    signal = seen.pop()
    for step in range(1, 7):
        layer = f"up{step}"
        signal = _double(signal, part(layer, "kernel"), part(layer, "bias"))
        signal = norm(f"{layer}_norm", np.maximum(signal, 0))
        if seen:
            signal = np.concatenate([seen.pop(), signal])
    logits = _dilated(signal, part("mask", "kernel"), part("mask", "bias"))
    return x / (1 + np.exp(-logits))


def _halve(x: Array, kernel: Array, bias: Array) -> Array:
    """5 x 5 convolution with stride 2; one zero before, two behind."""
    height, width = x.shape[1] // 2, x.shape[2] // 2
    x = np.pad(x, ((0, 0), (1, 2), (1, 2)))
    result = np.zeros((len(kernel), height, width), dtype=np.float32)
    for row in range(5):
        for column in range(5):
            part = x[:, row : row + 2 * height : 2, column : column + 2 * width : 2]
            result += np.tensordot(kernel[:, :, row, column], part, 1)
    return result + bias[:, None, None]


def _double(x: Array, kernel: Array, bias: Array) -> Array:
    """Transposed 5 x 5 convolution with stride 2, without its first and two last rows."""
    height, width = x.shape[1:]
    result = np.zeros((kernel.shape[1], 2 * height + 3, 2 * width + 3), dtype=np.float32)
    for row in range(5):
        for column in range(5):
            part = np.tensordot(kernel[:, :, row, column].T, x, 1)
            result[:, row : row + 2 * height : 2, column : column + 2 * width : 2] += part
    return result[:, 1:-2, 1:-2] + bias[:, None, None]


def _dilated(x: Array, kernel: Array, bias: Array) -> Array:
    """4 x 4 convolution of every second value; three zeros on each side."""
    height, width = x.shape[1:]
    x = np.pad(x, ((0, 0), (3, 3), (3, 3)))
    result = np.zeros((len(kernel), height, width), dtype=np.float32)
    for row in range(4):
        for column in range(4):
            part = x[:, 2 * row : 2 * row + height, 2 * column : 2 * column + width]
            result += np.tensordot(kernel[:, :, row, column], part, 1)
    return result + bias[:, None, None]
