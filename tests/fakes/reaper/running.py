"""Makes a host one that runs scripts: the action list, and a `reaper_python` for each script."""

from __future__ import annotations

import py_compile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType

from fakes.reaper.actions import Actions
from fakes.reaper.functions import functions_of
from fakes.reaper.host import Host
from fakes.reaper.interpreters import InterpreterScript, is_possible
from fakes.reaper.script import Script
from fakes.reaper.scripts import RunningScript, Scripts
from fakes.reaper.wrapper import wrapper_text


@lru_cache(maxsize=64)
def _wrapper(version: tuple[int, int], names: frozenset[str]) -> tuple[str, CodeType]:
    """The text of a `reaper_python` with these functions, and its code."""
    functions = functions_of(version).values()
    text = wrapper_text(each for each in functions if each.name in names)
    return text, compile(text, "reaper_python.py", "exec", dont_inherit=True)


def run_scripts_in(host: Host, *, interpreters: bool = False) -> Callable[[], ModuleType]:
    """Set `scripts` and `actions` of a host; gives what makes a fresh `reaper_python` of it.

    With `interpreters`, each script has an interpreter of its own (Python 3.11).
    """
    if interpreters and not is_possible():
        raise ValueError("scripts in interpreters of their own need CPython 3.11")
    text, code = _wrapper(host.version, frozenset(host.table.addresses))
    plugins = host.exe_path / "Plugins"
    path = plugins / "reaper_python.py"
    path.write_text(text, "ascii")

    def make_wrapper() -> ModuleType:
        module = ModuleType("reaper_python")
        exec(code, vars(module))
        module.rpr_initft(host.table.addresses)
        return module

    def make_script(path: Path, command: int) -> RunningScript:
        if interpreters:
            return InterpreterScript(host, path, command, host.table.addresses, plugins)
        return Script(host, path, command, make_wrapper())

    if interpreters:
        py_compile.compile(str(path))
    host.scripts = Scripts(host, make_script)
    host.actions = Actions(host)
    return make_wrapper
