"""Runs each contender of a benchmark in a process of its own: time, peak memory, and ratios."""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.audio.files import AudioWriter


@dataclass(frozen=True)
class Measurement:
    """What a contender took, and what it gave back."""

    name: str
    seconds: float
    peak_mb: float
    result: Any


def minutes_of_audio(description: str | None) -> int:
    """What the command line asks for: 2 minutes, or an hour with --full."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--full", action="store_true", help="an hour of audio")
    return 60 if parser.parse_args().full else 2


def write_noise(path: Path, sample_rate: int, minutes: int, subtype: str = "PCM_24") -> None:
    """Stereo noise, in blocks."""
    n_frames = sample_rate * 60 * minutes
    block = np.random.default_rng(0).uniform(-0.5, 0.5, (2, sample_rate)).astype(np.float32)
    with AudioWriter(path, sample_rate, 2, subtype=subtype, n_frames=n_frames) as writer:
        for _ in range(n_frames // sample_rate):
            writer.write(block)


def measured(contender: Callable[..., Any], *arguments: Any) -> Measurement:
    """Call a module-level function in a fresh process; imports do not count, memory does."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_run, contender, arguments).result()


def print_ratios(rows: list[Measurement], audio_seconds: float, note: str = "") -> None:
    """One line for each contender; the first one is ours."""
    ours = rows[0]
    for row in rows:
        print(
            f"{row.name:32} {row.seconds:7.2f} s  {audio_seconds / row.seconds:7.0f} x real time  "
            f"{row.peak_mb:6.0f} MB   time / ours {row.seconds / ours.seconds:6.2f}   "
            f"memory / ours {row.peak_mb / ours.peak_mb:5.2f}  {note and f'{note} {row.result}'}"
        )


def _run(contender: Callable[..., Any], arguments: tuple[Any, ...]) -> Measurement:
    start = time.perf_counter()
    result = contender(*arguments)
    seconds = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measurement(contender.__name__, seconds, peak_mb, result)
