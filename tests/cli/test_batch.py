"""`hanolab batch` on projects and files, by effects and the local engine, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from fakes.batch_songs import RATE, REGIONS, TRACKS, write_noise, write_song
from fakes.placements import timeline_of

from hanolab_dawtools.audio import files

ALL = ("--regions", "*", "--tracks", "*")
PHONE = ("--preset", "telephone")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_song(tmp_path / "song")


def cells_of(outcome) -> list[dict]:
    assert outcome.code == 0, outcome.err
    return outcome.document["cells"]


def test_every_region_of_every_track_comes_back_into_the_project(hanolab, project: Path) -> None:
    before = project.read_bytes()
    outcome = hanolab("batch", project, *ALL, *PHONE, "--json", "-q")
    cells = cells_of(outcome)
    assert [(one["region"], one["track"]) for one in cells] == [
        (region, track) for region in REGIONS for track in TRACKS
    ]
    assert [one["number"] for one in cells] == list(range(1, 13))
    assert {one["state"] for one in cells} == {"done"}
    assert {one["project"] for one in cells} == {str(project)}
    for one in cells:
        (path,) = map(Path, one["files"])
        assert files.probe(path).seconds == one["seconds"] == 0.5
        assert path.name in project.read_text("utf-8")
    (backup,) = project.parent.glob("*.bak")
    assert backup.read_bytes() == before
    assert len(timeline_of(project.read_bytes()).tracks) == len(TRACKS) * 3  # source, folder, stem
    after = project.read_bytes()
    assert hanolab("jobs", "resume", outcome.document["batch"]).code == 2
    assert project.read_bytes() == after
    assert hanolab("jobs", "undo", outcome.document["batch"]).code == 0
    assert project.read_bytes() == before


def test_a_dry_run_touches_nothing_and_lists_every_cell(hanolab, project: Path) -> None:
    before = project.read_bytes()
    outcome = hanolab("batch", project, *ALL, *PHONE, "--dry-run")
    assert outcome.code == 0, outcome.err
    rows = [line.split("\t") for line in outcome.out.splitlines() if "\t" in line]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 13)]
    assert {len(row) for row in rows} == {7}
    assert "in all     12 cells, 12 to do; 6 s of audio; free" in outcome.out
    document = hanolab("batch", project, *ALL, *PHONE, "--dry-run", "--json").document["matrix"]
    assert document["totals"] == {
        "cells": 12,
        "to_run": 12,
        "done": 0,
        "cached": 0,
        "seconds": 6.0,
        "credits": 0.0,
        "unknown_prices": 0,
    }
    assert document["cells"][0]["title"] == "song · Verse · Vox Lead · Telephone"
    assert project.read_bytes() == before
    assert hanolab("jobs", "list", "--json").document == {"jobs": [], "batches": []}


def test_a_folder_keeps_its_structure_and_a_cell_that_fails_stops_no_other(
    hanolab, tmp_path: Path
) -> None:
    music, out = tmp_path / "music", tmp_path / "out"
    for seed, name in enumerate(("a.wav", "disc 1/Überall.wav", "disc 2/日本語 — 1.wav")):
        write_noise(music / name, 0.3, seed=seed)
    (music / "notes.txt").write_text("no audio", "utf-8")
    noise = files.read_audio(write_noise(tmp_path / "noise.wav", 1.0)).samples
    soundfile.write(tmp_path / "whole.flac", noise.T, RATE)
    whole = (tmp_path / "whole.flac").read_bytes()
    (music / "broken.flac").write_bytes(whole[: len(whole) // 2])  # its header is good
    arguments = ("batch", music, *PHONE, "-o", out, "--json", "-q")
    outcome = hanolab(*arguments)
    assert outcome.code == 1
    cells = outcome.document["cells"]
    assert [one["state"] for one in cells] == ["done", "failed", "done", "done"]
    assert "broken.flac" in cells[1]["error"]["message"]
    assert cells[1]["error"]["exit_code"] == 3
    assert outcome.document["state"] == "failed"
    assert f"jobs resume {outcome.document['batch']} --only-failed" in outcome.err
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.wav")) == [
        "a/a on the phone.wav",
        "disc 1/Überall/Überall on the phone.wav",
        "disc 2/日本語 — 1/日本語 — 1 on the phone.wav",
    ]
    (music / "broken.flac").write_bytes(whole)
    again = hanolab(*arguments, "--only-failed")
    assert again.code == 0, again.err
    assert again.document["batch"] == outcome.document["batch"]
    assert again.document["totals"]["done"] == 4
    assert hanolab(*arguments, "--only-failed").code == 2  # none has failed any more


def test_only_failed_needs_a_batch_that_asked_the_same(hanolab, project: Path) -> None:
    outcome = hanolab("batch", project, *ALL, *PHONE, "--only-failed")
    assert outcome.code == 2
    assert "no batch before this one asked the same" in outcome.err


@pytest.mark.soak
def test_people_are_told_what_came_of_it_and_the_same_again_is_done_already(
    hanolab, project: Path, tmp_path: Path
) -> None:
    arguments = ("batch", project, *ALL, *PHONE, "-o", tmp_path / "out")
    outcome = hanolab(*arguments)
    assert outcome.code == 0, outcome.err
    lines = dict(line.split(maxsplit=1) for line in outcome.out.splitlines())
    assert lines["cells"] == "12 of 12 cells done"
    assert lines["files"] == f"{tmp_path / 'out' / 'song'}: 12 in 12 folders"
    assert "s of audio per second" in lines["took"]
    told = [line for line in outcome.err.splitlines() if line.startswith("done")]
    assert len(told) == 12  # a line for each cell, and none for its percents
    again = hanolab(*arguments)
    assert again.code == 0, again.err
    assert again.out == "12 cells are done already; --again does it anew.\n"
    document = hanolab(*arguments, "--json").document
    assert document["batch"] is None
    assert document["state"] == "done"
    assert [one["done_before"] for one in document["cells"]] == [True] * 12
    anew = hanolab(*arguments, "--again", "--dry-run", "--json").document["matrix"]
    assert anew["totals"]["to_run"] == 12
    (tmp_path / "out" / "song" / "Verse" / "Bass" / "Bass on the phone.wav").unlink()
    mended = hanolab(*arguments, "--json", "-q").document
    assert [one["number"] for one in mended["cells"]] == list(range(1, 13))
    assert mended["totals"]["done"] == 12
    assert mended["totals"]["done_before"] == 11


def test_options_that_exclude_each_other_or_mean_nothing(hanolab, project: Path) -> None:
    def refused(*options: object) -> tuple[int, str]:
        outcome = hanolab("batch", project, *options)
        return outcome.code, outcome.err

    assert refused() == (
        2,
        "error: no preset is named\n  Add --preset NAME; see: hanolab presets\n",
    )
    assert refused(*PHONE, "--memory", "much")[0] == 2
    assert refused(*PHONE, "--jobs", 0)[0] == 2
    assert refused(*PHONE, "--only-failed", "--dry-run")[0] == 2
    assert refused(*PHONE, "-o", "")[0] == 2
    assert refused("--preset", "karaoke", "--engine", "cloud")[0] == 2
    assert refused(*PHONE, "--engine", "hanolab")[0] == 2
    assert refused(*PHONE, "--preset", "podcast voice", "--engine", "local")[0] == 2
    assert refused("--preset", "Telefone")[0] == 6
    assert refused(*PHONE, "--set", "import.names=$trakc")[0] == 6
    assert refused(*PHONE, "--tracks", "Nobody*")[0] == 3
    assert refused(*PHONE, "--regions", "Nowhere")[0] == 3
    assert hanolab("jobs", "list", "--json").document == {"jobs": [], "batches": []}


def test_a_batch_that_cannot_be_begun_is_not_kept(hanolab, project: Path, tmp_path: Path) -> None:
    outcome = hanolab("batch", project, *PHONE, "-o", tmp_path / "out", "--cluster", "local:x")
    assert outcome.code == 2, outcome.err
    assert "resume" not in outcome.err
    assert hanolab("jobs", "list", "--json").document == {"jobs": [], "batches": []}


def test_sources_that_are_none_are_told_before_any_work(hanolab, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    text = tmp_path / "words.wav"
    text.write_text("no sound at all", "utf-8")
    for source in (tmp_path / "missing.rpp", tmp_path / "empty", text):
        outcome = hanolab("batch", source, *PHONE)
        assert outcome.code == 3, (source, outcome.err)
        assert source.name in outcome.err
    assert hanolab("batch").code == 2


@pytest.mark.soak
def test_a_running_batch_stops_at_ctrl_c_and_goes_on(hanolab, tmp_path: Path) -> None:
    for seed in range(3):
        write_noise(tmp_path / "music" / f"{seed}.wav", 20.0, seed=seed)
    arguments = ("batch", tmp_path / "music", "--preset", "podcast voice", "-o", tmp_path / "out")
    code, shown = hanolab.at_terminal(*arguments, dialogue=[("running", "\x03")])
    assert code == 130, shown
    assert "stopping" in shown
    (line,) = [one for one in shown.splitlines() if one.startswith("Go on with: hanolab jobs")]
    batch_id = line.split()[-1]
    assert shown.count("\nbatch      ") >= 1
    resumed = hanolab("jobs", "resume", batch_id, "--json", "-q")
    assert resumed.code == 0, resumed.err
    assert len(list((tmp_path / "out").rglob("*.wav"))) == 3


def test_json_is_one_document_on_stdout_whatever_happens(hanolab, project: Path) -> None:
    for options in (("--dry-run",), ("--tracks", "Nobody"), ("--bogus",), ("--only-failed",)):
        outcome = hanolab("batch", project, *PHONE, *options, "--json")
        assert isinstance(json.loads(outcome.out), dict)
