"""What an action does when the user triggers it: see that a bridge lives, start our program.

The bridge is a script of its own (`HanoLab_bridge.py`), so that triggering an action again never
meets its own running loop. An action starts it through REAPER; when that shows no bridge after a
few ticks (this REAPER may run the command later, or not at all), the action holds the loop
itself. Should both come to run, the second sees the first and ends.
"""

from __future__ import annotations

import os
import secrets
import sys
import traceback

import hanolab_alive
import hanolab_launch
import reaper_python
from hanolab_loop import Bridge
from hanolab_reascript import Reascript
from hanolab_talk import say

BRIDGE_SCRIPT = "HanoLab_bridge.py"
_AGAIN = "Run hanolab reaper install again."
_PATIENCE_TICKS = 6  # for the bridge's script to begin; REAPER ticks some 30 times a second
_GIVE_UP_TICKS = 60


def run(action):
    """Do an action of the action list; `action` is its name for `hanolab reaper action`."""
    _guarded(lambda face, install: _Action(face, install, action).begin())


def run_bridge():
    """Hold the bridge's loop in this script, unless another one does."""
    _guarded(hold_loop)


def hold_loop(face, install):
    """Start a bridge whose loop is the deferred loop of this script."""
    loop = Loop()
    bridge = Bridge(face, install, loop.again)
    loop.turn = bridge.tick
    loop.at_exit(bridge.close)
    bridge.start()
    return bridge


class Loop:
    """REAPER's way to call a script again: by a text of code in the script's own namespace.

    Attributes
    ----------
    turn
        Called with nothing in each tick that was asked for.
    """

    def __init__(self):
        self.turn = None
        self._script = sys.modules["__main__"]
        # a name of its own: whether scripts share a namespace is not documented
        self._name = "hanolab_" + secrets.token_hex(6)
        setattr(self._script, self._name, self._call)

    def _call(self):
        self.turn()

    def again(self):
        """Have `turn` called in the next tick."""
        self._script.RPR_defer(self._name + "()")

    def at_exit(self, act):
        """Have something done when the script ends, however it does."""
        name = self._name + "_exit"
        setattr(self._script, name, act)
        self._script.RPR_atexit(name + "()")


class _Action:
    """One run of an action, from the click to the start of our program."""

    def __init__(self, face, install, action):
        self._face = face
        self._install = install
        self._action = action
        # what is meant is what is shown at the click, not when the program comes to ask
        self._tab = face.tab_text(face.find_project())
        self._alive = hanolab_alive.Alive(face.api)
        self._loop = None
        self._bridge = None
        self._n_ticks = 0

    def begin(self):
        """Start the program now if a bridge lives, or as soon as one does.

        A double click is one click: it must not pay for the same work twice.
        """
        if self._alive.is_second_click(self._action) or self._launched():
            return
        _start_bridge_script(self._face.api)
        if self._launched():
            return
        self._loop = Loop()
        self._loop.turn = self._tick
        self._loop.again()

    def _tick(self):
        """One turn while no bridge lives; never raises."""
        try:
            self._n_ticks += 1
            if self._launched():
                return
            if self._n_ticks == _PATIENCE_TICKS:
                self._bridge = hold_loop(self._face, self._install)
            if self._n_ticks < _GIVE_UP_TICKS:
                self._loop.again()
            else:
                say(self._face.api, f"the bridge does not start; nothing was done. {_AGAIN}")
        except BaseException as error:
            _tell(self._face.api, error)

    def _launched(self):
        """Start the program if a bridge lives."""
        mark = self._alive.read()
        if mark is None or not mark[1]:
            return False
        port_file = hanolab_alive.port_file_path(self._install["runtime_folder"])
        pid = hanolab_launch.launch(self._install, self._action, port_file, self._tab)
        self._alive.set_launched([*self._alive.launched(), pid])
        return True


def _start_bridge_script(api):
    """Have REAPER run the bridge's script; nothing happens when it lies nowhere."""
    path = os.path.join(_folder(), BRIDGE_SCRIPT)
    if os.path.isfile(path):
        command = api.AddRemoveReaScript(True, 0, path, True)
        if command:
            api.Main_OnCommand(command, 0)


def _folder():
    """Where the scripts lie; the action's own script cannot know, but what it imports can."""
    return os.path.dirname(os.path.abspath(__file__))


def _guarded(act):
    """Do something with face and install file; what fails is one sentence in the console."""
    try:
        face = Reascript(reaper_python)
    except BaseException as error:
        reaper_python.RPR_ShowConsoleMsg(f"HanoLab: the scripts do not fit this REAPER: {error}\n")
        return
    try:
        act(face, hanolab_alive.read_install(_folder()))
    except BaseException as error:
        _tell(face.api, error)


def _tell(api, error):
    """One sentence about why an action was not done; never raises."""
    try:
        if isinstance(error, (hanolab_alive.InstallFault, hanolab_launch.LaunchFault)):
            say(api, f"{error}. {_AGAIN}")
        else:
            why = traceback.format_exception_only(type(error), error)[-1].strip()
            say(api, f"the action failed: {why}. {_AGAIN}")
    except BaseException:  # noqa: S110 - there is nobody left to tell
        pass
