"""The stand-in REAPER runs scripts as REAPER does."""

import ctypes
import sys

import pytest
from fakes.reaper.addresses import HostCrashed
from fakes.reaper.in_process import here

TELL = "from reaper_python import *\n"
COUNTING = (
    TELL
    + "n = 0\ndef loop():\n    global n\n    n += 1\n    RPR_ShowConsoleMsg(str(n))\n"
    + "    RPR_defer('loop()')\nloop()\n"
)


class Scripts:
    """Scripts of one folder, run in this process."""

    def __init__(self, module, host):
        self.reaper = module
        self.host = host
        self.folder = host.resource_path / "Scripts" / "HanoLab"
        self.folder.mkdir()

    def write(self, name, text):
        (self.folder / name).write_text(text, "utf-8")
        return self.folder / name

    def run(self, text, name="script.py"):
        self.host.scripts.start(self.write(name, text))
        return self.host.console

    def register(self, text, name="script.py"):
        path = str(self.write(name, text))
        return self.reaper.RPR_AddRemoveReaScript(True, 0, path, True)

    def tick(self, count=1):
        for _tick in range(count):
            self.host.scripts.tick()
        return self.host.console


@pytest.fixture
def scripts(request):
    with here(misbehaviours=getattr(request, "param", ())) as (module, host):
        yield Scripts(module, host)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'__file__' in globals()", "False"),
        ("hasattr(__import__('sys'), 'argv')", "False"),
        ("__name__", "__main__"),
        ("__import__('sys').modules['__main__'].RPR_defer is RPR_defer", "True"),
        ("__import__('os').path.basename(__import__('sys').path[0])", "HanoLab"),
        (
            "[name for name in ('RPR_defer', 'RPR_runloop', 'RPR_atexit') if name in globals()]",
            None,
        ),
        ("hasattr(__import__('reaper_python'), 'RPR_defer')", "False"),
    ],
)
def test_what_a_script_can_know_about_itself(scripts, expression, value):
    shown = scripts.run(f"{TELL}RPR_ShowConsoleMsg(str({expression}))")
    assert shown == (value or "['RPR_defer', 'RPR_runloop', 'RPR_atexit']")


def test_the_program_that_runs_scripts_is_as_before(scripts):
    before = (sys.modules["__main__"], sys.argv, list(sys.path), __builtins__["__import__"])
    scripts.write("sibling.py", "")
    scripts.run("import sibling, sys\nsys.argv = ['Main']\n")
    assert before == (sys.modules["__main__"], sys.argv, sys.path, __builtins__["__import__"])
    assert "sibling" not in sys.modules


def test_a_script_that_is_not_ascii_does_not_run(scripts):
    assert scripts.run(f"# -*- coding: utf-8 -*-\n# fünf\n{TELL}RPR_ShowConsoleMsg('!')") == ""
    assert "UnicodeDecodeError" in scripts.host.dialogs[0].text


def test_modules_beside_a_script_are_its_own(scripts):
    scripts.write("sibling.py", "runs = []\n")
    text = f"{TELL}import sibling\nsibling.runs.append(1)\nRPR_ShowConsoleMsg(str(sibling.runs))"
    scripts.run(text)
    assert scripts.run(text) == "[1][1]"


def test_a_module_beside_a_script_has_its_file(scripts):
    scripts.write("sibling.py", "where = __file__\n")
    shown = scripts.run(f"{TELL}import sibling\nRPR_ShowConsoleMsg(sibling.where)")
    assert shown == str(scripts.folder / "sibling.py")


@pytest.mark.parametrize("place", ["script", "sibling"])
def test_only_the_standard_library_can_be_imported(scripts, place):
    scripts.write("sibling.py", "import json\nimport numpy\n")
    scripts.run("import numpy\n" if place == "script" else "import sibling\n")
    assert "No module named 'numpy'" in scripts.host.dialogs[0].text


def test_deferred_code_runs_once_in_each_tick(scripts):
    assert scripts.run(COUNTING) == "1"
    assert scripts.tick() == "12"
    assert scripts.tick(2) == "1234"


@pytest.mark.parametrize("argument", ["loop", "1", "None"])
def test_only_texts_can_be_deferred(scripts, argument):
    scripts.run(f"def loop():\n    pass\nRPR_defer({argument})\n")
    assert "a string of code" in scripts.host.dialogs[0].text


def test_an_exception_in_a_tick_ends_the_script_with_a_box(scripts):
    scripts.run(COUNTING.replace("    RPR_defer", "    1 / (2 - n)\n    RPR_defer"))
    assert scripts.tick(3) == "12"
    assert [dialog.title for dialog in scripts.host.dialogs] == ["Deferred script execution error"]
    assert 'File "defer", line 1, in <module>' in scripts.host.dialogs[0].text
    assert scripts.host.scripts.running == []


def test_the_exit_code_runs_when_nothing_is_deferred_any_more(scripts):
    text = (
        f"{TELL}RPR_atexit('RPR_ShowConsoleMsg(\"bye\")')\nRPR_defer('RPR_ShowConsoleMsg(\"on\")')"
    )
    assert scripts.run(text) == ""
    assert scripts.tick() == "onbye"


def test_system_exit_ends_the_host(tmp_path):
    with pytest.raises(HostCrashed, match="SystemExit"), here() as (module, host):
        Scripts(module, host).run("import sys\nsys.exit(1)\n")


@pytest.mark.parametrize(
    ("answer", "shown", "n_running"),
    [("terminate", "1bye", 0), ("new", "11", 2), ("cancel", "1", 1)],
)
def test_a_running_script_that_is_triggered_again_asks(scripts, answer, shown, n_running):
    text = f"{COUNTING}RPR_atexit('RPR_ShowConsoleMsg(\"bye\")')\n"
    command = scripts.register(text)
    scripts.reaper.RPR_Main_OnCommand(command, 0)
    scripts.host.answers.append(answer)
    scripts.reaper.RPR_Main_OnCommand(command, 0)
    assert [dialog.kind for dialog in scripts.host.dialogs] == ["task_control"]
    assert (scripts.host.console, len(scripts.host.scripts.running)) == (shown, n_running)


NESTING = TELL + "RPR_ShowConsoleMsg('a')\nRPR_Main_OnCommand(%d, 0)\nRPR_ShowConsoleMsg('z')"


def test_an_action_that_a_script_runs_is_run_at_once(scripts):
    command = scripts.register(f"{TELL}RPR_ShowConsoleMsg('inner')", "inner.py")
    assert scripts.run(NESTING % command) == "ainnerz"


@pytest.mark.parametrize("scripts", [["nested_action_is_queued"]], indirect=True)
def test_or_it_is_run_in_the_next_tick(scripts):
    command = scripts.register(f"{TELL}RPR_ShowConsoleMsg('inner')", "inner.py")
    assert scripts.run(NESTING % command) == "az"
    assert scripts.tick() == "azinner"


@pytest.mark.parametrize("scripts", [["ctypes_cache_reset"]], indirect=True)
def test_a_script_that_starts_spoils_the_pointer_types_of_others(scripts):
    pointer_type = ctypes.POINTER(ctypes.c_double)
    scripts.run("")
    assert ctypes.POINTER(ctypes.c_double) is not pointer_type


@pytest.mark.parametrize("scripts", [["defer_never_runs"]], indirect=True)
def test_deferred_code_may_never_run(scripts):
    scripts.run(COUNTING)
    assert scripts.tick(3) == "1"


def test_a_script_has_one_command_and_a_name(scripts):
    command = scripts.register("")
    name = scripts.reaper.RPR_ReverseNamedCommandLookup(command)
    assert scripts.register("") == command
    assert scripts.reaper.RPR_NamedCommandLookup(f"_{name}") == command
    assert scripts.reaper.RPR_NamedCommandLookup(name) == 0


def test_a_file_that_is_not_there_has_no_command(scripts):
    missing = str(scripts.folder / "missing.py")
    assert scripts.reaper.RPR_AddRemoveReaScript(True, 0, missing, True) == 0


def test_the_action_list_file_is_written_and_read(tmp_path):
    with here(folder=tmp_path) as (module, host):
        scripts = Scripts(module, host)
        command = scripts.register(f"{TELL}RPR_ShowConsoleMsg('!')")
        scripts.register("", "with space.py")
        name = module.RPR_ReverseNamedCommandLookup(command)
    first, second = (tmp_path / "REAPER" / "reaper-kb.ini").read_text("utf-8").splitlines()
    assert first == f'SCR 4 0 {name} "Custom: script.py" HanoLab/script.py'
    assert second.endswith('"Custom: with space.py" "HanoLab/with space.py"')
    with here(folder=tmp_path) as (module, host):
        module.RPR_Main_OnCommand(module.RPR_NamedCommandLookup(f"_{name}"), 0)
        assert host.console == "!"


def test_only_persistent_ext_state_outlives_the_program(tmp_path):
    with here(folder=tmp_path) as (module, _host):
        module.RPR_SetExtState("HanoLab", "kept", "one\ntwo", True)
        module.RPR_SetExtState("HanoLab", "alive", "yes", False)
    with here(folder=tmp_path) as (module, _host):
        assert module.RPR_GetExtState("hanolab", "KEPT") == "one"
        assert module.RPR_HasExtState("hanolab", "alive") == 0
        assert module.RPR_GetExtState("hanolab", "alive") == ""


def test_the_console_opens_unless_it_is_told_not_to(scripts):
    scripts.reaper.RPR_ShowConsoleMsg("!SHOW:quiet")
    assert (scripts.host.console, scripts.host.console_is_open) == ("quiet", False)
    scripts.reaper.RPR_ShowConsoleMsg("")
    scripts.reaper.RPR_ShowConsoleMsg("loud")
    assert (scripts.host.console, scripts.host.console_is_open) == ("loud", True)


def test_a_box_gives_the_number_of_the_button(scripts):
    scripts.host.answers += ["yes", "no"]
    assert scripts.reaper.RPR_ShowMessageBox("Convert?", "HanoLab", 4) == 6
    assert scripts.reaper.RPR_MB("Convert?", "HanoLab", 4) == 7


def test_a_question_for_texts_gives_them_or_says_no(scripts):
    scripts.host.answers += ["Anna,3", "cancel"]
    asked = ("Voice", 2, "Name,Steps", "Ben,0", 512)
    assert scripts.reaper.RPR_GetUserInputs(*asked) == (1, *asked[:3], "Anna,3", 512)
    assert scripts.reaper.RPR_GetUserInputs(*asked) == (0, *asked[:3], "Ben,0", 512)
