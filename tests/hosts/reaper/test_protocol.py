"""Frames: any split of the bytes gives the same messages, and no bytes raise."""

import itertools
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.reaper import protocol
from hanolab_dawtools.hosts.reaper.protocol import Frames, TooLarge, encode
from hanolab_dawtools.package_data import host_bridge_folder

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=5)


def fed(frames: Frames, content: bytes, cuts: list[int]) -> list[dict]:
    edges = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    pieces = [content[a:b] for a, b in itertools.pairwise(edges)]
    return [message for piece in pieces for message in frames.feed(piece)]


@given(MESSAGES, st.lists(st.integers(min_value=0), max_size=10))
def test_any_split_gives_the_same_messages(messages, cuts):
    frames = Frames()
    content = b"".join(encode(message) for message in messages)
    assert fed(frames, content, cuts) == messages
    assert not frames.fault


@given(st.binary(max_size=200), st.lists(st.integers(min_value=0), max_size=5))
def test_garbage_never_raises_and_is_the_same_in_any_split(garbage, cuts):
    whole, split = Frames(limit_bytes=100), Frames(limit_bytes=100)
    assert whole.feed(garbage) == fed(split, garbage, cuts)
    assert whole.fault == split.fault


@given(st.binary(max_size=60))
def test_a_body_of_garbage_never_raises(body):
    frames = Frames()
    messages = frames.feed(struct.pack(">I", len(body)) + body)
    assert bool(messages) != bool(frames.fault)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"1" * 5000, b'{"a":' * 50_000, b"nul", b""])
def test_a_body_that_json_cannot_read_is_a_fault(body):
    frames = Frames()
    assert frames.feed(struct.pack(">I", len(body)) + body) == []
    assert frames.fault


def test_after_a_fault_nothing_is_read():
    frames = Frames(limit_bytes=10)
    good = encode({"a": 1})
    assert frames.feed(good + struct.pack(">I", 11) + good) == [{"a": 1}]
    assert "11 bytes" in frames.fault
    assert frames.feed(good) == []


def test_a_message_of_the_limit_is_taken_and_one_byte_more_is_not():
    room = protocol.MAX_MESSAGE_BYTES - len(json.dumps({"a": ""}, separators=(",", ":")))
    frames = Frames()
    (message,) = frames.feed(encode({"a": "x" * room}))
    assert len(message["a"]) == room
    with pytest.raises(TooLarge, match="16777217 bytes"):
        encode({"a": "x" * (room + 1)})


def test_a_name_that_is_no_unicode_comes_back_as_it_was():
    name = b"t\xe9.wav".decode("utf-8", "surrogateescape")
    assert Frames().feed(encode({"name": name})) == [{"name": name}]


def test_the_two_files_of_the_protocol_are_equal_byte_for_byte():
    inside = host_bridge_folder() / "reaper" / "hanolab_protocol.py"
    assert inside.read_bytes() == Path(protocol.__file__).read_bytes()
