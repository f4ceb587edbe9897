"""Start scripts that kill or crowd in a process of their own, and read what they report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from fakes import killed_jobs

MOST_STATEMENTS = 120  # a whole run takes fewer
AT_STATEMENTS = [f"{killed_jobs.STATEMENT}{n}" for n in range(1, MOST_STATEMENTS)]

Report = Mapping[str, Any]


def reports_of(folder: Path, mode: str, deaths: Sequence[str]) -> Mapping[str, Report]:
    """What becomes of a run that is not killed (named ""), and of one with each death."""
    reports: Mapping[str, Report] = output_of(killed_jobs, folder, mode, "", *deaths)
    return reports


def output_of(script: ModuleType, *arguments: object) -> Any:
    """What a script among the fakes prints, as JSON, when it is run in a process of its own."""
    assert script.__file__ is not None
    tests = Path(script.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", script.__file__, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}"},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
