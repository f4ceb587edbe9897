"""A project as a whole: name, paths, length, state, its sticky settings and stored texts."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.project import Project
from fakes.reaper.registry import action, api
from fakes.reaper.render import render_targets
from fakes.reaper.rendering import render_project
from fakes.reaper.values import SINCE

READ_ONLY = ("DIRTY", "READONLY", "PROJECT_TIMEBASE")


@api("GetProjectName")
def get_project_name(host: Host, project: Project, text: str, size: int) -> tuple[None, str]:
    return None, project.name


@api("GetProjectPathEx")
def get_project_path_ex(host: Host, project: Project, text: str, size: int) -> tuple[None, str]:
    return None, project.record_path


@api("GetProjectPath")
def get_project_path(host: Host, text: str, size: int) -> tuple[None, str]:
    return None, host.active_project.record_path


@api("GetProjectLength")
def get_project_length(host: Host, project: Project) -> float:
    return project.length


@api("IsProjectDirty")
def is_project_dirty(host: Host, project: Project) -> int:
    return int(project.is_dirty)


@api("MarkProjectDirty")
def mark_project_dirty(host: Host, project: Project) -> None:
    project.is_dirty = True


@api("GetProjectStateChangeCount")
def get_project_state_change_count(host: Host, project: Project) -> int:
    return project.change_count


@api("Main_SaveProject")
def main_save_project(host: Host, project: Project, with_dialog: bool) -> None:
    """Nothing is written: the model has no project files; it only stops being dirty."""
    if with_dialog or not project.path:
        answer = host.ask_dialog("Save project", "Name of the project file", "save")
        if answer == "cancel":
            return
        project.path = answer
    project.is_dirty = False


@api("Main_SaveProjectEx")
def main_save_project_ex(host: Host, project: Project, path: str, options: int) -> None:
    project.path, project.is_dirty = path, False


def _is_known(host: Host, key: str) -> bool:
    return host.version >= SINCE.get(key, (0, 0))


@api("GetSetProjectInfo")
def get_set_project_info(
    host: Host, project: Project, key: str, value: float, is_set: bool
) -> float:
    """A setting: kept as it is given; it makes the project dirty, but is no change of its state."""
    if key == "DIRTY":
        return float(project.is_dirty)
    if key == "PROJECT_TIMEBASE":
        return float(host.config_vars.get("itemtimelock", 0))
    if key not in project.numbers or not _is_known(host, key):
        return 0.0
    if is_set and key not in READ_ONLY:
        project.numbers[key] = value
        project.is_dirty = True
    return project.numbers[key]


@api("GetSetProjectInfo_String")
def get_set_project_info_string(
    host: Host, project: Project, key: str, text: str, is_set: bool
) -> tuple[bool, str | None]:
    if key == "RENDER_TARGETS" and not is_set:
        return True, ";".join(str(path) for path in render_targets(project))
    if key == "PROJECT_NAME" and not is_set:
        return True, project.name
    if key.startswith("MARKER_GUID:") and not is_set:
        index = int(key.partition(":")[2])
        is_there = 0 <= index < len(project.marks)
        return is_there, project.marks[index].guid if is_there else None
    if key == "RENDER_STATS":
        host.ask_dialog("Render statistics", "There are none; render again?", "box")
        return False, None
    if key not in project.texts or not _is_known(host, key):
        return False, None
    if is_set:
        project.texts[key] = text
        project.is_dirty = True
    return True, project.texts[key]


@api("SetProjExtState")
def set_proj_ext_state(host: Host, project: Project, section: str, key: str, value: str) -> int:
    """The number of values; "" as key deletes the section, "" as value the key."""
    if not section:
        return 0
    values = project.ext.setdefault(section.lower(), {})
    if not key:
        values.clear()
    elif not value:
        values.pop(key.lower(), None)
    else:
        values[key.lower()] = value
    project.is_dirty = True
    return len(values)


@api("GetProjExtState")
def get_proj_ext_state(
    host: Host, project: Project, section: str, key: str, text: str, size: int
) -> tuple[int, str]:
    value = project.ext.get(section.lower(), {}).get(key.lower(), "")
    return len(value), value


@api("EnumProjExtState")
def enum_proj_ext_state(
    host: Host,
    project: Project,
    section: str,
    index: int,
    key: str,
    key_size: int,
    value: str,
    value_size: int,
) -> tuple[bool, str | None, str | None]:
    pairs = list(project.ext.get(section.lower(), {}).items())
    return (True, *pairs[index]) if 0 <= index < len(pairs) else (False, None, None)


@action(42230)
def render_with_last_settings(host: Host, project: Project) -> None:
    render_project(host, project)


@action(40026)
def save_project(host: Host, project: Project) -> None:
    main_save_project(host, project, False)
