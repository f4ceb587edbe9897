"""Actions from the click in the stand-in REAPER to stems on its tracks, free and paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes.action_runs import (
    RATE,
    band_spec,
    reaper_with,
    run_to_end,
    track_names,
)
from fakes.reaper import FakeReaper

from hanolab_dawtools.audio import files

SEPARATE = "HanoLab_separate_into_2_stems.py"
APPLY = "HanoLab_apply_last_preset.py"
CHOOSE = "HanoLab_choose_preset_and_apply.py"
BATCH = "HanoLab_batch_render_selected_tracks.py"
PRICES = '\npricing."separate/2stem" = { per_call = 10 }'


def home_of(hanolab) -> Path:
    return Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "song"


@pytest.fixture
def reaper(hanolab_with_weights, folder: Path) -> Iterator[FakeReaper]:
    hanolab = hanolab_with_weights
    with reaper_with(hanolab.environment, home_of(hanolab), band_spec(folder)) as running:
        running.install()
        yield running


@pytest.fixture
def paid_reaper(in_cloud, folder: Path) -> Iterator[FakeReaper]:
    """A REAPER of somebody whose engine is the cloud, which is the sandbox."""
    with reaper_with(in_cloud.environment, home_of(in_cloud), band_spec(folder)) as running:
        running.install()
        yield running


@dataclass(frozen=True)
class Separated:
    """A REAPER in which an action has separated, and what it held before and right after."""

    reaper: FakeReaper
    folder: Path
    before: dict[str, Any]
    after: dict[str, Any]
    undo_steps: list[str]

    @property
    def stem_paths(self) -> list[Path]:
        return sorted(self.folder.glob("HanoLab/*/*.wav"))


@pytest.fixture(scope="module")
def separated(shared_home: Path, shared_environment, tmp_path_factory) -> Iterator[Separated]:
    folder = tmp_path_factory.mktemp("song")
    with reaper_with(shared_environment, shared_home, band_spec(folder)) as reaper:
        reaper.install()
        before = reaper.snapshot()
        run_to_end(reaper, SEPARATE)
        yield Separated(reaper, folder, before, reaper.snapshot(), list(reaper.undo_steps))


def test_a_selection_comes_back_as_tracks_in_one_undo_step(separated: Separated) -> None:
    tracks = separated.after["tracks"]
    assert tracks[0]["name"] == "Band"
    assert [track["name"] for track in tracks[2:]] == ["Vocals", "Accompaniment"]
    for track in tracks[2:]:
        (item,) = track["items"]
        assert item["values"]["D_POSITION"] == 3.0
        assert item["values"]["D_LENGTH"] == 2.5
    music = files.read_audio(separated.folder / "band.wav").samples
    total = sum(files.read_audio(path).samples for path in separated.stem_paths)
    np.testing.assert_allclose(total, music[:, 2 * RATE : int(4.5 * RATE)], atol=1e-6)
    assert separated.reaper.dialogs == []
    assert len(separated.undo_steps) == 1


def test_what_is_done_and_what_came_is_told(separated: Separated) -> None:
    reaper = separated.reaper
    begun = next(text for text in reaper.tooltips if "0:02.500" in text)
    assert "separate into 2 stems" in begun
    assert "local (the default)" in begun
    assert f"{begun}\n" in reaper.console
    told = reaper.tooltips[-1]
    for words in ("done", "Vocals, Accompaniment", "on the frame", "null"):
        assert words in told
    for path in separated.stem_paths:
        assert str(path) in reaper.console
    assert "Traceback" not in reaper.console


def test_a_job_is_undone_from_outside_while_it_is_the_last_step(
    shared_hanolab, separated: Separated
) -> None:
    reaper = separated.reaper
    (job,) = shared_hanolab("jobs", "--json").document["jobs"]
    reaper.edit({"tracks": {0: {"name": "Renamed"}}})
    refused = shared_hanolab("jobs", "undo", job["job"])
    assert refused.code == 5
    assert "Ctrl+Z" in refused.err
    reaper.undo()
    undone = shared_hanolab("jobs", "undo", job["job"])
    assert undone.code == 0, undone.err
    assert reaper.snapshot()["tracks"] == separated.before["tracks"]
    assert shared_hanolab("jobs", "undo", job["job"]).code == 2


def test_the_command_line_works_on_what_is_selected_there(
    hanolab_with_weights, reaper: FakeReaper
) -> None:
    run_to_end(reaper, "HanoLab_show_status.py")  # the bridge runs now
    shown = hanolab_with_weights("separate", "reaper", "--dry-run")
    assert shown.code == 0, shown.err
    assert "0:03.000 to 0:05.500" in shown.out
    assert "one undo step" in shown.out
    refused = hanolab_with_weights("separate", "reaper", "--to", "new.rpp")
    assert refused.code == 2
    done = hanolab_with_weights("separate", f"reaper:{reaper.pid}", "--range", "2..3", "-q")
    assert done.code == 0, done.err
    assert len(track_names(reaper)) == 4


def test_the_first_preset_is_chosen_and_the_last_is_applied_again(reaper: FakeReaper) -> None:
    reaper.answer("telephone")
    run_to_end(reaper, APPLY)
    assert "Karaoke" in reaper.console
    assert len(track_names(reaper)) == 3
    run_to_end(reaper, "HanoLab_show_status.py")
    assert "Telephone" in reaper.console
    n_asked = len(reaper.dialogs)
    reaper.edit({"time_selection": [1.5, 2.5]})
    run_to_end(reaper, APPLY)
    assert len(track_names(reaper)) == 5
    assert len(reaper.dialogs) == n_asked


def test_an_answer_that_names_no_preset_is_asked_again_and_closing_ends_it(reaper) -> None:
    reaper.answer("no such thing")
    reaper.answer("cancel")
    run_to_end(reaper, CHOOSE)
    assert "'no such thing' names no preset" in reaper.dialogs[1]["text"]
    assert reaper.tooltips[-1] == "HanoLab: nothing was chosen"
    assert reaper.undo_steps == []


def test_without_a_selected_track_a_batch_says_what_to_select(reaper: FakeReaper) -> None:
    run_to_end(reaper, BATCH)
    assert "no track is selected" in reaper.console
    assert reaper.undo_steps == []


def test_paid_work_asks_once_with_price_account_and_what_is_sent(
    in_cloud, sandbox, paid_reaper: FakeReaper
) -> None:
    in_cloud.set(f'engine = "hanolab"{PRICES}')
    before = len(sandbox.ledger())
    paid_reaper.answer("yes")
    run_to_end(paid_reaper, SEPARATE)
    (box,) = paid_reaper.dialogs
    for words in ("10 credits", sandbox.base_url, "your storage (sandbox)", "Pay for this?"):
        assert words in box["text"]
    assert sandbox.key not in str(paid_reaper.state)
    assert len(sandbox.ledger()) == before + 1
    assert track_names(paid_reaper)[2:4] == ["Vocals", "Accompaniment"]


def test_declined_work_is_not_sent(in_cloud, sandbox, paid_reaper: FakeReaper) -> None:
    in_cloud.set(f'engine = "hanolab"{PRICES}')
    before = len(sandbox.ledger())
    paid_reaper.answer("no")
    run_to_end(paid_reaper, SEPARATE)
    assert len(sandbox.ledger()) == before
    assert "nothing was paid" in paid_reaper.tooltips[-1]
    assert in_cloud("jobs").out.startswith("No jobs yet")


def test_what_the_settings_allow_is_paid_without_a_box(
    in_cloud, sandbox, paid_reaper: FakeReaper
) -> None:
    in_cloud.set(f'engine = "hanolab"\nask_above_credits = 10{PRICES}')
    run_to_end(paid_reaper, SEPARATE)
    assert paid_reaper.dialogs == []
    assert "10 credits" in paid_reaper.console
    assert len(track_names(paid_reaper)) >= 4
