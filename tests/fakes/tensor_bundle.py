"""Writes small TensorFlow checkpoints ("tensor bundles") as TensorFlow does, without it."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np

MAGIC = bytes.fromhex("57fb808b247547db")
DTYPES = {"float32": 1, "float64": 2, "int64": 9}


def bundle(tensors: Mapping[str, np.ndarray]) -> tuple[bytes, bytes]:
    """Index file and data file."""
    data = b""
    entries = [(b"", b"\x08\x01")]
    for name in sorted(tensors):
        values = tensors[name]
        entries.append((name.encode(), entry_message(values, len(data))))
        data += values.tobytes()
    return table(entries), data


def entry_message(values: np.ndarray, offset: int, *, shard: int = 0) -> bytes:
    """A BundleEntryProto."""
    shape = b"".join(b"\x12" + _sized(b"\x08" + varint(size)) for size in values.shape)
    return b"".join(
        [
            b"\x08" + varint(DTYPES[str(values.dtype)]),
            b"\x12" + _sized(shape),
            b"\x18" + varint(shard),
            b"\x20" + varint(offset),
            b"\x28" + varint(values.nbytes),
            b"\x35" + struct.pack("<I", 0),
        ]
    )


def table(entries: list[tuple[bytes, bytes]], *, compression: int = 0) -> bytes:
    """A LevelDB table of one data block, whose keys share prefixes."""
    data = _block(entries, compression)
    index_at = len(data)
    index = _block([(b"\xff", varint(0) + varint(index_at - 5))], 0)
    footer = varint(0) + varint(0) + varint(index_at) + varint(len(index) - 5)
    return data + index + footer.ljust(40, b"\0") + MAGIC


def varint(value: int) -> bytes:
    """A base-128 number."""
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _block(entries: list[tuple[bytes, bytes]], compression: int) -> bytes:
    body, before = b"", b""
    for key, value in entries:
        shared = next(
            (i for i, (a, b) in enumerate(zip(key, before, strict=False)) if a != b),
            min(len(key), len(before)),
        )
        own = key[shared:]
        body += varint(shared) + varint(len(own)) + varint(len(value)) + own + value
        before = key
    return body + struct.pack("<II", 0, 1) + bytes([compression]) + bytes(4)


def _sized(message: bytes) -> bytes:
    return varint(len(message)) + message
