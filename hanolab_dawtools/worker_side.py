"""Builds what a worker needs from plain data: hosts, engines that work anywhere, and plug-ins.

The composition root of worker processes and machines, as `services` is that of the owner's. There
is no job store here, no key, and no engine that costs anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.engines.local.engine import LocalEngine
from hanolab_dawtools.engines.through import ThroughEngine
from hanolab_dawtools.errors import EngineCannot
from hanolab_dawtools.host_choice import HostChoice
from hanolab_dawtools.workers.base import Doer
from hanolab_dawtools.workflows.local_work import LocalWork
from hanolab_dawtools.workflows.orders import do_order


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker is told at its start."""

    weights_folder: str
    plugin_folders: tuple[str, ...] = ()
    n_threads: int = 1

    def to_json(self) -> Mapping[str, Any]:
        """As JSON values."""
        return {**vars(self), "plugin_folders": list(self.plugin_folders)}


def make_doer(setup: Mapping[str, Any]) -> Doer:
    """What does orders in this process, with what it loads once; see `workers.base.DoerMaker`."""
    return partial(do_order, _Tools(WorkerSetup(**setup)).labour)


class _Tools:
    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup

    @cached_property
    def labour(self) -> LocalWork:
        folders = tuple(Path(folder) for folder in self._setup.plugin_folders)
        hosts = HostChoice(Path())  # orders never lead to a running REAPER
        return LocalWork(hosts.of, self._engine, PluginRack(folders))

    def _engine(self, name: str) -> Engine:
        if name == "none":
            return self._through
        if name == "local":
            return self._local
        raise EngineCannot(f"the engine {name!r} works for no worker: only its owner may ask it")

    @cached_property
    def _through(self) -> Engine:
        return ThroughEngine()

    @cached_property
    def _local(self) -> Engine:
        return LocalEngine(Path(self._setup.weights_folder), n_threads=self._setup.n_threads)
