"""What goes wrong while a job runs: nothing is lost or half written, and the job goes on."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import pytest
from fakes.weights import real_music

from hanolab_dawtools.workflows.demo import build_demo_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return build_demo_project(tmp_path / "song", real_music())


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def limit_file_size() -> None:
    """Let no file of the child grow over a megabyte: to a program this looks like a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def test_a_full_disk_is_said_and_the_job_goes_on_when_there_is_room(
    hanolab_with_weights, project: Path
) -> None:
    hanolab, before = hanolab_with_weights, contents(project.parent)
    arguments = ("separate", project, "--region", "Chorus", "-q")
    with hanolab.start(*arguments, preexec_fn=limit_file_size) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 8, err
    assert "full" in err
    assert contents(project.parent) == before
    job_id = hanolab("jobs", "--json").document["jobs"][0]["job"]
    resumed = hanolab("jobs", "resume", job_id, "-q")
    assert resumed.code == 0, resumed.err
    assert "STEMS: Chorus" in project.read_text(encoding="utf-8")


def test_a_project_that_changed_meanwhile_is_not_touched(
    hanolab_with_weights, project: Path
) -> None:
    """The stems are separated, then the user saves the project in REAPER, then the job resumes."""
    hanolab = hanolab_with_weights
    hanolab.kill_while_separating("separate", project, "--region", "Chorus")
    project.write_bytes(project.read_bytes().replace(b"LENGTH 9.5", b"LENGTH 2.5"))
    before = contents(project.parent)
    resumed = hanolab("jobs", "resume", "-q")
    assert resumed.code == 8, resumed.err
    assert contents(project.parent) == before


def test_a_project_that_was_only_saved_again_gets_its_stems(
    hanolab_with_weights, project: Path
) -> None:
    hanolab = hanolab_with_weights
    hanolab.kill_while_separating("separate", project, "--region", "Chorus")
    saved = project.read_bytes().replace(b"SEL 0", b"SEL 1").replace(b"CURSOR 0", b"CURSOR 4.5")
    project.write_bytes(saved)
    resumed = hanolab("jobs", "resume", "-q")
    assert resumed.code == 0, resumed.err
    assert b"CURSOR 4.5" in project.read_bytes()
    assert b"STEMS: Chorus" in project.read_bytes()


def test_a_folder_that_cannot_be_written_is_said(
    hanolab_with_weights, project: Path, tmp_path: Path
) -> None:
    before = contents(project.parent)
    outcome = hanolab_with_weights("separate", project, "--region", "1", "-o", "/proc/x", "-q")
    assert outcome.code == 8
    assert "/proc/x" in outcome.err
    assert contents(project.parent) == before


def test_another_process_cancels_a_job_and_it_stops(hanolab_with_weights, long_song: Path) -> None:
    hanolab, before = hanolab_with_weights, contents(long_song.parent)
    with hanolab.start("separate", long_song) as process:
        for line in process.stderr:
            if line.startswith("separating"):
                break
        job_id = hanolab("jobs", "list").out.split("\t")[0]
        assert "will stop" in hanolab("jobs", "cancel", job_id).out
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert re.search(rf"jobs resume {job_id}", err)
    assert contents(long_song.parent) == before


def test_a_job_that_nobody_knows_is_refused(hanolab) -> None:
    for command in ("show", "resume", "cancel"):
        outcome = hanolab("jobs", command, "nojob")
        assert outcome.code == 7
        assert "nojob" in outcome.err


def test_a_job_that_is_done_is_neither_resumed_nor_cancelled(
    hanolab_with_weights, project: Path
) -> None:
    hanolab = hanolab_with_weights
    run = hanolab("separate", project, "--region", "1", "--json", "-q")
    job_id = run.document["jobs"][0]["job"]
    assert hanolab("jobs", "resume", job_id).code == 2
    assert hanolab("jobs", "cancel", job_id).code == 2


def test_json_before_a_subcommand_is_refused_with_the_right_place(hanolab) -> None:
    outcome = hanolab("jobs", "--json", "list")
    assert outcome.code == 2
    assert "hanolab jobs list" in outcome.err
