"""Separate, convert and generate in the cloud, on a real project against the real sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.audio import files

PRICES = '\n[pricing]\n"separate/4stem" = { per_call = 10 }\n"generate/draft" = { per_call = 5 }\n'


def job_of(outcome) -> dict:
    (job,) = outcome.document["jobs"]
    return job


@pytest.mark.parametrize(("stems", "tracks"), [(2, 2), (6, 6)])
def test_a_region_comes_back_as_stems_on_new_tracks(
    in_cloud, sandbox: SandboxProcess, song: Path, stems: int, tracks: int
) -> None:
    before = len(sandbox.ledger())
    outcome = in_cloud(
        *("separate", song, "--region", "Chorus", "--engine", "hanolab"),
        *("--stems", stems, "--yes", "--json", "-q"),
    )
    assert outcome.code == 0, outcome.err
    job = job_of(outcome)
    placed = [track for track in job["placed"]["tracks"] if track["role"] != "residual"]
    assert len(placed) == tracks
    assert {files.probe(Path(track["path"])).n_frames for track in placed} == {297_675}
    assert "STEMS: Chorus" in song.read_text("utf-8")
    (entry,) = sandbox.ledger()[before:]
    assert entry["task_id"] == job["task_id"]
    assert entry["request"]["mode"] == f"{stems}stem"
    assert sandbox.state()["n_uploads"] == 0  # deleted when the task had ended


def test_a_voice_comes_back_in_length_and_rate_of_the_region(
    in_cloud, sandbox: SandboxProcess, song: Path
) -> None:
    before = len(sandbox.ledger())
    outcome = in_cloud(
        *("convert", song, "--region", "Chorus", "--engine", "hanolab", "--voice", "vm_warm"),
        *("--pitch-shift", -2, "--protect", 0.2, "--yes", "--json", "-q"),
    )
    assert outcome.code == 0, outcome.err
    (track,) = job_of(outcome)["placed"]["tracks"]
    info = files.probe(Path(track["path"]))
    assert (info.n_frames, info.sample_rate) == (297_675, 44_100)
    (entry,) = sandbox.ledger()[before:]
    sent = entry["request"]
    assert (sent["voice_model_id"], sent["pitch_shift"], sent["protect"]) == ("vm_warm", -2, 0.2)


@pytest.mark.parametrize("option", ["--flash", "--full-song"])
def test_other_ways_of_conversion(
    in_cloud, sandbox: SandboxProcess, song: Path, tmp_path: Path, option: str
) -> None:
    before = len(sandbox.ledger())
    outcome = in_cloud(
        *("convert", song, "--region", "Chorus", "--engine", "hanolab", "--voice", "vm_warm"),
        *(option, "-o", tmp_path / "out", "--yes", "-q"),
    )
    assert outcome.code == 0, outcome.err
    assert list((tmp_path / "out").glob("*.wav"))
    (entry,) = sandbox.ledger()[before:]
    assert entry["kind"] == ("convert-flash" if option == "--flash" else "convert")
    assert entry["request"].get("full_song", False) is (option == "--full-song")


def test_music_becomes_a_new_track_and_the_rest_of_the_project_stays(
    in_cloud, sandbox: SandboxProcess, song: Path, tmp_path: Path
) -> None:
    lyrics = tmp_path / "lyrics.txt"
    lyrics.write_text("verse 1: rain", encoding="utf-8")
    before, lines = len(sandbox.ledger()), song.read_text("utf-8").splitlines()
    outcome = in_cloud(
        *("generate", "slow piano, rain", "--tier", "draft", "--duration", "2.5"),
        *("--lyrics-file", lyrics, "--into", song, "--at", "0:12", "--engine", "hanolab", "--yes"),
    )
    assert outcome.code == 0, outcome.err
    assert "a new track: slow piano, rain" in outcome.out
    after = song.read_text("utf-8").splitlines()
    assert "POSITION 12" in "\n".join(after)
    kept = iter(after)
    assert all(line in kept for line in lines)  # every old line, in the old order
    (entry,) = sandbox.ledger()[before:]
    assert entry["request"]["duration"] == 3
    assert entry["request"]["lyrics"] == "verse 1: rain"


def test_music_becomes_a_file(in_cloud, tmp_path: Path) -> None:
    outcome = in_cloud(
        *("generate", "one bell", "--tier", "draft", "--duration", 2, "--engine", "hanolab"),
        *("-o", tmp_path / "new" / "music", "--yes", "--json", "-q"),
    )
    assert outcome.code == 0, outcome.err
    (file,) = (tmp_path / "new" / "music").glob("*.wav")
    assert files.probe(file).seconds == pytest.approx(2.0, abs=0.01)


def test_the_same_again_costs_nothing(in_cloud, sandbox: SandboxProcess, tmp_path: Path) -> None:
    command = ("generate", "twice", "--tier", "draft", "--duration", 2, "--engine", "hanolab")
    assert in_cloud(*command, "-o", tmp_path / "a", "--yes").code == 0
    before = len(sandbox.ledger())
    again = in_cloud(*command, "-o", tmp_path / "b", "--yes")
    assert "from the result cache" in again.out
    assert "paid" not in again.out
    assert len(sandbox.ledger()) == before


def test_a_link_of_the_users_own_is_sent_and_nothing_uploaded(
    in_cloud, sandbox: SandboxProcess, song: Path
) -> None:
    url = sandbox.upload(song.parent.parent / "notes.wav")
    before = len(sandbox.ledger())
    outcome = in_cloud(
        *("separate", song.parent.parent / "notes.wav", "--engine", "hanolab"),
        *("--input-url", url, "--yes", "-q"),
    )
    assert outcome.code == 0, outcome.err
    (entry,) = sandbox.ledger()[before:]
    assert entry["request"]["input_url"] == url


def test_a_dry_run_says_what_would_be_sent_and_paid_and_asks_nobody(
    in_cloud, sandbox: SandboxProcess, song: Path
) -> None:
    before = len(sandbox.ledger())
    with in_cloud.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(PRICES)
    command = ("separate", song, "--region", "1", "--engine", "hanolab", "--stems", 4)
    outcome = in_cloud(*command, "--dry-run")
    assert outcome.code == 0, outcome.err
    assert "hanolab (because of --engine), 10 credits" in outcome.out
    assert "7 s of audio as FLAC to your storage" in outcome.out
    (plan,) = in_cloud(*command, "--dry-run", "--json").document["plans"]
    assert plan["quote"]["credits"] == 10
    assert len(sandbox.ledger()) == before
    assert in_cloud("jobs").out.startswith("No jobs yet")


def test_what_a_dry_run_shows_is_valid_json_for_every_verb(in_cloud, song: Path) -> None:
    for command in (
        ("separate", song, "--region", 1),
        ("convert", song, "--region", 1, "--voice", "v"),
        ("generate", "x", "-o", song.parent / "new"),
    ):
        outcome = in_cloud(*command, "--engine", "hanolab", "--dry-run", "--json")
        assert outcome.code == 0, outcome.err
        assert json.loads(outcome.out)["plans"][0]["plan"]["kind"] == command[0]
