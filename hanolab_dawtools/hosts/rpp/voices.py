"""One item as the renderer plays it: media, frames, gain, fades, and where others replace it.

Every time of the project becomes a frame by `units.seconds_to_frames`, once: item start, item
end and the offset into the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hanolab_dawtools.audio.files import AudioInfo
from hanolab_dawtools.hosts.rpp.hearing import HeardItem, silent_item_reason
from hanolab_dawtools.hosts.rpp.timeline import Fade, Item, Take, Timeline, Track
from hanolab_dawtools.units import resampled_length, seconds_to_frames

_MIX_ALWAYS = 1  # ITEMMIX and MIXFLAG; 0: an enclosed item replaces the enclosing one
_LATER_REPLACES = 2


@dataclass(frozen=True)
class Voice:
    """What plays, and where; all frames are at the capture's rate.

    Attributes
    ----------
    path, item_name, track_name
        The media file, and what to call the item in messages.
    start_frame, end_frame
        Where the item lies on the timeline.
    offset_frames
        Frame of the media that plays at `start_frame`.
    media_frames
        Length of the media.
    gain
        Item and take volume; negative turns the polarity.
    fade_in_frames, fade_out_frames
        Lengths of the fades, not rounded.
    gaps
        Spans (start, end) of the timeline where another item plays instead.
    """

    path: Path
    item_name: str
    track_name: str
    n_channels: int
    start_frame: int
    end_frame: int
    offset_frames: int
    media_frames: int
    is_looped: bool = False
    gain: float = 1.0
    fade_in: Fade = field(default_factory=Fade)
    fade_out: Fade = field(default_factory=Fade)
    fade_in_frames: float = 0.0
    fade_out_frames: float = 0.0
    gaps: tuple[tuple[int, int], ...] = ()


def make_voice(
    one: HeardItem,
    take: Take,
    media: AudioInfo,
    sample_rate: int,
    gaps: Iterable[tuple[float, float]],
) -> Voice:
    """The voice of an item whose active take is `take`; `gaps` in seconds."""
    item = one.item
    gain = item.gain * take.gain
    return Voice(
        path=media.path,
        item_name=item.name,
        track_name=one.track.name,
        n_channels=media.n_channels,
        start_frame=seconds_to_frames(item.position_seconds, sample_rate),
        end_frame=seconds_to_frames(item.end_seconds, sample_rate),
        offset_frames=seconds_to_frames(take.source_offset_seconds, sample_rate),
        media_frames=resampled_length(media.n_frames, media.sample_rate, sample_rate),
        is_looped=item.is_looped,
        gain=-gain if take.is_inverted else gain,
        fade_in=item.fade_in,
        fade_out=item.fade_out,
        fade_in_frames=min(item.fade_in.length_seconds, item.length_seconds) * sample_rate,
        fade_out_frames=min(item.fade_out.length_seconds, item.length_seconds) * sample_rate,
        gaps=tuple(
            (seconds_to_frames(start, sample_rate), seconds_to_frames(end, sample_rate))
            for start, end in gaps
        ),
    )


def replaced_spans(timeline: Timeline, track: Track) -> dict[str, list[tuple[float, float]]]:
    """By item id, in seconds, where an item of a track is replaced by another one on it.

    Items that overlap mix, except an item that another one encloses (rule 0), and, under rule
    2, an item that a later one overlaps without a crossfade. The rule of the replacing item
    counts, or the project's when it has none.
    """
    spans: dict[str, list[tuple[float, float]]] = {}
    for earlier, later in _overlapping_pairs(track):
        for lower, upper in ((earlier, later), (later, earlier)):
            rule = timeline.overlap_rule if upper.mix_behaviour is None else upper.mix_behaviour
            if _replaces(lower, upper, rule, upper_is_later=upper is later):
                span = (
                    max(lower.position_seconds, upper.position_seconds),
                    min(lower.end_seconds, upper.end_seconds),
                )
                spans.setdefault(lower.id, []).append(span)
                break
    return spans


def _replaces(lower: Item, upper: Item, rule: int, *, upper_is_later: bool) -> bool:
    if rule == _MIX_ALWAYS:
        return False
    if rule == _LATER_REPLACES:
        return upper_is_later and not (lower.fade_out.is_auto and upper.fade_in.is_auto)
    is_enclosed = (
        lower.position_seconds <= upper.position_seconds and upper.end_seconds <= lower.end_seconds
    )
    is_same_span = (
        lower.position_seconds == upper.position_seconds and upper.end_seconds == lower.end_seconds
    )
    return is_enclosed and (upper_is_later or not is_same_span)


def _overlapping_pairs(track: Track) -> Iterator[tuple[Item, Item]]:
    """Pairs (earlier, later) of sounding items of a track that share some time."""
    sounding = [
        item
        for item in track.items
        if item.take is not None
        and item.take.source is not None
        and not silent_item_reason(track, item)
    ]
    playing: list[Item] = []
    for item in sorted(sounding, key=lambda one: one.position_seconds):
        playing = [other for other in playing if other.end_seconds > item.position_seconds]
        for other in playing:
            yield other, item
        playing.append(item)
