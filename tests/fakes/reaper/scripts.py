"""Runs Python scripts as REAPER runs them: code strings in namespaces of their own.

An instance has a fresh `__main__` without `__file__`, no argv, `sys.path[0]` is its folder, its
text is ASCII, and modules of that folder are its own, as in an interpreter of its own. Code given
to RPR_defer runs once, in the next tick, in that namespace. An exception ends the instance and
shows a dialog; SystemExit ends REAPER. Modules from outside the standard library are refused.
"""

from __future__ import annotations

import builtins
import ctypes
import importlib
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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

    def execute(self, code: str, name: str) -> None:
        exec(compile(code, name, "exec", dont_inherit=True), vars(self.main))


class Scripts:
    """All running scripts of one host."""

    def __init__(self, host: Host, make_wrapper: Callable[[], ModuleType]) -> None:
        self._host = host
        self._make_wrapper = make_wrapper
        self._current: Script | None = None
        self.running: list[Script] = []
        self.queued: list[Callable[[], None]] = []

    @property
    def is_inside(self) -> bool:
        """Whether code of a script is being run."""
        return self._current is not None

    def start(self, path: Path, command: int = 0) -> None:
        """Run a script's text; it goes on as long as it defers."""
        if self._host.has("ctypes_cache_reset"):
            ctypes._reset_cache()
        importlib.invalidate_caches()
        script = Script(self._host, path, command, self._make_wrapper())
        self.running.append(script)
        try:
            text = path.read_bytes().decode("ascii")
        except (OSError, UnicodeDecodeError):
            self._fail(script, "ReaScript Error")
        else:
            self._run(script, text, path.name, "ReaScript Error")
        self._end_if_done(script)

    def tick(self) -> None:
        """Run what was deferred before this tick began."""
        queued, self.queued = self.queued, []
        for call in queued:
            call()
        for script in list(self.running):
            codes, script.deferred = script.deferred, []
            for code in codes:
                if script in self.running:
                    self._run(script, code, "defer", "Deferred script execution error")
            self._end_if_done(script)

    def terminate(self, script: Script) -> None:
        """End an instance from outside; its exit code runs."""
        script.deferred = []
        self._end_if_done(script)

    def terminate_all(self) -> None:
        for script in list(self.running):
            self.terminate(script)

    def _end_if_done(self, script: Script) -> None:
        if script not in self.running or script.deferred or self._current is script:
            return
        self.running.remove(script)
        for code in script.exit_codes:
            self._run(script, code, "atexit", "ReaScript Error")

    def _run(self, script: Script, code: str, name: str, error_title: str) -> None:
        with self._inside(script):
            try:
                script.execute(code, name)
            except SystemExit:
                self._host.on_exit(f"{script.path.name}: SystemExit reached REAPER")
            except BaseException as error:
                if self._host.crashed:
                    raise
                self._fail(script, error_title, error)

    def _fail(self, script: Script, title: str, error: BaseException | None = None) -> None:
        script.deferred = []
        text = "".join(traceback.format_exception(error)) if error else traceback.format_exc()
        self._host.show_error(title, f"{script.path.name}\n\n{text}")

    @contextmanager
    def _inside(self, script: Script) -> Iterator[None]:
        outer, self._current = self._current, script
        if outer is not None:
            outer.leave()
        script.enter()
        try:
            yield
        finally:
            script.leave()
            self._current = outer
            if outer is not None:
                outer.enter()
