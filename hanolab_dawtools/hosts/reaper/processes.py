"""Which REAPERs run on this machine, and from which program files, asked of the system.

Their settings files must not be edited meanwhile: REAPER holds them in memory and writes them
back. `hosts.rpp.processes` only asks whether there is any.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

_ASK_SECONDS = 10.0  # PowerShell takes seconds to start
_NAMES = {"reaper", "reaper.exe"}
_WINDOWS_QUESTION = (
    "Get-Process reaper -ErrorAction SilentlyContinue | Select-Object Id,Path | "
    "ConvertTo-Csv -NoTypeInformation"
)


@dataclass(frozen=True)
class RunningReaper:
    """A process; `program` is the file it runs, None when the system does not tell."""

    pid: int
    program: Path | None


def running_reapers(proc: Path = Path("/proc")) -> tuple[RunningReaper, ...]:
    """Every REAPER that runs; none when nobody can say."""
    if sys.platform == "win32":
        command = ["powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS_QUESTION]
        return reapers_of_powershell(_answer(command))
    if proc.is_dir():
        return tuple(_reapers_in(proc))
    return reapers_of_ps(_answer(["ps", "-axo", "pid=,comm="]))


def reapers_of_powershell(answer: str) -> tuple[RunningReaper, ...]:
    """Those in PowerShell's table of "Id","Path"; the path is empty for another user's process."""
    rows = [row for row in csv.reader(answer.splitlines()) if len(row) == 2 and row[0].isdigit()]
    return tuple(
        RunningReaper(int(pid), Path(program) if program else None) for pid, program in rows
    )


def reapers_of_ps(answer: str) -> tuple[RunningReaper, ...]:
    """Those in the answer of `ps -o pid=,comm=`, where macOS gives the program's whole path."""
    rows = (re.fullmatch(r"\s*(\d+)\s+(.+?)\s*", line) for line in answer.splitlines())
    found = [(int(row[1]), PurePosixPath(row[2])) for row in rows if row]
    return tuple(_reapers(found))


def _reapers_in(proc: Path) -> Iterable[RunningReaper]:
    """Those in Linux' process folder."""
    for folder in proc.glob("[0-9]*"):
        try:
            name = (folder / "comm").read_text("utf-8", "replace").strip()
        except OSError:  # it ended meanwhile
            continue
        try:
            target = str((folder / "exe").readlink()).removesuffix(" (deleted)")
        except OSError:  # another user's process
            target = ""
        program = Path(target) if target else None
        if program is not None and _is_reaper(program):
            yield RunningReaper(int(folder.name), program)
        elif program is None and name.lower() in _NAMES:
            yield RunningReaper(int(folder.name), None)


def _reapers(found: Iterable[tuple[int, PurePath]]) -> Iterable[RunningReaper]:
    for pid, program in found:
        if _is_reaper(program):
            yield RunningReaper(pid, Path(program) if program.is_absolute() else None)


def _is_reaper(program: PurePath) -> bool:
    return PureWindowsPath(program.name).name.lower() in _NAMES


def _answer(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands of the system, no input of a user
            command, capture_output=True, timeout=_ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
