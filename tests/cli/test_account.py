"""login, logout and voices against the real sandbox, and against keychains that are none."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from fakes.keychain import BACKEND
from fakes.sandbox import KEY, SandboxProcess
from fakes.system_packages import need


def on_a_machine_with_a_keychain(hanolab, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script with an unlocked GNOME keyring; `hanolab` is the command in it."""
    command = f'hanolab() {{ "{sys.executable}" -m hanolab_dawtools "$@"; }}'
    unlock = "echo | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
    environment = hanolab.environment | {
        "XDG_DATA_HOME": hanolab.environment["HANOLAB_DATA_DIR"],
        "PYTHON_KEYRING_BACKEND": BACKEND,
    }
    need(shutil.which("dbus-run-session"), "dbus")
    need(shutil.which("gnome-keyring-daemon"), "gnome-keyring")
    return subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", f"{unlock}\n{command}\n{script}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_key_is_checked_kept_used_and_forgotten(hanolab, sandbox: SandboxProcess) -> None:
    done = on_a_machine_with_a_keychain(
        hanolab,
        f"echo {KEY} | hanolab login --base-url {sandbox.base_url}/api/v1/ && hanolab voices"
        " && hanolab doctor && hanolab logout && hanolab voices; echo code $?",
    )
    assert f"logged in  {sandbox.base_url}, with the key …{KEY[-4:]}" in done.stdout
    assert "vm_" in done.stdout
    assert f"…{KEY[-4:]}, from the keychain" in done.stdout
    assert "The key was removed" in done.stdout
    assert done.stdout.endswith("code 6\n"), done.stdout
    assert "hanolab login" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert KEY not in hanolab.settings_file.read_text("utf-8")


def test_login_asks_for_base_url_and_key_and_shows_only_its_end(
    hanolab, sandbox: SandboxProcess
) -> None:
    hanolab.environment["HANOLAB_API_KEY"] = sandbox.key
    code, shown = hanolab.at_terminal(
        "login",
        dialogue=[("Base URL", f"{sandbox.base_url}\n"), ("Use HanoLab whenever", "y\n")],
    )
    assert code == 0, shown
    assert "HANOLAB_API_KEY; nothing was stored" in shown
    assert sandbox.key not in shown
    settings = hanolab.settings_file.read_text("utf-8")
    assert f'base_url = "{sandbox.base_url}"' in settings
    assert 'engine = "hanolab"' in settings


def test_login_keeps_the_local_engine_unless_told_otherwise(in_cloud) -> None:
    assert in_cloud("login", "--json").document["engine"] == "local"
    assert "engine" not in in_cloud.settings_file.read_text("utf-8").split("[")[0]
    assert in_cloud("login", "--engine", "hanolab", "--json").document["engine"] == "hanolab"
    assert 'engine = "hanolab"' in in_cloud.settings_file.read_text("utf-8")
    assert in_cloud("login", "--engine", "local", "--json").document["engine"] == "local"


@pytest.mark.parametrize(
    ("base_url", "code", "words"),
    [
        ("http://example.com", 2, "not secure"),
        ("ftp://example.com", 2, "ftp://example.com"),
        ("http://127.0.0.1:9", 4, "refused"),
        ("", 2, "base URL"),
    ],
)
def test_a_base_url_that_cannot_be_is_refused(
    in_cloud, base_url: str, code: int, words: str
) -> None:
    before = in_cloud.settings_file.read_text("utf-8")
    outcome = in_cloud("login", "--base-url", base_url)
    assert (outcome.code, words in outcome.err) == (code, True), outcome.err
    assert in_cloud.settings_file.read_text("utf-8") == before


def test_a_wrong_key_is_refused_and_nothing_is_stored(hanolab, sandbox: SandboxProcess) -> None:
    hanolab.environment["HANOLAB_API_KEY"] = "hl_wrong_key_of_somebody"
    outcome = hanolab("login", "--base-url", sandbox.base_url)
    assert outcome.code == 77
    assert "key" in outcome.err
    assert not hanolab.settings_file.exists()


def test_a_plan_without_api_is_told(in_cloud, sandbox: SandboxProcess) -> None:
    sandbox.change(plan="starter")
    outcome = in_cloud("voices")
    assert outcome.code == 77
    assert "Creator" in outcome.err


def test_without_a_keychain_no_key_is_asked_for_and_the_variable_is_named(
    hanolab, sandbox: SandboxProcess
) -> None:
    outcome = hanolab("login", "--base-url", sandbox.base_url)
    assert outcome.code == 6
    assert "HANOLAB_API_KEY" in outcome.err


def test_login_without_a_terminal_says_what_is_missing(hanolab) -> None:
    outcome = hanolab("login")
    assert outcome.code == 2
    assert "--base-url" in outcome.err


def test_logout_names_a_variable_that_still_holds_a_key(in_cloud, sandbox: SandboxProcess) -> None:
    outcome = in_cloud("logout")
    assert outcome.code == 0
    assert "HANOLAB_API_KEY still holds" in outcome.err
    assert sandbox.key not in outcome.err
    assert in_cloud("logout", "--json").document == {
        "removed": False,
        "left_in": "HANOLAB_API_KEY",
    }


def test_voices_are_listed(in_cloud) -> None:
    voices = in_cloud("voices", "--json").document["voices"]
    assert {"id", "name", "raw"} == set(voices[0])
    table = in_cloud("voices").out
    assert all(f"{voice['id']}\t{voice['name']}" in table for voice in voices)


def test_voices_before_login_say_the_way(hanolab) -> None:
    outcome = hanolab("voices")
    assert outcome.code == 6
    assert "hanolab login" in outcome.err


def test_ctrl_c_at_a_question_ends_it_at_once(hanolab) -> None:
    code, shown = hanolab.at_terminal("login", dialogue=[("Base URL", "\x03")])
    assert code == 130, shown
    assert "stopped at a question" in shown
