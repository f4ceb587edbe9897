"""Undoing a job: what is stored of it, and what a crash in between leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText
from fakes.services import ShareServices

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.errors import JobBusy, UsageError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.planning import Asked, make_plans
from hanolab_dawtools.workflows.road import placed_of
from hanolab_dawtools.workflows.undo import is_undone

TESTS = Path(__file__).parents[1]
ITEM = ItemText(0.5, 2.0, file="noise.wav")
CONTENT = ProjectText((TrackText(items=(ITEM,)),), DIALECTS["7.7"], selection="1 2").content()

KILLED_UNDO = """
import os, sys
from pathlib import Path
from fakes.services import ShareServices

with ShareServices(Path(sys.argv[1])) as services:
    services.store.note = lambda *_, **__: os.kill(os.getpid(), 9)
    services.undo_job(sys.argv[2])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    noise = np.random.default_rng(5).normal(0, 0.1, (2, 3 * 48_000)).astype(np.float32)
    files.write_audio(tmp_path / "noise.wav", AudioBuffer(noise, 48_000))
    path = tmp_path / "song.rpp"
    path.write_bytes(CONTENT)
    return path


def run(services: Services, project: Path, **options: object) -> Job:
    asked = Asked(RequestKind.SEPARATE, "share", Wanted(**options), {"stems": 2})
    plan = make_plans(asked, services.host(project), services.engine("share"))[0]
    job = services.create_job(plan)
    return services.run_job(job.id, stop=NeverStop(), progress=ignore_progress)


@pytest.mark.parametrize("as_takes", [False, True])
def test_an_undone_job_has_a_note_and_its_project_is_as_before(tmp_path, project, as_takes) -> None:
    with ShareServices(tmp_path / "home") as services:
        job = run(services, project, as_takes=as_takes)
        assert project.read_bytes() != CONTENT
        undone = services.undo_job(job.id)
        assert undone.is_restored
        assert project.read_bytes() == CONTENT
        stored = services.store.get(job.id)
        assert (stored.state, is_undone(stored.outcomes)) == (JobState.DONE, True)
        assert "undone" in services.store.events(job.id)[-1].note
        assert placed_of(stored.outcomes) == undone.placed


def test_undoing_twice_is_refused(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        job = run(services, project)
        services.undo_job(job.id)
        with pytest.raises(UsageError, match="undone already"):
            services.undo_job(job.id)


def test_a_project_that_was_placed_into_again_is_a_new_job(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        first = run(services, project)
        services.undo_job(first.id)
        second = run(services, project)
        assert second.outcomes["prepare"]["cached"]
        assert not is_undone(second.outcomes)
        services.undo_job(second.id)
    assert project.read_bytes() == CONTENT


def test_a_job_that_has_not_placed_anything_cannot_be_undone(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        asked = Asked(RequestKind.SEPARATE, "share", Wanted(), {"stems": 2})
        plan = make_plans(asked, services.host(project), services.engine("share"))[0]
        job = services.create_job(plan)
        with pytest.raises(UsageError, match="not placed anything"):
            services.undo_job(job.id)


def test_a_job_that_is_worked_on_is_not_undone(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        job = run(services, project)
        with services.store.claim(job.id), pytest.raises(JobBusy):
            services.undo_job(job.id)
        assert project.read_bytes() != CONTENT


def test_an_undo_killed_before_its_note_is_finished_by_the_next(tmp_path, project) -> None:
    home = tmp_path / "home"
    with ShareServices(home) as services:
        job = run(services, project)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_UNDO, str(home), job.id],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert project.read_bytes() == CONTENT
    with ShareServices(home) as services:
        assert not is_undone(services.store.get(job.id).outcomes)
        assert not services.undo_job(job.id).is_restored
        assert is_undone(services.store.get(job.id).outcomes)


def test_stems_that_are_separated_again_are_told_as_such(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        first = run(services, project)
        again = run(services, project)
        remarks = again.outcomes["capture"]["capture"]["remarks"]
        assert remarks == [f"the selection holds stems of job {first.id} (separate, share)"]
        assert first.outcomes["capture"]["capture"]["remarks"] == []
