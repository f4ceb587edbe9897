"""The panel: time from the command to the first painted window, and how long its GUI stands still.

    python benchmarks/panel_life.py

Start: the best of some processes of their own, offscreen, after one that warms the disk; beside
it, in turn, a process that imports PyQt6 and shows an empty window: what no panel can beat.

Stalls: a watchdog in the event loop, asked every 5 ms, through a whole separation of a minute of
audio by the local engine: opened, heard, started, shown. The longest gap is printed.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import platformdirs
import soundfile
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication

from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.qt.audio_sink import QtAudioSink
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.window import PanelWindow
from hanolab_dawtools.services import Services

N_STARTS = 5
WANTED_SECONDS = 1.2
WANTED_STALL_MS = 50.0
RATE, SECONDS = 44_100, 60
DEADLINE_SECONDS = 300
WEIGHTS = Path(
    os.environ.get("HANOLAB_TEST_WEIGHTS")
    or platformdirs.user_cache_path("hanolab_dawtools-tests") / "weights"
)
PANEL = """
import sys, time
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.qt import app, window
from hanolab_dawtools.services import Services

class Timed(window.PanelWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: (print(time.time()), QApplication.quit()))

app.PanelWindow = Timed
app.run_panel(Services(), None, NeverStop())
"""
EMPTY = """
import time
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QMainWindow

class Timed(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: (print(time.time()), QApplication.quit()))

application = QApplication([])
window = Timed()
window.show()
application.exec()
"""


def main() -> None:
    """Measure both, and print them beside what is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("CONFIG", "DATA", "CACHE", "LOG"):
            os.environ[f"HANOLAB_{kind}_DIR"] = f"{folder}/{kind.lower()}"
        starts: dict[str, list[float]] = {"panel": [], "empty window": []}
        for number in range(N_STARTS + 1):
            for name, program in (("panel", PANEL), ("empty window", EMPTY)):
                seconds = start_seconds(program)
                if number:
                    starts[name].append(seconds)
        for name, seconds in starts.items():
            median = statistics.median(seconds)
            print(f"{name}: painted after {min(seconds):.2f} s, median {median:.2f} s")
        print(f"wanted: below {WANTED_SECONDS} s")
        measure_stalls(Path(folder))


def start_seconds(program: str) -> float:
    """Seconds from the start of a process to its first paint."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1]) - began


def measure_stalls(folder: Path) -> None:
    """Separate a minute of audio in the panel, and print the longest gaps of its event loop."""
    weights = folder / "data" / "weights"
    weights.parent.mkdir(parents=True, exist_ok=True)
    if WEIGHTS.is_dir():
        weights.symlink_to(WEIGHTS)
    song = folder / "song.wav"
    rng = np.random.default_rng(1)
    soundfile.write(song, 0.1 * rng.standard_normal((RATE * SECONDS, 2)), RATE, subtype="FLOAT")
    application = QApplication([])
    dispatcher = QtDispatcher()
    with Services() as services:
        panel = Panel(services, dispatcher, QtAudioSink())
        window = PanelWindow(panel, QSettings(f"{folder}/panel.ini", QSettings.Format.IniFormat))
        window.show()
        window.lanes.preload(panel.workers)
        gaps = Gaps(application.processEvents)
        gaps.run_seconds(2.0)
        gc.collect()
        gc.freeze()  # as `qt.app` does
        if not services.weights.is_installed():
            print("stalls: not measured, the weights are missing (run benchmarks/separation.py)")
        else:
            gaps.name("open")
            panel.open(song)
            gaps.run(lambda: panel.running.view.can_start and bool(panel.waveforms.view.lanes))
            gaps.name("play")
            panel.listening.play()
            gaps.run_seconds(1.0)
            gaps.name("separate")
            panel.running.start()
            gaps.run(lambda: bool(panel.results.view.job_id))
            gaps.name("results")
            gaps.run_seconds(2.0)
        dispatcher.close()
        panel.close()
    for name, longest in gaps.longest_ms.items():
        print(f"GUI thread, {name}: longest gap {longest:.0f} ms (wanted: {WANTED_STALL_MS:.0f})")


class Gaps:
    """Runs an event loop and keeps the longest time that a turn of it took."""

    def __init__(self, turn: Callable[[], None]) -> None:
        self._turn = turn
        self._name = "starting"
        self.longest_ms: dict[str, float] = {}

    def name(self, name: str) -> None:
        """What happens from now on."""
        self._name = name

    def run_seconds(self, seconds: float) -> None:
        """Run for a time."""
        end = time.monotonic() + seconds
        self.run(lambda: time.monotonic() >= end)

    def run(self, is_done: Callable[[], bool]) -> None:
        """Run until something is true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            began = time.perf_counter()
            self._turn()
            gap = (time.perf_counter() - began) * 1e3
            self.longest_ms[self._name] = max(gap, self.longest_ms.get(self._name, 0.0))
            if is_done():
                return
            assert time.monotonic() < deadline, f"{self._name} does not end"
            time.sleep(0.005)


if __name__ == "__main__":
    main()
