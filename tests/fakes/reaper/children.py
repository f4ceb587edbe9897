"""The processes that a process has started (Linux)."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The children of a process that run; none when it is gone."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [child for child in map(int, text.split()) if is_running(child)]


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def end_processes(pids: list[int]) -> None:
    """Kill processes and wait until they have ended; those that are gone do not matter."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [])
        os.close(handle)
