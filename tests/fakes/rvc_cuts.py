"""What RVC does to the time of long audio, from its own code, without its networks.

The audio is taken at 16 kHz and, when long, cut about every `center_seconds`, in the spot that
its search takes for the quietest. Each piece is converted with a second or more of its
neighbours around it. The feature network gives 2 * floor((n - 80) / 320) frames of 10 ms for n
samples, so a piece comes back whole or 10 ms short; the last one is 5 to 25 ms short. The pieces
are then put together without gaps: all that follows is early.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

RATE = 16_000
HOP = 160  # 10 ms


@dataclass(frozen=True)
class Machine:
    """How long pieces are; larger graphics memory allows longer ones. Seconds."""

    center: int
    query: int
    longest: int
    pad: int


LARGE = Machine(center=60, query=10, longest=65, pad=3)  # half precision, 6 GB or more
MIDDLE = Machine(center=38, query=6, longest=41, pad=1)
SMALL = Machine(center=30, query=5, longest=32, pad=1)  # 4 GB or less


@dataclass(frozen=True)
class Piece:
    """Seconds start..stop of the input that are in the output, one after the other."""

    start: float
    stop: float


def pieces_kept(audio: np.ndarray, machine: Machine, *, by_sum: bool = False) -> list[Piece]:
    """What is left of `audio`, shape (n_frames,) at 16 kHz.

    `by_sum`: the spot is searched as the code does it, by the sum of 10 ms of samples instead of
    their energy. That is 0 at many places of a loud sound, too.
    """
    cuts = [cut // HOP * HOP for cut in _cuts(audio, machine, by_sum)]
    kept = []
    for start, stop in zip([0, *cuts], [*cuts, audio.size], strict=True):
        is_last = stop == audio.size
        n_heard = stop - start + 2 * machine.pad * RATE + (0 if is_last else HOP)
        n_hops = min(2 * ((n_heard - 80) // 320), n_heard // HOP) - 2 * machine.pad * 100
        kept.append(Piece(start / RATE, (start + n_hops * HOP) / RATE))
    return kept


def _cuts(audio: np.ndarray, machine: Machine, by_sum: bool) -> list[int]:
    if audio.size + HOP <= machine.longest * RATE:
        return []
    followed = audio if by_sum else audio**2
    sums = np.abs(np.convolve(followed, np.ones(HOP), "same"))
    query = machine.query * RATE
    centers = range(machine.center * RATE, audio.size, machine.center * RATE)
    return [at - query + int(np.argmin(sums[at - query : at + query])) for at in centers]


def without_the_lost(samples: np.ndarray, kept: list[Piece], sample_rate: int) -> np.ndarray:
    """A conversion, shape (n_frames,), as it comes out when only `kept` is in it."""
    return np.concatenate(
        [samples[round(p.start * sample_rate) : round(p.stop * sample_rate)] for p in kept]
    )


def lag_at(kept: list[Piece], seconds: np.ndarray) -> np.ndarray:
    """How late (negative: early) what happens at `seconds` of the input is in the output."""
    lost = np.cumsum([0.0] + [b.start - a.stop for a, b in itertools.pairwise(kept)])
    number = np.searchsorted([p.start for p in kept[1:]], seconds, side="right")
    return -lost[number]
