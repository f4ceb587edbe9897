"""`hanolab reaper install`, `uninstall` and `status`, and what doctor says, as a user sees them."""

import pytest
from fakes.resource_folders import contents, make_folder

from hanolab_dawtools.hosts.reaper import resource_folders
from hanolab_dawtools.hosts.reaper.processes import RunningReaper
from hanolab_dawtools.hosts.reaper.resource_folders import Machine, System


@pytest.fixture
def running() -> list[RunningReaper]:
    return []


@pytest.fixture(autouse=True)
def usual(tmp_path, monkeypatch, running):
    """The resource folder of a machine that nobody else's REAPER runs on."""
    home = tmp_path / "user"
    machine = Machine(System.LINUX, home, {}, ask_running=lambda: tuple(running))
    monkeypatch.setattr(resource_folders.Machine, "here", classmethod(lambda _: machine))
    return make_folder(home / ".config/REAPER")


def test_install_status_and_uninstall(hanolab, usual):
    before = contents(usual)
    done = hanolab("reaper", "install", "--set-python")
    assert (done.code, done.err) == (0, "")
    assert "in the action list when REAPER starts next" in done.out
    status = hanolab("reaper", "status")
    assert "all in the action list" in status.out
    assert "BAD" not in status.out
    assert "note" not in status.out
    again = hanolab("reaper", "install", "--json").document["installed"][0]
    assert (again["actions"], again["copied"], again["python_was_set"]) == ("already", [], False)
    assert hanolab("reaper", "uninstall").code == 0
    assert contents(usual) == before
    assert "nothing of HanoLab was there" in hanolab("reaper", "uninstall").out


def test_status_as_json(hanolab, usual):
    hanolab("reaper", "install")
    (usual / "Scripts/HanoLab/hanolab_start.py").write_text("")
    (status,) = hanolab("reaper", "status", "--json").document["reapers"]
    assert status["changed_scripts"] == ["hanolab_start.py"]
    assert status["installed_version"]
    assert status["unregistered"] == []
    notes = [check["name"] for check in status["checks"] if check["health"] == "note"]
    assert notes == ["scripts", "its Python"]


def test_doctor_has_a_remedy_for_what_is_wrong(hanolab, usual):
    hanolab("reaper", "install")
    (usual / "reaper.ini").write_text("[reaper]\nreascript=0\n")
    (usual / "reaper-kb.ini").write_text("")
    checks = {
        check["name"].strip(): check for check in hanolab("doctor", "--json").document["checks"]
    }
    assert checks["scripts"]["health"] == "good"
    assert checks["actions"]["health"] == checks["its Python"]["health"] == "bad"
    assert "hanolab reaper install" in checks["actions"]["hint"]
    assert "--set-python" in checks["its Python"]["hint"]


def test_without_any_reaper_doctor_notes_it_and_install_says_what_to_do(hanolab, usual):
    (usual / "reaper.ini").unlink()
    done = hanolab("reaper", "install")
    assert done.code == 6
    assert "--resource-path" in done.err
    checks = {check["name"]: check for check in hanolab("doctor", "--json").document["checks"]}
    assert checks["REAPER"]["health"] == "note"
    assert hanolab("reaper", "status").code == 0


def test_a_folder_that_is_none_is_wrong_usage(hanolab, tmp_path):
    done = hanolab("reaper", "install", "--resource-path", tmp_path)
    assert done.code == 2
    assert "reaper.ini" in done.err
    assert hanolab("reaper", "install", "--all", "--resource-path", tmp_path).code == 2


def test_a_running_reaper_leaves_a_step_that_is_told_and_keeps_its_python(hanolab, running, usual):
    running.append(RunningReaper(5, None))
    refused = hanolab("reaper", "install", "--set-python")
    assert refused.code == 5
    assert "Close REAPER" in refused.err
    assert not (usual / "Scripts").exists()
    done = hanolab("reaper", "install")
    assert done.code == 0
    assert "Load ReaScript" in done.out
    assert str(usual / "Scripts/HanoLab/HanoLab_show_status.py") in done.out
