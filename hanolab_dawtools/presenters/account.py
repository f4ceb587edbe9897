"""Signing in to HanoLab: a key is kept only when the API takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanolab_dawtools.cloud.credentials import Key
    from hanolab_dawtools.events import Stop
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class Account:
    """An account that a key opens, and how many voice models it has."""

    base_url: str
    key: Key
    n_voices: int


def sign_in(services: Services, base_url: str, key: Key, stop: Stop) -> Account:
    """Ask the API with a key; whatever is wrong is raised before anything is stored.

    A key that a variable holds is stored nowhere. `base_url` is in its normal form.

    Raises
    ------
    UsageError, NoKeychain, CloudError
    """
    from hanolab_dawtools.cloud.client import HanoLabClient
    from hanolab_dawtools.cloud.credentials import KEYCHAIN, store_key
    from hanolab_dawtools.cloud.retry import RetryPolicy
    from hanolab_dawtools.settings_writer import update_settings

    client = HanoLabClient(base_url, key.text, retry=RetryPolicy(n_attempts=2))
    n_voices = len(client.voice_models(stop=stop))
    if key.origin == KEYCHAIN:
        key = store_key(base_url, key.text)
    update_settings({"base_url": base_url})
    services.read_settings_again()
    return Account(base_url, key, n_voices)
