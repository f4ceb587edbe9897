"""Where ReaPack keeps the scripts, only the file that tells them of the program is ours."""

import shutil

import pytest
from fakes.resource_folders import Home, contents, make_folder

from hanolab_dawtools.hosts.reaper.install_reports import Registered
from hanolab_dawtools.package_data import host_bridge_folder

BELOW = "Scripts/HanoLab ReaPack/Actions"


@pytest.fixture
def home(tmp_path) -> Home:
    made = Home(tmp_path / "home")
    make_folder(made.usual)
    return made


def put_reapack(home: Home) -> None:
    (home.usual / BELOW).mkdir(parents=True)
    for path in (host_bridge_folder() / "reaper").glob("*_*.py"):
        shutil.copy(path, home.usual / BELOW)


def only(home: Home):
    (folder,) = home.setup.choose([], everything=False)
    return folder


def test_only_the_record_is_written_and_taken_away(home):
    put_reapack(home)
    before = contents(home.usual)
    done = home.setup.install(only(home))
    added = contents(home.usual).keys() - before.keys()
    assert added == {f"{BELOW}/hanolab_install.json"}
    assert done.place.by_reapack
    assert done.registered is Registered.BY_REAPACK
    assert home.setup.status(only(home)).scripts.is_whole
    home.setup.uninstall(only(home))
    assert contents(home.usual) == before


def test_a_second_copy_is_told_and_can_be_taken_out(home):
    home.setup.install(only(home))
    put_reapack(home)
    assert home.setup.status(only(home)).is_double
    home.setup.uninstall(only(home))
    assert not home.setup.status(only(home)).is_double
    assert not (home.usual / "Scripts/HanoLab").exists()
    assert (home.usual / BELOW / "hanolab_start.py").is_file()
