"""Draws `pictures/panel-*.png`: the panel's main states, from real work on real music.

`python docs/screenshots.py [SERIES ...]` writes those that the pages show; with `--to FOLDER` every
state is written there, to be looked at. Nothing needs a screen. The weights and the demo's music
are fetched when they are missing. Fonts, on Debian:
`apt-get install fonts-open-sans fonts-noto-cjk`.
"""  # noqa: INP001 - a script beside the pages

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HANOLAB_API_KEY"] = KEY = "hl_key_of_the_screenshots"

import platformdirs
from PyQt6.QtCore import QSettings
from PyQt6.QtGui import QFont, QFontDatabase
from PyQt6.QtWidgets import QApplication

from hanolab_dawtools.engines.local.demo_music import fetch_demo_music
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.presenters.batch_draft import Kind
from hanolab_dawtools.presenters.batch_progress import CellPhase
from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.presenters.running import Stage
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.theme import Theme
from hanolab_dawtools.qt.window import MINIMUM_SIZE, PanelWindow
from hanolab_dawtools.sandbox.options import SandboxOptions
from hanolab_dawtools.sandbox.serve import run_sandbox
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings, StorageSettings
from hanolab_dawtools.workflows.demo import REGION_NAME, build_demo_project

PICTURES = Path(__file__).parent / "pictures"
SHOWN = ("results", "placed", "paying", "error", "batch")
FONTS = ("Open Sans", "Noto Sans CJK JP")
DEADLINE_SECONDS = 120.0
SETTLE_SECONDS = 0.7  # the last pictures of waveforms come a little later
SIZE = (1240, 780)
PRESET, EFFECTS, PLACE, BATCH = range(4)  # the tabs
BATCH_PRESETS = ("Bass practice", "Telephone", "Vocals forward")
GERMAN = "Zusammenstellung der Gesangsaufnahmen im großen Sendesaal, Fassung 2 & Korrekturen"
JAPANESE = "夜明け前の海辺で録音した合唱と弦楽四重奏のリハーサル、第二楽章（最終版・修正済み）"


class ShownSink:
    """A sound device that nobody hears."""

    sample_rate = 48_000
    device = "Built-in output"

    def devices(self) -> Sequence[str]:
        """The one that there is."""
        return [self.device]

    def start(self, pull: object) -> None:
        """Nothing is pulled."""

    def choose(self, device: str) -> None:
        """There is one only."""

    def close(self) -> None:
        """Nothing is open."""


class Studio:
    """A panel with a home of its own, and the camera."""

    def __init__(self, folder: Path, materials: Path, pictures: Path, base_url: str = "") -> None:
        self.folder = folder
        self.pictures = pictures
        where = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        (where.data / "weights").parent.mkdir(parents=True)
        (where.data / "weights").symlink_to(materials)
        cloud = {"base_url": base_url, "storage": StorageSettings(kind="sandbox")}
        settings = Settings(**(cloud if base_url else {}))
        self.music = fetch_demo_music(materials, weights=WeightsStore(materials))
        self.services = Services(settings, where)
        self.dispatcher = QtDispatcher()
        self.panel = Panel(self.services, self.dispatcher, ShownSink())
        memory = QSettings(str(folder / "panel.ini"), QSettings.Format.IniFormat)
        self.window = PanelWindow(self.panel, memory)
        self.window.resize(*SIZE)
        self.window.show()
        self.panel.open(None)
        self.until(lambda: self.panel.presets.view.rows)

    def close(self) -> None:
        """Give everything back."""
        self.window.hide()
        self.dispatcher.close()
        self.panel.close()
        self.services.__exit__()

    def until(self, is_true: Callable[[], object]) -> None:
        """Let the window live until something is true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not is_true():
            QApplication.processEvents()
            time.sleep(0.005)
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing came: {self.panel.messages.view.current}")

    def settle(self) -> None:
        """Let everything be drawn."""
        end = time.monotonic() + SETTLE_SECONDS
        self.until(lambda: time.monotonic() > end)

    def take(self, name: str, *, is_dark: bool = True, tab: int = PRESET) -> None:
        """Write a picture, if it is one that is wanted."""
        if self.pictures == PICTURES and name not in SHOWN:
            return
        self.window.set_theme(Theme(is_dark=is_dark))
        self.window.side.setCurrentIndex(tab)
        self.settle()
        path = self.pictures / f"panel-{name}.png"
        if not self.window.grab().save(str(path), "PNG", 0):
            raise SystemExit(f"{path} cannot be written")
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB\n")

    def open_project(self, song: str = "Song", region: str = REGION_NAME) -> Path:
        """Open the demo's project, with other names in it, and choose its region."""
        project = build_demo_project(self.folder / song[:40], self.music)
        text = project.read_text("utf-8").replace("NAME Song", f'NAME "{song}"')
        text = text.replace(f" {REGION_NAME} 1 ", f' "{region}" 1 ')
        project.write_text(text, "utf-8")
        project = project.rename(project.with_name(f"{song}.rpp"))
        self.panel.source.open(project)
        self.until(lambda: self.panel.source.view.is_ready)
        numbers = {known.name: known.number for known in self.panel.source.view.regions}
        self.panel.source.choose_region(f"#{numbers[region]}")
        self.until(lambda: self.panel.running.view.can_start)
        self.until(lambda: self.panel.waveforms.view.lanes)
        return project

    def work(self) -> None:
        """Start what is chosen, and wait for its results."""
        self.until(lambda: self.panel.running.view.can_start)
        self.panel.running.start()
        self.until(lambda: self.panel.results.view.job_id)
        self.until(lambda: not self.panel.queue.view.n_running)
        self.panel.messages.dismiss()


def local_states(studio: Studio) -> None:
    """What is seen of work on this machine, from the empty window on."""
    panel = studio.panel
    for name, is_dark in (("empty", True), ("empty-light", False)):
        studio.take(name, is_dark=is_dark)
    studio.open_project()
    for name, is_dark in (("loaded", True), ("loaded-light", False)):
        studio.take(name, is_dark=is_dark)
    panel.presets.edit({"job.stems": 4})
    studio.until(lambda: panel.running.view.can_start)
    panel.running.start()
    studio.until(lambda: any(row.fraction for row in panel.queue.view.rows))
    studio.take("running")
    studio.until(lambda: panel.results.view.job_id)
    panel.messages.dismiss()
    panel.waveforms.seek(6.4)
    panel.listening.seek(6.4)
    panel.waveforms.select(5.0, 8.0)
    for name, is_dark in (("results", True), ("results-light", False)):
        studio.take(name, is_dark=is_dark, tab=PLACE)
    panel.placing.place()
    studio.until(lambda: not panel.results.view.is_to_place)
    studio.take("placed", tab=PLACE)
    studio.window.resize(*MINIMUM_SIZE)
    for name, tab in (("smallest", PLACE), ("smallest-preset", PRESET)):
        studio.take(name, tab=tab)
    studio.window.resize(*SIZE)
    missing = {"effect": "vst3", "plugin": "Golden Reverb", "path": "/golden.vst3"}
    compressor = {"effect": "compressor", "threshold_db": -18.0, "ratio": 3.0}
    panel.presets.edit({"before": [compressor, missing]})
    studio.until(lambda: panel.running.view.problem)
    studio.take("effects", tab=EFFECTS)


def error_states(studio: Studio) -> None:
    """What is seen when something is wrong."""
    broken = studio.folder / "broken.rpp"
    broken.write_text("<REAPER_PROJECT\n  <TRACK\n", "utf-8")
    studio.open_project()
    studio.panel.source.open(broken)
    studio.until(lambda: studio.panel.source.view.problem or studio.panel.messages.view.current)
    for name, is_dark in (("error", True), ("error-light", False)):
        studio.take(name, is_dark=is_dark)


def long_states(studio: Studio) -> None:
    """Names as long as people give them."""
    for name, song, is_dark in (("german", GERMAN, False), ("japanese", JAPANESE, True)):
        studio.panel.presets.edit({"name": song[:70], "import.names": f"{song[:60]} $stem"})
        studio.open_project(song, song[:60])
        studio.take(name, is_dark=is_dark)
        studio.work()
        studio.take(f"{name}-results", is_dark=is_dark, tab=PLACE)


def paid_states(studio: Studio) -> None:
    """The question before anything is paid, and a voice that came back."""
    voice = {"id": "vm_warm", "name": "Warm"}
    studio.panel.presets.start("convert")
    studio.panel.presets.edit({"job.engine": "hanolab", "job.voice": voice})
    studio.open_project()
    studio.panel.running.start()
    studio.until(lambda: studio.panel.cost.view.question)
    studio.take("paying")
    studio.panel.cost.agree()
    studio.until(lambda: studio.panel.results.view.job_id)
    studio.take("converted", is_dark=False, tab=PLACE)


def batch_states(studio: Studio) -> None:
    """A batch: put together, at work, done; and one that cannot be."""
    batch = studio.panel.batch
    studio.take("batch-empty", tab=BATCH)
    project = build_demo_project(studio.folder / "Song", studio.music)
    batch.draft.tick_shown(Kind.PRESETS, are_ticked=False)
    for name in BATCH_PRESETS:
        batch.draft.tick(Kind.PRESETS, name, is_ticked=True)
    takes = _takes(studio.folder, studio.music)
    batch.draft.add_sources([str(project), *map(str, takes)])
    studio.until(lambda: batch.starting.view.can_start)
    batch.draft.tick_cells([3, 7, 8], are_ticked=False)
    for name, is_dark in (("batch-new", True), ("batch-new-light", False)):
        studio.take(name, is_dark=is_dark, tab=BATCH)
    studio.window.resize(*MINIMUM_SIZE)
    studio.take("batch-smallest", tab=BATCH)
    studio.window.resize(*SIZE)
    batch.starting.start()
    studio.until(lambda: any(row.phase is CellPhase.DONE for row in batch.view.rows))
    studio.until(lambda: any(row.fraction for row in batch.view.rows) or not batch.is_running)
    studio.take("batch", tab=BATCH)
    studio.until(lambda: not batch.is_running)
    studio.until(lambda: batch.starting.view.stage is not Stage.PLANNING)
    studio.take("batch-done", is_dark=False, tab=BATCH)


def _takes(folder: Path, music: Path) -> Sequence[Path]:
    """Copies of a file, as those of a catalogue."""
    names = (GERMAN[:40], JAPANESE[:30], "Take 3", "Take 4", "Take 5")
    return [Path(shutil.copy(music, folder / f"{name}{music.suffix}")) for name in names]


def double_states(studio: Studio) -> None:
    """At twice the scale, where the variable QT_SCALE_FACTOR says so."""
    studio.open_project()
    studio.work()
    studio.window.resize(820, 540)
    studio.take("double", tab=PLACE)


def with_sandbox(folder: Path, act: Callable[[str], None]) -> None:
    """Do something with the address of a cloud of our own."""
    stop, ready, found = threading.Event(), threading.Event(), []

    def announce(running: object) -> None:
        found.append(running.base_url)  # type: ignore[attr-defined]
        ready.set()

    options = SandboxOptions(folder / "cloud", port=0, key=KEY, delay_seconds=0.0)
    server = threading.Thread(
        target=run_sandbox, args=(options,), kwargs={"stop": stop, "announce": announce}
    )
    server.start()
    try:
        ready.wait(DEADLINE_SECONDS)
        act(found[0])
    finally:
        stop.set()
        server.join()


SERIES = {
    "local": local_states,
    "error": error_states,
    "long": long_states,
    "paid": paid_states,
    "batch": batch_states,
    "double": double_states,
}


def main() -> None:
    """Take the series that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="*", choices=[[], *SERIES])
    parser.add_argument("--to", type=Path, default=PICTURES, metavar="FOLDER")
    arguments = parser.parse_args()
    series = arguments.series or list(SERIES)
    if "double" in series and os.environ.get("QT_SCALE_FACTOR") != "2":
        series.remove("double")
        command = [sys.executable, __file__, "double", "--to", str(arguments.to)]
        doubled = os.environ | {"QT_SCALE_FACTOR": "2"}
        subprocess.run(command, env=doubled, check=True)  # noqa: S603 - ourselves
    application = QApplication(sys.argv[:1])
    missing = set(FONTS) - set(QFontDatabase.families())
    if missing:
        raise SystemExit(f"fonts are missing: {', '.join(missing)}; see the head of this script")
    application.setFont(QFont(list(FONTS), 10))  # type: ignore[call-overload]
    materials = platformdirs.user_cache_path("hanolab_dawtools-tests") / "weights"
    arguments.to.mkdir(exist_ok=True)
    for name in series:
        with tempfile.TemporaryDirectory() as folder:

            def shoot(base_url: str = "", name: str = name, home: str = folder) -> None:
                studio = Studio(Path(home) / "home", materials, arguments.to, base_url)
                try:
                    SERIES[name](studio)
                finally:
                    studio.close()

            if name == "paid":
                with_sandbox(Path(folder), shoot)
            else:
                shoot()


if __name__ == "__main__":
    main()
