"""What `hanolab doctor` looks at: each check says what it found and what to do about it."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools import __version__
from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.presenters.checks import Check, Health, failed
from hanolab_dawtools.presenters.cloud_health import cloud_checks
from hanolab_dawtools.presenters.reaper_health import reaper_checks
from hanolab_dawtools.presenters.wording import size_text
from hanolab_dawtools.settings import FOLDER_VARIABLES

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

LOW_SPACE_BYTES = 2_000_000_000  # an hour of stereo needs some 5 GB on its way through
LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "soundfile": "soundfile",
    "soxr": "soxr",
    "pedalboard": "pedalboard",
    "onnxruntime": "onnxruntime",
    "pydantic": "pydantic",
    "PyQt6": "PyQt6.QtGui",
}
LIBRARY_HINT = (
    "On Debian: apt-get install libgl1 libegl1 libglib2.0-0 libfontconfig1 libxkbcommon0 "
    "libdbus-1-3 libatomic1; then reinstall the package."
)


def run_checks(services: Services) -> Iterator[Check]:
    """Look at everything a run needs, one thing after the other; none stops the next."""
    yield Check("hanolab_dawtools", Health.GOOD, __version__)
    yield Check("Python", Health.GOOD, f"{platform.python_version()}, {sys.executable}")
    yield Check("system", Health.GOOD, f"{platform.platform()}, {os.cpu_count()} processors")
    for name, module in LIBRARIES.items():
        yield _library(name, module)
    yield _videos()
    settings = _settings(services)
    yield settings
    for name in ("config", "data", "cache", "logs"):
        yield _folder(name, getattr(services.folders, name))
    yield _store(services)
    yield _cache(services)
    yield _weights(services)
    yield from reaper_checks(services)
    if settings.health is Health.GOOD:
        yield from cloud_checks(services)


def _library(name: str, module: str) -> Check:
    """Import a library for real: a wheel may be there and a system library under it not."""
    try:
        importlib.import_module(module)
        return Check(name, Health.GOOD, importlib.metadata.version(name))
    except (ImportError, OSError) as error:
        return Check(name, Health.BAD, f"cannot be loaded: {error}", LIBRARY_HINT)


def _videos() -> Check:
    """The extra that reads the sound of videos and of AAC files."""
    try:
        importlib.import_module("av")
        return Check("videos, AAC", Health.GOOD, f"av {importlib.metadata.version('av')}")
    except (ImportError, OSError):
        hint = "pip install 'hanolab_dawtools[video]'"
        return Check("videos, AAC", Health.NOTE, "not read: PyAV is not installed", hint)


def _settings(services: Services) -> Check:
    try:
        services.settings  # noqa: B018 - reading them is the check
    except HanolabError as error:
        return failed("settings", error)
    path = services.folders.settings_file
    return Check("settings", Health.GOOD, str(path) if path.exists() else "defaults")


def _folder(name: str, folder: Path) -> Check:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    title = f"{name} folder"
    try:
        with tempfile.TemporaryFile(dir=existing):
            free_bytes = shutil.disk_usage(existing).free
    except OSError as error:
        return Check(
            title,
            Health.BAD,
            f"{folder} cannot be written: {error.strerror}",
            f"Make it writable, or name another one in {FOLDER_VARIABLES[name]}.",
        )
    found = f"{folder}, {size_text(free_bytes)} free"
    if free_bytes < LOW_SPACE_BYTES and name in {"data", "cache"}:
        return Check(title, Health.NOTE, found, "Long files may not fit; free some room.")
    return Check(title, Health.GOOD, found)


def _store(services: Services) -> Check:
    try:
        n_jobs, n_batches = len(services.store.list()), len(services.store.batches.list())
    except HanolabError as error:
        return failed("jobs", error)
    batches = f", and {n_batches} batch{'es' * (n_batches > 1)}" if n_batches else ""
    return Check("jobs", Health.GOOD, f"{n_jobs} stored{batches}")


def _cache(services: Services) -> Check:
    try:
        return Check("result cache", Health.GOOD, size_text(services.cache.size_bytes()))
    except HanolabError as error:
        return failed("result cache", error)


def _weights(services: Services) -> Check:
    weights = services.weights
    if weights.is_installed():
        return Check("weights", Health.GOOD, str(weights.folder))
    return Check(
        "weights",
        Health.NOTE,
        "not fetched yet; the local engine asks before it does",
        "Fetch them now with: hanolab weights fetch",
    )
