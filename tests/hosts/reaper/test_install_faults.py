"""What can go wrong while REAPER's own files are changed: they stay whole, and it is told."""

import subprocess
import sys
from pathlib import Path

import pytest
from fakes.full_disk import files_at_most
from fakes.read_only import public_folder, read_only
from fakes.resource_folders import Home, contents, make_folder

from hanolab_dawtools.errors import DiskFull, FileChanged, InputError, NotWritable
from hanolab_dawtools.hosts.reaper import ini_files, known_folders
from hanolab_dawtools.hosts.reaper.ini_files import change_file
from hanolab_dawtools.hosts.reaper.install_reports import Registered


@pytest.fixture
def home(tmp_path) -> Home:
    made = Home(tmp_path / "home")
    make_folder(made.usual)
    return made


def only(home: Home):
    (folder,) = home.setup.choose([], everything=False)
    return folder


def test_a_full_disk_leaves_the_settings_as_they_were_and_the_next_try_goes_on(home):
    kb_ini = home.usual / "reaper-kb.ini"
    kb_ini.write_bytes(b"KEY 1 65 40001 0\n" * 50_000)
    before = contents(home.usual)
    with files_at_most(100_000), pytest.raises(DiskFull):
        home.setup.install(only(home))
    after = contents(home.usual)
    assert {name: after[name] for name in before} == before
    assert home.setup.install(only(home)).registered is Registered.IN_FILE
    home.setup.uninstall(only(home))
    assert contents(home.usual) == before


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    with public_folder() as public:
        home = Home(public / "home")
        make_folder(home.usual)
        folder = only(home)
        with read_only(home.usual), pytest.raises(NotWritable) as caught:
            home.setup.install(folder)
        assert caught.value.exit_code == 8
        assert set(contents(home.usual)) == {"reaper.ini", "reaper-kb.ini"}


def test_a_write_protected_action_list_stays(home):
    with public_folder() as public:
        protected = Home(public / "home")
        make_folder(protected.usual)
        folder = only(protected)
        scripts = protected.usual / "Scripts"
        scripts.mkdir(mode=0o777)
        scripts.chmod(0o777)
        protected.runtime_folder.mkdir(parents=True)
        protected.runtime_folder.chmod(0o777)
        before = (protected.usual / "reaper-kb.ini").read_bytes()
        with read_only(protected.usual), pytest.raises(NotWritable):
            protected.setup.install(folder)
        assert (protected.usual / "reaper-kb.ini").read_bytes() == before


def test_a_file_that_another_program_changes_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "reaper-kb.ini"
    path.write_bytes(b"theirs")
    with pytest.raises(FileChanged):
        change_file(path, b"what we read", b"ours")
    assert path.read_bytes() == b"theirs"


def test_what_was_written_is_read_again(tmp_path, monkeypatch):
    path = tmp_path / "reaper.ini"
    path.write_bytes(b"old")

    def lost(path, content):  # as a REAPER that writes at the same moment
        path.write_bytes(b"reaper's")

    monkeypatch.setattr(ini_files.durable, "write_bytes", lost)
    with pytest.raises(FileChanged, match="since it was written"):
        change_file(path, b"old", b"ours")


def test_a_settings_file_that_cannot_be_read_is_told(home):
    path = home.usual / "reaper-kb.ini"
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"reaper-kb\.ini"):
        home.setup.install(only(home))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"python": 1}', b"\xff", b"[" * 100_000])
def test_a_damaged_record_is_written_again(home, content):
    home.setup.install(only(home))
    record = home.usual / "Scripts/HanoLab/hanolab_install.json"
    whole = record.read_bytes()
    record.write_bytes(content)
    assert home.setup.status(only(home)).record is None
    home.setup.install(only(home))
    assert record.read_bytes() == whole


def test_a_record_that_names_files_elsewhere_removes_none_of_them(home):
    home.setup.install(only(home))
    record = home.usual / "Scripts/HanoLab/hanolab_install.json"
    record.write_text(record.read_text().replace('"hanolab_start.py"', '"../../reaper.ini"'))
    home.setup.install(only(home))
    home.setup.uninstall(only(home))
    assert (home.usual / "reaper.ini").is_file()


@pytest.mark.parametrize("content", ["{", "{}", "[1, 2]", "[" * 100_000])
def test_a_damaged_list_of_folders_counts_as_empty(tmp_path, content):
    (tmp_path / "resource_folders.json").write_text(content)
    assert known_folders.read(tmp_path) == []
    known_folders.add(tmp_path, tmp_path / "a")
    assert known_folders.read(tmp_path) == [tmp_path / "a"]


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from fakes.resource_folders import Home
n_left = int(sys.argv[2])
def count(event, arguments):
    global n_left
    if event == "os.rename":
        n_left -= 1
        if n_left < 0:
            os._exit(9)
sys.addaudithook(count)
home = Home(Path(sys.argv[1]))
(folder,) = home.setup.choose([], everything=False)
home.setup.install(folder, set_python=True)
"""


def test_a_process_that_ends_anywhere_leaves_what_the_next_one_finishes(home, tmp_path):
    before = contents(home.usual)
    n_files, finished = 0, False
    tests = str(Path(__file__).parents[2])
    while not finished:
        command = [sys.executable, "-c", KILLED, str(home.path), str(n_files), tests]
        finished = subprocess.run(command, check=False).returncode == 0
        for name in ("reaper.ini", "reaper-kb.ini"):
            assert before[name].splitlines()[0] in (home.usual / name).read_bytes()
        if not finished and n_files:
            home.setup.install(only(home), set_python=True)
            assert home.setup.status(only(home)).scripts.is_whole
        home.setup.uninstall(only(home))
        left = {name: content for name, content in contents(home.usual).items() if content}
        assert {name: left[name] for name in before} == before
        n_files += 7
    assert n_files > 7
