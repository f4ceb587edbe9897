"""The functions about actions: registering scripts, looking commands up, running them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fakes.reaper.host import Host
from fakes.reaper.registry import ACTIONS, action, api

SECTIONS = (0, 100, 32060, 32061, 32062, 32063)


@api("AddRemoveReaScript")
def add_remove_reascript(host: Host, is_add: bool, section: int, path: str, commit: bool) -> int:
    if host.has("actions_not_registered") or section not in SECTIONS:
        return 0
    if not is_add:
        return int(host.actions.remove(Path(path), section, commit))
    return host.actions.register(Path(path), section, commit)


@api("NamedCommandLookup")
def named_command_lookup(host: Host, name: str) -> int:
    if name.isdigit():
        return int(name)
    return host.actions.named(name)


@api("ReverseNamedCommandLookup")
def reverse_named_command_lookup(host: Host, command: int) -> str | None:
    known = host.actions.by_command.get(command)
    return None if known is None else known.name


@api("Main_OnCommand")
def main_on_command(host: Host, command: int, flag: int) -> None:
    host.actions.run(command, host.active_project)


@api("Main_OnCommandEx")
def main_on_command_ex(host: Host, command: int, flag: int, project: Any) -> None:
    host.actions.run(command, project)


@api("GetToggleCommandState")
def get_toggle_command_state(host: Host, command: int) -> int:
    return host.toggle_states.get(command, -1)


@api("GetToggleCommandStateEx")
def get_toggle_command_state_ex(host: Host, section: int, command: int) -> int:
    return host.toggle_states.get(command, -1)


@api("SetToggleCommandState")
def set_toggle_command_state(host: Host, section: int, command: int, state: int) -> bool:
    known = command in host.actions.by_command or command in ACTIONS
    if known:
        host.toggle_states[command] = state
    return known


@api("RefreshToolbar")
def refresh_toolbar(host: Host, command: int) -> None:
    """Nothing is drawn here."""


@api("RefreshToolbar2")
def refresh_toolbar_2(host: Host, section: int, command: int) -> None:
    """Nothing is drawn here."""


@action(40859)
def new_project_tab(host: Host, project: Any) -> None:
    host.open_project({})


@action(40860)
def close_project_tab(host: Host, project: Any) -> None:
    host.close_project(project)
