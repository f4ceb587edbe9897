"""The screen inside REAPER: one box for a question and what belongs to it, whatever its length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.action_runs import MOST_TICKS, band_spec, reaper_with, run_to_end
from fakes.reaper import FakeReaper

from hanolab_dawtools.cli.reaper_screen import ReaperScreen
from hanolab_dawtools.cli.reaper_teller import Teller
from hanolab_dawtools.errors import HostUnreachable, InputError
from hanolab_dawtools.hosts.reaper.discovery import choose_bridge


@pytest.fixture
def reaper(hanolab, tmp_path: Path) -> Iterator[FakeReaper]:
    home = Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent
    with reaper_with(hanolab.environment, home, band_spec(tmp_path / "song")) as running:
        running.install()
        run_to_end(running, "HanoLab_show_status.py")
        yield running


@pytest.fixture
def teller(reaper: FakeReaper) -> Iterator[Teller]:
    with Teller(choose_bridge(reaper.runtime_folder)) as running:
        yield running


def test_notices_stand_in_the_box_of_the_question_after_them(reaper, teller) -> None:
    screen = ReaperScreen(teller)
    screen.notice("costs 5 credits")
    reaper.answer("yes")
    assert screen.confirm("Pay?", yes=False)
    reaper.answer("no")
    assert not screen.confirm("Really?", yes=False)
    assert [box["text"] for box in reaper.dialogs] == ["costs 5 credits\n\nPay?", "Really?"]


def test_a_long_list_is_shortened_in_the_box_and_whole_in_the_console(reaper, teller) -> None:
    screen = ReaperScreen(teller)
    for number in range(300):
        screen.notice(f"line {number} {'x' * 40}")
    reaper.answer("yes")
    assert screen.confirm("Pay?", yes=False)
    (box,) = reaper.dialogs
    assert "line 299" in box["text"]
    assert box["text"].endswith("Pay?")
    assert "278 more lines" in box["text"]
    assert all(f"line {number} " in reaper.console for number in range(300))


def test_an_error_opens_the_console_with_its_hint_and_the_way_on(reaper, teller) -> None:
    screen = ReaperScreen(teller)
    screen.error(InputError("no sound", hint="Go on with: hanolab jobs resume abc"))
    reaper.wait_until(lambda: "no sound" in reaper.console, MOST_TICKS)
    assert "HanoLab_import_results_of_finished_jobs.py" in reaper.console


def test_what_is_told_without_a_reaper_is_dropped_and_a_question_fails(reaper, teller) -> None:
    screen = ReaperScreen(teller)
    reaper.kill()
    screen.say("nobody hears this")
    with pytest.raises(HostUnreachable):
        screen.confirm("Pay?", yes=False)
