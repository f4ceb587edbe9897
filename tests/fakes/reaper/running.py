"""Makes a host one that runs scripts: the action list, and a `reaper_python` for each script."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from fakes.reaper.actions import Actions
from fakes.reaper.functions import functions_of
from fakes.reaper.host import Host
from fakes.reaper.scripts import Scripts
from fakes.reaper.wrapper import wrapper_text


def run_scripts_in(host: Host) -> Callable[[], ModuleType]:
    """Set `scripts` and `actions` of a host; gives what makes a fresh `reaper_python` of it."""
    functions = functions_of(host.version).values()
    text = wrapper_text(each for each in functions if each.name in host.table.addresses)
    path = host.exe_path / "Plugins" / "reaper_python.py"
    path.write_text(text, "ascii")
    code = compile(text, str(path), "exec", dont_inherit=True)

    def make_wrapper() -> ModuleType:
        module = ModuleType("reaper_python")
        exec(code, vars(module))
        module.rpr_initft(host.table.addresses)
        return module

    host.scripts = Scripts(host, make_wrapper)
    host.actions = Actions(host)
    return make_wrapper
