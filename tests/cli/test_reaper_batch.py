"""The batch action, from the click in the stand-in REAPER to shared tracks in one undo step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.action_runs import (
    band_spec,
    finish_actions,
    reaper_with,
    run_to_end,
    start_action,
    track_names,
)
from fakes.reaper import FakeReaper

BATCH = "HanoLab_batch_render_selected_tracks.py"
CANCEL = "HanoLab_cancel_running_jobs.py"
IMPORT = "HanoLab_import_results_of_finished_jobs.py"
PRICES = '\npricing."separate/2stem" = { per_call = 10 }'
SHELVES = ["PROCESSED: Lead, Telephone", "PROCESSED: High, Telephone"]


def spec_of(folder: Path) -> dict[str, Any]:
    """Three tracks, two of them selected, and three regions, two of them selected."""
    spec = band_spec(folder, time_selection=None)
    item = {"position": 1.0, "length": 6.0, "takes": [{"file": str(folder / "band.wav")}]}
    spec["tracks"] = [
        {"name": "Lead", "items": [item], "selected": True},
        {"name": "Low", "items": [item]},
        {"name": "High", "items": [item], "selected": True},
    ]
    spec["regions"] = [
        {"name": name, "start": start, "end": start + 1.0, "selected": name != "Bridge"}
        for name, start in (("Verse", 1.0), ("Bridge", 2.0), ("Chorus", 4.0))
    ]
    return spec


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "song"


@pytest.fixture
def reaper(hanolab_with_weights, folder: Path) -> Iterator[FakeReaper]:
    hanolab = hanolab_with_weights
    home = Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent
    with reaper_with(hanolab.environment, home, spec_of(folder), version="7.70") as running:
        running.install()
        yield running


def test_selected_tracks_and_regions_are_rendered_in_one_step_and_undone_in_one(
    hanolab_with_weights, reaper: FakeReaper, folder: Path
) -> None:
    hanolab, before = hanolab_with_weights, reaper.snapshot()["tracks"]
    (folder / "HanoLab").write_text("in the way of the stems' folder")
    reaper.answer("telephone")
    run_to_end(reaper, BATCH)
    assert reaper.tooltips[-1] == "HanoLab: 0 of 4 cells done, 4 failed: see the console"
    assert reaper.undo_steps == []

    (folder / "HanoLab").unlink()  # all four are finished but for their place
    run_to_end(reaper, IMPORT)
    assert reaper.tooltips[-1] == "HanoLab: 4 of 4 cells done"
    assert sorted(name for name in track_names(reaper) if ":" in name) == sorted(SHELVES)
    with_two = [one for one in reaper.snapshot()["tracks"] if len(one["items"]) == 2]
    assert len(with_two) == 2
    (step,) = reaper.undo_steps
    assert "4 results of batch" in step
    assert len(reaper.console.splitlines()) < 60

    (batch,) = hanolab("jobs", "--json").document["batches"]
    undone = hanolab("jobs", "undo", batch["batch"])
    assert undone.code == 0, undone.err
    assert reaper.snapshot()["tracks"] == before


@pytest.mark.soak
def test_a_batch_that_was_cancelled_is_left_alone_and_a_new_one_does_what_is_left(
    hanolab_with_weights, reaper: FakeReaper
) -> None:
    hanolab = hanolab_with_weights
    reaper.answer("telephone")
    start_action(reaper, BATCH)
    reaper.wait_until(lambda: "(batch " in reaper.console, 40_000)
    reaper.run_action(CANCEL)
    finish_actions(reaper)
    assert "cancelled: " in reaper.console
    (batch,) = hanolab("jobs", "--json").document["batches"]
    assert batch["state"] == "cancelled"
    run_to_end(reaper, BATCH)
    assert [name for name in track_names(reaper) if ":" in name] == SHELVES
    run_to_end(reaper, BATCH)
    assert "4 cells are done already" in reaper.tooltips[-1]


@pytest.mark.soak
def test_paid_cells_are_asked_for_all_together(in_cloud, sandbox, folder: Path) -> None:
    in_cloud.set(f'engine = "hanolab"{PRICES}')
    home, before = Path(in_cloud.environment["HANOLAB_DATA_DIR"]).parent, len(sandbox.ledger())
    with reaper_with(in_cloud.environment, home, spec_of(folder), version="7.70") as reaper:
        reaper.install()
        reaper.answer("separate")
        reaper.answer("yes")
        run_to_end(reaper, BATCH)
        _preset, box = reaper.dialogs
        assert "40 credits" in box["text"]
        assert len(sandbox.ledger()) == before + 4
        assert reaper.tooltips[-1] == "HanoLab: 4 of 4 cells done"
        assert len(reaper.undo_steps) == 1
