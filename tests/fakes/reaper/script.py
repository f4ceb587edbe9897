"""One running script, in this interpreter: its own namespace and its own modules of its folder.

While its code runs, `sys.modules`, `sys.path` and `import` are those the script would see; what it
shares with others is the standard library. `interpreters` separates them altogether.
"""

from __future__ import annotations

import builtins
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from fakes.reaper.host import Host

OWN_NAMES = ("__main__", "reaper_python")


class Script:
    """One running instance of a script; `command` is the action it was started as."""

    def __init__(self, host: Host, path: Path, command: int, wrapper: ModuleType) -> None:
        self._host = host
        self.path = path
        self.command = command
        self.folder = str(path.parent)
        self.deferred: list[str] = []
        self.exit_codes: list[str] = []
        self.main = ModuleType("__main__")
        vars(self.main).update(
            RPR_defer=self._defer, RPR_runloop=self._defer, RPR_atexit=self._at_exit
        )
        self._modules: dict[str, ModuleType] = {"__main__": self.main, "reaper_python": wrapper}
        self._outside: dict[str, Any] = {}
        self._n_modules = 0

    def _defer(self, code: str) -> None:
        if not isinstance(code, str):
            raise TypeError("RPR_defer takes a string of code")
        if not self._host.has("defer_never_runs"):
            self.deferred.append(code)

    def _at_exit(self, code: str) -> None:
        if not isinstance(code, str):
            raise TypeError("RPR_atexit takes a string of code")
        self.exit_codes.append(code)

    def enter(self) -> None:
        """Make this the interpreter's script: its modules, its path, its imports."""
        self._outside = {name: sys.modules.pop(name, None) for name in self._modules}
        self._outside["argv"] = vars(sys).pop("argv", None)
        sys.modules.update(self._modules)
        sys.path.insert(0, self.folder)
        self._n_modules = len(sys.modules)
        self._import = builtins.__import__
        builtins.__import__ = self._guarded_import

    def leave(self) -> None:
        builtins.__import__ = self._import
        sys.path.remove(self.folder)
        if len(sys.modules) != self._n_modules:
            self._modules.update(self._siblings())
        for name in self._modules:
            sys.modules.pop(name, None)
        argv = self._outside.pop("argv")
        if argv is not None:
            sys.argv = argv
        sys.modules.update({k: v for k, v in self._outside.items() if v is not None})

    def _siblings(self) -> dict[str, ModuleType]:
        return {
            name: module
            for name, module in sys.modules.items()
            if (getattr(module, "__file__", None) or "").startswith(self.folder)
        }

    def _guarded_import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - its name in builtins
        locals: Mapping[str, Any] | None = None,  # noqa: A002 - its name in builtins
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """What `import` calls: code of the script's folder may have the standard library only."""
        top = name.partition(".")[0]
        if level == 0 and self._is_ours(globals or {}) and not self._may_import(top):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return self._import(name, globals, locals, fromlist, level)

    def _is_ours(self, importer: Mapping[str, Any]) -> bool:
        in_folder = (importer.get("__file__") or "").startswith(self.folder)
        return importer is vars(self.main) or in_folder

    def _may_import(self, top: str) -> bool:
        if top in sys.stdlib_module_names or top in OWN_NAMES:
            return True
        return Path(self.folder, f"{top}.py").is_file() or Path(self.folder, top).is_dir()

    def run(self, code: str, name: str) -> str | None:
        """Run code in the script's namespace; a traceback when that failed."""
        try:
            exec(compile(code, name, "exec", dont_inherit=True), vars(self.main))
        except SystemExit:
            self._host.on_exit(f"{self.path.name}: SystemExit reached REAPER")
        except BaseException as error:
            if self._host.crashed:
                raise
            trace = error.__traceback__
            return "".join(
                traceback.format_exception(error.with_traceback(trace and trace.tb_next))
            )
        return None

    def close(self) -> None:
        """It has ended."""
