"""Shared libraries of Python on this machine, and whether one loads: REAPER's Python is one.

REAPER loads a libpython into its own process, so an interpreter that is linked statically (many
of pyenv's and conda's), Windows' stable-ABI `python3.dll` and the library-less folder of a
virtual environment are of no use to it. Our scripts there need Python 3.7 and nothing else, so
any later one serves; that of the interpreter which runs us comes first.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.hosts.reaper.resource_folders import System

OLDEST = (3, 7)
_LOAD_SECONDS = 30.0
_LOAD = """\
import ctypes, sys
get_version = ctypes.CDLL(sys.argv[1]).Py_GetVersion
get_version.restype = ctypes.c_char_p
print(get_version().decode().split()[0])
"""
_LINUX_FOLDERS = ("usr/lib", "usr/lib64", "usr/local/lib")
_MACOS_PATTERNS = (
    "Library/Frameworks/Python.framework/Versions/3.*/lib/libpython3.*.dylib",
    "opt/homebrew/opt/python@3.*/Frameworks/Python.framework/Versions/3.*/lib/libpython3.*.dylib",
    "usr/local/opt/python@3.*/Frameworks/Python.framework/Versions/3.*/lib/libpython3.*.dylib",
)
HOW_TO_GET = {
    System.LINUX: "Install a shared Python: on Debian, apt-get install libpython3.11.",
    System.MACOS: "Install Python from python.org, whose library REAPER can load.",
    System.WINDOWS: "Install Python (64 bit) from python.org, for all users or for you.",
}


@dataclass(frozen=True)
class PythonBuild:
    """How an interpreter was built.

    Attributes
    ----------
    version
        (3, 11).
    base_prefix
        Where it is installed; not the virtual environment.
    variables
        `sysconfig`'s.
    root
        Where the system's own folders start; another one only in tests.
    """

    system: System
    version: tuple[int, int]
    base_prefix: Path
    variables: Mapping[str, object]
    root: Path = Path("/")

    @classmethod
    def here(cls) -> PythonBuild:
        """That of the interpreter which runs us."""
        return cls(
            System.here(),
            sys.version_info[:2],
            Path(sys.base_prefix),
            sysconfig.get_config_vars(),
        )


@dataclass(frozen=True)
class Loaded:
    """What came of loading a library: its `version` ("3.11.7"), or why it cannot serve."""

    path: Path
    version: str
    problem: str

    @property
    def works(self) -> bool:
        """Whether REAPER could take it."""
        return not self.problem


def find_libraries(build: PythonBuild) -> list[Path]:
    """Candidates that are there: those of `build` first, then the system's, newest first."""
    own = (path for path in _own(build) if _is_shared(path, build.system))
    system = sorted(_of_system(build), key=_version_in_name, reverse=True)
    found: dict[Path, Path] = {}
    for path in (*own, *system):
        if path.is_file():
            found.setdefault(path.resolve(), path)
    return list(found.values())


def first_that_loads(paths: Iterable[Path]) -> Loaded | None:
    """The first library that loads; else what is wrong with the first, None without any."""
    first: Loaded | None = None
    for path in paths:
        loaded = load(path)
        if loaded.works:
            return loaded
        first = first or loaded
    return first


def load(path: Path) -> Loaded:
    """Load a library in a process of its own, which it may crash, and ask its version.

    It is loaded as this interpreter's machine has it: on a Mac whose REAPER is of the other
    architecture only REAPER itself can tell.
    """
    if not path.is_file():
        return Loaded(path, "", "there is no such file")
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, and a library to look at
            [sys.executable, "-I", "-c", _LOAD, str(path)],
            capture_output=True,
            timeout=_LOAD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Loaded(path, "", "loading it did not come to an end")
    version = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0 or not version:
        return Loaded(path, "", _reason(done.stderr))
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if not numbers or (int(numbers[1]), int(numbers[2])) < OLDEST:
        return Loaded(path, version, f"it is Python {version}, older than 3.7")
    return Loaded(path, version, "")


def _own(build: PythonBuild) -> Iterator[Path]:
    major, minor = build.version
    if build.system is System.WINDOWS:
        yield build.base_prefix / f"python{major}{minor}.dll"  # python3.dll is the stable ABI
        return
    folders = [Path(folder) for key in ("LIBDIR", "LIBPL") if (folder := _text(build, key))]
    if build.system is System.MACOS:
        framework = _text(build, "PYTHONFRAMEWORKPREFIX"), _text(build, "PYTHONFRAMEWORK")
        if all(framework):
            versions = Path(framework[0], f"{framework[1]}.framework", "Versions")
            folders.insert(0, versions / f"{major}.{minor}" / "lib")
        yield from (folder / f"libpython{major}.{minor}.dylib" for folder in folders)
        return
    names = [name for key in ("LDLIBRARY", "INSTSONAME") if (name := _text(build, key))]
    yield from (folder / name for folder in folders for name in names)


def _of_system(build: PythonBuild) -> Iterator[Path]:
    if build.system is System.MACOS:
        for pattern in _MACOS_PATTERNS:
            yield from build.root.glob(pattern)
    elif build.system is System.LINUX:
        multiarch = _text(build, "MULTIARCH")
        for name in (f"usr/lib/{multiarch}", *_LINUX_FOLDERS):
            folder = build.root / name
            for pattern in ("libpython3.*.so", "libpython3.*.so.1.0"):
                yield from folder.glob(pattern)


def _text(build: PythonBuild, key: str) -> str:
    value = build.variables.get(key)
    return value if isinstance(value, str) else ""


def _is_shared(path: Path, system: System) -> bool:
    endings = {System.WINDOWS: ".dll", System.MACOS: ".dylib", System.LINUX: ".so"}
    return endings[system] in path.name


def _version_in_name(path: Path) -> tuple[int, int]:
    numbers = re.search(r"python(\d)\.(\d+)", path.name)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def _reason(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return "loading it ended the process"
    return f"it does not load: {lines[-1].partition(': ')[2] or lines[-1]}"
