"""Stems inside the track they were made of: as takes of their one item, or as fixed lanes.

Takes: the item is cut at the edges of the stems, and the part between them gets a take for each
stem behind its own takes. Volume and fades of the item act on every take and are in the stems
already; so a stem's take has a gain that undoes the volume, and that part has no fades.

Fixed lanes (REAPER 7): the track gets a lane for each stem, with an item as on a track of its
own; lanes that play go on playing.
"""

from __future__ import annotations

from hanolab_calls import HostFault
from hanolab_place_inherit import track_name
from hanolab_place_split import (
    Span,
    State,
    cut_out,
    item_label,
    parts_in,
    reason_against_cutting,
    warnings_of_cut_fades,
)
from hanolab_place_tracks import dress_item, dress_take

_SILENT_GAIN = 1e-9  # -180 dB, below what a 32-bit file keeps; nothing makes up for it
_FIXED_LANES = 2.0  # I_FREEMODE
_PLAYS_TOO = 2.0  # C_LANEPLAYS:N, beside the other lanes that play
_FADES = ("D_FADEINLEN", "D_FADEINLEN_AUTO", "D_FADEOUTLEN", "D_FADEOUTLEN_AUTO")
_WITHOUT_TAKES = "Leave --takes out, and the stems come as new tracks."


def add_takes(changes, sources, plan):
    """Add the stems of a plan to its item: what the result tells, changes, warnings."""
    face, what = changes.face, plan["takes"]
    span = Span(what["start_seconds"], what["end_seconds"], plan.get("tolerance_seconds", 0.0))
    parts = parts_in(changes, what, span)
    if not parts:
        label = item_label(changes, face.find_item(changes.project, what["item_id"]))
        raise HostFault("changed", f"{label} is not in its place any more", "Run it again.")
    item = parts[0]
    state, label = State(face, item), item_label(changes, item)
    warnings = warnings_of_cut_fades(state, span, label)
    changes.keep_item(item)
    inside = item
    if span.cuts(state):
        _refuse_cut(reason_against_cutting(face, item), label)
        inside = cut_out(changes, state, span)
        if not inside:
            _refuse_cut("REAPER does not cut it", label)
    told = [f"{label} has {len(what['files'])} more takes"]
    told += _let_nothing_act_twice(changes, inside, label)
    warnings += _warnings_of_fades(state, span, label)
    volume = state.values["D_VOL"]
    gain = 1.0 if abs(volume) < _SILENT_GAIN else 1.0 / volume
    later = max(0.0, state.start - span.start) if not span.cuts_start(state) else 0.0
    made, active = [], 0
    for fact in what["files"]:
        take = changes.add_take(inside)
        shifted = dict(fact, source_offset_seconds=fact["source_offset_seconds"] + later)
        take_id = dress_take(changes, sources, take, shifted, gain)
        made.append({"take_id": take_id, "take": take})
        active = take if fact["is_active"] else active
    changes.text("item", inside, f"P_EXT:hanolab_{plan['job_id']}", what["provenance"])
    if active:
        number = face.get_value("take", active, "IP_TAKENUMBER")
        changes.value("item", inside, "I_CURTAKE", number)
    item_id = face.get_text("item", inside, "GUID")
    track = face.api.GetMediaItemTrack(inside)
    track_id = face.get_text("track", track, "GUID")
    return [dict(one, item_id=item_id, track_id=track_id) for one in made], told, warnings


def _refuse_cut(reason, label):
    if reason:
        raise HostFault(
            "refused",
            f"{label} cannot get takes: it reaches beyond the selection, and {reason}, "
            "so it cannot be cut there",
            f"Select the whole item, or glue it first. {_WITHOUT_TAKES}",
        )


def _let_nothing_act_twice(changes, item, label):
    face = changes.face
    fades = [key for key in _FADES if face.get_value("item", item, key) != 0.0]
    told = [f"{label} has no fades where the stems play: they have them"] if fades else []
    for key in fades:
        changes.value("item", item, key, 0.0)
    if face.get_value("item", item, "B_ALLTAKESPLAY"):
        changes.value("item", item, "B_ALLTAKESPLAY", 0.0)
        told.append(f"{label} plays one take only")
    return told


def _warnings_of_fades(state, span, label):
    is_lost = (state.fade_in_seconds > 0 and not span.cuts_start(state)) or (
        state.fade_out_seconds > 0 and not span.cuts_end(state)
    )
    if not is_lost:
        return []
    return [f"{label}: its fades are in the stems; its original take plays without them now"]


def add_lanes(changes, sources, plan):
    """Add the stems of a plan as lanes of their track: what the result tells, and changes."""
    face, what = changes.face, plan["lanes"]
    if face.version_number < (7, 0):
        raise HostFault(
            "refused",
            f"fixed lanes need REAPER 7, and this is {face.version.partition('/')[0]}",
            'Set results = "tracks" in the preset, or update REAPER.',
        )
    item = face.find_item(changes.project, what["item_id"])
    track = face.api.GetMediaItemTrack(item)
    name = track_name(changes, track)
    others = [changes.find(one) for one in plan.get("sources") or ()]
    if any(other and face.api.GetMediaItemTrack(other) != track for other in others):
        raise HostFault(
            "refused",
            "fixed lanes are made on one track, and these stems come from several",
            'Use --each track, or set results = "tracks" in the preset.',
        )
    if face.get_value("track", track, "I_FREEMODE") == 1.0:
        raise HostFault(
            "refused",
            f"{name} has free item positioning, so it cannot have fixed lanes",
            'Set results = "tracks" in the preset.',
        )
    first = _open_lanes(changes, track, len(what["files"]))
    made = []
    for number, fact in enumerate(what["files"]):
        lane = first + number
        new = changes.add_item(track)
        changes.value("item", new, "I_FIXEDLANE", float(lane))
        made.append(dress_item(changes, sources, new, fact))
        _name_lane(changes, track, lane, fact["take_name"])
    _let_play(changes, track, first, what["files"])
    for number, one in enumerate(made):
        if face.get_value("item", one["item"], "I_FIXEDLANE") != first + number:
            raise HostFault("refused", f"REAPER did not keep the new lanes of {name}")
    track_id = face.get_text("track", track, "GUID")
    made = [dict(one, track_id=track_id) for one in made]
    return made, [f"{name} has {len(made)} more lanes"]


def _open_lanes(changes, track, n_more):
    """Make room for more lanes at the bottom; the number of the first of them."""
    face, api = changes.face, changes.api
    if face.get_value("track", track, "I_FREEMODE") != _FIXED_LANES:
        changes.undoing(api.UpdateTimeline)
        changes.value("track", track, "I_FREEMODE", _FIXED_LANES)
        api.UpdateTimeline()
    n_lanes = max(1, int(face.get_value("track", track, "I_NUMFIXEDLANES")))
    for lane in range(n_lanes + n_more):  # what plays is put back when all is taken back
        key = f"C_LANEPLAYS:{lane}"
        plays = face.get_value("track", track, key)
        changes.undoing(lambda k=key, p=plays: _put_back(face, track, k, p))
    changes.value("track", track, "I_NUMFIXEDLANES", float(n_lanes + n_more))
    return n_lanes


def _put_back(face, track, key, value):
    if face.get_value("track", track, key) != value:
        face.set_value("track", track, key, value)


def _name_lane(changes, track, lane, name):
    key = f"P_LANENAME:{lane}"
    before = changes.face.get_text("track", track, key)
    if before != name:
        rename = changes.api.GetSetMediaTrackInfo_String
        changes.undoing(lambda: rename(track, key, before, True))
        rename(track, key, name, True)


def _let_play(changes, track, first, files):
    """Let new lanes play beside those that do; those keep playing, the silent stay silent."""
    face = changes.face
    before = [face.get_value("track", track, f"C_LANEPLAYS:{n}") != 0 for n in range(first)]
    wanted = before + [fact["is_active"] for fact in files]
    for lane, plays in enumerate(wanted):
        value = _PLAYS_TOO if plays else 0.0
        face.api.SetMediaTrackInfo_Value(track, f"C_LANEPLAYS:{lane}", value)
    heard = [
        face.get_value("track", track, f"C_LANEPLAYS:{lane}") != 0 for lane in range(len(wanted))
    ]
    if heard != wanted:
        name = track_name(changes, track)
        raise HostFault("refused", f"REAPER did not let the lanes of {name} play")
