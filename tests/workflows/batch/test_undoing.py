"""A batch is taken back as it was placed: each project once, and no cell alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fakes.batches import made, run, write_music
from fakes.engines import ShareEngine
from fakes.services import ShareServices

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.jobs.model import BatchState
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.demo import build_demo_project

PRESETS = ["Telephone", "Podcast voice"]


@dataclass(frozen=True)
class Placed:
    """A batch that was placed into two projects, and what those were before."""

    services: Services
    batch_id: str
    projects: tuple[Path, ...]
    before: tuple[bytes, ...]


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Placed]:
    """A folder, a copy of it from after the run, and what was run."""
    folder, kept = tmp_path_factory.mktemp("placed"), tmp_path_factory.mktemp("kept") / "copy"
    (music,) = write_music(folder / "music", 1, seconds=11.0)
    projects = tuple(build_demo_project(folder / name, music) for name in ("one", "two"))
    before = tuple(project.read_bytes() for project in projects)
    with ShareServices(folder / "home", ShareEngine()) as services:
        batch = made(services, projects, PRESETS)
        run(services, batch)
        assert services.store.batches.get(batch.id).state is BatchState.DONE
    shutil.copytree(folder, kept, symlinks=True)
    return folder, kept, Placed(services, batch.id, projects, before)


@pytest.fixture
def placed(run_once: tuple[Path, Path, Placed]) -> Iterator[Placed]:
    """The batch as it was just after its run."""
    folder, kept, placed = run_once
    shutil.rmtree(folder)
    shutil.copytree(kept, folder, symlinks=True)
    with ShareServices(folder / "home", ShareEngine()) as services:
        yield replace(placed, services=services)


def contents(placed: Placed) -> tuple[bytes, ...]:
    return tuple(project.read_bytes() for project in placed.projects)


def test_every_project_is_as_before_and_each_cell_knows(placed: Placed) -> None:
    services = placed.services
    assert all(now != old for now, old in zip(contents(placed), placed.before, strict=True))
    undone = services.undo_batch(placed.batch_id)
    assert contents(placed) == placed.before
    assert {one.project for one in undone.projects} == set(map(str, placed.projects))
    assert all(one.is_restored and len(one.job_ids) == len(PRESETS) for one in undone.projects)
    cells = services.store.batches.cells(placed.batch_id)
    assert all("undo" in services.store.get(cell.id).outcomes for cell in cells)
    with pytest.raises(UsageError, match="was undone already"):
        services.undo_batch(placed.batch_id)


def test_cell_that_was_placed_with_others_is_not_taken_back_alone(placed: Placed) -> None:
    now = contents(placed)
    with pytest.raises(UsageError, match=f"with 1 other cell of batch {placed.batch_id}"):
        placed.services.undo_job(f"{placed.batch_id}-1")
    assert contents(placed) == now


def test_project_that_was_changed_since_stays_and_the_others_are_undone(placed: Placed) -> None:
    first, second = placed.projects
    written = first.read_bytes()
    changed = written.replace(b"RIPPLE 0 0", b"RIPPLE 1 0")
    first.write_bytes(changed)
    undone = {one.project: one for one in placed.services.undo_batch(placed.batch_id).projects}
    assert undone[str(first)].failure is not None
    assert undone[str(second)].is_restored
    assert contents(placed) == (changed, placed.before[1])
    first.write_bytes(written)
    (again,) = placed.services.undo_batch(placed.batch_id).projects
    assert (again.project, again.is_restored) == (str(first), True)


def test_projects_restored_before_a_crash_are_noted_the_next_time(placed: Placed) -> None:
    for project, old in zip(placed.projects, placed.before, strict=True):
        project.write_bytes(old)
    undone = placed.services.undo_batch(placed.batch_id)
    assert not any(one.is_restored for one in undone.projects)
    assert contents(placed) == placed.before


def test_batch_that_has_placed_nothing_is_not_undone(placed: Placed) -> None:
    batch = made(placed.services, placed.projects, PRESETS[:1])
    with pytest.raises(UsageError, match="has put nothing into a project"):
        placed.services.undo_batch(batch.id)
