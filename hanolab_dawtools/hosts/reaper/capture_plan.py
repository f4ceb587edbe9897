"""What REAPER is to render for a selection: which items or tracks, and which frames of them.

The rate is the project's own when that is switched on, else the audio device's, else the highest
among the media of the selection. The channels of point `item` are as for project files
(`hosts.rpp.planning`): one when all items are mono, else as many as the widest has. Of the other
points: as many as the widest track has, two at least. What plays only in the handles changes
neither. Which items sound, and which replaces which, is worked out as for project files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.hosts.project.hearing import HeardItem, folders_around
from hanolab_dawtools.hosts.project.overlaps import replaced_spans
from hanolab_dawtools.hosts.project.selecting import heard_items, track_label
from hanolab_dawtools.hosts.project.timeline import Take, Timeline
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.hosts.reaper.render_files import Piece
from hanolab_dawtools.hosts.reaper.track_plan import TrackChoice, choose_tracks
from hanolab_dawtools.model import CapturePoint, ItemNote, Selection
from hanolab_dawtools.units import format_clock, seconds_to_frames

USUAL_RATE = 48_000  # Hz; for a project without audio, of which nobody tells a rate
_MIDI_KINDS = {"MIDI", "MIDIPOOL"}
_OFFLINE = "OFFLINE"  # in the kind of a source whose file REAPER has closed
_MAX_REASONS = 5  # as many as one sentence can carry


@dataclass(frozen=True)
class CapturePlan:
    """What a capture has REAPER render; frames are those of the timeline at `sample_rate`.

    Attributes
    ----------
    n_channels, render_channels
        Of the capture, and asked of REAPER: mono items are rendered in two channels, as effects
        of a take may make them wide; `n_channels` is 1 when they should come out mono.
    pieces
        One file each. `tracks` says what they are at point `track`.
    sources, skipped, unheard_effects, remarks
        As in `model.Capture`.
    """

    sample_rate: int
    n_channels: int
    render_channels: int
    start_frame: int
    end_frame: int
    lead_frames: int
    tail_frames: int
    pieces: tuple[Piece, ...]
    tracks: tuple[TrackChoice, ...]
    sources: tuple[str, ...]
    skipped: tuple[ItemNote, ...]
    unheard_effects: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def first_frame(self) -> int:
        """First frame of the lead."""
        return self.start_frame - self.lead_frames

    @property
    def last_frame(self) -> int:
        """Just past the tail."""
        return self.end_frame + self.tail_frames

    @property
    def rendered_frames(self) -> int:
        """Frames of all files together."""
        return sum(piece.n_frames for piece in self.pieces)


def plan_live_capture(
    live: LiveTimeline, selection: Selection, handle_seconds: float, *, master_channels: int = 2
) -> CapturePlan:
    """Plan the renders of a selection and its handles.

    Raises
    ------
    SelectionError
        The project was changed, the selection is shorter than a frame, or nothing of it can be
        rendered.
    """
    timeline = live.timeline
    inside = _heard(timeline, selection, selection.start_seconds, selection.end_seconds)
    playable, skipped = _sort_out(inside, selection.point)
    rate = _rate(live, [one.item.take for one in playable])
    start, end = _frames_of(selection, rate)
    handle = seconds_to_frames(handle_seconds, rate)
    lead = min(handle, start)
    tail = min(handle, max(0, seconds_to_frames(timeline.end_seconds, rate) - end))
    first, last = start - lead, end + tail
    n_channels = render_channels = max(2, master_channels)
    tracks: tuple[TrackChoice, ...] = ()
    remarks: tuple[str, ...] = ()
    if selection.point is CapturePoint.ITEM:
        if not playable:
            raise _nothing_error(selection, skipped)
        around, _ = _sort_out(
            _heard(timeline, selection, first / rate, last / rate), selection.point
        )
        pieces = _item_pieces(timeline, around, rate, first, last)
        n_channels = max(live_channels(live, one.item.take) for one in playable)
        render_channels = max(2, n_channels)
    elif selection.point is CapturePoint.TRACK:
        tracks, remarks = choose_tracks(timeline, selection)
        pieces = tuple(Piece(one.id, f'track "{one.label}"', first, last) for one in tracks)
        n_channels = render_channels = max(2, *(live.n_channels[one.id] for one in tracks))
    else:
        pieces = (Piece("master", "the mix", first, last),)
    return CapturePlan(
        sample_rate=rate,
        n_channels=n_channels,
        render_channels=render_channels,
        start_frame=start,
        end_frame=end,
        lead_frames=lead,
        tail_frames=tail,
        pieces=pieces,
        tracks=tracks,
        sources=tuple(one.item.id for one in playable),
        skipped=tuple(skipped),
        unheard_effects=(
            _unheard_effects(timeline, playable) if selection.point is CapturePoint.ITEM else ()
        ),
        remarks=remarks,
    )


def live_channels(live: LiveTimeline, take: Take | None) -> int:
    """Channels that a take plays: after its channel mode, two when a mono one is panned."""
    media = live.media.get(take.guid) if take else None
    if take is None or media is None:
        return 1
    mode = take.channel_mode
    n_channels = media.n_channels
    if 2 <= mode < 67:  # ReaScript's I_CHANMODE: one channel, or all of them as one
        n_channels = 1
    elif mode >= 67:  # a pair of channels
        n_channels = 2
    is_panned = take.pan != 0.0 or any(env.kind == "PANENV" for env in take.envelopes)
    return 2 if n_channels == 1 and is_panned else max(1, n_channels)


def _heard(
    timeline: Timeline, selection: Selection, start_seconds: float, end_seconds: float
) -> list[HeardItem]:
    """Sounding items between two times that the selection covers."""
    tracks = [t for t in timeline.tracks if not selection.track_ids or t.id in selection.track_ids]
    items = {item.id for _, item in timeline.items()}
    if len(tracks) < len(selection.track_ids) or not items.issuperset(selection.item_ids):
        raise SelectionError(
            f"{timeline.path.name} was changed: a track or item of {selection.name!r} is gone",
            hint="Run the action again on the project as it is now.",
        )
    heard = heard_items(timeline, tracks, start_seconds, end_seconds)
    return [one for one in heard if not selection.item_ids or one.item.id in selection.item_ids]


def _sort_out(
    heard: Sequence[HeardItem], point: CapturePoint
) -> tuple[list[HeardItem], list[ItemNote]]:
    """Part items into those that REAPER can render and those it cannot; empty ones are neither.

    With a whole track REAPER plays whatever can be played, MIDI through its instrument included.
    """
    playable: list[HeardItem] = []
    skipped: list[ItemNote] = []
    for one in heard:
        if one.item.take is None or one.item.take.source is None:
            continue
        reason = _refusal(one.item.take) if point is CapturePoint.ITEM else ""
        if reason:
            label = track_label(one.track)
            skipped.append(ItemNote(one.item.name, label, one.item.position_seconds, reason))
        else:
            playable.append(one)
    return playable, skipped


def _refusal(take: Take) -> str:
    """Why REAPER cannot render the item of a take; empty when it can."""
    source = take.source
    if source is None:
        return ""
    if source.kind in _MIDI_KINDS:
        return "MIDI sounds only through its instrument; capture its track, or freeze it first"
    if _OFFLINE in source.kind:
        return "its media is offline; bring it online in REAPER"
    path = Path(source.file or "")
    if path.is_absolute() and not path.is_file():
        return f"its media {path} is missing"
    return ""


def _rate(live: LiveTimeline, takes: Sequence[Take | None]) -> int:
    rates = [
        live.media[take.guid].sample_rate for take in takes if take and take.guid in live.media
    ]
    return live.timeline.sample_rate or live.device_rate or max(rates, default=0) or USUAL_RATE


def _frames_of(selection: Selection, rate: int) -> tuple[int, int]:
    start = seconds_to_frames(selection.start_seconds, rate)
    end = seconds_to_frames(selection.end_seconds, rate)
    if start >= end:
        raise SelectionError(
            f"{selection.name!r} at {format_clock(selection.start_seconds)} is shorter than one "
            "frame",
            hint="Choose a longer range.",
        )
    return start, end


def _item_pieces(
    timeline: Timeline, heard: Sequence[HeardItem], rate: int, first: int, last: int
) -> tuple[Piece, ...]:
    """The part of each item that lies between two frames; none for what is shorter than one."""
    tracks = {one.track.id: one.track for one in heard}
    gaps: dict[str, list[tuple[float, float]]] = {}
    for track in tracks.values():
        gaps.update(replaced_spans(timeline, track))
    pieces: list[Piece] = []
    for one in heard:
        item = one.item
        start = seconds_to_frames(item.position_seconds, rate)
        end = seconds_to_frames(item.end_seconds, rate)
        if max(start, first) >= min(end, last):
            continue
        pieces.append(
            Piece(
                item.id,
                f'item "{item.name}" on track "{track_label(one.track)}"',
                max(start, first),
                min(end, last),
                (start, end),
                tuple(
                    (seconds_to_frames(gap_start, rate), seconds_to_frames(gap_end, rate))
                    for gap_start, gap_end in gaps.get(item.id, ())
                ),
            )
        )
    return tuple(pieces)


def _unheard_effects(timeline: Timeline, playable: Sequence[HeardItem]) -> tuple[str, ...]:
    """Effects of tracks and their folders; those of takes are rendered with the items."""
    around = folders_around(timeline)
    names: dict[str, None] = {}  # in order, once each
    for one in playable:
        for track in (*around[one.track.id], one.track):
            if not track.effects_bypassed:
                names.update(dict.fromkeys(f"{track_label(track)}: {fx}" for fx in track.effects))
    return tuple(names)


def _nothing_error(selection: Selection, skipped: Sequence[ItemNote]) -> SelectionError:
    told = [f'"{note.item}" on "{note.track}": {note.reason}' for note in skipped[:_MAX_REASONS]]
    if len(skipped) > _MAX_REASONS:
        told.append(f"and {len(skipped) - _MAX_REASONS} more")
    why = "; ".join(told) if told else "no item with media sounds there"
    return SelectionError(
        f"nothing of {selection.name!r} can be rendered: {why}",
        hint="Glue or freeze those items in REAPER, or choose others.",
    )
