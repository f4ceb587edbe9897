"""Where plans put their stems: a folder with a track for each stem, their own or shared.

Plans of one owner (a job, or a shelf of a batch) share tracks: what an earlier plan, or an earlier
call, has made is used again, and a stem's track that is not there yet goes to the end of the
folder. Tracks are known by the owner's mark and the id that was asked for.
"""

from __future__ import annotations

from hanolab_calls import HostFault
from hanolab_place_inherit import inherit, warnings_of_solo
from hanolab_place_tracks import (
    add_folder,
    close_open_folder,
    dress_item,
    dress_track,
    nest,
    track_channels,
)


class Shelves:
    """The tracks of owners within one tick: `tracks` is {owner: {id asked for: track}}."""

    def __init__(self, changes, sources, tracks):
        self._changes = changes
        self._sources = sources
        self._tracks = tracks
        self._before = None

    def put(self, plan):
        """Put the stems of a plan onto tracks: {"folder_id", "tracks"}, changes, warnings."""
        changes, face = self._changes, self._changes.face
        own = self._tracks.setdefault(plan["owner"], {})
        self._before = (own, dict(own))
        missing = [track for track in plan["tracks"] if track["id"] not in own]
        told, warnings = [], []
        folder = own.get(plan["folder"]["id"], 0) if plan["folder"] else 0
        is_new = bool(missing) and not folder
        if is_new:
            told += close_open_folder(changes)
        if is_new and plan["folder"]:
            folder, more = self._add_folder(plan, own)
            warnings += more
        if is_new and not (folder and face.get_value("track", folder, "I_SOLO")):
            warnings += warnings_of_solo(changes)
        for track in missing:
            own[track["id"]] = self._add_track(plan, track, 0 if is_new else folder)
        if is_new and folder:
            nest(changes, folder, [own[track["id"]] for track in missing])
        made = [self._add_item(own[track["id"]], track) for track in plan["tracks"]]
        told.append(_told(len(missing), len(made), is_new, folder))
        folder_id = face.get_text("track", folder, "GUID") if folder else ""
        return {"folder_id": folder_id, "tracks": made}, told, warnings

    def _add_folder(self, plan, own):
        """The folder of a plan, and warnings of what it could not take over."""
        fact = plan["folder"]
        folder = own[fact["id"]] = add_folder(self._changes, plan)
        if not fact.get("inherit"):
            return folder, []
        tracks = source_tracks(self._changes, plan)
        return folder, inherit(self._changes, folder, fact["inherit"], tracks)

    def begin_part(self):
        """As `Changes.begin_part`."""
        self._before = None

    def take_back_part(self):
        """Forget the tracks that were made since the part began; the journal removes them."""
        if self._before is not None:
            own, before = self._before
            own.clear()
            own.update(before)

    def _add_track(self, plan, fact, folder):
        changes = self._changes
        track = add_to_folder(changes, folder) if folder else changes.add_track()
        dress_track(changes, track, fact, plan["owner"], pan_law=1.0)
        return track

    def _add_item(self, track, fact):
        changes, n_channels = self._changes, track_channels(fact["n_channels"])
        if changes.face.get_value("track", track, "I_NCHAN") < n_channels:
            changes.value("track", track, "I_NCHAN", n_channels)
        made = dress_item(changes, self._sources, changes.add_item(track), fact["item"])
        return dict(made, track_id=changes.face.get_text("track", track, "GUID"))


def _told(n_tracks, n_items, is_new, folder):
    if not n_tracks:
        return f"{n_items} new item{'s' if n_items > 1 else ''} on tracks that were there"
    tracks = f"{n_tracks} new track{'s' if n_tracks > 1 else ''}"
    if not is_new:
        return f"{tracks} at the end of their folder"
    return f"a folder with {tracks} at the end" if folder else f"{tracks} at the end"


def source_tracks(changes, plan):
    """The tracks that a plan's stems come from, in the order of its items."""
    face = changes.face
    tracks = []
    for item_id in plan.get("sources") or ():
        item = changes.find(item_id)
        track = face.api.GetMediaItemTrack(item) if item else 0
        if track and track not in tracks:
            tracks.append(track)
    return tracks


def add_to_folder(changes, folder):
    """A track behind the last one in a folder, directly in it.

    A folder that has lost its tracks becomes one again.
    """
    face, api, project = changes.face, changes.api, changes.project
    n_tracks = api.CountTracks(project)
    place = int(face.get_value("track", folder, "IP_TRACKNUMBER"))  # behind it, from 0 on
    last, before = folder, 0  # folders that are open in front of `last`, from this one on
    after = int(face.get_value("track", folder, "I_FOLDERDEPTH"))
    while after > 0 and place < n_tracks:
        last, before = api.GetTrack(project, place), after
        after += int(face.get_value("track", last, "I_FOLDERDEPTH"))
        place += 1
    track = changes.add_track(place)
    wanted = [(last, float(1 - before)), (track, float(min(after, 0) - 1))]
    for one, depth in wanted:
        changes.value("track", one, "I_FOLDERDEPTH", depth)
    for one, depth in wanted:
        if face.get_value("track", one, "I_FOLDERDEPTH") != depth:
            raise HostFault("refused", "REAPER did not put a new track into its folder")
    return track
