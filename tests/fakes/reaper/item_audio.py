"""What an item sounds like by itself: its take, as it stands on the timeline, with fades and gain.

Signals are float64, (n_channels, n_frames). An item starts and ends on the frame its times round
to. A source at the same rate is copied frame by frame; at another, or with a play rate, values in
between are taken straight (linear). Pitch is not kept, whatever B_PPITCH says; fades are straight.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile
from fakes.reaper.lanes import is_heard
from fakes.reaper.render import round_half_up
from fakes.reaper.things import Effect, Item, Source, Take

GAIN_EFFECT = re.compile(r"Gain ([-+]?\d+(?:\.\d+)?) dB")
WHOLE_FRAME = 1e-4  # of a frame: less than that beside one is rounding
REVERSED, DOWNMIX, LEFT, RIGHT = 1, 2, 3, 4  # I_CHANMODE
Signal = np.ndarray


def effects_gain(effects: list[Effect]) -> float:
    """The factor of those effects that do something."""
    gain = 1.0
    for effect in effects:
        found = GAIN_EFFECT.search(effect.name)
        if found and effect.is_enabled and not effect.is_offline:
            gain *= 10 ** (float(found[1]) / 20)
    return gain


def panned(signal: Signal, pan: float) -> Signal:
    """A balance: the side it turns away from is quieter; beyond two channels nothing happens."""
    made = signal.copy()
    made[0] *= min(1.0, 1.0 - pan)
    if len(made) > 1:
        made[1] *= min(1.0, 1.0 + pan)
    return made


def add_item(total: Signal, item: Item, frames: range, rate: int) -> None:
    """Add the item to a sum over some frames of the timeline, unless it is not heard."""
    own = range(round_half_up(item.start * rate), round_half_up(item.end * rate))
    heard = range(max(own.start, frames.start), min(own.stop, frames.stop))
    if len(heard) == 0 or item.is_silenced or not is_heard(item):
        return
    takes = item.takes if item.values["B_ALLTAKESPLAY"] else [item.active_take]
    within = range(heard.start - own.start, heard.stop - own.start)
    signal = np.zeros((len(total), len(heard)))
    for take in takes:
        if take is not None and take.source is not None:
            signal += _take_signal(take, within, rate, len(total))
    signal *= item.values["D_VOL"] * _fades(item, within, len(own), rate)
    total[:, heard.start - frames.start : heard.stop - frames.start] += signal


def _fades(item: Item, within: range, n_frames: int, rate: int) -> Signal:
    at = np.arange(within.start, within.stop) / rate
    length = n_frames / rate
    gain = np.ones(len(at))
    fade_in = _fade_seconds(item, "D_FADEINLEN")
    fade_out = _fade_seconds(item, "D_FADEOUTLEN")
    if fade_in > 0:
        gain *= np.clip(at / fade_in, 0.0, 1.0)
    if fade_out > 0:
        gain *= np.clip((length - at) / fade_out, 0.0, 1.0)
    return gain


def _fade_seconds(item: Item, key: str) -> float:
    automatic = item.values[f"{key}_AUTO"]
    return automatic if automatic > 0 else item.values[key]


def _take_signal(take: Take, within: range, rate: int, n_channels: int) -> Signal:
    source, values = take.source, take.values
    assert source is not None
    if source.sample_rate == 0 or not Path(_file(source)).is_file():
        return np.zeros((n_channels, len(within)))
    step = source.sample_rate * values["D_PLAYRATE"] / rate
    first = values["D_STARTOFFS"] * source.sample_rate + within.start * step
    is_looped = bool(take.item.values["B_LOOPSRC"])
    signal = _read(source, first, step, len(within), is_looped=is_looped)
    signal = _spread(_channels(signal, int(values["I_CHANMODE"])), n_channels)
    signal = panned(signal, values["D_PAN"])
    return signal * values["D_VOL"] * effects_gain(take.effects)


def _read(source: Source, first: float, step: float, n_frames: int, *, is_looped: bool) -> Signal:
    """The source at `first`, `first + step`, ... in its own frames."""
    positions = first + np.arange(n_frames) * step
    if abs(step - 1.0) < 1e-9 and abs(first - round(first)) < WHOLE_FRAME:
        positions = round(first) + np.arange(n_frames, dtype=np.float64)
    before = np.floor(positions).astype(np.int64)
    part = positions - before
    values = _at(source, before, is_looped=is_looped)
    if part.any():
        after = _at(source, before + 1, is_looped=is_looped)
        values = values * (1.0 - part) + after * part
    return values


def _at(source: Source, indices: np.ndarray, *, is_looped: bool) -> Signal:
    samples = _section(source)
    n_frames = samples.shape[1]
    if is_looped:
        return samples[:, indices % max(1, n_frames)]
    found = samples[:, np.clip(indices, 0, n_frames - 1)]
    return np.where((indices >= 0) & (indices < n_frames), found, 0.0)


def _file(source: Source) -> str:
    return source.file if source.parent is None else source.parent.file


def _section(source: Source) -> Signal:
    """All of a source; a section is a part of its parent, perhaps backwards."""
    file = _file(source)
    stat = Path(file).stat()
    samples = _whole_file(file, stat.st_mtime_ns, stat.st_size)
    if source.parent is None:
        return samples
    first = round_half_up(source.section_offset * source.sample_rate)
    part = samples[:, first : first + round_half_up(source.length_seconds * source.sample_rate)]
    return part[:, ::-1] if source.is_reversed else part


@lru_cache(maxsize=16)
def _whole_file(file: str, _time: int, _size: int) -> Signal:
    samples, _rate = soundfile.read(file, dtype="float64", always_2d=True)
    return np.ascontiguousarray(samples.T)


def _channels(signal: Signal, mode: int) -> Signal:
    if mode == REVERSED:
        return signal[::-1] if len(signal) > 1 else signal
    if mode == DOWNMIX:
        return signal[:2].mean(axis=0, keepdims=True)
    if mode >= LEFT:
        channel = mode - LEFT
        return signal[channel : channel + 1] if channel < len(signal) else signal[:1] * 0
    return signal


def _spread(signal: Signal, n_channels: int) -> Signal:
    """One channel goes to the first two, others where they are; what is beyond is lost."""
    made = np.zeros((n_channels, signal.shape[1]))
    if len(signal) == 1:
        made[:2] = signal
    else:
        kept = min(n_channels, len(signal))
        made[:kept] = signal[:kept]
    return made
