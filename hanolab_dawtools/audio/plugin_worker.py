"""The process that a VST3 plug-in lives in: what it breaks is only its own.

Run as `python -m hanolab_dawtools.audio.plugin_worker` by `audio.plugins`. One line of JSON says
what to load and how to set it; one line answers. Then blocks: a header (`HEADER`) with the number
of frames, and float32 samples, shape (n_channels, n_frames); the answer has the same form. The
input's end is the end.

Plug-ins print what they like, so the real standard output is put aside before one is loaded.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

HEADER = struct.Struct("<I")  # frames of a block
FAILED = 0xFFFFFFFF  # instead of a number of frames: a message's bytes follow, counted the same
# pedalboard keeps a buffer of this size on the stack: over 2 million frames it crashes (0.9.26).
PLUGIN_BLOCK_FRAMES = 8_192
_Samples = npt.NDArray[np.float32]


class _Refused(Exception):
    """The plug-in cannot be used as asked; the text says why."""


class _Group:
    """One instance of the plug-in and the channels it works on.

    A plug-in for two channels gets a single one on both sides, and its left side counts.
    """

    def __init__(self, plugin: Any, channels: slice, n_copies: int) -> None:
        self.plugin = plugin
        self._channels = channels
        self._n_copies = n_copies

    def process(self, samples: _Samples, sample_rate: int) -> _Samples:
        part = np.repeat(samples[self._channels], self._n_copies, axis=0)
        made = self.plugin.process(
            np.ascontiguousarray(part), sample_rate, buffer_size=PLUGIN_BLOCK_FRAMES, reset=False
        )
        made = np.asarray(made, dtype=np.float32).reshape(part.shape[0], -1)
        return made[:: self._n_copies]


def main() -> int:
    """Serve one parent until its end of the pipe is closed."""
    sink, source = _own_streams()
    asked = json.loads(source.readline())
    try:
        groups = _load(asked)
    except _Refused as error:
        sink.write(json.dumps({"error": str(error)}).encode() + b"\n")
        sink.flush()
        return 0
    sink.write(json.dumps(_description(groups[0].plugin)).encode() + b"\n")
    sink.flush()
    _serve(groups, asked["sample_rate"], asked["n_channels"], source, sink)
    return 0


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """The parent's two ends; what else is printed goes nowhere."""
    sys.stdout.flush()
    sink = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return sink, sys.stdin.buffer


def _load(asked: Mapping[str, Any]) -> Sequence[_Group]:
    """Groups of channels that are warmed up: some plug-ins know their latency only then."""
    groups: list[_Group] = []
    for first in range(0, asked["n_channels"], 2):
        n_here = min(2, asked["n_channels"] - first)
        groups += _groups_for(asked, first, n_here)
    return groups


def _groups_for(asked: Mapping[str, Any], first: int, n_here: int) -> list[_Group]:
    whole = slice(first, first + n_here)
    reason = ""
    for n_channels in (n_here, 3 - n_here):  # as asked, else the other of mono and stereo
        plugin = _instance(asked)
        try:
            plugin.process(
                np.zeros((n_channels, PLUGIN_BLOCK_FRAMES), np.float32), asked["sample_rate"]
            )
        except (ValueError, RuntimeError) as error:
            reason = str(error).partition("\n")[0]
            continue
        plugin.reset()
        if n_channels == n_here:
            return [_Group(plugin, whole, 1)]
        if n_here == 1:
            return [_Group(plugin, whole, 2)]
        other = _instance(asked)
        other.process(np.zeros((1, PLUGIN_BLOCK_FRAMES), np.float32), asked["sample_rate"])
        other.reset()
        halves = (slice(first, first + 1), slice(first + 1, first + 2))
        return [_Group(each, half, 1) for each, half in zip((plugin, other), halves, strict=True)]
    raise _Refused(f"it takes neither one nor two channels: {reason}")


def _instance(asked: Mapping[str, Any]) -> Any:
    import pedalboard  # noqa: PLC0415 - after the streams were put aside

    try:
        plugin: Any = pedalboard.VST3Plugin(asked["path"], plugin_name=asked["plugin"] or None)
    except (ImportError, ValueError, RuntimeError, OSError) as error:
        raise _Refused(f"it cannot be loaded: {str(error).partition(chr(10))[0]}") from error
    if asked["state"]:
        try:
            plugin.raw_state = base64.b64decode(asked["state"], validate=True)
        except (ValueError, RuntimeError, TypeError) as error:
            raise _Refused(f"its stored state is not one: {error}") from error
    for name, value in asked["values"].items():
        if name not in plugin.parameters:
            known = ", ".join(sorted(plugin.parameters))
            raise _Refused(f"it has no parameter {name!r}; it has: {known}")
        try:
            setattr(plugin, name, value)
        except (ValueError, TypeError, RuntimeError, AttributeError) as error:
            raise _Refused(f"its parameter {name} cannot be {value!r}: {error}") from error
    return plugin


def _description(plugin: Any) -> dict[str, Any]:
    parameters = {}
    for name, parameter in plugin.parameters.items():
        values = list(getattr(parameter, "valid_values", None) or [])
        parameters[name] = {
            "value": _plain(getattr(plugin, name, None)),
            "minimum": _plain(parameter.min_value),
            "maximum": _plain(parameter.max_value),
            "unit": parameter.label or "",
            "words": [value for value in values if isinstance(value, str)],
        }
    return {
        "name": plugin.name,
        "vendor": plugin.manufacturer_name,
        "is_instrument": bool(plugin.is_instrument),
        "parameters": parameters,
        "state": base64.b64encode(plugin.raw_state).decode("ascii"),
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _serve(
    groups: Sequence[_Group], sample_rate: int, n_channels: int, source: BinaryIO, sink: BinaryIO
) -> None:
    while header := source.read(HEADER.size):
        (n_frames,) = HEADER.unpack(header)
        samples = np.frombuffer(source.read(4 * n_channels * n_frames), np.float32)
        try:
            made = [
                group.process(samples.reshape(n_channels, n_frames), sample_rate)
                for group in groups
            ]
            n_made = min(part.shape[1] for part in made)
            answer = np.concatenate([part[:, :n_made] for part in made]).astype(np.float32)
        except (ValueError, RuntimeError) as error:
            message = str(error).encode()
            sink.write(HEADER.pack(FAILED) + HEADER.pack(len(message)) + message)
        else:
            sink.write(HEADER.pack(answer.shape[1]) + np.ascontiguousarray(answer).tobytes())
        sink.flush()


if __name__ == "__main__":
    sys.exit(main())
