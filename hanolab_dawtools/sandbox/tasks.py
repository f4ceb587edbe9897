"""The tasks of a sandbox: one folder each, whose `task.json` says how far its work is.

A task exists because the ledger has its entry; the folder can be made again from that. So a
sandbox that is killed at any moment goes on with every accepted task when it is started again.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.sandbox.ledger import Entry


class Status(StrEnum):
    """Where a task stands; the reference names the last two."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


ENDED = (Status.COMPLETED, Status.FAILED)


@dataclass(frozen=True)
class Outcome:
    """What came of a task: names of files in its folder, or an error."""

    outputs: tuple[str, ...] = ()
    note: str = ""
    error: str = ""


@dataclass(frozen=True)
class TaskView:
    """A task as it is to be shown now."""

    entry: Entry
    status: Status
    outcome: Outcome


class Tasks:
    """The tasks in `folder`. Safe for several threads.

    Parameters
    ----------
    entries
        The ledger's.
    delay_seconds
        What each task takes at least; `set_delay` changes it.
    """

    def __init__(self, folder: Path, entries: list[Entry], delay_seconds: float) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._delay_seconds = delay_seconds
        self._working: set[str] = set()
        self._entries = {entry.task_id: entry for entry in entries}
        self._outcomes = {
            task_id: outcome
            for task_id in self._entries
            if (outcome := self._read(task_id)) is not None
        }

    def add(self, entry: Entry) -> None:
        """Know a task that was just accepted."""
        with self._lock:
            self._entries[entry.task_id] = entry

    def open_entries(self) -> list[Entry]:
        """Tasks whose work is not done, oldest first."""
        with self._lock:
            return [e for e in self._entries.values() if e.task_id not in self._outcomes]

    def folder(self, task_id: str) -> Path:
        """Where a task's files lie; only for ids that exist."""
        return self._folder / task_id

    def output(self, task_id: str, name: str) -> Path | None:
        """A result by its file name, or as `1.wav`, `2.wav`, …; None when there is none."""
        outcome = self._outcomes.get(task_id, Outcome())
        numbered = {f"{n}.wav": output for n, output in enumerate(outcome.outputs, 1)}
        file = self.folder(task_id) / numbered.get(name, name)
        return file if file.name in outcome.outputs and file.is_file() else None

    def begin(self, task_id: str) -> None:
        """The work has begun."""
        with self._lock:
            self._working.add(task_id)

    def end(self, task_id: str, outcome: Outcome) -> None:
        """The work has ended; durably kept."""
        text = json.dumps(asdict(outcome), indent=1)
        durable.write_text(self.folder(task_id) / "task.json", text)
        with self._lock:
            self._outcomes[task_id] = outcome

    def set_delay(self, seconds: float) -> None:
        """What each task takes at least, from now on."""
        self._delay_seconds = seconds

    def view(self, task_id: str, now: float) -> TaskView | None:
        """A task as it is to be shown at `now`, in seconds since 1970; None for an unknown id."""
        with self._lock:
            entry = self._entries.get(task_id)
            if entry is None:
                return None
            outcome = self._outcomes.get(task_id)
            age_seconds = now - entry.accepted_at
            if outcome is None or age_seconds < self._delay_seconds:
                is_working = task_id in self._working and age_seconds >= self._delay_seconds / 4
                status = Status.PROCESSING if is_working else Status.QUEUED
                return TaskView(entry, status, Outcome())
            status = Status.FAILED if outcome.error else Status.COMPLETED
            return TaskView(entry, status, outcome)

    def of_kind(self, kind: str, key_id: str, now: float) -> list[TaskView]:
        """All tasks of a kind and key, oldest first."""
        with self._lock:
            ids = [
                e.task_id for e in self._entries.values() if (e.kind, e.key_id) == (kind, key_id)
            ]
        return [view for task_id in ids if (view := self.view(task_id, now)) is not None]

    def _read(self, task_id: str) -> Outcome | None:
        try:
            text = (self._folder / task_id / "task.json").read_text(encoding="utf-8")
            fields: dict[str, Any] = json.loads(text)
            return Outcome(tuple(fields["outputs"]), fields["note"], fields["error"])
        except (FileNotFoundError, KeyError, TypeError, ValueError):
            return None  # not done, or damaged: it is done again
