"""The commands that look and change nothing: `state`, `timeline`, `values`.

A project of any size is read in small slices, a thing each, so that REAPER never waits; when it
changes meanwhile the reading starts again, so that what is told was true at one moment.
"""

from __future__ import annotations

import hanolab_facts as facts
from hanolab_calls import HostFault

MAX_STARTS = 4  # the first and three more
MAX_READS = 100_000
_SLICE_READS = 50  # of `values`, well under a millisecond
# Reading these is not free of effects: one may open a dialog, one runs the whole render's naming.
_NEVER_READ = ("RENDER_STATS", "RENDER_TARGETS")
_PROJECT_TEXTS = (
    *("RENDER_FILE", "RENDER_PATTERN", "RENDER_FORMAT", "RENDER_FORMAT2", "RENDER_METADATA"),
    *("PROJECT_NAME", "PROJECT_TITLE", "PROJECT_AUTHOR", "RECORD_PATH"),
)


def state(face, arguments):
    """What a producer sees and points at, cheap enough to be asked for all the time."""
    project = face.find_project(arguments.get("tab") or "")
    api = face.api
    path = _path_of(face, project)
    selected = [
        api.GetSelectedTrack2(project, number, False)
        for number in range(api.CountSelectedTracks2(project, False))
    ]
    return {
        "tab": facts.tab_text(project),
        "path": path,
        "name": facts.name_of(path),
        "change_count": api.GetProjectStateChangeCount(project),
        "cursor_seconds": api.GetCursorPositionEx(project),
        "time_selection": facts.time_selection(face, project),
        "n_selected_items": api.CountSelectedMediaItems(project),
        "selected_tracks": [face.get_text("track", track, "P_NAME") for track in selected],
        "is_playing": api.GetPlayStateEx(project) & 1 != 0,
    }


def timeline(face, arguments):
    """Everything a capture and its placing may need to know of a project."""
    project = face.find_project(arguments.get("tab") or "")
    for _ in range(MAX_STARTS):
        reading = _Reading(face, project)
        try:
            yield from reading.slices()
        except _Moved:
            continue
        return reading.facts
    raise HostFault(
        "changed",
        "the project changed all the time while it was read",
        "Wait until REAPER is at rest (recording, dragging, automation) and run it again.",
    )


class _Moved(Exception):
    """The project is not as it was when the reading began."""


class _Reading:
    """One pass over a project; `facts` is whole after `slices`."""

    def __init__(self, face, project):
        self.face = face
        self.project = project
        self.facts = facts.project_facts(face, project, _path_of(face, project))

    def slices(self):
        face, project = self.face, self.project
        regions, markers = facts.marks_facts(face, project)
        self.facts.update(regions=regions, markers=markers, razor_edits=[], tracks=[])
        depth = 0
        for place in range(face.api.CountTracks(project)):
            track = face.api.GetTrack(project, place)
            if not track:
                raise _Moved
            fact = facts.track_facts(face, project, track, place + 1, depth)
            depth = max(0, depth + fact["folder_change"])
            self.facts["tracks"].append(fact)
            self.facts["razor_edits"] += facts.razor_facts(face, track, fact["id"])
            for number in range(face.api.CountTrackMediaItems(track)):
                yield
                self._check(track)
                item = face.api.GetTrackMediaItem(track, number)
                if not item:
                    raise _Moved
                fact["items"].append(facts.item_facts(face, item))
            yield
            self._check(track)

    def _check(self, track):
        face, project = self.face, self.project
        if not face.valid(0, project, "ReaProject*"):
            name = self.facts["name"] or "without a name"
            raise HostFault("gone", f"the project {name} was closed while it was read")
        count = face.api.GetProjectStateChangeCount(project)
        if count != self.facts["change_count"] or not face.valid(project, track, "MediaTrack*"):
            raise _Moved


def values(face, arguments):
    """Single values by kind, id and key; null where the thing or its key is no more."""
    reads = arguments.get("reads")
    if not isinstance(reads, list) or len(reads) > MAX_READS:
        raise HostFault("bad_arguments", f"reads must be a list of at most {MAX_READS}")
    project = face.find_project(arguments.get("tab") or "")
    for read in reads:
        _check_read(read)
    ids = {(kind, name) for kind, name, _ in reads if kind != "project"}
    if not all(face.known(project, kind, name) for kind, name in ids):
        yield from face.indexing(project)
    found = []
    for place, (kind, name, key) in enumerate(reads):
        if place % _SLICE_READS == _SLICE_READS - 1:
            yield
        if not face.valid(0, project, "ReaProject*"):
            raise HostFault("gone", "the project was closed while it was read")
        pointer = project if kind == "project" else face.known(project, kind, name)
        found.append(_value(face, kind, pointer, key) if pointer else None)
    return {"values": found}


def _check_read(read):
    is_read = isinstance(read, list) and len(read) == 3 and all(isinstance(s, str) for s in read)
    if not is_read or read[0] not in ("project", "track", "item", "take"):
        raise HostFault("bad_arguments", f"not a read of [kind, id, key]: {str(read)[:100]}")
    if read[2].startswith(_NEVER_READ):
        raise HostFault("bad_arguments", f"{read[2]} is not read: REAPER may open a dialog for it")


def _value(face, kind, pointer, key):
    texts = _PROJECT_TEXTS if kind == "project" else ("GUID",)
    if key in texts or key.startswith("P_"):
        return face.get_text(kind, pointer, key)
    return face.get_value(kind, pointer, key)


def _path_of(face, project):
    for pointer, path in face.projects():
        if pointer == project:
            return path
    raise HostFault("gone", "the project is no longer open in REAPER")


COMMANDS = {"state": state, "timeline": timeline, "values": values}
