"""The main job from the command line, with the real engine on real music."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from fakes.weights import real_music

from hanolab_dawtools.audio import files
from hanolab_dawtools.workflows.demo import build_demo_project

RATE = 44_100


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return build_demo_project(tmp_path / "Lied ü", real_music())


def test_a_region_comes_back_as_stems_in_the_project(hanolab_with_weights, project: Path) -> None:
    original = project.read_bytes()
    outcome = hanolab_with_weights("separate", project, "--region", "Chorus", "--json", "-q")
    assert outcome.code == 0, outcome.err
    (job,) = outcome.document["jobs"]
    placed = job["placed"]
    assert job["alignment"]["null_db"] < -140
    assert Path(placed["backup"]).read_bytes() == original
    assert [track["role"] for track in placed["tracks"]] == ["vocals", "accompaniment"]
    text = project.read_text(encoding="utf-8")
    for track in placed["tracks"]:
        info = files.probe(Path(track["path"]))
        assert (info.sample_rate, info.n_channels, info.subtype) == (RATE, 2, "FLOAT")
        assert info.n_frames == int(6.75 * RATE)
        assert str(Path(track["path"]).relative_to(project.parent)) in text


def test_stems_add_up_to_the_item_as_it_was_heard(hanolab_with_weights, project: Path) -> None:
    """The region lies in the item from 1.5 s on; before its fade-out it is the music itself."""
    out = project.parent / "out"
    outcome = hanolab_with_weights("separate", project, "--region", "1", "-o", out, "-q")
    assert outcome.code == 0, outcome.err
    stems = [files.read_audio(out / f"{role}.wav").samples for role in ("vocals", "accompaniment")]
    music = files.read_audio(real_music()).samples
    start = int((0.75 + 1.5) * RATE)  # source offset, plus the region's start in the item
    n_frames = int(6.4 * RATE)  # the fade-out begins at 10.0 s, 6.5 s into the region
    np.testing.assert_allclose(
        (stems[0] + stems[1])[:, :n_frames], music[:, start : start + n_frames], atol=2e-7
    )


def test_four_stems_lie_in_the_project_and_say_that_they_are_a_draft(
    hanolab_with_weights, project: Path
) -> None:
    outcome = hanolab_with_weights("separate", project, "--region", "1", "--stems", "4", "-q")
    assert outcome.code == 0, outcome.err
    text = project.read_text(encoding="utf-8")
    for name in ("Drums", "Bass", "Other"):
        assert f'NAME "{name} (draft)"' in text
        assert f"  {name.lower()} (draft) " in outcome.out
        assert f"{name.lower()}-draft.wav" in text


def test_chosen_stems_come_with_one_file_for_the_others(
    hanolab_with_weights, project: Path, tmp_path: Path
) -> None:
    arguments = ["--region", "1", "--only", "drums, bass", "-o", tmp_path / "out", "--json"]
    outcome = hanolab_with_weights("separate", project, *arguments)
    assert outcome.code == 0, outcome.err
    (job,) = outcome.document["jobs"]
    assert [track["role"] for track in job["placed"]["tracks"]] == ["drums", "bass", "rest"]
    assert all(track["is_draft"] for track in job["placed"]["tracks"])
    assert job["alignment"]["null_db"] < -140


def test_the_same_request_again_is_instant_and_says_so(
    hanolab_with_weights, project: Path, tmp_path: Path
) -> None:
    first = hanolab_with_weights("separate", project, "--region", "1", "-o", tmp_path / "a")
    second = hanolab_with_weights("separate", project, "--region", "1", "-o", tmp_path / "b")
    assert "from the result cache" not in first.out
    assert "from the result cache" in second.out
    for name in ("vocals.wav", "accompaniment.wav"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_ctrl_c_stops_the_run_and_the_job_goes_on(hanolab_with_weights, long_song: Path) -> None:
    hanolab = hanolab_with_weights
    with hanolab.start("separate", long_song) as process:
        for line in process.stderr:
            if line.startswith("separating"):
                break
        time.sleep(1.0)  # well into the first blocks
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    job_id = re.search(r"hanolab jobs resume (\w+)", err)[1]
    assert "cancelled" in hanolab("jobs").out
    assert [path.name for path in long_song.parent.iterdir()] == ["long.wav"]
    resumed = hanolab("jobs", "resume", job_id)
    assert resumed.code == 0, resumed.err
    assert (long_song.parent / "long_hanolab" / "vocals.wav").exists()


def test_a_killed_run_is_shown_and_resumed_without_naming_it(
    hanolab_with_weights, project: Path
) -> None:
    hanolab = hanolab_with_weights
    original = project.read_bytes()
    hanolab.kill_while_separating("separate", project, "--region", "Chorus")
    assert project.read_bytes() == original
    assert "started" in hanolab("jobs", "list").out
    resumed = hanolab("jobs", "resume", "-q", "--json")
    assert resumed.code == 0, resumed.err
    (job,) = resumed.document["jobs"]
    assert job["state"] == "done"
    assert "STEMS: Chorus" in project.read_text(encoding="utf-8")
    assert hanolab("jobs", "resume").err.startswith("No job was interrupted")


def test_a_job_is_shown_with_its_history(hanolab_with_weights, project: Path) -> None:
    hanolab = hanolab_with_weights
    run = hanolab("separate", project, "--region", "Chorus", "--json")
    (job,) = run.document["jobs"]
    shown = hanolab("jobs", "show", job["job"][:4], "--json").document
    states = [event["state"] for event in shown["history"]]
    assert (states[0], states[-1]) == ("planned", "done")
    facts = Path(job["placed"]["folder"]) / "job.json"
    assert json.loads(facts.read_text(encoding="utf-8"))["job_id"] == shown["job"]
    assert hanolab("jobs", "clean", "--older-than", "0").out == "1 jobs forgotten\n"
    assert Path(job["placed"]["tracks"][0]["path"]).exists()
