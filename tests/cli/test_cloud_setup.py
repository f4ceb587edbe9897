"""storage, sandbox and doctor: from nothing to a cloud that works, and what is wrong with one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.sandbox import SandboxProcess


def checks(outcome) -> dict[str, dict]:
    return {check["name"]: check for check in outcome.document["checks"]}


def test_storage_is_set_up_by_options_and_proved(hanolab, sandbox: SandboxProcess) -> None:
    hanolab.set(f'base_url = "{sandbox.base_url}"')
    hanolab.environment["HANOLAB_API_KEY"] = sandbox.key
    outcome = hanolab("storage", "setup", "--kind", "sandbox", "-q")
    assert outcome.code == 0, outcome.err
    assert "put, fetched through its link, deleted" in outcome.out
    assert hanolab("storage", "check", "--json").document["works"] is True


def test_storage_setup_guides_at_a_terminal(hanolab, sandbox: SandboxProcess) -> None:
    hanolab.environment |= {"HANOLAB_API_KEY": sandbox.key, "HANOLAB_BASE_URL": sandbox.base_url}
    code, shown = hanolab.at_terminal(
        *("storage", "setup"), dialogue=[("Which kind", "9\n"), ("Which kind", "5\n")]
    )
    assert code == 0, shown
    assert "Answer with a number from 1 to 5" in shown
    assert 'kind = "sandbox"' in hanolab.settings_file.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "--kind"),
        (("--kind", "ftp"), 2, "--kind 'ftp'"),
        (("--kind", "s3"), 2, "--bucket"),
        (("--kind", "azure", "--bucket", "b"), 2, "--account"),
        (("--kind", "http"), 2, "--url"),
        (("--kind", "http", "--url", "ftp://x"), 2, "--url 'ftp://x'"),
        (("--kind", "s3", "--bucket", "b", "--endpoint", "nowhere"), 2, "--endpoint 'nowhere'"),
        (("--kind", "s3", "--bucket", "b", "--prefix", "a b"), 2, "--prefix 'a b'"),
        (("--kind", "http", "--url", "https://x.example", "--bucket", "b"), 2, "--bucket"),
        (("--kind", "sandbox", "--prefix", "p/"), 2, "--prefix"),
    ],
)
def test_a_setup_that_lacks_something_names_it(hanolab, options, code: int, words: str) -> None:
    outcome = hanolab("storage", "setup", *options)
    assert (outcome.code, words in outcome.err) == (code, True), outcome.err
    assert "settings.toml" not in outcome.err
    assert not hanolab.settings_file.exists()


def test_a_secret_that_cannot_be_kept_changes_no_settings(hanolab) -> None:
    dialogue = [("Secret access key", "hush\n")]
    options = ("--kind", "s3", "--bucket", "b", "--access-key-id", "me", "--region", "eu")
    code, shown = hanolab.at_terminal(
        *("storage", "setup", *options, "--endpoint", "http://127.0.0.1:9"), dialogue=dialogue
    )
    assert code == 6, shown
    assert "HANOLAB_STORAGE_SECRET" in shown
    assert "hush" not in shown
    assert not hanolab.settings_file.exists()


def test_doctor_asks_nobody_before_a_login(hanolab) -> None:
    found = checks(hanolab("doctor", "--json"))
    assert found["cloud"]["health"] == "note"
    assert "API" not in found
    assert "storage" not in found


def test_doctor_finds_a_cloud_that_works(in_cloud, sandbox: SandboxProcess) -> None:
    outcome = in_cloud("doctor", "--json")
    assert outcome.code == 0, outcome.out
    found = checks(outcome)
    assert {found[name]["health"] for name in ("cloud", "API key", "API", "storage")} == {"good"}
    assert sandbox.key not in outcome.out


def test_doctor_says_how_to_mend_each_part(in_cloud, sandbox: SandboxProcess) -> None:
    sandbox.change(plan="free")
    found = checks(in_cloud("doctor", "--json"))
    assert (found["API"]["health"], "Creator" in found["API"]["hint"]) == ("bad", True)
    in_cloud.environment["HANOLAB_BASE_URL"] = "http://127.0.0.1:9"
    outcome = in_cloud("doctor")
    assert outcome.code == 6
    assert "hanolab login" in outcome.out
    assert "hanolab storage" in outcome.out


def test_the_sandbox_is_used_by_the_commands_that_it_prints(hanolab, tmp_path: Path) -> None:
    command = ("sandbox", "--port", 0, "--folder", tmp_path / "box", "--delay", 0, "--json")
    with hanolab.start(*command) as process:
        try:
            lines = []
            while not lines or lines[-1] != "}\n":
                lines.append(process.stdout.readline())
            told = json.loads("".join(lines))
            voices = subprocess.run(
                [
                    "sh",
                    "-c",
                    f'. "{told["script"]}"; "{sys.executable}" -m hanolab_dawtools voices',
                ],
                env=hanolab.environment | {"HANOLAB_API_KEY": told["key"]},
                capture_output=True,
                text=True,
                check=False,
            )
            assert voices.returncode == 0, voices.stderr
            assert "vm_" in voices.stdout
            written = [
                path.read_bytes() for path in (tmp_path / "box").rglob("*") if path.is_file()
            ]
            assert not [content for content in written if told["key"].encode() in content]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--plan", "gold"), "creator"),
        (("--fault", "nonsense"), "nonsense"),
        (("--port", -1), "port"),
    ],
)
def test_a_wrong_option_of_the_sandbox_is_refused(hanolab, tmp_path, options, words: str) -> None:
    outcome = hanolab("sandbox", "--folder", tmp_path / "box", *options)
    assert (outcome.code, words in outcome.err) == (2, True), outcome.err
