"""One running script in an interpreter of its own, within the same process and thread.

That is what REAPER seems to do (one interpreter for each script): the standard library is loaded
anew, nothing of the stand-in can be seen, and importing ctypes resets what it has cached for all
the others. The C functions of the table run in the first interpreter, where the model is.

Uses `_xxsubinterpreters` of Python 3.11, and that a callback of ctypes finds the thread's first
state there; `is_possible` says whether this Python is one it was tried with.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from pathlib import Path

from fakes.reaper.host import Host

PRELUDE = """
def prepare(tell_address, table, folder, plugins):
    import sys, types
    library = [p for p in sys.path if "python3" in p and "-packages" not in p]
    sys.path[:] = [plugins, *library]
    del sys.argv
    import ctypes, reaper_python, traceback
    reaper_python.rpr_initft(table)
    sys.path[0] = folder
    tell = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p)(tell_address)
    main = sys.modules["__main__"]

    def pass_on(kind):
        def take(code):
            if not isinstance(code, str):
                raise TypeError("RPR_defer takes a string of code")
            tell(kind, code.encode())
        return take

    def run(code, name):
        try:
            exec(compile(code, name, "exec"), vars(main))
        except SystemExit:
            tell(b"exit", b"")
        except BaseException as error:
            error.__traceback__ = error.__traceback__.tb_next
            tell(b"error", "".join(traceback.format_exception(
                type(error), error, error.__traceback__)).encode())

    for name in list(vars(main)):
        if not name.startswith("__"):
            delattr(main, name)
    main.RPR_defer = main.RPR_runloop = pass_on(b"defer")
    main.RPR_atexit = pass_on(b"atexit")
    sys.modules["_reaper"] = types.SimpleNamespace(run=run)
"""
RUN = "__import__('sys').modules['_reaper'].run({code!r}, {name!r})"


def is_possible() -> bool:
    return sys.version_info[:2] == (3, 11) and sys.implementation.name == "cpython"


class InterpreterScript:
    """One running instance of a script; see `script.Script`."""

    def __init__(
        self, host: Host, path: Path, command: int, table: Mapping[str, int], plugins: Path
    ) -> None:
        import _xxsubinterpreters as interpreters  # not in every Python

        self._interpreters = interpreters
        self._host = host
        self.path = path
        self.command = command
        self.deferred: list[str] = []
        self.exit_codes: list[str] = []
        self._error: str | None = None
        self._tell = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p)(self._told)
        address = ctypes.cast(self._tell, ctypes.c_void_p).value
        arguments = (address, dict(table), str(path.parent), str(plugins))
        self._id = interpreters.create(isolated=False)
        interpreters.run_string(self._id, f"{PRELUDE}\nprepare(*{arguments!r})")

    def _told(self, kind: bytes, text: bytes) -> None:
        """What the script's interpreter says; runs in the first one."""
        if kind == b"defer":
            if not self._host.has("defer_never_runs"):
                self.deferred.append(text.decode())
        elif kind == b"atexit":
            self.exit_codes.append(text.decode())
        elif kind == b"exit":
            self._host.on_exit(f"{self.path.name}: SystemExit reached REAPER")
        else:
            self._error = text.decode()

    def enter(self) -> None:
        """Nothing is shared, so nothing is to be changed."""

    def leave(self) -> None:
        """As `enter`."""

    def run(self, code: str, name: str) -> str | None:
        """Run code in the script's namespace; a traceback when that failed."""
        self._error = None
        self._interpreters.run_string(self._id, RUN.format(code=code, name=name))
        return self._error

    def close(self) -> None:
        """It has ended, and its interpreter with it."""
        self._interpreters.destroy(self._id)
