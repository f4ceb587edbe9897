"""A process that dies while it makes or removes a batch: the whole batch is there, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import killed_batches
from fakes.killed_runs import Report, output_of

N_CELLS = 5
STATEMENTS = range(1, 61)


@pytest.mark.parametrize("act", ["create", "remove"])
def test_killed_anywhere_leaves_the_whole_batch_or_nothing(memory_folder: Path, act: str) -> None:
    reports: Sequence[Report] = output_of(
        killed_batches, memory_folder / "killed", act, N_CELLS, *STATEMENTS
    )
    n_killed = sum(report["was_killed"] for report in reports)
    assert n_killed > N_CELLS
    assert all(report["was_killed"] for report in reports[:n_killed])
    assert not reports[-1]["was_killed"]
    for report in reports:
        assert report["cells"] in ([], [N_CELLS])
        assert report["events"] == sum(report["cells"])
        if not report["batches"]:
            assert report["folders"] == []
        else:
            (batch_id,) = report["batches"]
            cells = [f"{batch_id}-{n}" for n in range(1, N_CELLS + 1)]
            assert report["folders"] == [batch_id, *(cells if act == "remove" else ())]
    outcomes = [bool(report["batches"]) for report in reports]
    assert outcomes == sorted(outcomes, reverse=act == "remove")  # it turns at one statement
