"""Effects applied to audio, in blocks.

Samples are float32, shape (n_channels, n_frames); rate and channel count stay as they are, and so
does the length unless a tail is asked for. The result does not depend on how the audio is cut
into blocks, not by a bit. Latency is compensated: what goes in at a frame comes out there.

A few effects cannot work on a stream (`audio.whole_effects`): for them `render_chain` writes a
file between two parts of the chain.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Self

import numpy as np

from hanolab_dawtools import durable
from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.effect_table import MIX, checked
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.audio.plugin_worker import PLUGIN_BLOCK_FRAMES
from hanolab_dawtools.audio.processors import (
    LoadPlugin,
    Node,
    build_nodes,
    close_nodes,
    run_nodes,
)
from hanolab_dawtools.audio.whole_effects import WHOLE_EFFECTS, render_whole
from hanolab_dawtools.errors import AudioFileError, SetupError, UsageError
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)

HIGHEST_CUTOFF_RATIO = 0.49  # of the sample rate; from half of it on filters give infinity
TAIL_FLOOR = 10.0 ** (-90.0 / 20.0)  # a tail ends where it stays below -90 dBFS
MAX_TAIL_SECONDS = 30.0
_QUIET_SECONDS = 0.5  # that long below the floor is silence, besides the longest echo's pause
_MAX_LATENCY_SECONDS = 60.0
_FREQUENCIES = ("cutoff_frequency_hz", "cutoff_hz", "centre_frequency_hz")


def refuse_plugins(spec: EffectSpec, sample_rate: int, n_channels: int) -> Node:  # noqa: ARG001 - as `LoadPlugin` says
    """Stand-in where no folder of plug-ins was allowed; raises `SetupError`."""
    raise SetupError(
        f"the plug-in {spec.parameters['plugin'] or spec.parameters['path']} may not be loaded",
        hint="Allow the folder it lies in: plugin_folders in the settings.",
    )


class EffectChain:
    """Effects in a row, for one stream of blocks. Belongs to one thread at a time.

    `process` each block, then `flush` once; all that they return, joined, has as many frames as
    came in, and the tail behind them if it was asked for.

    Raises
    ------
    UsageError
        An effect or a parameter is wrong, a frequency too high for the sample rate, or the effect
        cannot work on a stream.
    SetupError
        pedalboard, or a plug-in, cannot be loaded.
    """

    def __init__(
        self,
        effects: Sequence[EffectSpec],
        sample_rate: int,
        n_channels: int,
        *,
        load_plugin: LoadPlugin = refuse_plugins,
    ) -> None:
        self._sample_rate = sample_rate
        self._n_channels = n_channels
        self._n_due = 0  # frames that came in and did not come out yet
        specs = [checked(spec) for spec in effects]
        for spec in _flat(specs):
            _check_stream(spec, sample_rate)
        self._longest_echo_seconds = max(map(_echo_seconds, _flat(specs)), default=0.0)
        self._nodes = build_nodes(specs, sample_rate, n_channels, load_plugin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes of plug-ins, if there are any; idempotent."""
        close_nodes(self._nodes)

    def process(self, samples: Samples) -> Samples:
        """Take a block, shape (n_channels, any); return the frames that are ready."""
        made = run_nodes(self._nodes, np.ascontiguousarray(samples, dtype=np.float32))
        self._n_due += samples.shape[1] - made.shape[1]
        return made

    def flush(self, *, tail: bool = False) -> Samples:
        """The frames that were still held; nothing may be processed afterwards.

        `tail`: and what sounds on behind the end, until it stays below -90 dBFS, at most 30 s.
        """
        held, n_fed = silence(self._n_channels, 0), 0
        while held.shape[1] < self._n_due:
            if n_fed > _MAX_LATENCY_SECONDS * self._sample_rate:
                raise SetupError("an effect gives back less than it takes", hint="Leave it out.")
            held = np.concatenate([held, self._fed_with_silence()], axis=1)
            n_fed += PLUGIN_BLOCK_FRAMES
        body, rest = held[:, : self._n_due], held[:, self._n_due :]
        if not tail or not self._nodes:
            return np.ascontiguousarray(body)
        return np.concatenate([body, self._tail(rest)], axis=1)

    def _fed_with_silence(self) -> Samples:
        return run_nodes(self._nodes, silence(self._n_channels, PLUGIN_BLOCK_FRAMES))

    def _tail(self, begun: Samples) -> Samples:
        """What still sounds, from its first frame to the last one over the floor."""
        n_quiet = round((_QUIET_SECONDS + self._longest_echo_seconds) * self._sample_rate)
        n_most = round(MAX_TAIL_SECONDS * self._sample_rate)
        tail, end = begun, _sounding_frames(begun)
        while tail.shape[1] - end < n_quiet and tail.shape[1] < n_most:
            tail = np.concatenate([tail, self._fed_with_silence()], axis=1)
            end = _sounding_frames(tail)
        return tail[:, : min(end, n_most)]


def render_chain(
    source_path: Path,
    target_path: Path,
    effects: Sequence[EffectSpec],
    *,
    tail: bool = False,
    load_plugin: LoadPlugin = refuse_plugins,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> None:
    """Apply effects to a file and write the result as a 32-bit float WAV.

    The same length, or longer by the `tail`: until the effects stay below -90 dBFS, at most 30 s.

    Raises
    ------
    AudioFileError
        The source cannot be read, or holds a sample that is no finite number: a filter would
        carry it on to the end.
    UsageError, SetupError
        As `EffectChain`.
    DiskFull, NotWritable, JobCancelled
    """
    flag = stop or NeverStop()
    passes = _passes([checked(spec) for spec in effects if not spec.is_bypassed])
    with durable.translated_os_errors(target_path):
        target_path.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".chain-", dir=target_path.parent)
    with folder:
        source = source_path
        for number, part in enumerate(passes, 1):
            is_last = number == len(passes)
            target = target_path if is_last else Path(folder.name, f"{number}.wav")
            if part and part[0].name in WHOLE_EFFECTS:
                render_whole(part[0], source, target, flag, progress)
            else:
                _render_stream(
                    source,
                    target,
                    part,
                    tail=tail,
                    load_plugin=load_plugin,
                    stop=flag,
                    progress=progress,
                )
            source = target


def _passes(specs: Sequence[EffectSpec]) -> list[list[EffectSpec]]:
    """The chain cut so that each effect that cannot be streamed is alone; at least one part."""
    passes: list[list[EffectSpec]] = []
    for is_whole, group in groupby(specs, lambda spec: spec.name in WHOLE_EFFECTS):
        part = list(group)
        passes += [[spec] for spec in part] if is_whole else [part]
    return passes or [[]]


def _render_stream(
    source_path: Path,
    target_path: Path,
    effects: Sequence[EffectSpec],
    *,
    tail: bool,
    load_plugin: LoadPlugin,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    with AudioReader(source_path) as reader:
        info = reader.info
        n_frames = None if tail else info.n_frames
        with (
            EffectChain(
                effects, info.sample_rate, info.n_channels, load_plugin=load_plugin
            ) as chain,
            AudioWriter(
                target_path, info.sample_rate, info.n_channels, n_frames=n_frames
            ) as writer,
        ):
            done = 0
            for block in reader.blocks():
                raise_if_stopped(stop)
                if not np.isfinite(block).all():
                    raise AudioFileError(
                        source_path,
                        f"a sample near {done / info.sample_rate:.3f} s is no finite number",
                        hint="Render the file again, or repair it in an audio editor.",
                    )
                writer.write(chain.process(block))
                done += block.shape[1]
                seconds = done / info.sample_rate
                progress(Progress("applying effects", done / info.n_frames, seconds))
            writer.write(chain.flush(tail=tail))


def _flat(specs: Sequence[EffectSpec]) -> Iterator[EffectSpec]:
    """Every effect that works, those inside mixes too."""
    for spec in specs:
        if not spec.is_bypassed:
            yield spec
            for branch in spec.branches:
                yield from _flat(branch)


def _check_stream(spec: EffectSpec, sample_rate: int) -> None:
    if spec.name in WHOLE_EFFECTS:
        raise UsageError(
            f"the effect {spec.name} cannot be streamed, so it cannot stand inside a {MIX}",
            hint="Put it before or behind.",
        )
    highest = HIGHEST_CUTOFF_RATIO * sample_rate
    for name in _FREQUENCIES:
        value = spec.parameters.get(name, 0.0)
        if isinstance(value, float) and value > highest:
            raise UsageError(
                f"{name} of the effect {spec.name} must be at most {highest:g} Hz "
                f"in audio of {sample_rate} Hz, not {value:g}",
                hint="Choose a lower frequency, or leave the effect out.",
            )


def _echo_seconds(spec: EffectSpec) -> float:
    """The longest pause that an effect makes between sounds of its tail."""
    return spec.number("delay_seconds") if spec.name == "delay" else 0.0


def _sounding_frames(samples: Samples) -> int:
    """Frames up to the last one over the floor of a tail."""
    loud = np.flatnonzero(np.abs(samples).max(axis=0, initial=0.0) > TAIL_FLOOR)
    return int(loud[-1]) + 1 if loud.size else 0
