"""Which Python REAPER is told, and when none is."""

import subprocess
from pathlib import Path

import pytest
from fakes.resource_folders import Home, contents, make_folder

from hanolab_dawtools.errors import HostError, UsageError
from hanolab_dawtools.hosts.reaper.python_library import (
    PythonBuild,
    find_libraries,
    first_that_loads,
    load,
)
from hanolab_dawtools.hosts.reaper.resource_folders import System
from hanolab_dawtools.hosts.reaper.setup_here import windowless


@pytest.fixture
def home(tmp_path) -> Home:
    made = Home(tmp_path / "home")
    make_folder(made.usual)
    return made


@pytest.fixture(scope="module")
def library() -> Path:
    loaded = first_that_loads(find_libraries(PythonBuild.here()))
    assert loaded
    assert loaded.works
    return loaded.path


def only(home: Home):
    (folder,) = home.setup.choose([], everything=False)
    return folder


def set_keys(home: Home, library: Path) -> bytes:
    path = home.usual / "reaper.ini"
    lines = f"[reaper]\nreascript=1\npythonlibpath64={library.parent}\n"
    path.write_text(f"{lines}pythonlibdll64={library.name}\n")
    return path.read_bytes()


def test_a_real_library_loads_and_says_its_version(library):
    assert load(library).version.startswith("3.")


@pytest.mark.parametrize("content", [None, b"", b"no library"])
def test_what_does_not_load_says_why(tmp_path, content):
    path = tmp_path / "libpython3.11.so"
    if content is not None:
        path.write_bytes(content)
    loaded = load(path)
    assert not loaded.works
    assert loaded.problem


def test_a_library_that_kills_the_process_is_only_of_no_use(tmp_path):
    source, path = tmp_path / "killer.c", tmp_path / "libpython3.11.so"
    source.write_text(
        "#include <stdlib.h>\n__attribute__((constructor)) static void end(void) { abort(); }\n"
    )
    subprocess.run(["cc", "-shared", "-fPIC", "-o", path, source], check=True)
    assert "ended the process" in load(path).problem


def test_a_python_that_is_too_old_is_of_no_use(tmp_path):
    source, path = tmp_path / "old.c", tmp_path / "libpython3.6.so"
    source.write_text('const char *Py_GetVersion(void) { return "3.6.9 (old)"; }\n')
    subprocess.run(["cc", "-shared", "-fPIC", "-o", path, source], check=True)
    assert "older than 3.7" in load(path).problem


def test_nothing_is_set_unless_it_is_asked_for(home):
    before = (home.usual / "reaper.ini").read_bytes()
    done = home.setup.install(only(home))
    assert (home.usual / "reaper.ini").read_bytes() == before
    assert not done.set_python
    assert done.python.loaded is None


def test_a_python_is_set_that_loads(home):
    done = home.setup.install(only(home), set_python=True)
    assert done.set_python
    assert done.python.works
    text = (home.usual / "reaper.ini").read_text()
    assert f"pythonlibdll64={done.python.loaded.path.name}\n" in text
    assert f"pythonlibpath64={done.python.loaded.path.parent}\n" in text
    section = text.partition("[Other]")[0]
    assert "reascript=1\n" in section


def test_a_python_that_works_is_never_replaced_by_itself(home, library):
    before = set_keys(home, library)
    done = home.setup.install(only(home), set_python=True)
    assert (home.usual / "reaper.ini").read_bytes() == before
    assert not done.set_python


def test_one_that_does_not_load_is_replaced(home, tmp_path):
    set_keys(home, tmp_path / "gone" / "libpython3.11.so")
    assert home.setup.install(only(home), set_python=True).python.works


def test_one_that_is_named_replaces_any(home, library, tmp_path):
    before = set_keys(home, library)
    link = tmp_path / "libpython3.9.so"
    link.symlink_to(library)
    done = home.setup.install(only(home), library=link)
    assert done.python.loaded.path == link
    home.setup.uninstall(only(home))
    assert (home.usual / "reaper.ini").read_bytes() == before


def test_one_that_is_named_must_load(home, tmp_path):
    before = contents(home.path)
    with pytest.raises(UsageError, match="no such file"):
        home.setup.install(only(home), library=tmp_path / "libpython3.11.so")
    assert contents(home.path) == before


def test_it_is_refused_while_reaper_runs_before_anything_is_done(home):
    home.start()
    before = contents(home.path)
    with pytest.raises(HostError, match="REAPER is running") as caught:
        home.setup.install(only(home), set_python=True)
    assert caught.value.exit_code == 5
    assert contents(home.path) == before


def test_keys_are_put_back_also_when_reaper_wrote_the_file_since(home):
    home.setup.install(only(home), set_python=True)
    path = home.usual / "reaper.ini"
    path.write_text(path.read_text().replace("audioclosestop=1", "audioclosestop=0"))
    home.setup.uninstall(only(home))
    assert "pythonlib" not in path.read_text()
    assert "audioclosestop=0" in path.read_text()
    assert (home.usual / "reaper.ini.hanolab.bak").exists()


def build(system: System, root: Path, **variables: str) -> PythonBuild:
    return PythonBuild(system, (3, 11), root / "base", variables, root)


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(path.name.encode())
    return path


def test_on_windows_it_is_the_dll_of_the_base_installation(tmp_path):
    expected = put(tmp_path / "base" / "python311.dll")
    put(tmp_path / "base" / "python3.dll")
    assert find_libraries(build(System.WINDOWS, tmp_path)) == [expected]


def test_on_macos_it_is_the_frameworks_library_then_others(tmp_path):
    versions = "Python.framework/Versions"
    own = put(tmp_path / "own" / versions / "3.11/lib/libpython3.11.dylib")
    other = put(tmp_path / "Library/Frameworks" / versions / "3.12/lib/libpython3.12.dylib")
    found = build(
        System.MACOS,
        tmp_path,
        PYTHONFRAMEWORK="Python",
        PYTHONFRAMEWORKPREFIX=str(tmp_path / "own"),
    )
    assert find_libraries(found) == [own, other]


def test_on_linux_a_static_library_is_passed_over(tmp_path):
    put(tmp_path / "base/lib/libpython3.11.a")
    system = put(tmp_path / "usr/lib/x86_64-linux-gnu/libpython3.9.so.1.0")
    newer = put(tmp_path / "usr/lib/x86_64-linux-gnu/libpython3.13.so.1.0")
    found = build(
        System.LINUX,
        tmp_path,
        LIBDIR=str(tmp_path / "base/lib"),
        LDLIBRARY="libpython3.11.a",
        INSTSONAME="libpython3.11.a",
        MULTIARCH="x86_64-linux-gnu",
    )
    assert find_libraries(found) == [newer, system]


def test_windows_actions_start_without_a_console(tmp_path):
    python, beside = put(tmp_path / "python.exe"), put(tmp_path / "pythonw.exe")
    assert windowless(python, System.WINDOWS) == beside
    beside.unlink()
    assert windowless(python, System.WINDOWS) == python


def test_the_interpreter_of_an_environment_is_not_followed_to_its_base(tmp_path):
    link = tmp_path / "python"
    link.symlink_to(put(tmp_path / "base" / "python3.11"))
    assert windowless(link, System.LINUX) == link
