"""The buckets that URLs name, as the settings lead to them; made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.objects import Objects


def stores_of(settings: Settings) -> Callable[[], Objects]:
    """Gives the buckets, always the same ones."""
    return cache(partial(_open, settings))


def _open(settings: Settings) -> Objects:
    from hanolab_dawtools.cloud.objects import ObjectStores  # noqa: PLC0415 - 16 MB of obstore
    from hanolab_dawtools.cloud.storage_base import StorageSettings  # noqa: PLC0415

    fields = settings.storage.model_dump()
    return ObjectStores(StorageSettings(**fields) if fields["kind"] else None)
