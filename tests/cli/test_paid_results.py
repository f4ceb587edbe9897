"""What is told of paid work that ended badly, or not quite as it should."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer

RATE = 44_100


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A second of stereo noise."""
    return noise_of(tmp_path / "music.wav", RATE)


def noise_of(path: Path, n_frames: int) -> Path:
    samples = np.random.default_rng(n_frames).normal(0, 0.1, (2, n_frames)).astype(np.float32)
    files.write_audio(path, AudioBuffer(samples, RATE))
    return path


def test_stems_that_are_half_silent_are_a_warning(
    in_cloud, sandbox: SandboxProcess, music: Path
) -> None:
    sandbox.fault("wrong_length=-0.5@separate")
    outcome = in_cloud("separate", music, "--engine", "hanolab", "--yes", "--json")
    assert outcome.code == 0, outcome.err
    (job,) = outcome.document["jobs"]
    assert any("500 ms shorter" in warning for warning in job["placed"]["warnings"])
    assert "warning: vocals is 500 ms shorter than what was sent" in outcome.err


def test_what_is_too_short_for_any_result_is_not_sent(
    in_cloud, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    click, before = noise_of(tmp_path / "click.wav", 1), len(sandbox.ledger())
    outcome = in_cloud("separate", click, "--engine", "hanolab", "--yes")
    assert (outcome.code, len(sandbox.ledger())) == (3, before)
    assert "too short for the cloud" in outcome.err


def test_a_task_that_failed_there_is_run_anew_and_not_resumed(
    in_cloud, sandbox: SandboxProcess, music: Path
) -> None:
    sandbox.fault("task_failure@separate")
    outcome = in_cloud("separate", music, "--engine", "hanolab", "--yes")
    assert outcome.code == 4
    assert "Run the command again" in outcome.err
    assert "may be paid again" in outcome.err
    job_id = in_cloud("jobs", "--json").document["jobs"][0]["job"]
    shown = in_cloud("jobs", "show", job_id).out
    assert "jobs resume" not in shown
    assert "Run the command again" in shown
    assert in_cloud("jobs", "show", job_id, "--json").document["failure"]["can_resume"] is False


@pytest.mark.parametrize(("plan", "words"), [("free", "plan"), ("creator", "key")])
def test_a_key_or_plan_that_is_refused_at_the_upload_is_told_as_such(
    in_cloud, sandbox: SandboxProcess, music: Path, plan: str, words: str
) -> None:
    sandbox.change(plan=plan)
    if words == "key":
        in_cloud.environment["HANOLAB_API_KEY"] += "x"
    outcome = in_cloud("separate", music, "--engine", "hanolab", "--yes")
    assert (outcome.code, words in outcome.err) == (77, True), outcome.err
    assert "storage setup" not in outcome.err


@pytest.mark.parametrize(
    "options",
    [
        ("--kind", "http", "--url", "http://127.0.0.1:9/put"),
        ("--kind", "s3", "--bucket", "b", "--region", "eu", "--endpoint", "http://127.0.0.1:9"),
    ],
)
def test_every_storage_that_cannot_be_reached_gives_the_same_hint(
    in_cloud, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr("hanolab_dawtools.cloud.put_target._WAITS_SECONDS", ())
    in_cloud.environment |= {"AWS_ACCESS_KEY_ID": "me", "AWS_SECRET_ACCESS_KEY": "hush"}
    outcome = in_cloud("storage", "setup", *options, "--json")
    assert (outcome.code, outcome.document["error"]["hint"]) == (
        4,
        "Check the connection and the storage's address: hanolab storage setup.",
    )


@pytest.mark.parametrize(
    "command",
    [
        ("separate", "MUSIC"),
        ("convert", "MUSIC", "--voice", "vm_plain"),
        ("generate", "one bell", "--tier", "draft", "--duration", 1),
    ],
    ids=lambda command: command[0],
)
def test_again_asks_the_engine_although_the_answer_is_known(
    in_cloud, sandbox: SandboxProcess, music: Path, command: tuple[object, ...]
) -> None:
    given = [music if word == "MUSIC" else word for word in command]
    given += ["-o", music.parent / "out", "--engine", "hanolab", "--yes", "--json"]
    before, n_paid = len(sandbox.ledger()), []
    for more in ((), (), ("--again",)):
        outcome = in_cloud(*given, *more)
        assert outcome.code == 0, outcome.err
        n_paid.append(len(sandbox.ledger()) - before)
    assert n_paid == [1, 1, 2]
    assert outcome.document["jobs"][0]["cached"] is False


def test_what_was_asked_again_is_what_is_known_from_then_on(
    in_cloud, sandbox: SandboxProcess, music: Path
) -> None:
    command = ("separate", music, "--engine", "hanolab", "--yes", "--json")
    first = in_cloud(*command).document["jobs"][0]["job"]
    swapped = "vocals=accompaniment,accompaniment=vocals"
    assert in_cloud("jobs", "resolve", first, "--roles", swapped).code == 0  # the cache has it now
    vocals = []
    for more in (("--again",), ()):
        tracks = in_cloud(*command, *more).document["jobs"][0]["placed"]["tracks"]
        (path,) = [track["path"] for track in tracks if track["role"] == "vocals"]
        vocals.append(Path(path).read_bytes())
    assert vocals[0] == vocals[1]


def test_roles_of_what_was_asked_again_are_corrected_without_paying(
    in_cloud, sandbox: SandboxProcess, music: Path
) -> None:
    done = in_cloud("separate", music, "--engine", "hanolab", "--yes", "--again", "--json")
    job_id, before = done.document["jobs"][0]["job"], len(sandbox.ledger())
    swapped = "vocals=accompaniment,accompaniment=vocals"
    outcome = in_cloud("jobs", "resolve", job_id, "--roles", swapped)
    assert (outcome.code, len(sandbox.ledger())) == (0, before), outcome.err


@pytest.mark.parametrize("is_told", [True, False])
def test_only_a_voice_that_is_not_there_leads_to_the_voices(
    in_cloud, sandbox: SandboxProcess, music: Path, is_told: bool
) -> None:
    sandbox.fault("404@separate")
    command = ("convert", music, "--voice", "nobody") if is_told else ("separate", music)
    outcome = in_cloud(*command, "--engine", "hanolab", "--yes")
    assert outcome.code == 4
    assert ("hanolab voices" in outcome.err) is is_told


def test_a_link_that_leads_nowhere_is_told_to_be_checked(
    in_cloud, sandbox: SandboxProcess, music: Path
) -> None:
    link = f"{sandbox.base_url}/nothing"
    outcome = in_cloud("separate", music, "--engine", "hanolab", "--yes", "--input-url", link)
    assert (outcome.code, "Check that the link of --input-url" in outcome.err) == (4, True)


def test_a_result_that_cannot_be_fetched_is_called_by_its_number(
    in_cloud, sandbox: SandboxProcess, music: Path
) -> None:
    sandbox.fault("404@output*0")
    outcome = in_cloud("separate", music, "--engine", "hanolab", "--yes")
    assert (outcome.code, "cannot fetch result 1 of 2" in outcome.err) == (4, True), outcome.err
