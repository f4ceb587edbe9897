"""What `hanolab reaper install` and `uninstall` did, in sentences."""

from __future__ import annotations

from hanolab_dawtools.hosts.reaper.install_reports import (
    Installed,
    PythonState,
    Registered,
    Uninstalled,
)

LOAD_BY_HAND = (
    "REAPER runs, so one step is yours. Either close REAPER and run this again, or in REAPER: "
    "Actions > Show action list > New action > Load ReaScript…, and choose all of these at once:"
)
_SET_PYTHON = "close REAPER, then run: hanolab reaper install --set-python"
_ACTIONS = {
    Registered.ALREADY: "all in the action list, as they were",
    Registered.IN_FILE: "in the action list when REAPER starts next",
    Registered.BY_REAPER: "in the action list now",
    Registered.BY_REAPACK: "ReaPack registers them; install the package there again",
    Registered.BY_HAND: "not yet in the action list",
}


def installed_lines(done: Installed) -> list[str]:
    """What was done, and the step that is left, if any."""
    lines = [f"REAPER     {done.folder.path}", f"scripts    {_scripts(done)}"]
    lines += [f"           {name} is of an older version and was removed" for name in done.removed]
    lines.append(f"actions    {_ACTIONS[done.registered]}")
    if done.to_load:
        lines += ["", LOAD_BY_HAND, *(f"  {path}" for path in done.to_load), ""]
    was_set = " (set now)" if done.set_python else ""
    lines.append(f"Python     {_python(done.python)}{was_set}")
    return lines


def uninstalled_lines(done: Uninstalled) -> list[str]:
    """What was taken out."""
    lines = [f"REAPER     {done.folder.path}"]
    if not (done.removed or done.n_actions):
        return [*lines, "           nothing of HanoLab was there"]
    lines.append(f"scripts    {len(done.removed)} files removed")
    lines.append(f"actions    {done.n_actions} taken out of the action list")
    if done.reset_python:
        lines.append("Python     set back to what it was before")
    return lines


def installed_document(done: Installed) -> dict[str, object]:
    """The same as JSON values."""
    return {
        "resource_path": str(done.folder.path),
        "scripts": str(done.place.folder),
        "copied": list(done.copied),
        "removed": list(done.removed),
        "actions": done.registered.value,
        "to_load": [str(path) for path in done.to_load],
        "python_works": done.python.works,
        "python_was_set": done.set_python,
    }


def uninstalled_document(done: Uninstalled) -> dict[str, object]:
    """The same as JSON values."""
    return {
        "resource_path": str(done.folder.path),
        "removed": list(done.removed),
        "n_actions": done.n_actions,
        "python_was_reset": done.reset_python,
    }


def _scripts(done: Installed) -> str:
    if done.place.by_reapack:
        return f"ReaPack's, in {done.place.folder}"
    if not done.copied:
        return f"all there, in {done.place.folder}"
    return f"{len(done.copied)} copied to {done.place.folder}"


def _python(state: PythonState) -> str:
    if state.keys.is_enabled is False:
        return f"switched off for ReaScript; {_SET_PYTHON}"
    if state.loaded is None:
        return f"reaper.ini names none; if no action does anything, {_SET_PYTHON}"
    if not state.loaded.works:
        return f"{state.loaded.path} is of no use: {state.loaded.problem}; {_SET_PYTHON}"
    return f"{state.loaded.version}, {state.loaded.path}"
