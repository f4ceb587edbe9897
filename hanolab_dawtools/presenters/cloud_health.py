"""What `hanolab doctor` looks at for the HanoLab cloud: nothing leaves the machine before login."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import (
    CloudUnreachable,
    HanolabError,
    JobCancelled,
    NoKeychain,
    PlanRequired,
    UsageError,
)
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.presenters.checks import Check, Health, failed

if TYPE_CHECKING:
    from hanolab_dawtools.cloud.credentials import Key
    from hanolab_dawtools.services import Services

LONGEST_SECONDS = 10.0  # of one question to the API, or of one check of the storage
SANDBOX = "sandbox"  # its upload area is for the sandbox alone, so being local is no fault
LOGIN_HINT = "Run: hanolab login"


class Deadline:
    """A stop flag that sets itself after some time."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._never = threading.Event()

    def is_set(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until the time is over or timed out; True when it is over."""
        left = max(self._end - time.monotonic(), 0.0)
        self._never.wait(left if timeout is None else min(timeout, left))
        return self.is_set()


def cloud_checks(services: Services) -> Iterator[Check]:
    """Base URL, key, keychain, the API itself and the storage, one after the other."""
    from hanolab_dawtools.cloud.credentials import KEY_VARIABLE

    try:
        base_url = services.base_url
    except HanolabError as error:
        yield failed("cloud", error)
        return
    key_is_set = bool(os.environ.get(KEY_VARIABLE))
    if not base_url:
        found = f"{KEY_VARIABLE} is set, but no base URL" if key_is_set else "not set up"
        hint = f"{LOGIN_HINT} (only if you want to work in the HanoLab cloud)"
        yield Check("cloud", Health.NOTE, found, hint)
        yield _keychain(is_needed=False)
        return
    yield Check("cloud", Health.GOOD, base_url)
    yield _keychain(is_needed=not key_is_set)
    key, check = _key(base_url)
    yield check
    if key is not None:
        yield _api(base_url, key)
    yield _storage(services)


def _keychain(*, is_needed: bool) -> Check:
    from hanolab_dawtools.cloud.credentials import check_keychain

    try:
        return Check("keychain", Health.GOOD, check_keychain())
    except NoKeychain as error:
        return failed("keychain", error, health=Health.BAD if is_needed else Health.NOTE)


def _key(base_url: str) -> tuple[Key | None, Check]:
    from hanolab_dawtools.cloud.credentials import load_key

    try:
        key = load_key(base_url)
    except (NoKeychain, UsageError) as error:
        return None, failed("API key", error)
    if key is None:
        return None, Check("API key", Health.BAD, f"none is known for {base_url}", LOGIN_HINT)
    return key, Check("API key", Health.GOOD, f"{key.shown}, from the {_origin(key)}")


def _origin(key: Key) -> str:
    return key.origin if key.origin == "keychain" else f"variable {key.origin}"


def _api(base_url: str, key: Key) -> Check:
    """Ask for the voice models: free, and refused without the right key and plan."""
    from hanolab_dawtools.cloud.client import HanoLabClient
    from hanolab_dawtools.cloud.retry import RetryPolicy

    started = time.monotonic()
    try:
        client = HanoLabClient(base_url, key.text, retry=RetryPolicy(n_attempts=1))
        models = client.voice_models(stop=Deadline(LONGEST_SECONDS))
    except JobCancelled:
        hint = "Try again later; if it stays so, check the base URL: hanolab login"
        return Check("API", Health.BAD, f"no answer within {LONGEST_SECONDS:g} s", hint)
    except CloudUnreachable as error:
        hint = "Check the network, and the base URL: hanolab login"
        return Check("API", Health.BAD, str(error), hint)
    except PlanRequired as error:
        hint = error.hint or "API access needs the plan Creator or Pro."
        return Check("API", Health.BAD, str(error), hint)
    except HanolabError as error:
        return failed("API", error)
    milliseconds = (time.monotonic() - started) * 1000
    found = f"answers in {milliseconds:.0f} ms, key and plan are accepted, {len(models)} voices"
    return Check("API", Health.GOOD, found)


def _storage(services: Services) -> Check:
    """Prove the storage; without one, only work on audio in the cloud is impossible."""
    if services.settings.storage.kind is None:
        return Check(
            "storage",
            Health.NOTE,
            "none is set up: the cloud can generate music, but gets no audio from you",
            "Run: hanolab storage setup (or give --input-url)",
        )
    try:
        storage = services.storage()
        result = storage.check(stop=Deadline(LONGEST_SECONDS), progress=ignore_progress)
    except JobCancelled:
        hint = "Check its address: hanolab storage setup"
        return Check("storage", Health.BAD, f"no answer within {LONGEST_SECONDS:g} s", hint)
    except HanolabError as error:
        return failed("storage", error)
    if result.warning and services.settings.storage.kind != SANDBOX:
        return Check("storage", Health.NOTE, f"{storage.place}: {result.warning}")
    return Check("storage", Health.GOOD, f"{storage.place}: put, fetched by its link, deleted")
