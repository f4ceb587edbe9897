"""What a batch is planned with on this machine, made of the parts of `services`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Protocol

from hanolab_dawtools.events import Stop
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.batch.model import BatchAsked, Matrix
from hanolab_dawtools.workflows.objects import Objects
from hanolab_dawtools.workflows.offering import Makers

if TYPE_CHECKING:
    from hanolab_dawtools.audio.plugins import PluginRack
    from hanolab_dawtools.cloud.client import HanoLabClient
    from hanolab_dawtools.engines.local.weights import WeightsStore
    from hanolab_dawtools.presets.library import PresetLibrary


class Parts(Makers, Protocol):
    """What is needed of `Services`."""

    @property
    def settings(self) -> Settings:
        """The user's settings."""
        ...

    @property
    def presets(self) -> PresetLibrary:
        """All presets."""
        ...

    @property
    def weights(self) -> WeightsStore:
        """The local engine's weights."""
        ...

    @property
    def plugins(self) -> PluginRack:
        """The plug-ins that may be loaded."""
        ...

    def client(self) -> HanoLabClient:
        """The cloud's client."""
        ...


def plan_here(parts: Parts, asked: BatchAsked, *, stop: Stop) -> Matrix:
    """The matrix of a batch; see `workflows.batch.planning.plan_batch`."""
    from hanolab_dawtools.workflows.batch.planning import BatchMeans, plan_batch  # noqa: PLC0415

    def voices() -> Mapping[str, str]:
        return {model.id: model.name for model in parts.client().voice_models(stop=stop)}

    means = BatchMeans(
        parts,
        parts.presets.get,
        parts.settings.engine,
        parts.weights.is_installed(),
        voices,
        parts.plugins.installed(),
    )
    return plan_batch(asked, means)


def object_stores(settings: Settings) -> Callable[[], Objects]:
    """Gives the buckets that URLs name, reached as the settings say; made when first asked for."""
    return cache(partial(_object_stores, settings))


def _object_stores(settings: Settings) -> Objects:
    from hanolab_dawtools.cloud.objects import ObjectStores  # noqa: PLC0415 - 16 MB of obstore
    from hanolab_dawtools.cloud.storage_base import StorageSettings  # noqa: PLC0415

    fields = settings.storage.model_dump()
    return ObjectStores(StorageSettings(**fields) if fields["kind"] else None)
