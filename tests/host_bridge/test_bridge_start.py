"""What an action does when it is triggered: a bridge lives and our program runs, or a sentence."""

from __future__ import annotations

import json

import pytest
from fakes.bridge_clients import bridge_of, friend, port_file_of, start_bridge
from fakes.reaper import FakeReaper

from hanolab_dawtools.hosts.reaper.channel import Channel

ACTION = "HanoLab_separate_into_4_stems.py"
RECORD = """
import json, os, sys
with open(os.environ["RECORD"], "a") as file:
    file.write(json.dumps([sys.argv[1:], dict(os.environ), os.getsid(0) == os.getpid()]) + "\\n")
"""


@pytest.fixture
def record(tmp_path):
    return tmp_path / "record.jsonl"


def install(reaper: FakeReaper, record) -> None:
    """Scripts whose program notes how it was started, and ends."""
    path = {"RECORD": str(record)}
    reaper.install(arguments=["-c", RECORD], environment=path)


def runs_of(record) -> list:
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def started(reaper: FakeReaper, record, n_runs: int = 1) -> list:
    """What the programs noted, as soon as this many have."""
    reaper.wait_until(lambda: len(runs_of(record)) >= n_runs)
    return runs_of(record)


def test_an_action_starts_a_bridge_and_the_program_beside_reaper(tmp_path, record, monkeypatch):
    for name in ("PYTHONHOME", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES"):
        monkeypatch.setenv(name, "" if name == "PYTHONHOME" else "/nowhere")
    monkeypatch.setenv("KEPT", "yes")
    with FakeReaper(tmp_path / "r") as reaper:
        install(reaper, record)
        reaper.run_action(ACTION)
        ((arguments, environment, leads_a_session),) = started(reaper, record)
        assert reaper.running == ["HanoLab_bridge.py"], "the action itself does not stay"
        port_file = str(port_file_of(reaper))
        assert reaper.console == ""
        with Channel.open(bridge_of(reaper)) as channel:
            tab = channel.call("state", {})["tab"]
    assert arguments[:-1] == ["reaper", "action", "separate-4", "--bridge", port_file, "--tab"]
    assert arguments[-1] == tab
    assert leads_a_session
    assert environment["KEPT"] == "yes"
    bending = [n for n in environment if n.startswith(("PYTHON", "DYLD_", "LD_LIBRARY"))]
    assert not bending


def test_a_second_action_uses_the_bridge_that_lives(tmp_path, record):
    with FakeReaper(tmp_path / "r") as reaper:
        install(reaper, record)
        reaper.run_action(ACTION)
        token = bridge_of(reaper).token
        reaper.run_action("HanoLab_show_status.py")
        runs = started(reaper, record, 2)
        assert bridge_of(reaper).token == token
        assert reaper.running == ["HanoLab_bridge.py"]
    assert {run[0][2] for run in runs} == {"separate-4", "show-status"}


def test_a_bridge_that_died_without_a_word_is_followed_by_another(tmp_path, record):
    with FakeReaper(tmp_path / "r") as reaper:
        install(reaper, record)
        reaper.set_ext_state("hanolab_bridge", "alive", f"{reaper.pid} 5 0.0")
        reaper.run_action(ACTION)
        assert len(started(reaper, record)) == 1
        with friend(bridge_of(reaper)):
            pass


def test_a_double_click_is_one_click(tmp_path, record):
    runs = "".join(f"hanolab_start.run('{name}')\n" for name in ("sing", "sing", "hum", "sing"))
    with FakeReaper(tmp_path / "r") as reaper:
        install(reaper, record)
        reaper.run_text(f"from reaper_python import *\nimport hanolab_start\n{runs}")
        started(reaper, record, 3)
        reaper.wait_until(lambda: reaper.children == [])
    assert sorted(run[0][2] for run in runs_of(record)) == ["hum", "sing", "sing"]


@pytest.mark.parametrize("misbehaviour", ["nested_action_is_queued", "actions_not_registered"])
def test_an_action_works_also_where_it_cannot_start_the_other_script(
    tmp_path, record, misbehaviour
):
    with FakeReaper(tmp_path / "r", misbehaviours=[misbehaviour]) as reaper:
        install(reaper, record)
        reaper.run_action(ACTION)
        assert len(started(reaper, record)) == 1
        reaper.wait_ticks(20)
        assert len(reaper.running) == 1, "one script holds the loop"
        with friend(bridge_of(reaper)):
            pass
        assert len(runs_of(record)) == 1


def test_an_action_works_where_the_bridge_script_is_gone(tmp_path, record):
    with FakeReaper(tmp_path / "r") as reaper:
        install(reaper, record)
        (reaper.scripts_folder / "HanoLab_bridge.py").unlink()
        reaper.run_action(ACTION)
        assert len(started(reaper, record)) == 1
        assert reaper.running == [ACTION]


def test_the_scripts_work_in_any_folder(tmp_path, record):
    with FakeReaper(tmp_path / "r") as reaper:
        install(reaper, record)
        moved = reaper.resource_path / "Scripts" / "moved \u00e9"
        reaper.scripts_folder.rename(moved)
        reaper.run_action(moved / ACTION)
        assert len(started(reaper, record)) == 1


def test_a_bridge_that_is_run_again_leaves_the_first_alone(tmp_path):
    with FakeReaper(tmp_path / "r") as reaper:
        bridge = start_bridge(reaper)
        with Channel.open(bridge) as channel:
            reaper.run_action("HanoLab_bridge.py")
            reaper.wait_ticks(3)
            assert channel.call("ping", {}) == {}
        assert bridge_of(reaper) == bridge
        assert len(reaper.running) == 1


def test_a_bridge_that_the_user_ends_is_followed_by_the_next(tmp_path):
    with FakeReaper(tmp_path / "r") as reaper, Channel.open(start_bridge(reaper)) as channel:
        before = channel.bridge
        reaper.end_scripts()
        assert not port_file_of(reaper).exists()
        assert "hanolab_bridge/alive" not in reaper.ext_state
        reaper.run_action("HanoLab_bridge.py")
        assert channel.call("recall", {"key": "x"}) == {"value": None}
        assert channel.bridge.token != before.token


def test_other_scripts_that_reset_the_caches_of_ctypes_do_no_harm(tmp_path, record):
    with (
        FakeReaper(tmp_path / "r", misbehaviours=["ctypes_cache_reset"]) as reaper,
        Channel.open(start_bridge(reaper)) as channel,
    ):
        for number in range(5):
            reaper.run_text("from reaper_python import *\nRPR_ShowConsoleMsg('')", "other.py")
            channel.call("remember", {"key": "n", "value": str(number)})
            assert channel.call("recall", {"key": "n"}) == {"value": str(number)}


def test_no_time_out_runs_while_reaper_stands_still(tmp_path):
    told, told_others = [], []
    with FakeReaper(tmp_path / "r") as reaper:
        bridge = start_bridge(reaper)
        with friend(bridge) as other, Channel.open(bridge) as channel:
            channel.call("freezes", {"seconds": 0.5}, timeout_seconds=0.25, on_busy=told.append)
            told_others.append(other.receive())
            assert "busy" not in reaper.ext_state["hanolab_bridge/alive"]
    assert told == ["rendering"]
    assert told_others == [{"busy": {"doing": "rendering", "id": None}}]


@pytest.fixture(scope="module")
def broken_reaper(tmp_path_factory):
    """One whose installation each test below breaks in its own way."""
    with FakeReaper(tmp_path_factory.mktemp("broken")) as reaper:
        yield reaper


def sentence_of(reaper: FakeReaper) -> str:
    """What an action says, which must be one line in the console and nothing else."""
    before = len(reaper.console)
    reaper.run_action(ACTION)
    reaper.wait_ticks(2)
    assert reaper.running == []
    said = reaper.console[before:]
    assert said.startswith("HanoLab: ")
    assert said.endswith("Run hanolab reaper install again.\n")
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (None, "cannot read"),
        ("", "is damaged"),
        ("[1]", "is damaged"),
        ("{}", "is damaged"),
        ('{"python": 5, "arguments": [], "runtime_folder": "x", "version": "1"}', "is damaged"),
        ("[" * 100_000, "is damaged"),
        ("\u00e9", "is damaged"),
    ],
)
def test_an_install_file_that_cannot_be_used_is_one_sentence(broken_reaper, content, named):
    path = broken_reaper.install()
    path.unlink() if content is None else path.write_text(content, "utf-8")
    assert named in sentence_of(broken_reaper)


def test_a_script_that_is_missing_is_one_sentence(broken_reaper):
    broken_reaper.install()
    (broken_reaper.scripts_folder / "hanolab_clients.py").unlink()
    assert "No module named 'hanolab_clients'" in sentence_of(broken_reaper)


@pytest.mark.parametrize(("exists", "named"), [(False, "is gone"), (True, "cannot be started")])
def test_an_interpreter_that_cannot_be_used_is_one_sentence(tmp_path, exists, named):
    if exists:
        (tmp_path / "python").write_text("no program")
    with FakeReaper(tmp_path / "r") as reaper:
        reaper.install(python=str(tmp_path / "python"))
        reaper.run_action("HanoLab_bridge.py")
        before = reaper.running
        reaper.run_action(ACTION)
        assert reaper.running == before
        assert named in reaper.console
        assert reaper.console.count("\n") == 1
