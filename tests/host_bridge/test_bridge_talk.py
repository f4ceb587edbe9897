"""What the bridge says to the user, asks him, and remembers."""

from __future__ import annotations

import pytest
from fakes.bridge_clients import start_bridge
from fakes.reaper import FakeReaper

from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.hosts.reaper.channel import Channel


@pytest.fixture(scope="module")
def reaper(tmp_path_factory):
    projects = [{"path": "/songs/one.rpp", "tracks": [{"name": "a"}]}, {"path": ""}]
    with FakeReaper(tmp_path_factory.mktemp("reaper"), projects=projects) as running:
        yield running


@pytest.fixture(scope="module")
def channel(reaper):
    with Channel.open(start_bridge(reaper)) as opened:
        yield opened


def test_status_names_the_tabs_and_follows_them(reaper, channel):
    reaper.switch_tab(0)
    first = channel.call("status", {})
    reaper.switch_tab(1)
    second = channel.call("status", {})
    assert [tab["path"] for tab in first["tabs"]] == ["/songs/one.rpp", ""]
    assert [tab["name"] for tab in first["tabs"]] == ["one", ""]
    assert [tab["n_tracks"] for tab in first["tabs"]] == [1, 0]
    assert [tab["is_current"] for tab in first["tabs"]] == [True, False]
    assert [tab["is_current"] for tab in second["tabs"]] == [False, True]
    assert [tab["tab"] for tab in first["tabs"]] == [tab["tab"] for tab in second["tabs"]]
    assert first["n_clients"] == 1
    assert first["resource_path"] == str(reaper.resource_path)


def test_a_line_is_told_in_the_console(reaper, channel):
    channel.call("tell", {"text": "Stems \u00e9 are there.", "kind": "console"})
    assert reaper.console.endswith("Stems \u00e9 are there.\n")


def test_a_quiet_line_has_no_prefix(reaper, channel):
    channel.call("tell", {"text": "Quiet.", "kind": "quiet_console"})
    assert reaper.console.endswith("\nQuiet.\n") or reaper.console == "Quiet.\n"


def test_a_tooltip_holds_no_format(reaper, channel):
    channel.call("tell", {"text": "50% done, %s %n", "kind": "tooltip"})
    assert reaper.tooltips[-1].startswith("50 percent done")
    assert "%" not in reaper.tooltips[-1]


@pytest.mark.parametrize(("buttons", "answer"), [("yes_no", "yes"), ("yes_no", "no"), ("ok", "ok")])
def test_a_question_waits_for_its_answer(reaper, channel, buttons, answer):
    told = []
    reaper.answer(answer)
    question = {"title": "HanoLab", "text": "Pay 3 credits?", "buttons": buttons}
    assert channel.call("ask", question, on_busy=told.append) == {"answer": answer}
    assert told == ["asking"]
    assert (reaper.dialogs[-1]["title"], reaper.dialogs[-1]["text"]) == (
        "HanoLab",
        "Pay 3 credits?",
    )


@pytest.mark.parametrize(("typed", "told"), [("My preset", "My preset"), ("cancel", None)])
def test_a_prompt_gives_the_line_or_nothing(reaper, channel, typed, told):
    reaper.answer(typed)
    asked = {"title": "HanoLab", "caption": "Preset, by name", "text": "last"}
    assert channel.call("prompt", asked) == {"text": told}


@pytest.mark.parametrize(
    "value", ["", "plain", "line\nline\r\n", "\u00e9\U0001f3b5 = ; #", "x" * 50_000]
)
def test_what_is_remembered_is_recalled_and_lies_in_ascii_lines(reaper, channel, value):
    channel.call("remember", {"key": "last_preset", "value": value})
    assert channel.call("recall", {"key": "last_preset"}) == {"value": value}
    assert reaper.ext_state["hanolab/last_preset"].isascii()


def test_what_was_never_remembered_or_is_not_ours_is_none(reaper, channel):
    assert channel.call("recall", {"key": "never"}) == {"value": None}
    for foreign in ("text", "base64:not!", "base64:/w=="):
        reaper.set_ext_state("hanolab", "foreign", foreign)
        assert channel.call("recall", {"key": "foreign"}) == {"value": None}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("tell", {}),
        ("tell", {"text": 5}),
        ("tell", {"text": "x", "kind": "shout"}),
        ("ask", {"title": "x"}),
        ("ask", {"title": "x", "text": "y", "buttons": "maybe"}),
        ("prompt", {"title": "x"}),
        ("remember", {"key": "a b", "value": "x"}),
        ("remember", {"key": "a", "value": None}),
        ("recall", {"key": ""}),
        ("recall", {"key": "\u00e9"}),
    ],
)
def test_wrong_arguments_are_refused(channel, command, arguments):
    with pytest.raises(HostCallFailed) as told:
        channel.call(command, arguments)
    assert told.value.code == "bad_arguments"
