"""Installing into resource folders as the three systems have them, twice, and taking it out."""

import json
from pathlib import Path

import pytest
from fakes.resource_folders import Home, contents, lines_added, make_folder

from hanolab_dawtools.errors import HostError, HostTimeout, SetupError, UsageError
from hanolab_dawtools.hosts.reaper.install_reports import Registered
from hanolab_dawtools.hosts.reaper.installed_scripts import entry_scripts
from hanolab_dawtools.hosts.reaper.kb_ini import action_id, registrations
from hanolab_dawtools.hosts.reaper.resource_folders import System
from hanolab_dawtools.package_data import host_bridge_folder

SHIPPED = {path.name for path in (host_bridge_folder() / "reaper").glob("*_*.py")}
ACTIONS = entry_scripts(SHIPPED)


@pytest.fixture(params=list(System))
def home(request, tmp_path) -> Home:
    made = Home(tmp_path / "home", request.param)
    make_folder(made.usual, made.system)
    return made


@pytest.fixture
def linux(tmp_path) -> Home:
    made = Home(tmp_path / "home")
    make_folder(made.usual)
    return made


def only(home: Home):
    (folder,) = home.setup.choose([], everything=False)
    return folder


def test_the_usual_folder_of_each_system_is_found(home):
    assert only(home).path == home.usual
    assert not only(home).is_portable


def test_every_script_is_copied_and_every_action_registered(home):
    done = home.setup.install(only(home))
    scripts = home.usual / "Scripts" / "HanoLab"
    assert {path.name for path in scripts.glob("*.py")} == SHIPPED
    assert done.registered is Registered.IN_FILE
    before = (home.usual / "reaper-kb.ini.hanolab.bak").read_bytes()
    added = lines_added(before, (home.usual / "reaper-kb.ini").read_bytes())
    paths = [f"HanoLab/{name}" for name in ACTIONS]
    assert [line.split()[-1].decode() for line in added] == paths
    assert [line.split()[3].decode() for line in added] == [action_id(path) for path in paths]


def test_lines_end_as_on_the_system(home):
    home.setup.install(only(home))
    content = (home.usual / "reaper-kb.ini").read_bytes()
    n_windows_ends = content.count(b"\r\n")
    assert n_windows_ends == (content.count(b"\n") if home.system is System.WINDOWS else 0)


def test_the_scripts_are_told_how_to_start_the_program(linux):
    linux.setup.install(only(linux))
    text = (linux.usual / "Scripts/HanoLab/hanolab_install.json").read_bytes().decode("ascii")
    values = json.loads(text)
    assert Path(values["python"]).is_file()
    assert values["arguments"] == ["-m", "hanolab_dawtools"]
    assert values["runtime_folder"] == str(linux.runtime_folder)
    assert values["environment"] == {"HANOLAB_DATA_DIR": "/ü"}
    assert values["version"] == "0.1.0"


def test_a_second_install_changes_nothing(home):
    home.setup.install(only(home))
    before = contents(home.path)
    stamps = {path: path.stat().st_mtime_ns for path in home.usual.rglob("*")}
    done = home.setup.install(only(home))
    assert (done.copied, done.removed, done.registered) == ((), (), Registered.ALREADY)
    assert contents(home.path) == before
    assert {path: path.stat().st_mtime_ns for path in home.usual.rglob("*")} == stamps


def test_uninstalling_gives_back_every_byte(home):
    before = contents(home.usual)
    home.setup.install(only(home), set_python=True)
    assert contents(home.usual) != before
    done = home.setup.uninstall(only(home))
    assert contents(home.usual) == before
    assert done.n_actions == len(ACTIONS)
    assert done.reset_python


def test_uninstalling_twice_is_fine(home):
    home.setup.install(only(home))
    home.setup.uninstall(only(home))
    before = contents(home.path)
    done = home.setup.uninstall(only(home))
    assert (done.removed, done.n_actions) == ((), 0)
    assert contents(home.path) == before


def test_uninstalling_after_two_installs_of_two_versions_gives_back_every_byte(linux, tmp_path):
    before = contents(linux.usual)
    linux.source = tmp_path / "older"
    linux.source.mkdir()
    (linux.source / "HanoLab_gone.py").write_text("1")
    (linux.source / "hanolab_old.py").write_text("2")
    linux.setup.install(only(linux), set_python=True)
    linux.source = host_bridge_folder() / "reaper"
    done = linux.setup.install(only(linux), set_python=True)
    assert set(done.removed) == {"HanoLab_gone.py", "hanolab_old.py"}
    scripts = [each.script for each in registrations((linux.usual / "reaper-kb.ini").read_bytes())]
    assert "HanoLab/HanoLab_gone.py" not in scripts
    linux.setup.uninstall(only(linux))
    assert contents(linux.usual) == before


def test_a_folder_without_an_action_list_file_has_none_after(linux):
    (linux.usual / "reaper-kb.ini").unlink()
    before = contents(linux.usual)
    linux.setup.install(only(linux))
    assert len(registrations((linux.usual / "reaper-kb.ini").read_bytes())) == len(ACTIONS)
    linux.setup.uninstall(only(linux))
    assert contents(linux.usual) == before


def test_files_of_others_in_our_folder_stay(linux):
    mine = linux.usual / "Scripts/HanoLab/my_own.py"
    linux.setup.install(only(linux))
    mine.write_text("mine")
    linux.setup.install(only(linux))
    linux.setup.uninstall(only(linux))
    assert list(mine.parent.iterdir()) == [mine]


def test_what_python_compiled_beside_the_scripts_goes_too(linux):
    linux.setup.install(only(linux))
    cache = linux.usual / "Scripts/HanoLab/__pycache__"
    cache.mkdir()
    (cache / "hanolab_start.cpython-311.pyc").write_bytes(b"x")
    linux.setup.uninstall(only(linux))
    assert not cache.parent.exists()


def test_a_script_that_was_changed_or_lost_is_mended(linux):
    linux.setup.install(only(linux))
    folder = linux.usual / "Scripts/HanoLab"
    (folder / "hanolab_start.py").write_text("broken")
    (folder / "hanolab_protocol.py").unlink()
    status = linux.setup.status(only(linux))
    assert status.scripts.changed == ("hanolab_start.py",)
    assert status.scripts.missing == ("hanolab_protocol.py",)
    assert set(linux.setup.install(only(linux)).copied) == {
        "hanolab_start.py",
        "hanolab_protocol.py",
    }
    assert linux.setup.status(only(linux)).scripts.is_whole


def test_shortcuts_to_our_actions_survive_an_uninstall(linux):
    linux.setup.install(only(linux))
    path = linux.usual / "reaper-kb.ini"
    shortcut = f"KEY 1 65 _{action_id('HanoLab/HanoLab_open_panel.py')} 0\n".encode()
    path.write_bytes(path.read_bytes() + shortcut)
    linux.setup.uninstall(only(linux))
    assert path.read_bytes().endswith(shortcut)
    assert b"SCR 516" not in path.read_bytes()


def test_a_portable_reaper_is_found_while_it_runs_and_afterwards(home, tmp_path):
    portable = make_folder(tmp_path / "stick", home.system)
    home.start(portable)
    assert [folder.path for folder in home.setup.find()] == [home.usual, portable]
    (program,) = (each.program for each in home.running)
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch()
    home.running.clear()
    (folder,) = home.setup.choose([portable], everything=False)
    assert folder.is_portable
    home.setup.install(folder)
    assert [each.path for each in home.setup.find()] == [home.usual, portable]


def test_of_several_folders_one_must_be_chosen(linux, tmp_path):
    portable = make_folder(tmp_path / "stick")
    linux.start(portable)
    with pytest.raises(UsageError, match="2 resource folders") as caught:
        linux.setup.choose([], everything=False)
    assert "--resource-path" in caught.value.hint
    assert len(linux.setup.choose([], everything=True)) == 2


def test_no_folder_and_a_wrong_one_are_told(tmp_path):
    home = Home(tmp_path / "empty")
    with pytest.raises(SetupError, match="no resource folder"):
        home.setup.choose([], everything=False)
    with pytest.raises(SetupError, match="no resource folder"):
        home.setup.choose([], everything=True)
    with pytest.raises(UsageError, match=r"reaper\.ini"):
        home.setup.choose([tmp_path], everything=False)


def test_a_running_reaper_registers_by_itself(linux):
    linux.start()
    linux.start_bridge(linux.usual)
    before = (linux.usual / "reaper-kb.ini").read_bytes()
    done = linux.setup.install(only(linux))
    folder = linux.usual / "Scripts" / "HanoLab"
    assert linux.asked == [("register", [str(folder / name) for name in ACTIONS])]
    assert done.registered is Registered.BY_REAPER
    assert (linux.usual / "reaper-kb.ini").read_bytes() == before


def test_without_a_bridge_the_step_that_is_left_is_told(linux):
    linux.start()
    before = (linux.usual / "reaper-kb.ini").read_bytes()
    done = linux.setup.install(only(linux))
    assert done.registered is Registered.BY_HAND
    assert {path.name for path in done.to_load} == set(ACTIONS)
    assert all(path.is_file() for path in done.to_load)
    assert (linux.usual / "reaper-kb.ini").read_bytes() == before


def test_a_bridge_that_does_not_do_it_is_as_good_as_none(linux):
    def fail(*_):
        raise HostTimeout("it renders")

    linux.start()
    linux.start_bridge(linux.usual)
    linux.answer = fail
    assert linux.setup.install(only(linux)).registered is Registered.BY_HAND


def test_a_portable_reaper_that_runs_is_no_hindrance_for_the_usual_one(linux, tmp_path):
    portable = make_folder(tmp_path / "stick")
    linux.start(portable)
    usual = linux.setup.find()[0]
    assert linux.setup.install(usual).registered is Registered.IN_FILE


def test_a_running_reaper_takes_the_actions_out_by_itself(linux):
    linux.setup.install(only(linux))
    linux.start()
    linux.start_bridge(linux.usual)
    linux.setup.uninstall(only(linux))
    ((command, paths),) = linux.asked
    assert (command, len(paths)) == ("unregister", len(ACTIONS))
    assert not (linux.usual / "Scripts/HanoLab").exists()


@pytest.mark.parametrize("set_python", [False, True])
def test_uninstalling_below_a_running_reaper_is_refused(linux, set_python):
    linux.setup.install(only(linux), set_python=set_python)
    linux.start()
    if set_python:  # a bridge could take the actions out, but not put back reaper.ini
        linux.start_bridge(linux.usual)
    before = contents(linux.path)
    with pytest.raises(HostError, match="REAPER is running") as caught:
        linux.setup.uninstall(only(linux))
    assert caught.value.exit_code == 5
    assert contents(linux.path) == before
