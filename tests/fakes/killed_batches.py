"""Kills processes in the middle of making or removing a batch, and reports as JSON.

    python killed_batches.py FOLDER create|remove N_CELLS FATAL_STATEMENT…

Without threads, so that it may fork; see `killed_jobs`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from fakes.job_steps import StatementCounter

from hanolab_dawtools.jobs.batches import NewJob
from hanolab_dawtools.jobs.store import JobStore


def create(store: JobStore, n_cells: int) -> None:
    cells = [NewJob(n, "separate", f"cell {n}", {"n": n}) for n in range(1, n_cells + 1)]
    store.batches.create("a project", {}, cells)


def remove(store: JobStore, _: int) -> None:
    store.batches.remove(store.batches.list()[0].id)


def die_in(
    act: Callable[[JobStore, int], None], folder: Path, n_cells: int, statement: int
) -> bool:
    """Whether a child that does this was killed by its n-th SQL statement."""
    pid = os.fork()
    if pid == 0:
        try:
            with JobStore(folder) as store:
                StatementCounter(store, statement)
                act(store, n_cells)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def folders_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def report(folder: Path, act: str, n_cells: int, statement: int) -> dict[str, object]:
    with JobStore(folder) as store:
        if act == "remove":
            create(store, n_cells)
            for cell in store.batches.cells(store.batches.list()[0].id):
                with store.claim(cell.id):
                    (store.folder_of(cell.id) / "stems.wav").write_bytes(b"audio")
    was_killed = die_in({"create": create, "remove": remove}[act], folder, n_cells, statement)
    with JobStore(folder) as store:
        store.check()
        batches = store.batches.list()
        n_stored = [len(store.batches.cells(batch.id)) for batch in batches]
        n_events = sum(len(store.events(c.id)) for b in batches for c in store.batches.cells(b.id))
        store.clean(timedelta(0), ())  # sweeps
        return {
            "was_killed": was_killed,
            "cells": n_stored,
            "events": n_events,
            "batches": [batch.id for batch in batches],
            "folders": folders_in(folder),
        }


def main() -> None:
    base, act, n_cells, *statements = sys.argv[1:]
    reports = [
        report(Path(base) / f"{act}-{number}", act, int(n_cells), int(number))
        for number in statements
    ]
    json.dump(reports, sys.stdout)


if __name__ == "__main__":
    main()
