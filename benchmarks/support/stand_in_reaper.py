"""The stand-in REAPER for benchmarks: at REAPER's own pace, with our bridge or reapy's server.

What collects garbage in the stand-in's process also walks through the stand-in's project, which
in REAPER is no Python at all. So before anything is measured the project is taken out of the
collector's sight (`gc.freeze`); what scripts make from then on is collected as ever, and counted.
"""

from __future__ import annotations

import importlib.util
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fakes.reaper import FakeReaper

from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.discovery import living_bridges

TICKS_PER_SECOND = 30.0
_FREEZE = """
import gc
gc.collect()
gc.freeze()
"""
# With the same modules as the bridge: the stand-in moves them in and out in every tick, which
# REAPER, with an interpreter for each script, does not.
_EMPTY_DEFER = """
import hanolab_start

def turn():
    RPR_defer("turn()")

turn()
"""
# reapy's own loop, word for word but for the port; it knows by `obj` that it is within REAPER.
_REAPY_SERVER = """
obj = None
import reapy
from reaper_python import RPR_SetExtState
from reapy.tools.network import Server

SERVER = Server(0)
RPR_SetExtState("benchmark", "port", str(SERVER._socket.getsockname()[1]), False)


def run_main_loop():
    SERVER.accept()
    requests = SERVER.get_requests()
    results = SERVER.process_requests(requests)
    SERVER.send_results(results)
    reapy.defer(run_main_loop)


run_main_loop()
"""


@contextmanager
def stand_in(folder: Path, project: Mapping[str, Any]) -> Iterator[FakeReaper]:
    """A REAPER that ticks 30 times a second, with one project."""
    with FakeReaper(folder, projects=[project], ticks_per_second=TICKS_PER_SECOND) as reaper:
        reaper.run_text(_FREEZE, "freeze.py")
        yield reaper


def start_empty_loop(reaper: FakeReaper) -> None:
    """A script that does nothing, in every tick."""
    reaper.install()
    reaper.run_text(_EMPTY_DEFER, "empty.py")


def start_bridge(reaper: FakeReaper) -> Channel:
    """Our bridge, and a connection to it."""
    reaper.install()
    reaper.run_action("HanoLab_bridge.py")
    reaper.wait_until(lambda: bool(living_bridges(reaper.runtime_folder)))
    return Channel.open(living_bridges(reaper.runtime_folder)[0])


def has_reapy() -> bool:
    """Whether reapy can be measured beside ours."""
    return importlib.util.find_spec("reapy") is not None


def start_reapy(reaper: FakeReaper) -> Any:
    """Start its server within, and connect this process's `reapy`, which is given, to it."""
    spec = importlib.util.find_spec("reapy")
    assert spec is not None
    assert spec.origin is not None
    reaper.scripts_folder.mkdir(parents=True, exist_ok=True)
    # scripts of the stand-in may import what lies beside them
    (reaper.scripts_folder / "reapy").symlink_to(Path(spec.origin).parent)
    reaper.run_text(_REAPY_SERVER, "reapy_server.py")
    port = int(reaper.ext_state["benchmark/port"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no REAPER answers at reapy's usual port
        import reapy  # noqa: PLC0415 - may not be there, and connects when it is imported
        from reapy.tools.network import client, machines  # noqa: PLC0415 - the same

        machines.CLIENTS["stand-in"] = client.Client(port)
        reapy.connect("stand-in")
    return reapy


def seconds_in_script(reaper: FakeReaper, text: str) -> float:
    """How long a piece of code takes within, in seconds."""
    lines = [
        "import time",
        "from reaper_python import *",
        "start = time.perf_counter()",
        text,
        'RPR_SetExtState("benchmark", "took", repr(time.perf_counter() - start), False)',
    ]
    reaper.run_text("\n".join(lines), "timed.py")
    return float(json.loads(reaper.ext_state["benchmark/took"]))
