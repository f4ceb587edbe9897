"""Joins a cluster with what this machine exchanges files by: a shared folder, or the storage.

What workers are told is put together here, so this is where it is seen that no key, no secret and
no folder of this machine is among it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.cloud.carrier import UrlCarrier
from hanolab_dawtools.cloud.credentials import KEY_VARIABLE, STORAGE_VARIABLE
from hanolab_dawtools.cloud.storage_base import StorageSettings
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.errors import StorageNotSet
from hanolab_dawtools.events import Stop
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.worker_side import WorkerSetup, facts_of, make_site
from hanolab_dawtools.workers.cluster.force import Cluster, FarSide
from hanolab_dawtools.workers.cluster.line import local_workers
from hanolab_dawtools.workers.exchange import Exchange, FolderExchange
from hanolab_dawtools.workers.storage_exchange import StorageExchange

_BUCKETS = frozenset({"s3", "gcs", "azure"})
_SECRETS = (KEY_VARIABLE, STORAGE_VARIABLE, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass(frozen=True)
class ClusterMeans:
    """What a cluster is joined with.

    Attributes
    ----------
    settings
        The owner's. Files go through `exchange_folder`, which the workers share, else through the
        storage; workers on this machine are told `plugin_folders`.
    weights_folder
        Of this machine; only workers on it are told.
    cache_folder
        Where workers on this machine have their scratch folders.
    """

    settings: Settings
    weights_folder: Path
    cache_folder: Path


def open_cluster(
    address: str,
    means: ClusterMeans,
    *,
    name: str,
    nice: int,
    stop: Stop,
    warn: Callable[[str], None] = lambda _: None,
) -> Cluster:
    """The workers of a cluster; close it when they are not needed any more.

    Parameters
    ----------
    address
        Of a dask scheduler, or "local:N" for N workers on this machine.
    name
        Of what is done there: files of an earlier run of the same name are deleted in the end.
    warn
        Told which workers get no orders, and why.

    Raises
    ------
    UsageError, ExtraMissing, SetupError, JobCancelled
        See `Cluster`.
    StorageNotSet
        There is no way for files to go to and fro.
    """
    is_here = bool(local_workers(address))
    scratch = _scratch(means.cache_folder / "cluster", name)
    folders = tuple(map(str, means.settings.plugin_folders))
    setup = WorkerSetup(str(means.weights_folder), folders) if is_here else WorkerSetup.elsewhere()
    side = FarSide(
        f"{make_site.__module__}:{make_site.__name__}",
        setup.to_json(),
        facts_of(WeightsStore(means.weights_folder)),
        nice if is_here else 0,
    )
    exchange = FolderExchange(scratch, "exchange") if is_here else _exchange(means.settings, name)
    return Cluster(address, side, exchange, scratch=scratch, stop=stop, hidden=_SECRETS, warn=warn)


def _scratch(folder: Path, name: str) -> Path:
    """A folder for this process; those of processes that were killed are removed."""
    for left in folder.glob("*-*"):
        if not durable.may_live("-".join(left.name.split("-")[:2])):
            shutil.rmtree(left, ignore_errors=True)
    return folder / f"{durable.process_mark()}-{name}"


def _exchange(settings: Settings, name: str) -> Exchange:
    if settings.exchange_folder is not None:
        return FolderExchange(settings.exchange_folder, f"hanolab-{name}")
    fields = settings.storage.model_dump()
    if fields["kind"] not in _BUCKETS:
        raise StorageNotSet(
            "files have no way to the workers of the cluster and back",
            hint="Set up a bucket: hanolab storage setup. Or a folder that the workers see, too:"
            " exchange_folder in the settings. See docs/cluster.md.",
        )
    from hanolab_dawtools.cloud.bucket import open_bucket  # noqa: PLC0415 - 16 MB of obstore

    storage = StorageSettings(**fields)
    own = replace(storage, prefix=f"{storage.folder}exchange/{name}")
    return StorageExchange(open_bucket(own), UrlCarrier())
