"""Runs Python scripts as REAPER runs them: code strings in namespaces of their own.

An instance has a fresh `__main__` without `__file__`, no argv, `sys.path[0]` is its folder, its
text is ASCII, and modules of that folder are its own, as in an interpreter of its own. Code given
to RPR_defer runs once, in the next tick, in that namespace. An exception ends the instance and
shows a dialog; SystemExit ends REAPER. Modules from outside the standard library are refused.
"""

from __future__ import annotations

import ctypes
import importlib
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from fakes.reaper.host import Host


class RunningScript(Protocol):
    """What `script.Script` and `interpreters.InterpreterScript` are."""

    path: Path
    command: int
    deferred: list[str]
    exit_codes: list[str]

    def enter(self) -> None: ...
    def leave(self) -> None: ...
    def run(self, code: str, name: str) -> str | None: ...
    def close(self) -> None: ...


class Scripts:
    """All running scripts of one host."""

    def __init__(self, host: Host, make_script: Callable[[Path, int], RunningScript]) -> None:
        self._host = host
        self._make_script = make_script
        self._inner: list[RunningScript] = []  # whose code is being run, the innermost last
        self.running: list[RunningScript] = []
        self.queued: list[Callable[[], None]] = []

    @property
    def is_inside(self) -> bool:
        """Whether code of a script is being run."""
        return bool(self._inner)

    def start(self, path: Path, command: int = 0) -> None:
        """Run a script's text; it goes on as long as it defers."""
        if self._host.has("ctypes_cache_reset"):
            ctypes._reset_cache()
        importlib.invalidate_caches()
        script = self._make_script(path, command)
        self.running.append(script)
        try:
            text = path.read_bytes().decode("ascii")
        except (OSError, UnicodeDecodeError):
            self._fail(script, "ReaScript Error", traceback.format_exc())
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

    def terminate(self, script: RunningScript) -> None:
        """End an instance from outside; its exit code runs."""
        script.deferred = []
        self._end_if_done(script)

    def terminate_all(self) -> None:
        for script in list(self.running):
            self.terminate(script)

    def _end_if_done(self, script: RunningScript) -> None:
        if script not in self.running or script.deferred or script in self._inner:
            return
        self.running.remove(script)
        for code in script.exit_codes:
            self._run(script, code, "atexit", "ReaScript Error")
        script.close()

    def _run(self, script: RunningScript, code: str, name: str, error_title: str) -> None:
        with self._inside(script):
            error = script.run(code, name)
        if error is not None:
            self._fail(script, error_title, error)
        if not self._inner:
            self._check_balance()

    def _fail(self, script: RunningScript, title: str, error: str) -> None:
        script.deferred = []
        self._host.show_error(title, f"{script.path.name}\n\n{error}")

    def _check_balance(self) -> None:
        """REAPER has its hands again: no undo block and no screen lock may be held now."""
        host = self._host
        for project in host.projects:
            if project.history.open_blocks:
                project.history.open_blocks = 0
                host.show_error("Stand-in", "an undo block was left open")
        if host.ui_refresh_locks:
            host.ui_refresh_locks = 0
            host.show_error("Stand-in", "PreventUIRefresh was not released")

    @contextmanager
    def _inside(self, script: RunningScript) -> Iterator[None]:
        outer = self._inner[-1] if self._inner else None
        self._inner.append(script)
        if outer is not None:
            outer.leave()
        script.enter()
        try:
            yield
        finally:
            script.leave()
            self._inner.pop()
            if outer is not None:
                outer.enter()
