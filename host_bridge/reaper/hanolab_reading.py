"""The commands that look and change nothing: `state`, `timeline`, `values`.

A project of any size is read in small slices, a thing each, so that REAPER never waits; when it
changes meanwhile the reading starts again, so that what is told was true at one moment. For the
same reason its text is made and packed thing by thing: as one value it would take longer than a
tick to encode, and 25000 items would not fit into a message.
"""

from __future__ import annotations

import base64
import json
import zlib

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
        "tab": face.tab_text(project),
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
    """Everything a capture and its placing may need to know of a project.

    The result is {"tab", "path", "change_count", "packed"}, where `packed` is the base64 of the
    zlib-compressed JSON text of all facts.
    """
    project = face.find_project(arguments.get("tab") or "")
    for _ in range(MAX_STARTS):
        try:
            return (yield from _reading(face, project))
        except _Moved:  # noqa: PERF203 - that is what the loop is for
            continue
    raise HostFault(
        "changed",
        "the project changed all the time while it was read",
        "Wait until REAPER is at rest (recording, dragging, automation) and run it again.",
    )


class _Moved(Exception):
    """The project is not as it was when the reading began."""


class _PackedText:
    """A text that is compressed as it grows."""

    def __init__(self):
        self._packer = zlib.compressobj(1)
        self._pieces = []

    def add(self, text):
        self._pieces.append(self._packer.compress(text.encode("ascii")))

    def add_open(self, fact, key):
        """A JSON object but for its end, which is a list under `key`."""
        self.add(json.dumps(fact)[:-1] + f', "{key}": [')

    def finish(self):
        return base64.b64encode(b"".join([*self._pieces, self._packer.flush()])).decode("ascii")


def _reading(face, project):
    """One pass over a project, a generator."""
    whole = facts.project_facts(face, project, _path_of(face, project))
    whole["regions"], whole["markers"] = facts.marks_facts(face, project)
    packed, razor_edits = _PackedText(), []
    packed.add_open(whole, "tracks")
    depth = 0
    for place in range(face.api.CountTracks(project)):
        yield
        _check(face, project, whole)
        track = face.api.GetTrack(project, place)
        if not track:
            raise _Moved
        fact = facts.track_facts(face, project, track, place + 1, depth)
        depth = max(0, depth + fact["folder_change"])
        razor_edits += facts.razor_facts(face, track, fact["id"])
        packed.add(", " if place else "")
        packed.add_open(fact, "items")
        for number in range(face.api.CountTrackMediaItems(track)):
            yield
            _check(face, project, whole, track)
            item = face.api.GetTrackMediaItem(track, number)
            if not item:
                raise _Moved
            packed.add((", " if number else "") + json.dumps(facts.item_facts(face, item)))
        packed.add("]}")
    packed.add('], "razor_edits": ' + json.dumps(razor_edits) + "}")
    return {
        "tab": whole["tab"],
        "path": whole["path"],
        "change_count": whole["change_count"],
        "packed": packed.finish(),
    }


def _check(face, project, whole, track=0):
    """Raise when the project is closed or is not as it was."""
    if not face.valid(0, project, "ReaProject*"):
        name = whole["name"] or "without a name"
        raise HostFault("gone", f"the project {name} was closed while it was read")
    if face.api.GetProjectStateChangeCount(project) != whole["change_count"]:
        raise _Moved
    if track and not face.valid(project, track, "MediaTrack*"):
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
        if place % _SLICE_READS == 0:
            yield
            face.check_open(project)
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
