"""Whether REAPER runs on this machine, asked of the system without any help from REAPER."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ASK_SECONDS = 5.0
_NAME = "reaper"
WARNING = (
    "REAPER is running: if this project is open there, reload it; saving it would overwrite the "
    "stems"
)


def reaper_is_running(proc: Path = Path("/proc")) -> bool:
    """Whether a process whose name starts with "reaper" runs; False when nobody can say."""
    return any(name.lower().startswith(_NAME) for name in _process_names(proc))


def _process_names(proc: Path) -> list[str]:
    if sys.platform == "win32":
        return _names_told_by(["tasklist", "/fo", "csv", "/nh"])
    if proc.is_dir():
        return _names_in(proc)
    return _names_told_by(["ps", "-axco", "comm="])


def _names_in(proc: Path) -> list[str]:
    names = []
    for path in proc.glob("[0-9]*/comm"):
        try:
            names.append(path.read_text("utf-8", "replace").strip())
        except OSError:  # it ended meanwhile
            continue
    return names


def _names_told_by(command: list[str]) -> list[str]:
    try:
        answer = subprocess.run(  # noqa: S603 - fixed commands of the system, no input of a user
            command, capture_output=True, timeout=_ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [
        line.strip().strip('"') for line in answer.stdout.decode("utf-8", "replace").split("\n")
    ]
