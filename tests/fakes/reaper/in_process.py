"""The stand-in in the test's own process, for quick tests of what runs inside REAPER.

    with here(version="7.22", projects=[spec]) as (reaper_python, host):
        track = reaper_python.RPR_GetTrack(0, 0)

`reaper_python` is the generated module over real C callbacks, also importable by that name while
the block lasts. A crash of the host is raised as `HostCrashed`, at the latest at the block's end.
Scripts run too, by `host.scripts.start(path)`, but nothing ticks: `host.scripts.tick()` does.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from fakes.reaper.addresses import HostCrashed
from fakes.reaper.host import Host
from fakes.reaper.running import run_scripts_in


@contextmanager
def here(
    version: str = "7.22",
    misbehaviours: Iterable[str] = (),
    projects: Iterable[dict[str, Any]] = ({},),
    *,
    absent_functions: Iterable[str] = (),
    folder: Path | None = None,
) -> Iterator[tuple[ModuleType, Host]]:
    """A REAPER with these projects in its tabs; the first is shown."""
    with tempfile.TemporaryDirectory() as scratch:
        host = Host(
            folder or Path(scratch),
            version=version,
            misbehaviours=misbehaviours,
            absent_functions=absent_functions,
        )
        for spec in projects:
            host.open_project(spec)
        host.active_project = host.projects[0]
        before = sys.modules.get("reaper_python")
        sys.modules["reaper_python"] = run_scripts_in(host)()
        try:
            yield sys.modules["reaper_python"], host
            if host.crashed:
                raise HostCrashed(host.crashed)
        finally:
            sys.modules.pop("reaper_python")
            if before is not None:
                sys.modules["reaper_python"] = before
