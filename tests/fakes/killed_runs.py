"""Start `killed_jobs` in a process of its own, and read what it reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fakes import killed_jobs

MOST_STATEMENTS = 120  # a whole run takes fewer
AT_STATEMENTS = [f"{killed_jobs.STATEMENT}{n}" for n in range(1, MOST_STATEMENTS)]

Report = Mapping[str, Any]


def reports_of(folder: Path, mode: str, deaths: Sequence[str]) -> Mapping[str, Report]:
    tests = Path(killed_jobs.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", killed_jobs.__file__, str(folder), mode, "", *deaths],
        env={**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}"},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    reports: Mapping[str, Report] = json.loads(done.stdout)
    return reports
