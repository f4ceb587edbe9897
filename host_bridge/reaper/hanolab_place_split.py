"""Cutting items at the edges of a span, so that what lies outside of it sounds as before.

REAPER may add crossfades to a cut, move snap offsets or regroup, by the user's preferences. So
every part gets its place, length, fades, group and source offset as they follow from the item
before. Cuts get no fade: the stems begin and end on the same frame. A source offset moves by the
cut's distance times the take's play rate; of a looped item it may be folded back by whole
lengths of its source.
"""

from __future__ import annotations

import math

from hanolab_calls import HostFault
from hanolab_place_inherit import track_title

_OFFSET_SECONDS = 1e-9  # far below a frame; doubles of hours are finer
_COPIED = ("B_MUTE", "C_MUTE_SOLO", "I_GROUPID", "B_UISEL", "D_VOL", "C_LOCK")
_FADE_IN = ("D_FADEINLEN", "D_FADEINLEN_AUTO", "D_FADEINDIR", "C_FADEINSHAPE")
_FADE_OUT = ("D_FADEOUTLEN", "D_FADEOUTLEN_AUTO", "D_FADEOUTDIR", "C_FADEOUTSHAPE")


class Span:
    """Where stems play, in seconds; edges nearer than `tolerance` are the same edge."""

    def __init__(self, start, end, tolerance):
        self.start = start
        self.end = end
        self.tolerance = tolerance

    def overlaps(self, start, end):
        """Whether something plays in the span, from one time to another."""
        return start < self.end - self.tolerance and end > self.start + self.tolerance

    def cuts_start(self, state):
        """Whether a part of an item plays before the span."""
        return state.start < self.start - self.tolerance

    def cuts_end(self, state):
        """Whether a part of an item plays behind the span."""
        return state.end > self.end + self.tolerance

    def cuts(self, state):
        """Whether an item reaches over an edge of the span."""
        return self.cuts_start(state) or self.cuts_end(state)


class State:
    """An item as it is before anything is done to it; times in seconds."""

    def __init__(self, face, item):
        self.item = item
        keys = ("D_POSITION", "D_LENGTH", "D_SNAPOFFSET", *_COPIED, *_FADE_IN, *_FADE_OUT)
        self.values = {key: face.get_value("item", item, key) for key in keys}
        self.start = self.values["D_POSITION"]
        self.end = self.start + self.values["D_LENGTH"]
        self.is_looped = face.get_value("item", item, "B_LOOPSRC") != 0
        self.takes = []  # (offset, play rate, source seconds) or None, by number
        for number in range(face.api.CountTakes(item)):
            take = face.api.GetMediaItemTake(item, number)
            self.takes.append(_offset_of(face, take) if take else None)

    @property
    def fade_in_seconds(self):
        """Length of the fade-in in effect."""
        auto = self.values["D_FADEINLEN_AUTO"]
        return auto if auto > 0 else self.values["D_FADEINLEN"]

    @property
    def fade_out_seconds(self):
        """Length of the fade-out in effect."""
        auto = self.values["D_FADEOUTLEN_AUTO"]
        return auto if auto > 0 else self.values["D_FADEOUTLEN"]


def _offset_of(face, take):
    offset = face.get_value("take", take, "D_STARTOFFS")
    rate = face.get_value("take", take, "D_PLAYRATE")
    source = face.api.GetMediaItemTake_Source(take)
    seconds = face.api.GetMediaSourceLength(source)[0] if source else 0.0
    return offset, rate, seconds


def parts_in(changes, fact, span):
    """The parts of an item that play in a span, as far as they are there.

    `fact` has the item's id, and as "parts" those of what was cut off it by earlier calls; what
    this call has cut off any of them is found here.
    """
    found = []
    for item_id in [fact["item_id"], *fact.get("parts", ())]:
        item = changes.find(item_id)
        for part in changes.parts(item) if item else ():
            start = changes.face.get_value("item", part, "D_POSITION")
            end = start + changes.face.get_value("item", part, "D_LENGTH")
            if span.overlaps(start, end):
                found.append(part)
    return found


def reason_against_cutting(face, item):
    """Why an item cannot be cut exactly; empty when it can."""
    api = face.api
    for number in range(api.CountTakes(item)):
        take = api.GetMediaItemTake(item, number)
        if not take:
            continue
        source = api.GetMediaItemTake_Source(take)
        if source and face.get_string("GetMediaSourceType", source).startswith("MIDI"):
            return "it has a MIDI take"
        if face.has("GetTakeNumStretchMarkers") and api.GetTakeNumStretchMarkers(take):
            return "it has stretch markers"
        for envelope in range(api.CountTakeEnvelopes(take)):
            if api.CountEnvelopePoints(api.GetTakeEnvelope(take, envelope)) > 1:
                return "it has a take envelope"
    return ""


def cut_out(changes, state, span):
    """Cut an item at the edges of the span: the part inside, 0 when REAPER would not.

    The parts before and behind it sound as the item did there.
    """
    if state.values["C_LOCK"]:
        changes.keep_item(state.item)
        changes.value("item", state.item, "C_LOCK", 0.0)
    item, start, end = state.item, state.start, state.end
    parts = []
    if span.cuts_end(state):
        tail = changes.split(item, span.end)
        if not tail:
            return 0
        parts.append((tail, span.end, end))
        end = span.end
    inside = item
    if span.cuts_start(state):
        inside = changes.split(item, span.start)
        if not inside:
            return 0
        parts.append((item, start, span.start))
        start = span.start
    for part, part_start, part_end in [*parts, (inside, start, end)]:
        _settle(changes, state, part, part_start, part_end)
    return inside


def _settle(changes, state, piece, start, end):
    """Give one part of an item all that follows from the item as it was."""
    values = state.values
    is_first, is_last = start == state.start, end == state.end
    wanted = {key: values[key] for key in _COPIED if key != "C_LOCK"}
    wanted["D_SNAPOFFSET"] = values["D_SNAPOFFSET"] if is_first else 0.0
    for keys, is_kept in ((_FADE_IN, is_first), (_FADE_OUT, is_last)):
        for key in keys:
            is_length = "LEN" in key
            if is_kept or is_length:
                wanted[key] = values[key] if is_kept else 0.0
    wanted["D_POSITION"] = start
    wanted["D_LENGTH"] = values["D_LENGTH"] if is_first and is_last else end - start
    for key, value in wanted.items():
        if "FADE" in key and value > 0 and "LEN" in key and value > end - start:
            changes.tried_value("item", piece, key, value)  # REAPER may shorten it to the part
        else:
            changes.value("item", piece, key, value)
    _settle_takes(changes, state, piece, start - state.start)
    changes.tried_value("item", piece, "C_LOCK", values["C_LOCK"])


def _settle_takes(changes, state, piece, distance_seconds):
    face, api = changes.face, changes.api
    if api.CountTakes(piece) != len(state.takes):
        raise HostFault("refused", "a part of a cut item has other takes than the item had")
    for number, before in enumerate(state.takes):
        take = api.GetMediaItemTake(piece, number)
        if before is None or not take:
            continue
        offset, rate, source_seconds = before
        wanted = offset + distance_seconds * rate
        got = face.get_value("take", take, "D_STARTOFFS")
        if _is_same_place(got, wanted, source_seconds if state.is_looped else 0.0):
            continue
        changes.value("take", take, "D_STARTOFFS", wanted)


def _is_same_place(one, other, period):
    away = abs(one - other)
    if period > 0.0:
        away = abs(math.fmod(away, period))
        away = min(away, period - away)
    return away <= _OFFSET_SECONDS


def item_label(changes, item):
    """What to call an item in messages."""
    face, api = changes.face, changes.api
    take = api.GetActiveTake(item)
    name = face.get_text("take", take, "P_NAME") if take else ""
    if take and not name:
        source = api.GetMediaItemTake_Source(take)
        name = face.get_string("GetMediaSourceFileName", source) if source else ""
    name = name or face.get_text("item", item, "GUID")
    track = track_title(changes, api.GetMediaItemTrack(item))
    at = clock(face.get_value("item", item, "D_POSITION"))
    return f'item "{name}" at {at} on "{track}"'


def clock(seconds):
    """A time as m:ss.mmm, or h:mm:ss.mmm from one hour on."""
    milliseconds = math.floor(abs(seconds) * 1000 + 0.5)
    minutes, rest = divmod(milliseconds, 60000)
    sign = "-" if seconds < 0 and milliseconds else ""
    if minutes >= 60:
        return f"{sign}{minutes // 60}:{minutes % 60:02d}:{rest / 1000:06.3f}"
    return f"{sign}{minutes}:{rest / 1000:06.3f}"


def warnings_of_cut_fades(state, span, label):
    """Where a fade is cut, its part outside the stems sounds different."""
    fade_in_end = state.start + state.fade_in_seconds
    fade_out_start = state.end - state.fade_out_seconds
    warnings = []
    for edge, is_cut in ((span.start, span.cuts_start(state)), (span.end, span.cuts_end(state))):
        is_in_fade = edge < fade_in_end - span.tolerance or edge > fade_out_start + span.tolerance
        if is_cut and is_in_fade:
            warnings.append(
                f"{label} is cut inside a fade at {clock(edge)}; "
                "outside the stems this fade sounds different from before"
            )
    return warnings
