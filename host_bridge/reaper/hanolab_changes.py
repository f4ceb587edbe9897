"""Changes to a project that can all be taken back: a journal of inverses.

Every change is written through `Changes`, which notes how to undo it before it is made, and reads
back what REAPER took. Things that the journal itself has made need no notes of their own: they go
when they are deleted. `take_back` runs the inverses, newest first, goes on when one of them
fails, and gives what could not be taken back; `take_back_part` does so with what was changed
since `begin_part`. All of it belongs into one tick: pointers are kept.
"""

from __future__ import annotations

import json
import time

from hanolab_calls import HostFault

_CHUNK_BYTES = 65536  # an item's state is rarely longer; the face grows the buffer when it is
KEY = "P_EXT:hanolab"  # on a track: the job; on an item: where the stem came from
CUT_KEY = "P_EXT:hanolab_cut"  # on a part that was cut off an item: which, and when
ID_KEY = "P_EXT:hanolab_id"  # the GUID that was asked for, where REAPER did not take it
_TEXTS = {
    "track": "GetSetMediaTrackInfo_String",
    "item": "GetSetMediaItemInfo_String",
    "take": "GetSetMediaItemTakeInfo_String",
}


class Changes:
    """The journal of one project within one tick.

    Before 7.18 REAPER inserts tracks only into the shown tab, which `project` must be there.

    Attributes
    ----------
    ends_closed
        Whether it is known that no folder is open behind the last track.
    """

    def __init__(self, face, project):
        self.face = face
        self.api = face.api
        self.project = project
        self._inverses = []
        self._parts = {}
        self._whole = {}
        self._is_indexed = False
        self._made_at = int(time.time() * 1000)
        self.ends_closed = False
        self.begin_part()

    def begin_part(self):
        """From here on changes are noted so that they can be taken back without those before.

        What was made before counts as not made by the journal: a change to it has an inverse.
        """
        self._part_start = len(self._inverses)
        self._were_ends_closed = self.ends_closed
        self._new = set()
        self._kept_items = set()
        self._kept_tracks = set()
        self._cut_off = []

    def find(self, item_id):
        """The pointer of an item by its GUID; 0 when it is no longer in the project.

        The project is looked through at most once: nobody else changes it within the tick.
        """
        item = self.face.known(self.project, "item", item_id)
        if not item and not self._is_indexed:
            self._is_indexed = True
            self.face.index(self.project)
            item = self.face.known(self.project, "item", item_id)
        return item

    def value(self, kind, pointer, key, value):
        """Give a track, item or take a number; HostFault("refused") when it is not taken."""
        before = self.face.get_value(kind, pointer, key)
        if before == value:
            return
        if pointer not in self._new:
            self._inverses.append(lambda: self.face.set_value(kind, pointer, key, before))
        self.face.set_value(kind, pointer, key, value)

    def tried_value(self, kind, pointer, key, value):
        """As `value` for what not every REAPER takes; whether it was taken."""
        try:
            self.value(kind, pointer, key, value)
        except HostFault as fault:
            if fault.code != "refused":
                raise
            return False
        return True

    def text(self, kind, pointer, key, text):
        """Give a track, item or take a text."""
        before = self.face.get_text(kind, pointer, key)
        if before == text:
            return
        if pointer not in self._new:
            self._inverses.append(lambda: self.face.set_string(kind, pointer, key, before))
        self.face.set_string(kind, pointer, key, text)

    def guid(self, kind, pointer, wanted):
        """Ask for a GUID for a new thing; the one that it has then.

        When REAPER does not take it, the thing keeps it as a text, and is found by that.
        """
        getattr(self.api, _TEXTS[kind])(pointer, "GUID", wanted, True)
        held = self.face.get_text(kind, pointer, "GUID")
        if held != wanted:
            self.text(kind, pointer, ID_KEY, wanted)
        return held

    def add_track(self, place=None):
        """A track before the one at a place, from 0 on, or behind all; without default effects."""
        api, project = self.api, self.project
        n_tracks = api.CountTracks(project)
        place = n_tracks if place is None else place

        def delete():
            for _ in range(n_tracks, api.CountTracks(project)):
                api.DeleteTrack(api.GetTrack(project, place))
            if api.CountTracks(project) > n_tracks:
                raise HostFault("refused", "REAPER did not remove the new tracks")

        self._inverses.append(delete)
        if self.face.has("InsertTrackInProject"):
            api.InsertTrackInProject(project, place, 0)
        else:
            api.InsertTrackAtIndex(place, False)
        if api.CountTracks(project) != n_tracks + 1:
            raise HostFault("refused", "REAPER did not insert a track")
        return self._made(api.GetTrack(project, place), "track")

    def add_item(self, track):
        """An empty item on a track."""
        self._keep_items_of(track)
        return self._made(self.api.AddMediaItemToTrack(track), "item")

    def add_take(self, item):
        """A take behind those that an item has."""
        self.keep_item(item)
        return self._made(self.api.AddTakeToMediaItem(item), "take")

    def split(self, item, position_seconds):
        """Cut an item; its new right-hand part, 0 when REAPER would not.

        The part keeps in mind what it was cut off, so that what was captured of the whole item is
        known again when more results of it are placed later.
        """
        self.keep_item(item)
        self._keep_items_of(self.api.GetMediaItemTrack(item))
        right = self.api.SplitMediaItem(item, position_seconds)
        if right:
            whole = self._whole.get(item, item)
            self._whole[right] = whole
            self._parts.setdefault(whole, [whole]).append(right)
            self._cut_off.append(right)
            self._new.add(right)
            whole_id = self.face.get_text("item", item, "GUID")
            cut = json.dumps({"of": whole_id, "at_ms": self._made_at})
            self.text("item", right, CUT_KEY, cut)
        return right

    def parts(self, item):
        """An item, and what this journal has cut off it."""
        return list(self._parts.get(item, [item]))

    def keep_item(self, item):
        """Note an item's whole state, once; it is put back where values alone do not do it."""
        if item in self._new or item in self._kept_items:
            return
        before = self._state(item)
        self._kept_items.add(item)

        def put_back():
            if self._state(item) == before:
                return
            self.api.SetItemStateChunk(item, before, False)
            if self._state(item) != before:
                raise HostFault("refused", "REAPER did not put back an item's state")

        self._inverses.append(put_back)

    def undoing(self, inverse):
        """Note how to take back a change that the caller makes himself, before he makes it."""
        self._inverses.append(inverse)

    def take_back(self):
        """Undo all changes; what failed, one sentence each."""
        self._part_start = 0
        return self.take_back_part()

    def take_back_part(self):
        """Undo the changes since the part began; what failed, one sentence each."""
        faults = []
        while len(self._inverses) > self._part_start:
            try:
                self._inverses.pop()()
            except BaseException as error:  # noqa: PERF203 - each inverse has its own chance
                faults.append(str(error))
        for right in self._cut_off:
            self._parts[self._whole.pop(right)].remove(right)
        self.ends_closed = self._were_ends_closed
        self.begin_part()
        return faults

    def _made(self, pointer, what):
        if not pointer:
            raise HostFault("refused", f"REAPER did not make the {what} that it was asked for")
        self._new.add(pointer)
        return pointer

    def _state(self, item):
        return self.face.get_string("GetItemStateChunk", item, False, size=_CHUNK_BYTES)

    def _keep_items_of(self, track):
        """Note, once, which items an existing track has; all others go when all is taken back."""
        if track in self._new or track in self._kept_tracks:
            return
        before = set(self._items_of(track))
        self._kept_tracks.add(track)

        def delete_others():
            for item in self._items_of(track):
                if item not in before:
                    self.api.DeleteTrackMediaItem(track, item)

        self._inverses.append(delete_others)

    def _items_of(self, track):
        n_items = self.api.CountTrackMediaItems(track)
        return [self.api.GetTrackMediaItem(track, number) for number in range(n_items)]
