"""Effects as nodes that take blocks and give blocks, built from pedalboard's plug-ins.

Samples are float32, shape (n_channels, n_frames). A node gives in all as many frames as it took,
but later: what it holds back comes when more (zeros, at the end) is fed. Each node cuts what it
gets into blocks of one size, so that the result does not depend on how the audio came.

pedalboard guesses from an array's shape which axis is time, and silently guesses wrong when there
are no more frames than channels (measured with 0.9.26); blocks of one size avoid that, too. It
takes its plug-ins' latency off at the start of a stream by itself, so what comes out is in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.effect_table import EFFECTS, MIX, VST3
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.pedalboards import load_pedalboard
from hanolab_dawtools.audio.plugin_worker import PLUGIN_BLOCK_FRAMES
from hanolab_dawtools.errors import UsageError

_PAIRWISE = {"reverb", "mp3"}  # they leave more than two channels as they are, or refuse them


class Node(Protocol):
    """Something that takes blocks and gives blocks."""

    def process(self, samples: Samples) -> Samples:
        """Take a block, shape (n_channels, any); return the frames that are ready."""
        ...

    def close(self) -> None:
        """End what runs outside of this process; idempotent."""
        ...


LoadPlugin = Callable[[EffectSpec, int, int], Any]  # a vst3, the sample rate, the channel count


def build_nodes(
    specs: Sequence[EffectSpec], sample_rate: int, n_channels: int, load_plugin: LoadPlugin
) -> list[Node]:
    """Nodes for checked effects, in order; bypassed ones are left out.

    Raises
    ------
    UsageError
        An effect cannot work on such audio.
    SetupError
        pedalboard, or a plug-in, cannot be loaded.
    """
    nodes: list[Node] = []
    natives: list[EffectSpec] = []

    def end_natives() -> None:
        if natives:
            nodes.append(_native(natives, sample_rate, n_channels))
            natives.clear()

    for spec in specs:
        if spec.is_bypassed:
            continue
        if spec.name == MIX:
            end_natives()
            branches = [
                build_nodes(branch, sample_rate, n_channels, load_plugin)
                for branch in spec.branches
            ]
            nodes.append(_Mix(branches, n_channels))
        elif spec.name == VST3:
            end_natives()
            nodes.append(load_plugin(spec, sample_rate, n_channels))
        elif spec.name in _PAIRWISE and n_channels > 2:
            end_natives()
            nodes.append(_Pairs(spec, sample_rate, n_channels))
        else:
            natives.append(spec)
    end_natives()
    return nodes


def run_nodes(nodes: Sequence[Node], samples: Samples) -> Samples:
    """Pass a block through nodes in a row."""
    for node in nodes:
        samples = node.process(samples)
    return samples


def close_nodes(nodes: Sequence[Node]) -> None:
    """End what runs outside of this process; idempotent."""
    for node in nodes:
        node.close()


class Blocks:
    """A node around pedalboard's own board: blocks of one size in, whatever is ready out."""

    def __init__(self, board: Any, sample_rate: int, n_channels: int) -> None:
        self._board = board
        self._sample_rate = sample_rate
        self._held = silence(n_channels, 0)

    def process(self, samples: Samples) -> Samples:
        """Take a block, shape (n_channels, any); return the frames that are ready."""
        held = np.concatenate([self._held, samples], axis=1) if self._held.size else samples
        whole = held.shape[1] // PLUGIN_BLOCK_FRAMES * PLUGIN_BLOCK_FRAMES
        self._held = held[:, whole:]
        if whole == 0:
            return silence(samples.shape[0], 0)
        made = self._board.process(
            np.ascontiguousarray(held[:, :whole]),
            self._sample_rate,
            buffer_size=PLUGIN_BLOCK_FRAMES,
            reset=False,
        )
        return np.ascontiguousarray(made, dtype=np.float32).reshape(samples.shape[0], -1)

    def close(self) -> None:
        """Nothing runs elsewhere."""


class _Mix:
    """Branches side by side; as much of their sum as all of them have ready.

    pedalboard has a `Mix` of its own, but with branches of different latency its result depends
    on the block size (0.9.26).
    """

    def __init__(self, branches: Sequence[Sequence[Node]], n_channels: int) -> None:
        self._branches = branches
        self._ready = [silence(n_channels, 0) for _ in branches]

    def process(self, samples: Samples) -> Samples:
        self._ready = [
            np.concatenate([ready, run_nodes(branch, samples)], axis=1)
            for ready, branch in zip(self._ready, self._branches, strict=True)
        ]
        n_ready = min(ready.shape[1] for ready in self._ready)
        mixed = np.sum([ready[:, :n_ready] for ready in self._ready], axis=0, dtype=np.float32)
        self._ready = [ready[:, n_ready:] for ready in self._ready]
        return np.ascontiguousarray(mixed)

    def close(self) -> None:
        for branch in self._branches:
            close_nodes(branch)


class _Pairs:
    """The same effect for each pair of channels, with a lone last one."""

    def __init__(self, spec: EffectSpec, sample_rate: int, n_channels: int) -> None:
        self._slices = [slice(first, first + 2) for first in range(0, n_channels, 2)]
        self._nodes = [
            _native([spec], sample_rate, len(range(n_channels)[part])) for part in self._slices
        ]

    def process(self, samples: Samples) -> Samples:
        made = [
            node.process(samples[part])
            for node, part in zip(self._nodes, self._slices, strict=True)
        ]
        return np.concatenate(made, axis=0)

    def close(self) -> None:
        pass


def _native(specs: Sequence[EffectSpec], sample_rate: int, n_channels: int) -> Blocks:
    pedalboard = load_pedalboard()
    plugins = [_plugin(pedalboard, spec, sample_rate, n_channels) for spec in specs]
    return Blocks(pedalboard.Pedalboard(plugins), sample_rate, n_channels)


def _plugin(pedalboard: Any, spec: EffectSpec, sample_rate: int, n_channels: int) -> Any:
    kind = getattr(pedalboard, EFFECTS[spec.name].plugin)
    values = dict(spec.parameters)
    if spec.name == "ladder":
        values["mode"] = getattr(kind.Mode, str(values["mode"]))
    elif spec.name == "resample":
        values["quality"] = getattr(kind.Quality, str(values["quality"]))
    elif spec.name == "convolution":
        values["impulse_response_filename"] = _impulse_response(values.pop("impulse_response"))
    elif spec.name == "mp3" and sample_rate not in {32_000, 44_100, 48_000}:
        raise UsageError(
            f"the effect mp3 needs audio of 32, 44.1 or 48 kHz, not {sample_rate} Hz",
            hint="Leave it out, or use resample.",
        )
    try:
        return kind(**values)
    except (ValueError, RuntimeError) as error:
        raise UsageError(
            f"the effect {spec.name} cannot be used on {n_channels} channels of {sample_rate} Hz: "
            f"{error}"
        ) from error


def _impulse_response(value: object) -> str:
    path = Path(str(value)).expanduser()
    if not str(value) or not path.is_file():
        raise UsageError(
            f"the effect convolution finds no impulse response at {str(value)!r}",
            hint="Set impulse_response to the path of an audio file.",
        )
    return str(path)
