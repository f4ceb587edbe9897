"""Waveforms of an hour in the panel: time until the first is drawn, and the time of each paint.

Beside it, in the same run: the same hour given to pyqtgraph's own `PlotDataItem`, with its peak
down-sampling, as a program without a pyramid does it (10 minutes of it, one channel: the whole does
not fit everywhere).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
import soundfile
from PyQt6.QtWidgets import QApplication, QWidget

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.lanes import LaneSource, WaveformPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.waveforms_view import WaveformsView

RATE, SECONDS, N_PAINTS = 48_000, 3600, 120
ROLES = [None, *StemRole][:8]


def main() -> None:
    """Measure, and print milliseconds and ratios."""
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = write_hour(Path(folder))
        for n_lanes, wanted_ms in ((2, 16.0), (8, 33.3)):
            measure(application, path, Path(folder), n_lanes, wanted_ms)
        peer_ms = peer_paint_ms(application, path)
        print(f"pyqtgraph's own, 1 lane of 10 min: median paint {peer_ms:.1f} ms")


def write_hour(folder: Path) -> Path:
    """An hour of stereo noise bursts."""
    path, rng = folder / "hour.wav", np.random.default_rng(1)
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_24") as file:
        for second in range(0, SECONDS, 10):
            level = 0.2 + 0.6 * abs(np.sin(second))
            file.write(level * rng.uniform(-1, 1, (RATE * 10, 2)))
    return path


def measure(
    application: QApplication, path: Path, folder: Path, n_lanes: int, wanted_ms: float
) -> None:
    """First picture, and paints while zooming and panning."""
    dispatcher = QtDispatcher()
    workers = Workers(dispatcher)
    presenter = WaveformPresenter(workers, folder / f"cache-{n_lanes}")
    view = WaveformsView(presenter)
    view.resize(1200, 400)
    view.show()
    began = time.perf_counter()
    presenter.set_lanes([LaneSource(str(n), f"lane {n}", ROLES[n], path) for n in range(n_lanes)])
    wait(application, lambda: any(lane.fraction > 0 for lane in presenter.view.lanes))
    view.grab()
    first_seconds = time.perf_counter() - began
    wait(application, lambda: all(lane.fraction == 1 for lane in presenter.view.lanes))
    print(
        f"{n_lanes} lanes: first drawn after {first_seconds:.2f} s, whole after "
        f"{time.perf_counter() - began:.2f} s"
    )
    paints = [
        paint_ms(application, view, lambda: presenter.zoom(1.12, SECONDS * 0.4))
        for _ in range(N_PAINTS)
    ]
    for length in (600.0, 30.0, 1.0):
        presenter.show(1000, 1000 + length)
        pan = length * 0.05
        paints += [
            paint_ms(application, view, lambda pan=pan: presenter.pan(pan)) for _ in range(30)
        ]
    median, worst = statistics.median(paints), statistics.quantiles(paints, n=20)[-1]
    print(
        f"{n_lanes} lanes: median paint {median:.1f} ms (wanted below {wanted_ms}), p95 {worst:.1f}"
    )
    workers.close()
    presenter.close()
    dispatcher.close()
    view.close()


def paint_ms(application: QApplication, view: QWidget, act: Callable[[], None]) -> float:
    """Milliseconds from an act of the user to the painted window."""
    began = time.perf_counter()
    act()
    application.processEvents()
    view.grab()
    return (time.perf_counter() - began) * 1e3


def peer_paint_ms(application: QApplication, path: Path) -> float:
    """Median paint of pyqtgraph's own way while panning 10 minutes."""
    samples, _ = soundfile.read(path, frames=RATE * 600, dtype="float32")
    plot = pg.PlotWidget()
    plot.resize(1200, 400)
    plot.getPlotItem().setDownsampling(auto=True, mode="peak")
    plot.getPlotItem().setClipToView(True)
    plot.plot(np.arange(len(samples)) / RATE, samples[:, 0])
    plot.show()
    paints = []
    for step in range(20):
        plot.setXRange(step, step + 500, padding=0)
        paints.append(paint_ms(application, plot, lambda: None))
    plot.close()
    return statistics.median(paints)


def wait(application: QApplication, is_done: Callable[[], bool]) -> None:
    """Run the event loop until something is true."""
    while not is_done():
        application.processEvents()
        time.sleep(0.002)


if __name__ == "__main__":
    main()
