"""A bridge in the test's own process, ticked by hand, with a clock that the test moves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fakes.reaper.in_process import here

from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile, read_bridge_file
from hanolab_dawtools.package_data import host_bridge_folder


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Inside:
    """One REAPER with any number of bridges in it."""

    def __init__(self, reaper_python: Any, host: Any, runtime_folder: Path) -> None:
        from hanolab_reascript import Reascript

        self.host = host
        self.clock = Clock()
        self.face = Reascript(reaper_python)
        self.runtime_folder = runtime_folder
        self.bridges: list[Any] = []

    def start(self, commands: dict[str, Callable[..., Any]] | None = None) -> Any:
        """A bridge, started as its script does; `n_deferred` counts the ticks it asked for."""
        from hanolab_loop import Bridge

        install = {"runtime_folder": str(self.runtime_folder), "version": "0.1"}
        bridge = Bridge(self.face, install, self._count, commands, self.clock)
        self._current = bridge
        bridge.n_deferred = 0
        bridge.start()
        self.bridges.append(bridge)
        return bridge

    def _count(self) -> None:
        self._current.n_deferred += 1

    def tick(self, n_ticks: int = 1, seconds: float = 0.03) -> None:
        """Ticks of all bridges, this far apart."""
        for _ in range(n_ticks):
            self.clock.now += seconds
            for bridge in self.bridges:
                self._current = bridge
                bridge.tick()

    def bridge_file(self, bridge: Any) -> BridgeFile:
        return read_bridge_file(Path(bridge.port_file))


@contextmanager
def inside_reaper(runtime_folder: Path) -> Iterator[Inside]:
    """A REAPER whose scripts a test holds; its bridges are closed at the end."""
    scripts = str(host_bridge_folder() / "reaper")
    if scripts not in sys.path:
        sys.path.insert(0, scripts)
    with here() as (reaper_python, host):
        inside = Inside(reaper_python, host, runtime_folder)
        try:
            yield inside
        finally:
            for bridge in inside.bridges:
                bridge.close()
