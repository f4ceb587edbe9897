"""Reads a TensorFlow checkpoint ("tensor bundle", version 2) with numpy alone.

A bundle is an index, which is a LevelDB table of small protocol buffers, and one or more data
files of raw values. Only what Spleeter's checkpoint uses is read: an uncompressed index, one
data file, little-endian float32.

Source: tensorflow/core/util/tensor_bundle, tensorflow/core/protobuf/tensor_bundle.proto, and
LevelDB's doc/table_format.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hanolab_dawtools.engines.local.tensors import BYTES_PER_VALUE, Array

_FOOTER_BYTES = 48
_TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
_TRAILER_BYTES = 5  # compression type and checksum, behind each block
_DT_FLOAT = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers


class DamagedWeights(ValueError):
    """A checkpoint is not what its format says it should be."""


@dataclass(frozen=True)
class BundleEntry:
    """Where one tensor lies in the data file."""

    shape: tuple[int, ...]
    offset_bytes: int
    n_bytes: int


def read_index(content: bytes) -> dict[str, BundleEntry]:
    """Entries of a bundle's index file by tensor name; tensors that are not float32 are left out.

    Raises
    ------
    DamagedWeights
        It is no such file, cut off, compressed, or speaks of more than one data file.
    """
    footer = content[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or footer[-8:] != _TABLE_MAGIC:
        raise DamagedWeights("the index is not a LevelDB table")
    at = _skip_handle(footer, 0)
    entries: dict[str, BundleEntry] = {}
    for _, handle in _table_block(content, *_read_handle(footer, at)):
        for key, value in _table_block(content, *_read_handle(handle, 0)):
            entry = _read_entry(value) if key else None  # the empty key holds the header
            if entry is not None:
                entries[key.decode("utf-8", "replace")] = entry
    return entries


def read_tensor(content: memoryview, entry: BundleEntry) -> Array:
    """One tensor out of the data file's bytes; a view, nothing is copied.

    Raises
    ------
    DamagedWeights
        The data file ends before the tensor does.
    """
    if entry.offset_bytes + entry.n_bytes > len(content):
        raise DamagedWeights("the data file is cut off")
    count = entry.n_bytes // BYTES_PER_VALUE
    return np.frombuffer(content, "<f4", count, entry.offset_bytes).reshape(entry.shape)


def _read_entry(message: bytes) -> BundleEntry | None:
    """Decode a BundleEntryProto: dtype 1, shape 2, shard 3, offset 4, size 5, slices 7.

    None for a tensor of another type (Spleeter's has one, the number of training steps).
    """
    fields: dict[int, int] = {}
    shape: tuple[int, ...] = ()
    for number, value in _fields(message):
        if isinstance(value, bytes):
            if number != 2:
                raise DamagedWeights("a tensor is stored in slices")
            shape = _read_shape(value)
        else:
            fields[number] = value
    if fields.get(1) != _DT_FLOAT:
        return None
    if fields.get(3, 0) != 0:
        raise DamagedWeights("a tensor is in another data file")
    n_bytes = fields.get(5, 0)
    if n_bytes != BYTES_PER_VALUE * math.prod(shape):
        raise DamagedWeights("a tensor's size does not fit its shape")
    return BundleEntry(shape, fields.get(4, 0), n_bytes)


def _read_shape(message: bytes) -> tuple[int, ...]:
    """Decode a TensorShapeProto: repeated dim 2, each with size 1."""
    sizes = []
    for number, dimension in _fields(message):
        if number != 2 or not isinstance(dimension, bytes):
            raise DamagedWeights("a tensor's shape cannot be read")
        sizes.append(next((n for field, n in _fields(dimension) if field == 1), 0))
    if not all(isinstance(size, int) for size in sizes):
        raise DamagedWeights("a tensor's shape cannot be read")
    return tuple(int(size) for size in sizes)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protocol buffer: number and integer or bytes."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _read_varint(message, at)
            yield number, value
        elif wire == _BYTES:
            length, at = _read_varint(message, at)
            yield number, _slice(message, at, length)
            at += length
        elif wire in (_FIXED32, _FIXED64):
            length = 4 if wire == _FIXED32 else 8
            yield number, int.from_bytes(_slice(message, at, length), "little")
            at += length
        else:
            raise DamagedWeights("the index holds a damaged message")


def _table_block(content: bytes, offset: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of one block of a LevelDB table; keys share prefixes with the one before."""
    block = _slice(content, offset, length + _TRAILER_BYTES)
    if block[length] != 0:
        raise DamagedWeights("the index is compressed")
    n_restarts = int.from_bytes(_slice(block, length - 4, 4), "little")
    end = length - 4 - 4 * n_restarts
    key, at = b"", 0
    while at < end:
        shared, at = _read_varint(block, at)
        own, at = _read_varint(block, at)
        value_length, at = _read_varint(block, at)
        if shared > len(key):
            raise DamagedWeights("the index holds a damaged key")
        key = key[:shared] + _slice(block, at, own)
        yield key, _slice(block, at + own, value_length)
        at += own + value_length


def _read_handle(content: bytes, at: int) -> tuple[int, int]:
    """Offset and length of a block, two varints."""
    offset, at = _read_varint(content, at)
    length, _ = _read_varint(content, at)
    return offset, length


def _skip_handle(content: bytes, at: int) -> int:
    _, at = _read_varint(content, at)
    _, at = _read_varint(content, at)
    return at


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    """A base-128 number and the place behind it."""
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(content):
            break
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise DamagedWeights("the index holds a damaged number")


def _slice(content: bytes, at: int, length: int) -> bytes:
    if at < 0 or length < 0 or at + length > len(content):
        raise DamagedWeights("the index is cut off")
    return content[at : at + length]
