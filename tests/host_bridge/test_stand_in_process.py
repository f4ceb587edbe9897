"""The stand-in REAPER as a process: ticks, dialogs, and the ways it may end."""

import json

import pytest
from fakes.reaper import FakeReaper, ReaperEnded
from fakes.reaper.children import is_running

TELL = "from reaper_python import *\n"
LOOP = TELL + "def loop():\n    RPR_defer('loop()')\nloop()\n"
PROJECT = {"tracks": [{"name": "Lead"}]}
CRASH = (
    "import ctypes, reaper_python\n"
    "address = reaper_python.rpr_getfp('CountTrackMediaItems')\n"
    "ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(address)(0x1234)\n"
)


def marking(path):
    """A script that makes a file at its end."""
    return f"{LOOP}def end():\n    open({str(path)!r}, 'w').close()\nRPR_atexit('end()')\n"


@pytest.fixture
def reaper(tmp_path):
    with FakeReaper(tmp_path, projects=[PROJECT, {}]) as running:
        yield running


def test_it_ticks_and_says_how_long_each_took(reaper):
    reaper.run_text(LOOP)
    before = reaper.ticks
    reaper.wait_ticks(5)
    assert reaper.ticks >= before + 5
    assert len(reaper.tick_times) >= before + 5
    assert reaper.running == ["text.py"]


def test_it_ticks_thirty_times_a_second_where_that_is_asked_for(tmp_path):
    with FakeReaper(tmp_path, ticks_per_second=30.0) as reaper:
        reaper.run_text(
            f"{TELL}import time\nstart = time.monotonic()\nn = 0\n"
            "def loop():\n    global n\n    n += 1\n"
            "    RPR_SetExtState('t', str(n), str(time.monotonic() - start), False)\n"
            "    RPR_defer('loop()')\nloop()\n"
        )
        reaper.wait_ticks(7)
        assert float(reaper.ext_state["t/7"]) - float(reaper.ext_state["t/2"]) > 0.9 * 5 / 30


def test_a_tick_that_changes_a_project_is_told_apart(reaper):
    name = "RPR_GetSetMediaTrackInfo_String(RPR_GetTrack(0, 0), 'P_NAME', 'New', True)"
    before = sum(change > 0 for change in reaper.tick_changes)
    reaper.run_text(f'{TELL}RPR_defer("{name}")')
    reaper.wait_ticks(3)
    assert sum(change > 0 for change in reaper.tick_changes) == before + 1
    assert reaper.snapshot()["tracks"][0]["name"] == "New"


def test_a_box_stops_the_ticks_until_it_is_answered(reaper):
    reaper.run_text(f"{TELL}RPR_ShowConsoleMsg(str(RPR_ShowMessageBox('Go on?', 'HanoLab', 4)))")
    assert reaper.ticks == reaper.ticks
    assert reaper.dialogs[-1] == {
        "title": "HanoLab",
        "text": "Go on?",
        "kind": "box",
        "buttons": ["yes", "no"],
        "answer": None,
    }
    reaper.answer("yes")
    reaper.wait_ticks(1)
    assert reaper.console == "6"
    assert max(reaper.tick_times) < 1.0, "waiting for the user is no work"


def test_tabs_can_be_switched_and_closed(reaper):
    reaper.switch_tab(1)
    assert reaper.snapshot()["tracks"] == []
    reaper.close_tab(1)
    assert reaper.snapshot()["tracks"][0]["name"] == "Lead"
    reaper.close_tab(0)
    assert reaper.state["tabs"] == [""], "an empty project stays"


def test_what_is_in_a_closed_tab_has_no_address_any_more(reaper):
    reaper.run_text(
        f"{TELL}track = RPR_GetTrack(0, 0)\ndef loop():\n"
        "    valid = RPR_ValidatePtr(int(track[-16:], 16), 'MediaTrack*')\n"
        "    RPR_SetExtState('track', 'valid', str(valid), False)\n"
        "    RPR_defer('loop()')\nloop()\n"
    )
    assert reaper.ext_state["track/valid"] == "1"
    reaper.close_tab(0)
    reaper.wait_ticks(1)
    assert reaper.ext_state["track/valid"] == "0"


def test_edits_can_be_undone(reaper):
    reaper.edit({"delete_tracks": [0], "label": "Delete"})
    assert reaper.undo_steps == ["Delete"]
    assert reaper.undo()
    assert reaper.snapshot()["tracks"][0]["name"] == "Lead"
    assert not reaper.undo()


def test_a_wrong_wish_is_told_to_the_test(reaper):
    with pytest.raises(AssertionError, match="no such edit"):
        reaper.edit({"nonsense": 1})


def test_a_stale_pointer_ends_it_as_a_crash(tmp_path):
    with FakeReaper(tmp_path) as reaper:
        with pytest.raises(ReaperEnded, match="no object lies at 0x1234"):
            reaper.run_text(CRASH)
        assert reaper.wait_end() == 139


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CRASH, "REAPER crashed"),
        ("raise SystemExit", "SystemExit reached REAPER"),
        ("RPR_defer('raise SystemExit')", "SystemExit reached REAPER"),
        ("import numpy", "error boxes were shown"),
        ("RPR_defer('1 / 0')", "error boxes were shown"),
        ("RPR_atexit('1 / 0')\nRPR_defer('loop')\ndef loop(): pass", "error boxes were shown"),
    ],
)
def test_a_test_whose_script_breaks_reaper_fails(tmp_path, text, told):
    def test():
        with FakeReaper(tmp_path) as reaper:
            reaper.run_text(text)
            reaper.wait_ticks(2)

    with pytest.raises(ReaperEnded, match=told):
        test()


def test_boxes_about_errors_may_be_meant(tmp_path):
    with FakeReaper(tmp_path, allow_errors=True) as reaper:
        reaper.run_text("import numpy")
        assert "No module named 'numpy'" in reaper.error_dialogs[0]["text"]


def test_quitting_runs_what_scripts_do_at_their_end(tmp_path):
    with FakeReaper(tmp_path) as reaper:
        mark = tmp_path / "mark"
        reaper.run_text(marking(mark))
        assert not mark.exists()
    assert mark.exists()


def test_a_killed_one_runs_nothing_and_fails_no_test(tmp_path):
    with FakeReaper(tmp_path) as reaper:
        mark = tmp_path / "mark"
        reaper.run_text(marking(mark))
        reaper.kill()
        assert not reaper.is_alive
    assert not mark.exists()


def test_processes_that_scripts_left_behind_are_ended(tmp_path):
    with FakeReaper(tmp_path) as reaper:
        reaper.run_text(
            "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; "
            "time.sleep(600)'], start_new_session=True)\n"
        )
        (child,) = reaper.children
    assert not is_running(child)


def test_the_scripts_are_installed_with_what_they_must_know(reaper):
    record = json.loads(reaper.install(version="7").read_text("ascii"))
    assert (record["version"], record["runtime_folder"]) == ("7", str(reaper.runtime_folder))
    assert (reaper.scripts_folder / "HanoLab_bridge.py").is_file()
