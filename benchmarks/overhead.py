"""What the road adds to a task of the cloud: a 3 min region, against the sandbox beside it.

    python benchmarks/overhead.py [--minutes 3] [--rounds 3]

Everything is timed but the server's work (waiting for the task) and the wire (putting the upload,
submitting, downloading): what is left is the road's own: capture, digest, encoding, decoding,
alignment and its null, residual, cutting, placing, and every record on the way. The floor beside
it is what any program would have to do with the same libraries: read the region, encode it as
FLAC, decode two results, write two files and sync them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.cloud_services import CloudServices
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.cloud.client import HanoLabClient
from hanolab_dawtools.cloud.put_target import SandboxTarget
from hanolab_dawtools.engines.hanolab import engine
from hanolab_dawtools.events import Progress
from hanolab_dawtools.jobs.runner import Step
from hanolab_dawtools.model import Wanted

RATE = 48_000
WANTED_SECONDS = 0.5
PROJECT = """<REAPER_PROJECT 0.1 "7.0/linux-x86_64" 1700000000
  SAMPLERATE 48000 1 0
  MARKER 1 0 "Song" 1 0 1 R {{00000001-0000-4000-8000-000000000000}} 0
  MARKER 1 {seconds} "" 1
  <TRACK {{00000002-0000-4000-8000-000000000000}}
    NAME Mix
    NCHAN 2
    <ITEM
      POSITION 0
      LENGTH {seconds}
      IGUID {{00000003-0000-4000-8000-000000000000}}
      NAME mix
      GUID {{00000004-0000-4000-8000-000000000000}}
      <SOURCE WAVE
        FILE "mix.wav"
      >
    >
  >
>
"""


class Clock:
    """Seconds spent in each named thing."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed under a name."""

        @wraps(function)
        def timed(*arguments: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds[name] += time.perf_counter() - began

        return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = write_project(folder, options.minutes * 60)
        os.environ["HANOLAB_API_KEY"] = "hl_sandbox_key_of_the_tests"
        with SandboxProcess(folder / "sandbox", credits=100_000) as sandbox:
            rounds = [
                one_round(folder / f"home-{number}", sandbox.base_url, project)
                for number in range(options.rounds)
            ]
        floor = statistics.median(floor_seconds(folder) for _ in range(options.rounds))
    print_result(rounds, floor, options.minutes)


def write_project(folder: Path, seconds: float) -> Path:
    block = np.random.default_rng(0).normal(0.0, 0.1, (RATE * 10, 2))
    path = folder / "mix.wav"
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_24") as file:
        for _ in range(round(seconds / 10)):
            file.write(block)
    project = folder / "song.rpp"
    project.write_text(PROJECT.format(seconds=seconds), encoding="utf-8")
    return project


def one_round(home: Path, base_url: str, project: Path) -> dict[str, float]:
    """Seconds of the wire, the server, each step, and the whole."""
    clock = Clock()
    home.mkdir()
    with CloudServices(home, base_url) as services, watched(clock):
        copy = home / "song.rpp"
        copy.write_bytes(project.read_bytes().replace(b'"mix.wav"', b'"../mix.wav"'))
        job = services.plan_job(copy, {"stems": 2}, wanted=Wanted(region="Song"))
        began = time.perf_counter()
        services.run_job(job.id, stop=threading.Event(), progress=ignore)
        clock.seconds["whole"] = time.perf_counter() - began
    return dict(clock.seconds)


@contextmanager
def watched(clock: Clock) -> Iterator[None]:
    """Time the calls that are not the road's own, and the steps."""
    places: list[tuple[Any, str, str]] = [
        (HanoLabClient, "submit", "wire: submit"),
        (HanoLabClient, "wait", "server: its work"),
        (SandboxTarget, "put", "wire: upload"),
        (SandboxTarget, "delete", "wire: delete"),
        (engine, "download", "wire: download"),
    ]
    before = [getattr(owner, name) for owner, name, _ in places]
    for owner, name, label in places:
        setattr(owner, name, clock.around(label, getattr(owner, name)))
    init = Step.__init__

    def timed_init(step: Step, name: str, *arguments: Any, **options: Any) -> None:
        init(step, name, *arguments, **options)
        object.__setattr__(step, "run", clock.around(f"step: {name}", step.run))

    Step.__init__ = timed_init  # type: ignore[method-assign]
    try:
        yield
    finally:
        Step.__init__ = init  # type: ignore[method-assign]
        for (owner, name, _), function in zip(places, before, strict=True):
            setattr(owner, name, function)


def ignore(_: Progress) -> None:
    pass


def floor_seconds(folder: Path) -> float:
    """The bare minimum with the same libraries, in memory."""
    began = time.perf_counter()
    frames, rate = soundfile.read(folder / "mix.wav", dtype="int32")
    soundfile.write(folder / "up.flac", frames, rate, "PCM_24")
    for name in ("one", "two"):
        stem, rate = soundfile.read(folder / "up.flac", dtype="float32")
        path = folder / f"{name}.wav"
        soundfile.write(path, stem, rate, "FLOAT")
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    return time.perf_counter() - began


def print_result(rounds: list[dict[str, float]], floor: float, minutes: float) -> None:
    median = {name: statistics.median(each.get(name, 0.0) for each in rounds) for name in rounds[0]}
    outside = sum(value for name, value in median.items() if name.startswith(("wire", "server")))
    own = median["whole"] - outside
    print(f"a region of {minutes:g} min, stereo, 48 kHz, medians of {len(rounds)} rounds")
    for name, value in median.items():
        print(f"  {name:20} {value:6.3f} s")
    print(f"the road's own    {own:6.3f} s (wanted {WANTED_SECONDS})")
    print(f"the floor         {floor:6.3f} s; ours / floor {own / floor:.2f}")


if __name__ == "__main__":
    main()
