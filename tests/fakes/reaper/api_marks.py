"""Markers and regions: the old functions by number and the new ones (7.62) by pointer."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.project import Project
from fakes.reaper.registry import api
from fakes.reaper.things import Mark, Track

OLD_OUTPUTS = (None,) * 6


@api("EnumProjectMarkers3")
def enum_project_markers3(
    host: Host, project: Project, index: int, *outputs: object
) -> tuple[object, ...]:
    if not 0 <= index < len(project.marks):
        return (0, *OLD_OUTPUTS)
    mark = project.marks[index]
    return index + 1, mark.is_region, mark.start, mark.end, mark.name, mark.number, mark.colour


@api("EnumProjectMarkers2")
def enum_project_markers2(
    host: Host, project: Project, index: int, *outputs: object
) -> tuple[object, ...]:
    return enum_project_markers3(host, project, index)[:-1]


@api("EnumProjectMarkers")
def enum_project_markers(host: Host, index: int, *outputs: object) -> tuple[object, ...]:
    return enum_project_markers3(host, host.active_project, index)[:-1]


@api("CountProjectMarkers")
def count_project_markers(
    host: Host, project: Project, n_markers: int, n_regions: int
) -> tuple[int, int, int]:
    regions = sum(mark.is_region for mark in project.marks)
    return len(project.marks), len(project.marks) - regions, regions


@api("GetLastMarkerAndCurRegion")
def get_last_marker_and_region(
    host: Host, project: Project, time: float, marker: int, region: int
) -> tuple[None, int, int]:
    last_marker = last_region = -1
    for index, mark in enumerate(project.marks):
        if not mark.is_region and mark.start <= time:
            last_marker = index
        if mark.is_region and mark.start <= time < mark.end:
            last_region = index
    return None, last_marker, last_region


@api("AddProjectMarker2")
def add_project_marker2(
    host: Host,
    project: Project,
    is_region: bool,
    start: float,
    end: float,
    name: str,
    number: int,
    colour: int,
) -> int:
    return _add(project, is_region, start, end, name, number, colour).number


@api("AddRegionOrMarker")
def add_region_or_marker(
    host: Host,
    project: Project,
    is_region: bool,
    start: float,
    end: float,
    name: str,
    number: int,
    colour: int,
) -> Mark:
    return _add(project, is_region, start, end, name, number, colour)


def _add(
    project: Project,
    is_region: bool,
    start: float,
    end: float,
    name: str,
    number: int,
    colour: int,
) -> Mark:
    taken = {mark.number for mark in project.marks if mark.is_region == is_region}
    if number < 0 or number in taken:
        number = next(n for n in range(1, len(taken) + 2) if n not in taken)
    mark = Mark(project, number, is_region, start, end if is_region else start, name or "", colour)
    project.marks.append(mark)
    project.marks.sort(key=lambda each: each.start)
    project.touch()
    return mark


@api("DeleteProjectMarker")
def delete_project_marker(host: Host, project: Project, number: int, is_region: bool) -> bool:
    for mark in project.marks:
        if (mark.number, mark.is_region) == (number, is_region):
            project.marks.remove(mark)
            project.forget([mark])
            project.touch()
            return True
    return False


@api("GetNumRegionsOrMarkers")
def get_num_regions_or_markers(host: Host, project: Project) -> int:
    return len(project.marks)


@api("GetRegionOrMarker")
def get_region_or_marker(host: Host, project: Project, index: int, guid: str) -> Mark | None:
    if index < 0:
        return next((mark for mark in project.marks if mark.guid == guid), None)
    return project.marks[index] if index < len(project.marks) else None


@api("GetRegionOrMarkerInfo_Value")
def get_mark_value(host: Host, project: Project, mark: Mark, key: str) -> float:
    values = {
        "D_STARTPOS": mark.start,
        "D_ENDPOS": mark.end,
        "I_INDEX": project.marks.index(mark),
        "I_NUMBER": mark.number,
        "I_CUSTOMCOLOR": mark.colour,
        "I_DISPLAYEDCOLOR": mark.colour,
        "B_ISREGION": mark.is_region,
        "B_UISEL": mark.is_selected,
        "B_VISIBLE": True,
    }
    return float(values.get(key, 0.0))


@api("SetRegionOrMarkerInfo_Value")
def set_mark_value(host: Host, project: Project, mark: Mark, key: str, value: float) -> float:
    names = {"D_STARTPOS": "start", "D_ENDPOS": "end", "B_UISEL": "is_selected"}
    if key not in names:
        return 0.0
    setattr(mark, names[key], bool(value) if key == "B_UISEL" else value)
    project.touch()
    return 1.0


@api("GetSetRegionOrMarkerInfo_String")
def get_set_mark_string(
    host: Host, project: Project, mark: Mark, key: str, text: str, is_set: bool
) -> tuple[bool, str | None]:
    if key == "GUID" and not is_set:
        return True, mark.guid
    if key != "P_NAME":
        return False, None
    if is_set:
        mark.name = text
        project.touch()
    return True, mark.name


def _region(project: Project, number: int) -> Mark | None:
    """The region with this number: that is what the render matrix goes by."""
    return next((mark for mark in project.marks if mark.is_region and mark.number == number), None)


@api("EnumRegionRenderMatrix")
def enum_region_render_matrix(
    host: Host, project: Project, number: int, place: int
) -> Track | None:
    region = _region(project, number)
    wanted = region.render_tracks if region else ()
    tracks = [one for one in (project.master, *project.tracks) if one.guid in wanted]
    return tracks[place] if 0 <= place < len(tracks) else None


@api("SetRegionRenderMatrix")
def set_region_render_matrix(
    host: Host, project: Project, number: int, track: Track, flag: int
) -> None:
    region = _region(project, number)
    if region is not None:
        others = tuple(guid for guid in region.render_tracks if guid != track.guid)
        region.render_tracks = (*others, track.guid) if flag > 0 else others
        project.touch()
