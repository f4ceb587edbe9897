from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.jobs.store import JobStore


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: SIGKILL loses nothing there, and syncing is free."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def folder(memory_folder: Path) -> Iterator[Path]:
    """Where a test's job store is."""
    with tempfile.TemporaryDirectory(dir=memory_folder) as name:
        yield Path(name) / "jobs"


@pytest.fixture
def store(folder: Path) -> Iterator[JobStore]:
    with JobStore(folder) as store:
        yield store


@pytest.fixture
def job(store: JobStore) -> Job:
    return store.create("separate", "a song", {"stems": 2})
