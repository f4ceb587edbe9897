"""The cost bar: starting by keys, and a question that never pays by accident."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.panel_jobs import PanelJobs, share_panel, write_music
from PyQt6.QtCore import Qt

from hanolab_dawtools.presenters.cost import Question
from hanolab_dawtools.presenters.running import Stage, Wish
from hanolab_dawtools.presets.schema import Preset, SeparateJob
from hanolab_dawtools.qt.cost_bar import CostBar
from hanolab_dawtools.qt.dispatch import QtDispatcher

STEMS = Preset(name="Two stems", job=SeparateJob(kind="separate", stems=2))
QUESTION = Question("Pay for this? (5 credits)", ("R&B <b>mix</b>: 5 credits", "Account: x"), "Pay")


@pytest.fixture
def panel(tmp_path, monkeypatch) -> Iterator[PanelJobs]:
    dispatcher = QtDispatcher()
    monkeypatch.setattr("fakes.panel_jobs.Loop", lambda: dispatcher)
    panel = share_panel(tmp_path / "home")
    yield panel
    panel.close()
    dispatcher.close()


@pytest.fixture
def bar(qtbot, panel) -> CostBar:
    bar = CostBar(panel.running, panel.cost)
    qtbot.addWidget(bar)
    bar.resize(700, 60)
    bar.show()
    bar.activateWindow()
    qtbot.waitUntil(bar.isActiveWindow)
    return bar


@pytest.fixture
def answers(panel) -> list[bool]:
    answers: list[bool] = []
    panel.cost.ask(QUESTION, answers.append)
    return answers


def test_nothing_can_be_started_before_something_is_chosen(bar) -> None:
    assert not bar.start.isEnabled()
    assert not bar.agree.isVisible()


def test_keys_start_what_is_ready(bar, panel, qtbot, tmp_path) -> None:
    music: Path = write_music(tmp_path / "song.wav")
    panel.running.want(Wish(music, STEMS, engine="none"))
    qtbot.waitUntil(lambda: panel.running.view.stage is Stage.READY, timeout=20_000)
    assert bar.start.isEnabled()
    assert bar.start.text() == "Separate"
    assert "Ctrl+Return" in bar.start.toolTip()
    qtbot.keyClick(bar, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(panel.running.started_jobs) == 1, timeout=20_000)


def test_question_is_asked_in_place_and_shown_as_it_is(bar, answers) -> None:
    assert bar.agree.isVisible()
    assert not bar.start.isVisible()
    assert "<b>mix</b>" in bar._lines.text()
    assert bar._lines.textFormat() is Qt.TextFormat.PlainText
    assert bar.decline.hasFocus()


def test_keys_that_start_never_pay(bar, answers, qtbot) -> None:
    qtbot.keyClick(bar, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert answers == []
    assert bar.agree.hasFocus()
    qtbot.keyClick(bar.agree, Qt.Key.Key_Space)
    assert answers == [True]
    assert bar.start.isVisible()


def test_escape_declines_once(bar, answers, qtbot) -> None:
    qtbot.keyClick(bar.decline, Qt.Key.Key_Escape)
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert answers == [False]


def test_new_question_declines_the_one_before(bar, panel, answers) -> None:
    later: list[bool] = []
    panel.cost.ask(Question("Fetch?", (), "Fetch"), later.append)
    assert answers == [False]
    bar.agree.click()
    assert later == [True]


def test_fetching_shows_its_true_share(bar, panel) -> None:
    panel.cost.show_activity("fetching the weights", 0.5)
    assert bar._progress.value() == 50
    assert bar._activity.isVisible()
    panel.cost.show_activity("")
    assert not bar._progress.isVisible()
