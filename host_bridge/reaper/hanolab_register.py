"""Commands of the bridge that put scripts of ours into the action list, and take them out.

`register {"paths": [whole path, ...]}` -> {"actions": [{"path", "command_id"}]} and
`unregister {"paths": [...]}` -> {"removed": [path, ...]}. Only scripts of ours below this
REAPER's `Scripts` are taken, so that a client cannot make REAPER run another file. REAPER writes
its list to disk with the last one. Registering what is registered changes nothing.
"""

from __future__ import annotations

import os

from hanolab_reascript import HostFault

MAIN_SECTION = 0
_PREFIX = "HanoLab_"


def register(face, arguments):
    """Put scripts into the main section; HostFault("refused") when REAPER does not take one."""
    paths = _checked(face, arguments, must_exist=True)
    actions = []
    for number, path in enumerate(paths):
        is_last = number == len(paths) - 1
        command_id = face.api.AddRemoveReaScript(True, MAIN_SECTION, path, is_last)
        if command_id <= 0:
            raise HostFault("refused", f"REAPER did not take {path} into its action list")
        actions.append({"path": path, "command_id": command_id})
    for action in actions:
        again = face.api.AddRemoveReaScript(True, MAIN_SECTION, action["path"], False)
        if again != action["command_id"]:
            raise HostFault("refused", f"REAPER did not keep {action['path']} in its action list")
    return {"actions": actions}


def unregister(face, arguments):
    """Take scripts out of the main section; those that are not in it are passed over."""
    paths = _checked(face, arguments, must_exist=False)
    removed = []
    for number, path in enumerate(paths):
        is_last = number == len(paths) - 1
        if face.api.AddRemoveReaScript(False, MAIN_SECTION, path, is_last) > 0:
            removed.append(path)
    return {"removed": removed}


def _checked(face, arguments, must_exist):
    """The paths asked for, each a script of ours below this REAPER's `Scripts`."""
    paths = arguments.get("paths")
    if not isinstance(paths, list) or not paths or not all(isinstance(p, str) for p in paths):
        raise HostFault("bad_arguments", "paths must be a list of whole paths")
    scripts = _normal(os.path.join(face.api.GetResourcePath(), "Scripts")) + os.sep
    for path in paths:
        name = os.path.basename(path)
        is_ours = name.startswith(_PREFIX) and name.endswith(".py")
        if not is_ours or not _normal(path).startswith(scripts):
            raise HostFault("bad_arguments", f"{path} is no script of HanoLab in this REAPER")
        if must_exist and not os.path.isfile(path):
            raise HostFault("gone", f"{path} is not there")
    return paths


def _normal(path):
    return os.path.normcase(os.path.realpath(path))


COMMANDS = {"register": register, "unregister": unregister}
