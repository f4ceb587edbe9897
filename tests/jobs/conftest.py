from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanolab_dawtools.jobs.store import JobStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test's job store is."""
    return tmp_path / "jobs"


@pytest.fixture
def store(folder: Path) -> Iterator[JobStore]:
    with JobStore(folder) as store:
        yield store
