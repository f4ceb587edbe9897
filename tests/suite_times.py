"""Prints how long each suite took: a suite is a folder of tests/, or tests/ itself.

Loaded by the Makefile with `-p suite_times`. When the variable SOAK_BUDGET_SECONDS is set, long
runs that would begin later than that are skipped.
"""

import os
import time
from collections import Counter
from pathlib import PurePosixPath

import pytest

_seconds: Counter[str] = Counter()
_tests: Counter[str] = Counter()
_began = time.monotonic()


def _suite(node_id: str) -> str:
    folders = PurePosixPath(node_id.partition("::")[0]).parts[:-1]
    return "/".join(folders[:2])


def pytest_runtest_setup(item: pytest.Item) -> None:
    budget_seconds = float(os.environ.get("SOAK_BUDGET_SECONDS", "inf"))
    if item.get_closest_marker("soak") and time.monotonic() - _began > budget_seconds:
        pytest.skip(f"the {budget_seconds:.0f} s for long runs are used up")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    suite = _suite(report.nodeid)
    _seconds[suite] += report.duration
    _tests[suite] += report.when == "call"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("time of each suite")
    for suite, seconds in _seconds.most_common():
        terminalreporter.write_line(f"{seconds:8.1f} s  {_tests[suite]:5d} tests  {suite}")
