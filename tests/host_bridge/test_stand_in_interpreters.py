"""The stand-in REAPER with an interpreter for each script (CPython 3.11), and without."""

import pytest
from fakes.reaper import FakeReaper, ReaperEnded
from fakes.reaper.interpreters import is_possible

TELL = "from reaper_python import *\n"
MODES = [False, True] if is_possible() else [False]


@pytest.fixture(params=MODES, ids=lambda mode: "interpreters" if mode else "one interpreter")
def mode(request):
    return request.param


@pytest.fixture
def reaper(tmp_path, mode):
    with FakeReaper(tmp_path, interpreters=mode, projects=[{"tracks": [{}]}]) as running:
        yield running


def test_a_script_defers_in_its_namespace_and_ends(reaper):
    reaper.run_text(
        f"{TELL}n = 0\ndef loop():\n    global n\n    n += 1\n    RPR_ShowConsoleMsg(str(n))\n"
        "    if n < 3:\n        RPR_defer('loop()')\nloop()\n"
        "RPR_atexit('RPR_ShowConsoleMsg(\"z\")')\n"
    )
    reaper.wait_ticks(4)
    assert (reaper.console, reaper.running) == ("123z", [])


def test_a_script_sees_what_it_would_see(reaper):
    reaper.run_text(
        f"{TELL}import sys, os\nRPR_ShowConsoleMsg(repr(('__file__' in globals(), __name__,"
        " hasattr(sys, 'argv'), os.path.basename(sys.path[0]),"
        " sorted(n for n in globals() if n.startswith('RPR_') and n[4].islower()))))"
    )
    shown = eval(reaper.console)
    assert shown[:4] == (False, "__main__", False, "HanoLab")
    assert {"RPR_atexit", "RPR_defer", "RPR_runloop"} <= set(shown[4])


def test_scripts_share_no_module_of_their_folder(reaper):
    text = f"{TELL}import sibling\nsibling.runs.append(1)\nRPR_ShowConsoleMsg(str(sibling.runs))"
    reaper.run_text("", "sibling.py")
    (reaper.scripts_folder / "sibling.py").write_text("runs = []\n")
    reaper.run_text(text)
    reaper.run_text(text)
    assert reaper.console == "[1][1]"


def test_a_script_may_run_another_within(reaper):
    reaper.run_text(f"{TELL}RPR_ShowConsoleMsg('inner')", "inner.py")
    path = str(reaper.scripts_folder / "inner.py")
    reaper.run_text(
        f"{TELL}RPR_ShowConsoleMsg('a')\n"
        f"RPR_Main_OnCommand(RPR_AddRemoveReaScript(True, 0, {path!r}, True), 0)\n"
        "RPR_ShowConsoleMsg('z')"
    )
    assert reaper.console == "inner" + "a" + "inner" + "z"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import sys\nsys.exit()", "SystemExit reached REAPER"),
        ("RPR_defer('1 / 0')", 'File \\\\"defer\\\\", line 1'),
        ("RPR_defer(1)", "a string of code"),
        ("import numpy", "No module named"),
        ("import reaper_python as r\nr.CFUNCTYPE(None, r.c_void_p)(r.rpr_getfp('DeleteTrack'))(9)",
         "REAPER crashed: DeleteTrack"),
    ],
    ids=["exit", "deferred", "no code", "foreign module", "crash"],
)  # fmt: skip
def test_what_breaks_reaper_fails_the_test(tmp_path, mode, text, told):
    def test():
        with FakeReaper(tmp_path, interpreters=mode) as reaper:
            reaper.run_text(text)
            reaper.wait_ticks(2)

    with pytest.raises(ReaperEnded) as caught:
        test()
    assert told.replace("\\\\", "") in str(caught.value)


def test_only_scripts_in_interpreters_have_a_standard_library_of_their_own(reaper, mode):
    reaper.run_text("import json\njson.mark = 1\nRPR_defer('')\n")
    reaper.run_text(
        f"{TELL}import json, sys\nRPR_ShowConsoleMsg(repr((hasattr(json, 'mark'),"
        " any(name.startswith('fakes') for name in sys.modules))))",
        "other.py",
    )
    assert reaper.console == repr((not mode, not mode))


def test_importing_ctypes_there_spoils_the_pointer_types_of_running_scripts(reaper, mode):
    reaper.run_text(
        f"{TELL}import ctypes\nkept = ctypes.POINTER(ctypes.c_double)\ndef loop():\n"
        "    same = kept is ctypes.POINTER(ctypes.c_double)\n"
        "    RPR_SetExtState('t', 'same', str(same), False)\n    RPR_defer('loop()')\nloop()\n"
    )
    reaper.wait_ticks(1)
    assert reaper.ext_state["t/same"] == "True"
    reaper.run_text("", "other.py")
    reaper.wait_ticks(1)
    assert reaper.ext_state["t/same"] == str(not mode)
