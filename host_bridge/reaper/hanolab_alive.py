"""How the scripts of one REAPER find each other, and how programs outside find the bridge.

Inside, the living bridge writes "pid port time" (and " busy" before it makes REAPER stand still)
to the ExtState `hanolab_bridge` / `alive`, which is not kept beyond the session, and renews it
every second; `launched` beside it holds the process ids that actions started, `clicked` the action
that was run last and when. The time is
`time.monotonic()`, which all scripts of a process share. Outside, the bridge is found by
`<runtime folder>/bridge-<pid>.json`, which only the user can read.
"""

from __future__ import annotations

import json
import os
import secrets
import time

SECTION = "hanolab_bridge"
FRESH_SECONDS = 5.0
LONGEST_BUSY_SECONDS = 3600.0
DOUBLE_CLICK_SECONDS = 0.5
INSTALL_FILE = "hanolab_install.json"


class InstallFault(Exception):
    """The install file beside the scripts cannot be used; the text is a sentence."""


def read_install(folder):
    """What `hanolab reaper install` wrote beside the scripts: a dictionary.

    Raises
    ------
    InstallFault
    """
    path = os.path.join(folder, INSTALL_FILE)
    try:
        with open(path, encoding="ascii") as file:
            install = json.load(file)
        whole = (
            isinstance(install["python"], str)
            and isinstance(install["runtime_folder"], str)
            and isinstance(install["version"], str)
            and all(isinstance(one, str) for one in install["arguments"])
            and all(isinstance(one, str) for one in install.get("environment", {}).values())
        )
    except OSError as error:
        raise InstallFault(f"cannot read {path}: {error.strerror or error}") from error
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise InstallFault(f"{path} is damaged") from error
    if not whole:
        raise InstallFault(f"{path} is damaged")
    return install


class Alive:
    """The mark of the living bridge in this REAPER.

    `api` offers GetExtState, SetExtState and DeleteExtState; `clock` is for tests.
    """

    def __init__(self, api, clock=time.monotonic):
        self._api = api
        self._clock = clock

    def read(self):
        """(port, whether its bridge is surely alive) of the mark; None when there is none."""
        words = (self._api.GetExtState(SECTION, "alive") or "").split()
        try:
            pid, port, age = int(words[0]), int(words[1]), self._clock() - float(words[2])
        except (IndexError, ValueError):
            return None
        if pid != os.getpid():
            return None
        is_busy = "busy" in words[3:]
        return port, age < (LONGEST_BUSY_SECONDS if is_busy else FRESH_SECONDS)

    def renew(self, port, is_busy=False):
        """Say that the bridge at this port lives."""
        mark = f"{os.getpid()} {port} {self._clock():.3f}{' busy' if is_busy else ''}"
        self._api.SetExtState(SECTION, "alive", mark, False)

    def remove(self, port):
        """Take the mark away, unless it is another bridge's."""
        mark = self.read()
        if mark is not None and mark[0] == port:
            self._api.DeleteExtState(SECTION, "alive", False)

    def is_second_click(self, action):
        """Whether the same action was run a moment ago; notes that it is run now."""
        words = (self._api.GetExtState(SECTION, "clicked") or "").split()
        now = self._clock()
        self._api.SetExtState(SECTION, "clicked", f"{os.getpid()} {action} {now:.3f}", False)
        if words[:2] != [str(os.getpid()), action]:
            return False
        try:
            return now - float(words[2]) < DOUBLE_CLICK_SECONDS
        except (IndexError, ValueError):
            return False

    def launched(self):
        """Process ids that actions started and nobody has seen ended."""
        words = (self._api.GetExtState(SECTION, "launched") or "").split()
        return [int(word) for word in words if word.isdigit()]

    def set_launched(self, pids):
        """Keep these process ids."""
        self._api.SetExtState(SECTION, "launched", " ".join(map(str, pids)), False)


def port_file_path(runtime_folder):
    """Where the bridge of this REAPER says how it is reached."""
    return os.path.join(runtime_folder, f"bridge-{os.getpid()}.json")


def write_port_file(path, content):
    """Put the file there whole, readable by the user alone, and replacing an older one."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    part = f"{path}.{secrets.token_hex(6)}.part"
    # the mode counts from the first moment: nobody may read the token meanwhile
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="ascii") as file:
            json.dump(content, file)
        os.replace(part, path)
    except OSError:
        os.unlink(part)
        raise


def remove_port_file(path, token):
    """Remove the file if it is still that of the bridge with this token; never raises OSError."""
    try:
        with open(path, encoding="ascii") as file:
            is_ours = json.load(file).get("token") == token
        if is_ours:
            os.unlink(path)
    except (OSError, ValueError, AttributeError):
        pass
