"""New tracks of a plan, and items on them: a folder, and a track and an item for each stem."""

from __future__ import annotations

from hanolab_calls import HostFault
from hanolab_changes import KEY

CUSTOM_COLOUR = 0x1000000  # the colour is the user's, not the theme's
_MAX_CHANNELS = 128

# What preferences may give to a new track, set to what a stem's track needs.
_TRACK_VALUES = (
    ("D_VOL", 1.0),
    ("D_PAN", 0.0),
    ("D_WIDTH", 1.0),
    ("B_PHASE", 0.0),
    ("I_SOLO", 0.0),
    ("I_RECARM", 0.0),
    ("I_FXEN", 1.0),
    ("B_MAINSEND", 1.0),
    ("I_FREEMODE", 0.0),
)
_ITEM_VALUES = (
    ("B_MUTE", 0.0),
    ("B_LOOPSRC", 0.0),
    ("B_ALLTAKESPLAY", 0.0),
    ("B_UISEL", 0.0),
    ("D_VOL", 1.0),
    ("D_SNAPOFFSET", 0.0),
    ("D_FADEINLEN", 0.0),
    ("D_FADEOUTLEN", 0.0),
    ("D_FADEINLEN_AUTO", 0.0),
    ("D_FADEOUTLEN_AUTO", 0.0),
)
_TAKE_VALUES = (
    ("D_PLAYRATE", 1.0),
    ("B_PPITCH", 1.0),
    ("D_PITCH", 0.0),
    ("D_PAN", 0.0),
    ("I_CHANMODE", 0.0),
)


def add_folder(changes, plan):
    """The folder track of a plan, still without children."""
    track = changes.add_track()
    dress_track(changes, track, plan["folder"], plan["owner"], pan_law=-1.0)
    return track


def dress_track(changes, track, fact, owner, pan_law):
    """Name, GUID, mark, colour, channels and all that preferences may have set."""
    changes.text("track", track, "P_NAME", fact["name"])
    changes.guid("track", track, fact["id"])
    changes.text("track", track, KEY, owner)
    for key, value in _TRACK_VALUES:
        changes.value("track", track, key, value)
    changes.value("track", track, "I_NCHAN", track_channels(fact["n_channels"]))
    changes.value("track", track, "D_PANLAW", pan_law)
    changes.value("track", track, "B_MUTE", float(fact["is_muted"]))
    changes.value("track", track, "C_BEATATTACHMODE", -1.0)
    colour = native_colour(changes.api, fact["colour"])
    if colour:
        changes.value("track", track, "I_CUSTOMCOLOR", colour)


def track_channels(n_channels):
    """How many channels a track needs for a file: REAPER's tracks have an even number."""
    return float(min(_MAX_CHANNELS, max(2, n_channels + n_channels % 2)))


def native_colour(api, colour):
    """REAPER's number of "#RRGGBB"; 0 of "none"."""
    if colour == "none":
        return 0.0
    rgb = int(colour[1:], 16)
    native = api.ColorToNative(rgb >> 16, rgb >> 8 & 0xFF, rgb & 0xFF)
    return float(native | CUSTOM_COLOUR)


def dress_item(changes, sources, item, fact):
    """Let a new item play a stem, exactly where the plan says; its ids as the result tells them."""
    item_id = changes.guid("item", item, fact["id"])
    take = changes.add_take(item)
    take_id = dress_take(changes, sources, take, fact, 1.0)
    for key, value in _ITEM_VALUES:
        changes.value("item", item, key, value)
    set_timebase(changes, item, fact.get("timebase_of"))
    changes.value("item", item, "D_POSITION", fact["position_seconds"])
    changes.value("item", item, "D_LENGTH", fact["length_seconds"])
    changes.text("item", item, KEY, fact["provenance"])
    for key in ("D_POSITION", "D_LENGTH"):  # the one may have moved the other
        wanted = fact["position_seconds" if key == "D_POSITION" else "length_seconds"]
        if changes.face.get_value("item", item, key) != wanted:
            raise HostFault("refused", f"REAPER moved a new item: {key} is not {wanted!r}")
    return {"item_id": item_id, "take_id": take_id, "item": item, "take": take}


def dress_take(changes, sources, take, fact, gain):
    """Let a new take play a stem as it is, from the plan's offset on; the GUID it has then."""
    take_id = changes.guid("take", take, fact["take_id"])
    sources.give(take, fact)
    changes.text("take", take, "P_NAME", fact["take_name"])
    for key, value in _TAKE_VALUES:
        changes.value("take", take, key, value)
    changes.value("take", take, "D_VOL", gain)
    changes.value("take", take, "D_STARTOFFS", fact["source_offset_seconds"])
    return take_id


def set_timebase(changes, item, source_id):
    """Tie a new item to time or beats as the source item is; to time when there is none."""
    face = changes.face
    mode = stretch = 0.0
    source = changes.find(source_id) if source_id else 0
    if source:
        mode = face.get_value("item", source, "C_BEATATTACHMODE")
        stretch = face.get_value("item", source, "C_AUTOSTRETCH")
        if mode == -1.0:
            track = face.api.GetMediaItemTrack(source)
            mode = face.get_value("track", track, "C_BEATATTACHMODE")
    if not changes.tried_value("item", item, "C_BEATATTACHMODE", mode):
        changes.value("item", item, "C_BEATATTACHMODE", -1.0)
    if stretch:
        changes.tried_value("item", item, "C_AUTOSTRETCH", stretch)


def close_open_folder(changes):
    """Let the last track close all folders that are still open behind it; what was changed."""
    if changes.ends_closed:  # what plans add ends where it begins
        return []
    changes.ends_closed = True
    face, api, project = changes.face, changes.api, changes.project
    n_tracks = api.CountTracks(project)
    depth = before = 0
    last = 0
    for number in range(n_tracks):
        last = api.GetTrack(project, number)
        before = depth
        depth = max(0, depth + int(face.get_value("track", last, "I_FOLDERDEPTH")))
    if depth <= 0:
        return []
    changes.value("track", last, "I_FOLDERDEPTH", float(-before))
    name = face.get_text("track", last, "P_NAME") or f"track {n_tracks}"
    return [f'"{name}", the last track, closes the open folder']


def nest(changes, folder, stems):
    """Put the tracks behind a folder track into it; they are the last of the project."""
    wanted = [(folder, 1.0)] + [(track, 0.0) for track in stems[:-1]] + [(stems[-1], -1.0)]
    for track, depth in wanted:
        changes.value("track", track, "I_FOLDERDEPTH", depth)
    for track, depth in wanted:
        if changes.face.get_value("track", track, "I_FOLDERDEPTH") != depth:
            raise HostFault("refused", "REAPER did not put the new tracks into their folder")
