"""A running REAPER as the other scripts use it: `Reascript`, made once per script.

`r.api` is REAPER's functions themselves (`hanolab_calls` says how they are called). The methods
here are what is done again and again and goes wrong in silence when it is written by hand:
finding a tab, track, item or take that is still there, writing a value and looking whether it was
taken, and leaving what had to be changed as it was (`hanolab_guards`).
"""

from __future__ import annotations

import math
import os
import secrets

import hanolab_guards
from hanolab_calls import Api, HostFault, Missing

__all__ = ["HostFault", "Missing", "Reascript"]

LARGEST_TEXT_BYTES = 16 * 1024 * 1024  # a longer text is refused, not grown for
_RUN = ("hanolab", "run")  # an ExtState that ends with REAPER
_MAX_STARTS = 3  # of a look through a project
_SLICE_ITEMS = 20  # of one, well under a millisecond
_VALUE_FUNCTIONS = {
    "track": ("GetMediaTrackInfo_Value", "SetMediaTrackInfo_Value"),
    "item": ("GetMediaItemInfo_Value", "SetMediaItemInfo_Value"),
    "take": ("GetMediaItemTakeInfo_Value", "SetMediaItemTakeInfo_Value"),
}
_TEXT_FUNCTIONS = {
    "project": "GetSetProjectInfo_String",
    "track": "GetSetMediaTrackInfo_String",
    "item": "GetSetMediaItemInfo_String",
    "take": "GetSetMediaItemTakeInfo_String",
}
_POINTER_TYPES = {"track": "MediaTrack*", "item": "MediaItem*", "take": "MediaItem_Take*"}


class Reascript:
    """REAPER, called by address from the module `reaper_python` of a script.

    Pointers are ints, 0 is NULL. Whatever is not as asked is a HostFault.
    """

    def __init__(self, reaper_python):
        self.api = Api(reaper_python)
        self._pointers = {}  # project -> {kind: {guid: pointer}}
        self._run = ""

    def has(self, name):
        """Whether this REAPER has a function."""
        return self.api.address(name) != 0

    @property
    def version(self):
        """As REAPER gives it: "7.22/linux-x86_64"."""
        return self.api.GetAppVersion()

    @property
    def version_number(self):
        """(7, 22); letters behind it ("7.22rc1") do not count."""
        digits = []
        for part in self.version.partition("/")[0].split(".")[:2]:
            kept = "".join(c if c.isdigit() else " " for c in part).split()
            digits.append(int(kept[0]) if kept else 0)
        return tuple(digits)

    # Values and texts

    def get_value(self, kind, pointer, key):
        """A number of a "project", "track", "item" or "take"; of a project `pointer` is it."""
        if kind == "project":
            return self.api.GetSetProjectInfo(pointer, key, 0.0, False)
        return getattr(self.api, _VALUE_FUNCTIONS[kind][0])(pointer, key)

    def set_value(self, kind, pointer, key, value):
        """Write a number and read it back; HostFault("refused") when it is not what was asked."""
        value = float(value)
        if not math.isfinite(value):
            raise HostFault("bad_arguments", f"{value} is no value for {key} of the {kind}")
        if kind == "project":
            self.api.GetSetProjectInfo(pointer, key, value, True)
        else:
            getattr(self.api, _VALUE_FUNCTIONS[kind][1])(pointer, key, value)
        got = self.get_value(kind, pointer, key)
        if not abs(got - value) <= 1e-12 * max(1.0, abs(value)):
            raise _refusal(kind, key, value, got)

    def get_text(self, kind, pointer, key):
        """A text of a "project", "track", "item" or "take"; "" where there is none."""
        return self.get_string(_TEXT_FUNCTIONS[kind], pointer, key=key)

    def set_string(self, kind, pointer, key, text):
        """Write a text and read it back; HostFault("refused") when it is not what was asked."""
        getattr(self.api, _TEXT_FUNCTIONS[kind])(pointer, key, text, True)
        got = self.get_text(kind, pointer, key)
        if got != text:
            raise _refusal(kind, key, text, got)

    def get_string(self, function, *args, key=None, size=4096):
        """The text that a function gives, uncut, "" where there is none.

        `key` is the key of a `GetSet..._String`; other functions are asked again with a larger
        buffer while the text fills it.
        """
        call = getattr(self.api, function)
        if key is not None and function.startswith("GetSet"):
            is_there, text = call(*args, key, "", False)
            return text if is_there else ""
        ins = args if key is None else (*args, key)
        while True:
            answer = call(*ins, size=size)
            text = (answer[-1] if isinstance(answer, tuple) else answer) or ""
            if len(text.encode("utf-8")) < size - 4:  # a cut may also drop part of a character
                return text
            if size >= LARGEST_TEXT_BYTES:
                raise HostFault("too_large", f"{function} gives more than {size} bytes")
            size *= 4

    # What is still there

    def valid(self, project, pointer, kind):
        """Whether a pointer is still a "MediaTrack*", "MediaItem*"... of a project."""
        return bool(pointer) and self.api.ValidatePtr2(project, pointer, kind)

    def check_open(self, project):
        """Raise HostFault("gone") when a project was closed, as it may be between two ticks."""
        if not self.valid(0, project, "ReaProject*"):
            raise HostFault("gone", "the project was closed", "Open it and try again.")

    def projects(self):
        """[(pointer, path)] of the open tabs; an unsaved one has the path ""."""
        found = []
        while True:
            pointer, path = self.api.EnumProjects(len(found))
            if not pointer:
                return found
            found.append((pointer, path))

    def tab_text(self, project):
        """How an open tab is named outside: "<run of REAPER>:0x<pointer>".

        Another run of REAPER, or another REAPER, may use the same pointer for another project.
        """
        if not self._run:
            self._run = self.api.GetExtState(*_RUN) or ""
        if not self._run:
            self._run = secrets.token_hex(8)
            self.api.SetExtState(*_RUN, self._run, False)  # not kept beyond the run
        return f"{self._run}:0x{project:x}"

    def find_project(self, tab="", path=""):
        """The pointer of an open tab: by its `tab_text`, else by path, else the shown one.

        A tab whose text fits but which holds another file is not it: pointers are used again.
        """
        if not tab and not path:
            return self.api.EnumProjects(-1)[0]
        try:
            pointer = int(tab.rpartition(":")[2], 16) if tab else 0
        except (AttributeError, ValueError):
            raise HostFault("bad_arguments", f"not a tab: {str(tab)[:40]!r}") from None
        if ":" in tab and tab != self.tab_text(pointer):
            pointer = 0
        wanted = os.path.normcase(path)
        same_path = [p for p, held in self.projects() if os.path.normcase(held) == wanted]
        if pointer in (same_path if path else [p for p, _ in self.projects()]):
            return pointer
        if path and same_path:
            return same_path[0]
        raise HostFault(
            "gone",
            f"the project {path + ' ' if path else ''}is no longer open in REAPER",
            "Open it again and run the action again.",
        )

    def find_track(self, project, guid):
        """The pointer of a track by its GUID; "master" is the master track."""
        return self._find(project, "track", guid)

    def find_item(self, project, guid):
        """The pointer of an item by its GUID."""
        return self._find(project, "item", guid)

    def find_take(self, project, guid):
        """The pointer of a take by its GUID."""
        return self._find(project, "take", guid)

    def index(self, project):
        """Look through a whole project now, so that the next `find_...` are one look each."""
        for _ in self.indexing(project):
            pass

    def indexing(self, project):
        """As `index`, as a generator that yields after every few items.

        It starts again, but not for ever, when the project changes meanwhile; raises
        HostFault("gone") when it is closed.
        """
        for _ in range(_MAX_STARTS):
            count = self.api.GetProjectStateChangeCount(project)
            found = {"track": {}, "item": {}, "take": {}}
            for _ in self._noting_tracks(project, found):
                yield
                self.check_open(project)
            self._pointers[project] = found
            if self.api.GetProjectStateChangeCount(project) == count:
                return

    def _noting_tracks(self, project, found):
        api, number = self.api, 0
        while number < api.CountTracks(project):
            track = api.GetTrack(project, number)
            found["track"][self.get_text("track", track, "GUID")] = track
            place = 0
            while place < api.CountTrackMediaItems(track):
                self._note_item(api.GetTrackMediaItem(track, place), found)
                place += 1
                if place % _SLICE_ITEMS == 0:
                    yield
                    if not self.valid(project, track, "MediaTrack*"):
                        break
            yield
            number += 1

    def _note_item(self, item, found):
        api = self.api
        found["item"][self.get_text("item", item, "GUID")] = item
        for number in range(api.CountTakes(item)):
            take = api.GetMediaItemTake(item, number)
            if take:
                found["take"][self.get_text("take", take, "GUID")] = take

    def known_items(self, project):
        """All items that the last look through the project found; they may be gone since."""
        return list(self._pointers.get(project, {}).get("item", {}).values())

    def known(self, project, kind, guid):
        """A pointer that the last look through the project found and that still holds, else 0.

        The track "master" is always there.
        """
        if kind == "track" and guid == "master":
            return self.api.GetMasterTrack(project)
        pointer = self._pointers.get(project, {}).get(kind, {}).get(guid, 0)
        if not self.valid(project, pointer, _POINTER_TYPES[kind]):
            return 0
        return pointer if self.get_text(kind, pointer, "GUID") == guid else 0

    def _find(self, project, kind, guid):
        pointer = self.known(project, kind, guid)
        if not pointer:
            self.index(project)
            pointer = self.known(project, kind, guid)
        if not pointer:
            raise HostFault("gone", f"the {kind} {guid} is no longer in the project")
        return pointer

    # Left as it was

    def quiet_ui(self):
        """No redrawing within a `with`; one redraw after it."""
        return hanolab_guards.quiet_ui(self)

    def kept_selection(self, project):
        """Selected tracks and items are after the `with` as before it."""
        return hanolab_guards.kept_selection(self, project)

    def kept_solo(self, project):
        """Solo of every track is after the `with` as before it."""
        return hanolab_guards.kept_solo(self, project)

    def kept_render_settings(self, project):
        """All of a project's render settings are after the `with` as before it."""
        return hanolab_guards.kept_render_settings(self, project)

    def kept_tab(self, project):
        """`project` is the current tab within the `with`, for functions that take no project."""
        return hanolab_guards.kept_tab(self, project)


def _refusal(kind, key, asked, got):
    return HostFault(
        "refused", f"REAPER did not take {key} of the {kind}: asked {asked!r}, got {got!r}"
    )
