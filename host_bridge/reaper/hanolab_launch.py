"""Starting HanoLab's program outside REAPER, so that it owes nothing to REAPER's process."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

_LOG_NAME = "actions.log"
_MAX_LOG_BYTES = 1024 * 1024
_WINDOWS_FLAGS = 0x00000008 | 0x08000000  # DETACHED_PROCESS | CREATE_NO_WINDOW
_STILL_ACTIVE = 259  # Windows' exit code of a process that has none yet
_QUERY_INFORMATION = 0x1000


class LaunchFault(Exception):
    """The program cannot be started; the text is a sentence."""


def launch(install, action, port_file, tab):
    """Start the program for an action on the project of a tab; gives its process id.

    Raises
    ------
    LaunchFault
    """
    python = install["python"]
    if not os.path.isfile(python):
        raise LaunchFault(f"{python} is gone, by which HanoLab was installed")
    command = [python, *install["arguments"], "reaper", "action", action]
    command += ["--bridge", port_file, "--tab", tab]
    folder = install["runtime_folder"]
    options = {"creationflags": _WINDOWS_FLAGS} if os.name == "nt" else {"start_new_session": True}
    try:
        with _open_log(folder) as log:
            process = subprocess.Popen(  # noqa: S603 - what the install file names, no input
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env=environment(os.environ, install),
                **options,
            )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise LaunchFault(f"{python} cannot be started: {error}") from error
    # nobody here waits for it: without this, Python would complain when the object goes
    process.returncode = 0
    return process.pid


def environment(own, install):
    """REAPER's environment without what would bend another Python, and with what we need."""
    kept = {name: value for name, value in own.items() if not _bends_python(name)}
    kept.update(install.get("environment", {}))
    return kept


def _bends_python(name):
    name = name.upper()
    return name.startswith(("PYTHON", "DYLD_", "__PYVENV")) or name == "LD_LIBRARY_PATH"


def _open_log(folder):
    """The file that takes what the program prints; begun anew when it has grown long."""
    path = os.path.join(folder, _LOG_NAME)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    is_long = os.path.exists(path) and os.path.getsize(path) > _MAX_LOG_BYTES
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_long else os.O_APPEND)
    return open(os.open(path, flags, 0o600), "ab")


def still_running(pid):
    """Whether a process that one of our scripts started in this REAPER still runs."""
    if sys.platform == "win32":
        return _still_running_windows(pid)
    try:
        # this also takes the ended one off the system's table: its starter never waits
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except OSError:
        return False


def _still_running_windows(pid):
    kernel = ctypes.WinDLL("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    process = kernel.OpenProcess(_QUERY_INFORMATION, False, pid)
    if not process:
        return False
    code = ctypes.create_string_buffer(4)
    told = kernel.GetExitCodeProcess(ctypes.c_void_p(process), code)
    kernel.CloseHandle(ctypes.c_void_p(process))
    return bool(told) and int.from_bytes(code.raw, "little") == _STILL_ACTIVE
