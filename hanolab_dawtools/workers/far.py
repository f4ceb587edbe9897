"""A worker's side of an order that comes from another machine.

The order is plain data: no path, no address, nothing that is secret for longer than it is
valid. Its files are fetched into a scratch folder, which is gone when the order has ended; what
the last step made is put where the owner said. Nothing of dask is known here.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hanolab_dawtools.durable import may_run
from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.workers.base import Doer, WorkDone, WorkOrder
from hanolab_dawtools.workers.exchange import Carrier, Where, check_content, content_of
from hanolab_dawtools.workers.portable import Places, failure_as_data, files_in

SCRATCH = "hanolab-"


@dataclass(frozen=True)
class Site:
    """What a worker machine has: who does orders and carries files, and what versions it is of."""

    do: Doer
    carrier: Carrier
    look: Callable[[], Mapping[str, str]]

    @cached_property
    def facts(self) -> Mapping[str, str]:
        """Versions by what they are of; see `workers.versions`."""
        return self.look()


# Called once in each worker process with the setup, as JSON values.
SiteMaker = Callable[[Mapping[str, Any]], Site]


def do_far(
    site: Site,
    package: Mapping[str, Any],
    scratch: Path,
    stop: Stop,
    progress: ProgressCallback,
) -> Mapping[str, Any]:
    """Do a packed order in a new folder below `scratch`; what came of it, packed.

    Raises
    ------
    JobCancelled
    """
    folder = scratch / f"{SCRATCH}{os.getpid()}-{package['id']}"
    sweep(scratch)
    shutil.rmtree(folder, ignore_errors=True)  # of the same order, sent again
    inputs = {one["name"]: folder / "inputs" / one["name"] for one in package["inputs"]}
    places = Places(folder / "job", inputs)
    began = time.process_time()
    try:
        (folder / "job").mkdir(parents=True)
        done = _done(site, package, places, stop, progress)
        outcomes = places.packed(dict(done.outcomes))
        files: list[Mapping[str, Any]] = []
        if done.failure is None:
            progress(Progress("sending results"))
            made = files_in(outcomes[package["steps"][-1]])
            files = _put(site, made, package["slots"], places, stop)
    except OSError as error:
        done = WorkDone(failure=HanolabError(f"a worker cannot use {scratch}: {error.strerror}"))
        outcomes, files = {}, []
    except HanolabError as error:
        done, outcomes, files = WorkDone(failure=error), {}, []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "outcomes": outcomes,
        "files": files,
        "failure": failure_as_data(done.failure) if done.failure else None,
        "folder": str(places.folder),
        "inputs": {name: str(path) for name, path in inputs.items()},
        "cpu_seconds": time.process_time() - began,
    }


def sweep(scratch: Path) -> None:
    """Remove what killed processes left below `scratch`, which is one worker's own."""
    for left in scratch.glob(f"{SCRATCH}*"):
        pid = left.name.removeprefix(SCRATCH).partition("-")[0]
        if pid.isdigit() and not may_run(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _done(
    site: Site,
    package: Mapping[str, Any],
    places: Places,
    stop: Stop,
    progress: ProgressCallback,
) -> WorkDone:
    progress(Progress("fetching audio"))
    for one in package["inputs"]:
        path = places.inputs[one["name"]]
        site.carrier.fetch(one["where"], path, stop=stop)
        check_content(path, one["digest"], one["n_bytes"], stop)
    job = places.unpacked(package["job"])
    inputs = tuple(places.inputs.values())
    order = WorkOrder(
        job, places.folder, tuple(package["steps"]), inputs, package["handle_seconds"]
    )
    return site.do(order, stop, progress)


def _put(
    site: Site,
    made: list[list[str]],
    slots: list[Where],
    places: Places,
    stop: Stop,
) -> list[Mapping[str, Any]]:
    files: list[Mapping[str, Any]] = []
    for number, parts in enumerate(made):
        path = places.path(parts)
        digest, n_bytes = content_of(path, stop)
        site.carrier.put(path, slots[number], stop=stop)
        files.append({"parts": parts, "slot": number, "digest": digest, "n_bytes": n_bytes})
    return files
