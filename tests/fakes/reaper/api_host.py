"""The functions about REAPER itself: pointers, tabs, console, boxes, ExtState, paths, time.

Everything about what is inside a project stands in the model's modules.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fakes.reaper.host import Host
from fakes.reaper.registry import api

VALID_TYPES = {
    "ReaProject*",
    "MediaTrack*",
    "MediaItem*",
    "MediaItem_Take*",
    "TrackEnvelope*",
    "PCM_source*",
    "ProjectMarker*",
}
RENDERING = 0x40000000
BUTTONS = {0: ("ok",), 1: ("ok", "cancel"), 3: ("yes", "no", "cancel"), 4: ("yes", "no")}
ANSWERS = {"ok": 1, "cancel": 2, "abort": 3, "retry": 4, "ignore": 5, "yes": 6, "no": 7}


def is_valid(host: Host, project: Any, address: int, c_type: str) -> bool:
    """Whether an address is an object of the type in the project; "void*" never is one."""
    thing = host.addresses.find(address)
    if thing is None or thing.c_type != c_type or c_type not in VALID_TYPES:
        return False
    if c_type == "ReaProject*":
        return thing in host.projects
    if c_type == "ProjectMarker*" and host.has("markers_not_valid_pointers"):
        return False
    if c_type == "PCM_source*" and thing.project is None:
        return host.has("fresh_source_accepted")
    return thing.project is project or host.has("validate_any_project")


@api("ValidatePtr")
def validate_ptr(host: Host, address: int, c_type: str) -> bool:
    return is_valid(host, host.active_project, address, c_type)


@api("ValidatePtr2")
def validate_ptr2(host: Host, project: Any, address: int, c_type: str) -> bool:
    return is_valid(host, project, address, c_type)


@api("EnumProjects")
def enum_projects(host: Host, index: int, path: str, size: int) -> tuple[Any, str | None]:
    if index == RENDERING:
        project = host.rendering_project
    elif index < 0:
        project = host.active_project
    else:
        project = host.projects[index] if index < len(host.projects) else None
    return project, None if project is None else project.path


@api("SelectProjectInstance")
def select_project_instance(host: Host, project: Any) -> None:
    host.active_project = project


@api("ShowConsoleMsg")
def show_console_msg(host: Host, text: str) -> None:
    if not text:
        host.console = ""
    elif text.startswith("!SHOW:") and host.version >= (7, 0):
        host.console += text.removeprefix("!SHOW:")
    else:
        host.console += text
        host.console_is_open = True


@api("ClearConsole")
def clear_console(host: Host) -> None:
    host.console = ""


@api("ShowMessageBox")
def show_message_box(host: Host, text: str, title: str, kind: int) -> int:
    answer = host.ask_dialog(title, text, "box", buttons=BUTTONS.get(kind, ()))
    return ANSWERS[answer]


@api("MB")
def mb(host: Host, text: str, title: str, kind: int) -> int:
    return show_message_box(host, text, title, kind)


@api("GetUserInputs")
def get_user_inputs(
    host: Host, title: str, count: int, captions: str, values: str, size: int
) -> tuple[bool, str | None]:
    answer = host.ask_dialog(title, captions, "inputs", values=values, count=count)
    return (False, None) if answer == "cancel" else (True, answer)


@api("ReaScriptError")
def rea_script_error(host: Host, text: str) -> None:
    host.show_error("ReaScript Error", text)


@api("TrackCtl_SetToolTip")
def set_tool_tip(host: Host, text: str, x: int, y: int, is_topmost: bool) -> None:
    host.tooltips.append(text)


@api("GetMousePosition")
def get_mouse_position(host: Host, x: int, y: int) -> tuple[None, int, int]:
    return None, 640, 400


@api("GetMainHwnd")
def get_main_hwnd(host: Host) -> int:
    return 0x1000


@api("SetExtState")
def set_ext_state(host: Host, section: str, key: str, value: str, is_persistent: bool) -> None:
    host.ext_state.set(section, key, value, is_persistent)


@api("GetExtState")
def get_ext_state(host: Host, section: str, key: str) -> str:
    return host.ext_state.get(section, key)


@api("HasExtState")
def has_ext_state(host: Host, section: str, key: str) -> bool:
    return host.ext_state.has(section, key)


@api("DeleteExtState")
def delete_ext_state(host: Host, section: str, key: str, is_persistent: bool) -> None:
    host.ext_state.delete(section, key, is_persistent)


@api("GetAppVersion")
def get_app_version(host: Host) -> str:
    return host.version_text


@api("GetOS")
def get_os(host: Host) -> str:
    return "Other"  # what Linux says


@api("GetResourcePath")
def get_resource_path(host: Host) -> str:
    return str(host.resource_path)


@api("GetExePath")
def get_exe_path(host: Host) -> str:
    return str(host.exe_path)


@api("get_ini_file")
def get_ini_file(host: Host) -> str:
    return str(host.resource_path / "reaper.ini")


@api("time_precise")
def time_precise(host: Host) -> float:
    return time.perf_counter()


@api("APIExists")
def api_exists(host: Host, name: str) -> bool:
    return name in host.table.addresses


@api("file_exists")
def file_exists(host: Host, path: str) -> bool:
    return Path(path).is_file()


@api("RecursiveCreateDirectory")
def recursive_create_directory(host: Host, path: str, ignored: int) -> int:
    Path(path).mkdir(parents=True, exist_ok=True)
    return 1
