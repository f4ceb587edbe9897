"""A process that wants one job, obeys its standard input, and tells what came of it.

    python claiming_process.py FOLDER JOB_ID

Each line on standard input is an act: `claim` answers "won" or "busy", `cancel` asks to cancel the
job, `create N` makes N jobs; each answers with one line. The end of the input ends the process.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from hanolab_dawtools.errors import JobBusy
from hanolab_dawtools.jobs.store import JobStore


def act(store: JobStore, job_id: str, line: str, held: ExitStack) -> str:
    if line == "claim":
        try:
            held.enter_context(store.claim(job_id))
        except JobBusy as error:
            return f"busy: {error}"
        return "won"
    if line == "cancel":
        return store.request_cancel(job_id).state.value
    for _ in range(int(line.removeprefix("create "))):
        store.create("separate", "", {"filler": "x" * 3000})
    return "created"


def main() -> None:
    folder, job_id = sys.argv[1:]
    print("imported", flush=True)  # noqa: T201 - the way to the test
    held = ExitStack()
    store: JobStore | None = None
    with held:
        for line in sys.stdin:
            store = store or held.enter_context(JobStore(Path(folder)))
            print(act(store, job_id, line.strip(), held), flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    main()
