"""The two libraries of the extra `voice`, loaded when they are first used."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from hanolab_dawtools.errors import ExtraMissing


def world() -> ModuleType:
    """`pyworld`, the vocoder.

    Raises
    ------
    ExtraMissing
    """
    return _loaded("pyworld")


def pitch_finder() -> Any:
    """A new pitch finder of `swift_f0`, on one thread.

    Raises
    ------
    ExtraMissing
    """
    return _loaded("swift_f0").SwiftF0(threads=1, spin=False)


def check() -> None:
    """Raise `ExtraMissing` unless both can be loaded."""
    world()
    _loaded("swift_f0")


def versions() -> str:
    """Which versions are installed, "" unless both are; nothing is loaded."""
    try:
        return f"pyworld {version('pyworld-prebuilt')}, swift-f0 {version('swift-f0')}"
    except PackageNotFoundError:
        return ""


def _loaded(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ExtraMissing(
            f"the voice preview needs {name}: {error}",
            hint="Install it with: pip install 'hanolab_dawtools[voice]'",
        ) from error
