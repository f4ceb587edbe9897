"""The processes that a process has started (Linux)."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The living children of a process that are no zombies; none when it is gone."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [child for child in map(int, text.split()) if _state_of(child) not in ("Z", "")]


def end_processes(pids: list[int]) -> None:
    """Kill processes; those that have ended meanwhile do not matter."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""
