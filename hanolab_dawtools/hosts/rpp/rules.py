"""What a capture does with each thing an item can have: rendered, approximated or refused.

One table, `RULES`; the renderer obeys it and the documentation is written from it. Rules are
looked at in order; the first refusal counts, approximations add up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hanolab_dawtools.hosts.rpp.timeline import Item, Source, Take, Timeline, Track

PLAYABLE_KINDS = frozenset({"WAVE", "MP3", "FLAC", "VORBIS", "OPUS"})  # AIFF comes as WAVE
_NEUTRAL = 1e-9  # what REAPER's 14 written digits can hold of an untouched 0 or 1


class Verdict(StrEnum):
    """What becomes of a thing."""

    APPROXIMATED = "approximated"
    REFUSED = "refused"


@dataclass(frozen=True)
class Setting:
    """An item in its surroundings, as the rules look at it."""

    timeline: Timeline
    track: Track
    item: Item
    take: Take
    source: Source


@dataclass(frozen=True)
class Rule:
    """`applies` says whether an item has the thing; `sentence` is told to the user."""

    kind: str
    verdict: Verdict
    sentence: str
    applies: Callable[[Setting], bool]


def _refused(kind: str, sentence: str, applies: Callable[[Setting], bool]) -> Rule:
    return Rule(kind, Verdict.REFUSED, sentence, applies)


RENDERED = (
    "audio files (WAV, AIFF, FLAC, MP3, OGG) of any rate and channel count",
    "position, length and start in source",
    "loop source",
    "item and take volume, polarity",
    "straight fades and crossfades",
    "mute and solo of items and tracks, muted folders",
    "the active take",
    "overlapping items that mix",
)

RULES: tuple[Rule, ...] = (
    _refused(
        "MIDI",
        "MIDI sounds only through its instrument; freeze or render the track first",
        lambda at: at.source.kind in {"MIDI", "MIDIPOOL"},
    ),
    _refused(
        "video",
        "the sound of a video is not read; glue or render the item first",
        lambda at: at.source.kind == "VIDEO",
    ),
    _refused(
        "section",
        "a section or reversed source is not rendered; glue the item first",
        lambda at: at.source.kind == "SECTION",
    ),
    _refused(
        "sub-project",
        "a sub-project is not rendered; render it to a file first",
        lambda at: at.source.kind == "RPP_PROJECT",
    ),
    _refused(
        "offline media",
        "its media is offline; bring it online in REAPER and save",
        lambda at: at.source.kind.startswith("_OFFLINE_"),
    ),
    _refused(
        "other sources",
        "sources of this type are not rendered; glue the item first",
        lambda at: at.source.kind not in PLAYABLE_KINDS,
    ),
    _refused(
        "play rate",
        "its play rate is not 1; glue the item first",
        lambda at: abs(at.take.play_rate - 1.0) > _NEUTRAL,
    ),
    _refused(
        "pitch",
        "its pitch is shifted; glue the item first",
        lambda at: abs(at.take.pitch_semitones) > _NEUTRAL,
    ),
    _refused(
        "stretch markers",
        "it has stretch markers; glue the item first",
        lambda at: bool(at.take.stretch_markers),
    ),
    _refused(
        "channel mode",
        "its channel mode is not normal; glue the item first",
        lambda at: at.take.channel_mode != 0,
    ),
    _refused(
        "take pan",
        "its take is panned; glue the item first",
        lambda at: abs(at.take.pan) > _NEUTRAL,
    ),
    _refused(
        "take envelopes",
        "its take has an envelope; glue the item first",
        lambda at: any(envelope.is_active for envelope in at.take.envelopes),
    ),
    _refused(
        "play all takes",
        "it plays all its takes at once; glue the item first",
        lambda at: at.item.plays_all_takes and sum(take is not None for take in at.item.takes) > 1,
    ),
    _refused(
        "fixed lanes",
        "its track has fixed lanes; hide the lanes or glue the item first",
        lambda at: at.track.free_mode == 2,
    ),
    _refused(
        "free positioning",
        "its track is in free item positioning; switch that off or glue the item first",
        lambda at: at.track.free_mode == 1,
    ),
    _refused(
        "media offset",
        "its track has a media playback offset; set it to 0 or glue the item first",
        lambda at: abs(at.track.media_offset_seconds) > _NEUTRAL,
    ),
    Rule(
        "track mute envelope",
        Verdict.APPROXIMATED,
        "the mute envelope of its track is not applied",
        lambda at: any(e.is_active and e.kind == "MUTEENV" for e in at.track.envelopes),
    ),
    Rule(
        "master play rate",
        Verdict.APPROXIMATED,
        "the project's play rate is left out; times are those of the timeline",
        lambda at: abs(at.timeline.play_rate - 1.0) > _NEUTRAL,
    ),
)

CURVED_FADE = "its fade is curved; the curve is near REAPER's, not equal"
REPLACED_OVERLAP = "another item on its track replaces it for a time; the cut is hard here"


def refusal(at: Setting) -> str:
    """Why an item is not rendered; empty when it is."""
    return next((r.sentence for r in RULES if r.verdict is Verdict.REFUSED and r.applies(at)), "")


def approximations(at: Setting) -> list[str]:
    """What is not exactly as REAPER plays it, one sentence each."""
    return [r.sentence for r in RULES if r.verdict is Verdict.APPROXIMATED and r.applies(at)]
