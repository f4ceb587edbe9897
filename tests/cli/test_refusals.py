"""Wrong input from the command line: one sentence, the documented code, nothing touched."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.workflows.demo import build_demo_project

RATE = 44_100


@pytest.fixture
def project(tmp_path: Path) -> Path:
    samples = np.random.default_rng(3).normal(0, 0.1, (2, 12 * RATE)).astype(np.float32)
    music = tmp_path / "noise.mp3"
    files.write_audio(music, AudioBuffer(samples, RATE), format="MP3", subtype="MPEG_LAYER_III")
    return build_demo_project(tmp_path / "song", music)


def edited(project: Path, old: str, new: str) -> bytes:
    content = project.read_bytes().replace(old.encode(), new.encode())
    assert content != project.read_bytes()
    return content


def refused(hanolab, project: Path, *arguments: object) -> tuple[int, str]:
    """Run a command that must fail; its code and first line. The folder stays as it was."""
    before = {path: path.read_bytes() for path in project.parent.rglob("*") if path.is_file()}
    outcome = hanolab("separate", project, *arguments)
    after = {path: path.read_bytes() for path in project.parent.rglob("*") if path.is_file()}
    assert before == after
    assert outcome.out == ""
    line = next(line for line in outcome.err.splitlines() if line.startswith("error: "))
    return outcome.code, line


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--stems", "3"], 2, "2, 4 or 6"),
        (["--range", "5"], 2, "not a range"),
        (["--range", "7..5"], 2, "empty"),
        (["--range", "x..5"], 2, "not a time"),
        (["--range", "90..95"], 3, "no item"),
        (["--region", "Chorsu"], 3, "Chorsu"),
        ([], 3, "Chorus"),
        (["--region", "Chorus", "--tracks", "Sonq"], 3, "Song"),
        (["--region", "Chorus", "--stems", "6"], 6, "6"),
        (["--region", "Chorus", "--only", "drums,piano"], 2, "'piano' is no stem"),
        (["--region", "Chorus", "--stems", "2", "--only", "drums"], 2, "nothing to choose"),
        (["--region", "Chorus", "--engine", "nobody"], 2, "nobody"),
        (["--region", "Chorus", "--capture", "track"], 2, "REAPER"),
        (["--region", "Chorus", "--to", "a.rpp", "-o", "b"], 2, "--output"),
        (["--region", "Chorus", "--to", "/tmp"], 2, "no project file"),
        (["--region", "Chorus", "--keep-source", "-o", "b"], 2, "--keep-source"),
        (["--region", "Chorus", "--to", "new.txt"], 2, "no project file"),
        (["--region", "Chorus", "-o", __file__], 2, "is a file"),
        (["--region", "Chorus", "-o", "n" * 300], 8, "too long"),
        (["--region", "Chorus", "--to", "n" * 300 + ".rpp"], 8, "too long"),
        (["--region", ""], 2, "empty"),
        (["--region", "Chorus"], 6, "weights"),
    ],
)
def test_a_wrong_request_is_refused(
    hanolab, project: Path, arguments: list[str], code: int, words: str
) -> None:
    found, line = refused(hanolab, project, *arguments)
    assert (found, words in line) == (code, True), line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02" * 400, "project"),
        (b"<REAPER_PROJECT 0.1\r\n  <TRACK\r\n", "line"),
        (b"<REAPER_PROJECT 0.1\r\n>\r\n>\r\n", "line"),
        (b"<REAPER_PROJECT 0.1\r\n" + b"<A\r\n" * 200 + b">\r\n" * 201, "deep"),
        ("<REAPER_PROJECT 0.1\r\n>\r\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_broken_project_is_refused(hanolab, project: Path, content: bytes, words: str) -> None:
    project.write_bytes(content)
    code, line = refused(hanolab, project, "--range", "0..1")
    assert (code, words in line) == (3, True), line


def test_a_region_name_that_stands_twice_is_refused(hanolab, project: Path) -> None:
    second = (
        "  MARKER 7 1 Chorus 1 0 1 B {0D5E5A5C-6C0F-4B0E-9C7C-5C2B6A1F0009} 0\r\n"
        '  MARKER 7 2 "" 1\r\n  <TRACK'
    )
    project.write_bytes(edited(project, "  <TRACK", second))
    code, line = refused(hanolab, project, "--region", "Chorus")
    assert code == 3
    assert "7" in line
    assert "1" in line


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_audio_that_is_no_number_is_refused(
    hanolab_with_weights, tmp_path: Path, bad: float
) -> None:
    samples = np.zeros((1, RATE), np.float32)
    samples[0, RATE // 2] = bad
    path = tmp_path / "bad" / "bad.wav"
    files.write_audio(path, AudioBuffer(samples, RATE))
    code, line = refused(hanolab_with_weights, path, "-o", tmp_path / "out")
    assert (code, "no number" in line) == (3, True), line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.wav", None, 3),
        ("n" * 300, None, 3),
        ("n" * 300 + ".rpp", None, 3),
        ("empty.wav", b"", 3),
        ("text.wav", b"RIFF but no audio", 3),
    ],
)
def test_a_file_that_is_no_audio_is_refused(
    hanolab, tmp_path: Path, name: str, content: bytes | None, code: int
) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    if content is not None:
        (folder / name).write_bytes(content)
    assert refused(hanolab, folder / name)[0] == code


def test_a_refusal_is_one_document_with_json(hanolab, project: Path) -> None:
    outcome = hanolab("separate", project, "--region", "nope", "--json")
    assert outcome.code == 3
    assert outcome.document["error"]["exit_code"] == 3
    assert "nope" in outcome.document["error"]["message"]


def test_a_dry_run_says_what_is_a_draft(hanolab, project: Path) -> None:
    outcome = hanolab("separate", project, "--region", "Chorus", "--only", "drums", "--dry-run")
    assert outcome.code == 0, outcome.err
    assert "into 4 stems, only drums" in outcome.out
    assert "draft" in outcome.out


def test_a_dry_run_says_what_would_be_done_and_does_nothing(hanolab, project: Path) -> None:
    before = sorted(project.parent.rglob("*"))
    outcome = hanolab("separate", project, "--region", "Chorus", "--dry-run")
    assert outcome.code == 0
    assert "0:06.750" in outcome.out
    assert "free" in outcome.out
    assert sorted(project.parent.rglob("*")) == before
    assert hanolab("jobs", "list").out.startswith("No jobs yet")


def test_a_project_is_not_its_own_copy(hanolab, project: Path) -> None:
    code, line = refused(hanolab, project, "--region", "Chorus", "--to", project)
    assert (code, "the project itself" in line) == (2, True), line


def test_a_folder_that_cannot_be_written_is_told_before_the_work(hanolab, project: Path) -> None:
    code, line = refused(hanolab, project, "--region", "Chorus", "-o", "/proc/nowhere")
    assert (code, "/proc/nowhere" in line) == (8, True), line
    assert hanolab("jobs", "list").out.startswith("No jobs yet")


def test_output_that_cannot_be_printed_is_told(hanolab) -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "hanolab_dawtools", "--version"],
            env=hanolab.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert process.returncode == 8
    assert "cannot print" in process.stderr
    assert "Traceback" not in process.stderr
