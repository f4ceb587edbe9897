"""What a sandbox has accepted: one line of JSON for each accepted submission, never rewritten.

A line is on the disk before the answer leaves. So the ledger is the truth about what was accepted
and billed, whatever happened to answer, connection or sandbox afterwards.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """One accepted submission.

    `accepted_at` is in seconds since 1970; `key_id` are the first digits of the key's SHA-256;
    `request` is the body as it came; `faults` says what shall go wrong with the work.
    """

    task_id: str
    kind: str
    accepted_at: float
    key_id: str
    credits: int
    request: Mapping[str, Any]
    faults: Mapping[str, Any]


class Ledger:
    """The ledger in the file `path`; `UsageError` when that is something else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._entries = [Entry(**fields) for fields in self._read()]
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"{path} is no ledger of a sandbox", hint="Name another folder, or an empty one."
            ) from error

    def add(self, entry: Entry) -> None:
        """Append an entry durably.

        Raises
        ------
        DiskFull, NotWritable
        """
        line = json.dumps(asdict(entry)) + "\n"
        with durable.translated_os_errors(self._path), self._path.open("ab") as stream:
            stream.write(line.encode("ascii"))
            stream.flush()
            os.fsync(stream.fileno())
        if not self._entries:
            durable.sync_folder(self._path.parent)
        self._entries.append(entry)

    def entries(self) -> list[Entry]:
        """All entries, oldest first."""
        return list(self._entries)

    def spent(self) -> int:
        """Credits of all entries."""
        return sum(entry.credits for entry in self._entries)

    def _read(self) -> list[dict[str, Any]]:
        """The lines of the file; a last one that a crash cut off was never answered for."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            durable.write_bytes(self._path, whole)
        return [json.loads(line) for line in whole.splitlines()]  # ASCII: no other line ends
