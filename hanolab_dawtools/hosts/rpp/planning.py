"""From a selection to a plan of which media plays where, at one rate and channel count.

The rate is the project's own when that is switched on, else the highest among the media of the
selection. The channels are one when all items of the selection are mono, else as many as the
widest has (after its channel mode; a panned mono item is stereo). Mono items then play at full
level in channels 1 and 2, as REAPER plays them. Items that play only in the handles change neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hanolab_dawtools.audio.containers import probe_container
from hanolab_dawtools.audio.files import AudioInfo
from hanolab_dawtools.errors import AudioFileError, ExtraMissing, SelectionError
from hanolab_dawtools.hosts.project.hearing import HeardItem, folders_around
from hanolab_dawtools.hosts.project.overlaps import replaced_spans
from hanolab_dawtools.hosts.project.selecting import heard_items, track_label
from hanolab_dawtools.hosts.project.timeline import Source, Take, Timeline
from hanolab_dawtools.hosts.rpp import rules
from hanolab_dawtools.hosts.rpp.media import MediaFinder
from hanolab_dawtools.hosts.rpp.voices import Voice, make_voice, take_routing
from hanolab_dawtools.model import ItemNote, Selection
from hanolab_dawtools.units import format_clock, seconds_to_frames

_MAX_REASONS = 5  # as many as one sentence can carry


class NothingRendered(SelectionError):
    """Nothing of a selection can be rendered; `skipped` tells of each item why."""

    def __init__(self, message: str, skipped: Sequence[ItemNote], *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.skipped = tuple(skipped)


@dataclass(frozen=True)
class Plan:
    """What a capture renders; frames are those of the timeline at `sample_rate`.

    The last four are as in `model.Capture`.
    """

    sample_rate: int
    n_channels: int
    start_frame: int
    end_frame: int
    lead_frames: int
    tail_frames: int
    voices: tuple[Voice, ...]
    sources: tuple[str, ...]
    skipped: tuple[ItemNote, ...]
    approximate: tuple[ItemNote, ...]
    unheard_effects: tuple[str, ...]

    @property
    def first_frame(self) -> int:
        """First frame of the lead."""
        return self.start_frame - self.lead_frames

    @property
    def last_frame(self) -> int:
        """Just past the tail."""
        return self.end_frame + self.tail_frames


@dataclass(frozen=True)
class _Playable:
    """A heard item whose media was found and opened; `note` tells where, if elsewhere."""

    heard: HeardItem
    take: Take
    media: AudioInfo
    note: str

    @property
    def n_channels(self) -> int:
        """Channels that it plays."""
        return len(take_routing(self.take, self.media.n_channels) or ())


def plan_capture(
    timeline: Timeline,
    selection: Selection,
    handle_seconds: float,
    finder: MediaFinder | None = None,
) -> Plan:
    """Plan the audio of a selection and its handles.

    With one `finder` (of `project_media`) several plans of a project look into each file once.

    Raises
    ------
    NothingRendered
        Nothing of the selection can be rendered; the message says why.
    SelectionError
        The project was changed, or the selection is shorter than a frame.
    """
    inside = _selected_items(timeline, selection, selection.start_seconds, selection.end_seconds)
    if not inside:
        raise NothingRendered(
            f"nothing of {selection.name!r} sounds in {timeline.path.name} any more",
            (),
            hint="Its items were muted, moved or cut meanwhile, perhaps by the results of another"
            " run. Undo that, or run the command again on the project as it is now.",
        )
    finder = finder or project_media(timeline)
    playable, skipped = _sort_out(timeline, inside, finder)
    if not playable:
        raise _nothing_error(selection, skipped)
    rate = timeline.sample_rate or max(one.media.sample_rate for one in playable)
    start, end = _frames_of(selection, rate)
    handle = seconds_to_frames(handle_seconds, rate)
    lead = min(handle, start)
    tail = min(handle, max(0, seconds_to_frames(timeline.end_seconds, rate) - end))
    around = _selected_items(timeline, selection, (start - lead) / rate, (end + tail) / rate)
    known = {one.item.id for one in inside}
    context, _ = _sort_out(timeline, [one for one in around if one.item.id not in known], finder)
    gaps = _gaps(timeline, [*playable, *context])
    return Plan(
        sample_rate=rate,
        n_channels=max(one.n_channels for one in playable),
        start_frame=start,
        end_frame=end,
        lead_frames=lead,
        tail_frames=tail,
        voices=tuple(
            make_voice(one.heard, one.take, one.media, rate, gaps.get(one.heard.item.id, ()))
            for one in (*playable, *context)
        ),
        sources=tuple(one.heard.item.id for one in playable),
        skipped=tuple(skipped),
        approximate=tuple(_approximations(timeline, selection, playable, gaps)),
        unheard_effects=_unheard_effects(timeline, playable),
    )


def project_media(
    timeline: Timeline, open_container: Callable[[Path], AudioInfo] = probe_container
) -> MediaFinder:
    """Finds the media of a project; `open_container` as for `MediaFinder`."""
    return MediaFinder(timeline.path.parent, timeline.record_path, open_container)


def _selected_items(
    timeline: Timeline, selection: Selection, start_seconds: float, end_seconds: float
) -> list[HeardItem]:
    """Sounding items between two times that the selection covers.

    Raises
    ------
    SelectionError
        A track or item of the selection is not in the project any more.
    """
    tracks = [t for t in timeline.tracks if not selection.track_ids or t.id in selection.track_ids]
    items = {item.id for _, item in timeline.items()}
    if len(tracks) < len(selection.track_ids) or not items.issuperset(selection.item_ids):
        raise SelectionError(
            f"{timeline.path.name} was changed: a track or item of {selection.name!r} is gone",
            hint="Run the command again on the project as it is now.",
        )
    heard = heard_items(timeline, tracks, start_seconds, end_seconds)
    return [one for one in heard if not selection.item_ids or one.item.id in selection.item_ids]


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


def _sort_out(
    timeline: Timeline, heard: Sequence[HeardItem], finder: MediaFinder
) -> tuple[list[_Playable], list[ItemNote]]:
    """Part items into those that can be rendered and those that cannot; empty items are neither."""
    playable: list[_Playable] = []
    skipped: list[ItemNote] = []
    for one in heard:
        take = one.item.take
        if take is None or take.source is None:
            continue
        outcome = _open(timeline, one, take, take.source, finder)
        if isinstance(outcome, str):
            skipped.append(_note(one, outcome))
        else:
            playable.append(outcome)
    return playable, skipped


def _open(
    timeline: Timeline, one: HeardItem, take: Take, source: Source, finder: MediaFinder
) -> _Playable | str:
    """The item with its media, or why it cannot be rendered."""
    setting = rules.Setting(timeline, one.track, one.item, take, source)
    refusal = rules.refusal(setting)
    if refusal:
        return refusal
    played = rules.played_source(source)
    file = played.file
    if not file:
        return "the project names no file for it"
    lookup = finder.find(file)
    if lookup.path is None:
        places = ", ".join(str(place) for place in lookup.tried)
        return f"its media {file} is missing; looked for {places}"
    media = _probed(finder, lookup.path, is_container=played.kind == rules.CONTAINER_KIND)
    if isinstance(media, str):
        return media
    refusal = rules.refusal(replace(setting, n_channels=media.n_channels))
    return refusal or _Playable(one, take, media, lookup.note)


def _probed(finder: MediaFinder, path: Path, *, is_container: bool) -> AudioInfo | str:
    """What a file holds, or why it cannot be played."""
    try:
        media = finder.probe(path, is_container=is_container)
    except AudioFileError as error:
        return str(error)
    except ExtraMissing as error:
        return f"{error}; {error.hint}"
    return media if media.n_frames > 0 else f"its media {path} holds no audio"


def _gaps(timeline: Timeline, playing: Sequence[_Playable]) -> dict[str, list[tuple[float, float]]]:
    tracks = {one.heard.track.id: one.heard.track for one in playing}
    gaps: dict[str, list[tuple[float, float]]] = {}
    for track in tracks.values():
        gaps.update(replaced_spans(timeline, track))
    return gaps


def _approximations(
    timeline: Timeline,
    selection: Selection,
    playable: Sequence[_Playable],
    gaps: dict[str, list[tuple[float, float]]],
) -> list[ItemNote]:
    """What is not sample for sample as REAPER plays it, between the selection's edges."""
    notes: list[ItemNote] = []
    for one in playable:
        reasons = [one.note] if one.note else []
        if one.take.source is not None:
            setting = rules.Setting(
                timeline,
                one.heard.track,
                one.heard.item,
                one.take,
                one.take.source,
                one.media.n_channels,
                (selection.start_seconds, selection.end_seconds),
                tuple(gaps.get(one.heard.item.id, ())),
            )
            reasons += rules.approximations(setting)
        notes += [_note(one.heard, reason) for reason in reasons]
    return notes


def _unheard_effects(timeline: Timeline, playable: Sequence[_Playable]) -> tuple[str, ...]:
    around = folders_around(timeline)
    names: dict[str, None] = {}  # in order, once each
    for one in playable:
        for track in (*around[one.heard.track.id], one.heard.track):
            if not track.effects_bypassed:
                names.update(dict.fromkeys(f"{track_label(track)}: {fx}" for fx in track.effects))
        names.update(dict.fromkeys(f"{one.heard.item.name}: {fx}" for fx in one.take.effects))
    return tuple(names)


def _note(one: HeardItem, reason: str) -> ItemNote:
    label = track_label(one.track)
    return ItemNote(one.item.name, label, one.item.position_seconds, reason)


def _nothing_error(selection: Selection, skipped: Sequence[ItemNote]) -> NothingRendered:
    told = [f'"{note.item}" on "{note.track}": {note.reason}' for note in skipped[:_MAX_REASONS]]
    if len(skipped) > _MAX_REASONS:
        told.append(f"and {len(skipped) - _MAX_REASONS} more")
    why = "; ".join(told) if told else "its items hold no media"
    return NothingRendered(
        f"nothing of {selection.name!r} can be rendered: {why}",
        skipped,
        hint="Glue or render those items in REAPER, or choose others.",
    )
