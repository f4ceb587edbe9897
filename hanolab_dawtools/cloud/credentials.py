"""Secrets: the API key and the storage's secret, from a variable or the system's keychain.

A variable beats the keychain. Secrets are never read from or written to plain files: a keychain
that is none, or that keeps its content readable, is refused. The only place that knows keyring.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import NoKeychain, UsageError

KEY_VARIABLE = "HANOLAB_API_KEY"
STORAGE_VARIABLE = "HANOLAB_STORAGE_SECRET"
KEYCHAIN = "keychain"  # the origin of a secret that came from there

_KEY_SERVICE = "hanolab"
_STORAGE_SERVICE = "hanolab-storage"
_SHOWN_CHARACTERS = 4
_HIDDEN_AT_LEAST = 8  # of a key too short for that, nothing is shown

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    """A secret that does not show itself.

    Attributes
    ----------
    text
        The secret.
    origin
        The variable's name, or "keychain".
    """

    text: str = field(repr=False)
    origin: str

    @property
    def shown(self) -> str:
        """What may be shown: the last four characters."""
        if len(self.text) < _SHOWN_CHARACTERS + _HIDDEN_AT_LEAST:
            return "…"
        return f"…{self.text[-_SHOWN_CHARACTERS:]}"

    @property
    def fingerprint(self) -> str:
        """16 hex digits that are the same for the same key, and do not lead back to it."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return self.shown


def load_key(base_url: str) -> Key | None:
    """The API key for a base URL (in its normal form): the variable's, else the keychain's.

    A machine without a keychain has no key there, and that is no error here.

    Raises
    ------
    UsageError
        The variable holds what no key can be.
    NoKeychain
        There is a keychain, but it is locked or does not answer.
    """
    return _from_variable(KEY_VARIABLE, _checked_key) or _from_keychain(
        _KEY_SERVICE, base_url, KEY_VARIABLE
    )


def store_key(base_url: str, text: str) -> Key:
    """Keep the API key in the keychain.

    Raises
    ------
    UsageError
        No key can look like this.
    NoKeychain
        There is none, or it refused; the hint names the variable.
    """
    key = Key(_checked_key(text, "the key"), KEYCHAIN)
    _keep(_KEY_SERVICE, base_url, key, KEY_VARIABLE)
    return key


def delete_key(base_url: str) -> bool:
    """Forget the API key in the keychain; False when none was there.

    Raises
    ------
    NoKeychain
        There is a keychain, but it is locked or does not answer.
    """
    return _forget(_KEY_SERVICE, base_url, KEY_VARIABLE)


def load_storage_secret(name: str) -> Key | None:
    """The secret of a storage (`StorageSettings.secret_name`); else as `load_key`."""
    return _from_variable(STORAGE_VARIABLE, _checked_secret) or _from_keychain(
        _STORAGE_SERVICE, name, STORAGE_VARIABLE
    )


def store_storage_secret(name: str, text: str) -> Key:
    """Keep the secret of a storage in the keychain; else as `store_key`."""
    secret = Key(_checked_secret(text, "the storage's secret"), KEYCHAIN)
    _keep(_STORAGE_SERVICE, name, secret, STORAGE_VARIABLE)
    return secret


def delete_storage_secret(name: str) -> bool:
    """Forget the secret of a storage; else as `delete_key`."""
    return _forget(_STORAGE_SERVICE, name, STORAGE_VARIABLE)


def check_keychain() -> str:
    """The keychain's name.

    Raises
    ------
    NoKeychain
        There is none that keeps secrets; the hint says what to do.
    """
    return _usable_backend(KEY_VARIABLE).name


def _from_variable(variable: str, checked: Callable[[str, str], str]) -> Key | None:
    text = os.environ.get(variable, "")
    return Key(checked(text, variable), variable) if text.strip() else None


def _checked_key(text: str, what: str) -> str:
    """The API key without white space around it, which pasting brings."""
    stripped = text.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise UsageError(
            f"{what} holds what no key holds: spaces, line breaks or special letters",
            hint="Copy the key again, whole and alone.",
        )
    return stripped


def _checked_secret(text: str, what: str) -> str:
    """A storage's secret; passwords may hold whatever can be typed."""
    stripped = text.strip("\r\n")
    if not stripped or not stripped.isprintable():
        raise UsageError(
            f"{what} is empty, or holds line breaks or control characters",
            hint="Copy the secret again, whole and alone.",
        )
    return stripped


def _from_keychain(service: str, user: str, variable: str) -> Key | None:
    backend = _backend()
    if _refusal(backend):
        return None
    with _translated(backend, variable):
        text = backend.get_password(service, user)
    return Key(text, KEYCHAIN) if text else None


def _keep(service: str, user: str, secret: Key, variable: str) -> None:
    backend = _usable_backend(variable)
    with _translated(backend, variable):
        backend.set_password(service, user, secret.text)
        kept = backend.get_password(service, user)
    if kept != secret.text:  # a keychain that only pretends
        raise NoKeychain(
            f"the keychain {backend.name} did not keep the secret", hint=_hint(variable)
        )


def _forget(service: str, user: str, variable: str) -> bool:
    backend = _backend()
    if _refusal(backend):
        return False
    with _translated(backend, variable):
        if backend.get_password(service, user) is None:
            return False
        backend.delete_password(service, user)
    return True


def _backend() -> KeyringBackend:
    import keyring  # noqa: PLC0415 - 0.1 s that who has a variable need not wait for

    return keyring.get_keyring()


def _usable_backend(variable: str) -> KeyringBackend:
    backend = _backend()
    refusal = _refusal(backend)
    if refusal:
        raise NoKeychain(refusal, hint=_hint(variable))
    return backend


def _refusal(backend: KeyringBackend) -> str:
    """Why a backend is no keychain; nothing when it is one."""
    module = type(backend).__module__
    if module in {"keyring.backends.fail", "keyring.backends.null"}:
        return "this machine has no keychain that programs can use"
    if module.startswith("keyrings.alt"):
        return f"the keychain {backend.name} keeps secrets in plain files"
    return ""


def _hint(variable: str) -> str:
    return (
        f"Set the variable {variable} instead; or on Linux install and unlock a keychain"
        " (GNOME Keyring or KWallet)."
    )


@contextmanager
def _translated(backend: KeyringBackend, variable: str) -> Iterator[None]:
    from keyring.errors import InitError, KeyringError, KeyringLocked  # noqa: PLC0415 - as above

    try:
        yield
    except KeyringError as error:
        _log.info("the keychain %s failed", backend.name, exc_info=True)
        locked = isinstance(error, KeyringLocked | InitError)
        why = "is locked" if locked else "refused"
        raise NoKeychain(f"the keychain {backend.name} {why}", hint=_hint(variable)) from error
