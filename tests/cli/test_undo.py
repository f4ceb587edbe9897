"""Takes and undo from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.weights import real_music

from hanolab_dawtools.workflows.demo import build_demo_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return build_demo_project(tmp_path / "song", real_music())


def test_stems_come_as_takes_are_shown_and_undone(hanolab_with_weights, project: Path) -> None:
    hanolab = hanolab_with_weights
    original = project.read_bytes()
    run = hanolab("separate", project, "--region", "Chorus", "--takes", "-q")
    assert run.code == 0, run.err
    text = project.read_text(encoding="utf-8")
    assert text.count("<TRACK") == 1
    assert text.count("TAKE SEL") == 1
    assert "takes of the item: Vocals, Accompaniment" in run.out
    job = _job_id(run.out)
    shown = hanolab("jobs", "show", job)
    assert f"undo with  hanolab jobs undo {job}" in shown.out
    undone = hanolab("jobs", "undo", job, "--json")
    assert undone.document["restored"] is True
    assert project.read_bytes() == original
    assert "was restored; the stems stay in" in hanolab("jobs", "show", job).out
    assert hanolab("jobs", "undo", job).code == 2
    resumed = hanolab("jobs", "resume", job)
    assert resumed.code == 2
    assert "undone" in resumed.err


def _job_id(out: str) -> str:
    return out.split("job        ")[1].split(maxsplit=1)[0]


def test_a_project_saved_since_is_not_undone(hanolab_with_weights, project: Path) -> None:
    hanolab = hanolab_with_weights
    run = hanolab("separate", project, "--region", "Chorus", "--json", "-q")
    (job,) = run.document["jobs"]
    project.write_bytes(project.read_bytes().replace(b"RIPPLE 0 0", b"RIPPLE 1 0"))
    undone = hanolab("jobs", "undo", job["job"])
    assert undone.code == 8
    assert job["placed"]["backup"].replace("\n", "") in undone.err.replace("\n", "")


def test_a_dry_run_says_that_takes_would_be_added(hanolab_with_weights, project: Path) -> None:
    run = hanolab_with_weights("separate", project, "--region", "1", "--takes", "--dry-run")
    assert "takes of the item" in run.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--takes", "--keep-source"], "--takes and --keep-source exclude each other"),
        (["--takes", "-o", "out"], "--takes and --output exclude each other"),
    ],
)
def test_options_that_contradict_takes_are_refused(hanolab, project, options, message) -> None:
    refused = hanolab("separate", project, "--region", "1", *options)
    assert (refused.code, message in refused.err) == (2, True)


def test_takes_need_a_project(hanolab, project: Path) -> None:
    refused = hanolab("separate", project.parent / "Media" / "song.mp3", "--takes")
    assert refused.code == 2
    assert "--takes needs a project" in refused.err


@pytest.mark.parametrize("name", ["drums.RTrackTemplate", "two.RTrackTemplate", "eq.RfxChain"])
def test_templates_are_refused_with_a_reason(hanolab, tmp_path: Path, name: str) -> None:
    track = "<TRACK\n  NAME x\n>\n"
    content = {"drums": track, "two": track * 2, "eq": "<VST x\n>\n"}[name.partition(".")[0]]
    (tmp_path / name).write_text(content)
    refused = hanolab("separate", tmp_path / name, "--region", "1")
    assert refused.code == 3
    assert "not a REAPER project" in refused.err
    assert "Insert it into a project" in refused.err


def test_stems_go_into_no_backup_of_reapers(hanolab, project: Path, tmp_path: Path) -> None:
    backup = project.rename(project.with_suffix(".RPP-bak"))
    refused = hanolab("separate", backup, "--region", "1")
    assert refused.code == 2
    assert "--to NEW.rpp" in refused.err
    allowed = hanolab("separate", backup, "--region", "1", "--to", tmp_path / "n.rpp", "--dry-run")
    assert allowed.code == 0
