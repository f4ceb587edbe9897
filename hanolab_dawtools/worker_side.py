"""Builds what a worker needs from plain data: hosts, engines that work anywhere, and plug-ins.

The composition root of worker processes and machines, as `services` is that of the owner's. There
is no job store here, no key, and no engine that costs anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.engines.local.engine import LocalEngine
from hanolab_dawtools.engines.local.voice import libraries
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.engines.through import ThroughEngine
from hanolab_dawtools.errors import EngineCannot
from hanolab_dawtools.events import Stop
from hanolab_dawtools.host_choice import HostChoice
from hanolab_dawtools.model import RequestKind
from hanolab_dawtools.settings import folders, load_settings
from hanolab_dawtools.workers.base import Doer
from hanolab_dawtools.workers.exchange import Carrier, FolderCarrier, Where
from hanolab_dawtools.workers.far import Site
from hanolab_dawtools.workers.versions import VOICE, WEIGHTS, Facts, library_facts
from hanolab_dawtools.workflows.local_work import LocalWork
from hanolab_dawtools.workflows.orders import do_order


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker is told at its start.

    Attributes
    ----------
    n_threads
        Threads of the local engine.
    is_elsewhere
        The worker's machine is another one: folders are those of its own settings.
    """

    weights_folder: str
    plugin_folders: tuple[str, ...] = ()
    n_threads: int = 1
    is_elsewhere: bool = False

    def to_json(self) -> Mapping[str, Any]:
        """As JSON values."""
        return {**vars(self), "plugin_folders": list(self.plugin_folders)}

    @classmethod
    def elsewhere(cls) -> WorkerSetup:
        """For workers on other machines."""
        return cls("", is_elsewhere=True)

    def here(self) -> WorkerSetup:
        """With the folders of this machine, where the one that is told is another.

        Raises
        ------
        SettingsInvalid
        """
        if not self.is_elsewhere:
            return self
        allowed = tuple(map(str, load_settings().plugin_folders))
        return replace(self, weights_folder=str(folders().data / "weights"), plugin_folders=allowed)


def make_doer(setup: Mapping[str, Any]) -> Doer:
    """What does orders in this process, with what it loads once; see `workers.base.DoerMaker`."""
    return partial(do_order, _Tools(WorkerSetup(**setup)).labour)


def make_site(setup: Mapping[str, Any]) -> Site:
    """What another machine's worker does orders with; see `workers.far.SiteMaker`."""
    from hanolab_dawtools.cloud.carrier import UrlCarrier  # noqa: PLC0415 - loads requests

    told = WorkerSetup(**setup)
    shared = load_settings().exchange_folder if told.is_elsewhere else None
    tools = _Tools(told.here())
    carriers = _Carriers(FolderCarrier(shared), UrlCarrier())
    return Site(partial(do_order, tools.labour), carriers, lambda: facts_of(tools.weights))


def facts_of(weights: WeightsStore) -> Facts:
    """The versions of all that decides how a result sounds here; see `workers.versions`."""
    can = LocalEngine(weights.folder).capabilities()
    return {
        **library_facts(),
        "local engine": can.version,
        "voice preview": can.version_of(RequestKind.CONVERT),
        WEIGHTS: weights.digest(),
        VOICE: libraries.versions(),
    }


@dataclass(frozen=True)
class _Carriers:
    """Carries files in the way that their owner chose; implements `workers.exchange.Carrier`."""

    folder: Carrier
    url: Carrier

    def fetch(self, where: Where, path: Path, *, stop: Stop) -> None:
        """See `Carrier`."""
        self._for(where).fetch(where, path, stop=stop)

    def put(self, path: Path, where: Where, *, stop: Stop) -> None:
        """See `Carrier`."""
        self._for(where).put(path, where, stop=stop)

    def _for(self, where: Where) -> Carrier:
        return self.url if "url" in where else self.folder


class _Tools:
    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup

    @cached_property
    def labour(self) -> LocalWork:
        allowed = tuple(Path(folder) for folder in self._setup.plugin_folders)
        hosts = HostChoice(Path())  # orders never lead to a running REAPER
        return LocalWork(hosts.of, self._engine, PluginRack(allowed))

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
        n_threads = self._setup.n_threads
        return LocalEngine(self.weights.folder, n_threads=n_threads, keeps_network=True)

    @cached_property
    def weights(self) -> WeightsStore:
        """The local engine's weights here."""
        return WeightsStore(Path(self._setup.weights_folder))
