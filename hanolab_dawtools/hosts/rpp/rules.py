"""What a capture does with each thing an item can have: rendered, approximated or refused.

One table, `RULES`; the renderer obeys it and the documentation is written from it. Rules are
looked at in order; the first refusal counts, approximations add up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from hanolab_dawtools.hosts.project.timeline import Item, Source, Take, Timeline, Track
from hanolab_dawtools.hosts.rpp.channels import MONO_MIX, SWAPPED, routing_of
from hanolab_dawtools.hosts.rpp.envelopes import SOUNDING_KINDS, is_exact
from hanolab_dawtools.hosts.rpp.fades import is_straight
from hanolab_dawtools.hosts.rpp.stretching import (
    NEUTRAL,
    can_be_stretched,
    is_marked,
    is_stretched,
    keeps_pitch,
    shifts_pitch,
)
from hanolab_dawtools.hosts.rpp.voices import sounding_envelopes, take_routing

PLAYABLE_KINDS = frozenset({"WAVE", "MP3", "FLAC", "VORBIS", "OPUS"})  # AIFF comes as WAVE
SHORT_FADE_SECONDS = 0.05  # shorter curved fades are not told: nearly every item has one
CONTAINER_KIND = "VIDEO"  # also audio that REAPER reads through its video decoder, as AAC
MAX_PLAY_RATE = 100.0
_FIRST_PAIR = 67  # channel mode of channels 1 and 2


class Verdict(StrEnum):
    """What becomes of a thing."""

    APPROXIMATED = "approximated"
    REFUSED = "refused"


@dataclass(frozen=True)
class Setting:
    """An item in its surroundings, as the rules look at it.

    `n_channels` are those of its media, 0 before it is opened. `span` is the part of the timeline
    that is looked at, `gaps` where other items replace it, all in seconds.
    """

    timeline: Timeline
    track: Track
    item: Item
    take: Take
    source: Source
    n_channels: int = 0
    span: tuple[float, float] = (-math.inf, math.inf)
    gaps: tuple[tuple[float, float], ...] = ()

    @property
    def kind(self) -> str:
        """REAPER's type of what plays, be it in a section or not."""
        return played_source(self.source).kind

    def touches(self, start_seconds: float, end_seconds: float) -> bool:
        """Whether something between two times lies in the span."""
        return max(start_seconds, self.span[0]) < min(end_seconds, self.span[1])


def played_source(source: Source) -> Source:
    """The source that names the media: what a section holds, or the source itself."""
    if source.kind == "SECTION" and source.inner is not None:
        return source.inner
    return source


@dataclass(frozen=True)
class Rule:
    """`applies` says whether an item has the thing; `sentence` is told to the user."""

    kind: str
    verdict: Verdict
    sentence: str
    applies: Callable[[Setting], bool]


def _refused(kind: str, sentence: str, applies: Callable[[Setting], bool]) -> Rule:
    return Rule(kind, Verdict.REFUSED, sentence, applies)


def _approximated(kind: str, sentence: str, applies: Callable[[Setting], bool]) -> Rule:
    return Rule(kind, Verdict.APPROXIMATED, sentence, applies)


def _is_panned(at: Setting) -> bool:
    envelopes = sounding_envelopes(at.take)
    return abs(at.take.pan) > NEUTRAL or any(one.kind == "PANENV" for one in envelopes)


def _centred(take: Take) -> Take:
    return replace(take, pan=0.0)


def _has_pan_law(at: Setting) -> bool:
    law = at.take.pan_law if at.take.pan_law >= 0.0 else at.timeline.pan_law
    return _is_panned(at) and abs(law - 1.0) > NEUTRAL


def _routed_channels(at: Setting) -> int:
    return len(take_routing(at.take, at.n_channels) or ())


def _crosses_section_seam(at: Setting) -> bool:
    source, take = at.source, at.take
    if source.kind != "SECTION" or source.section_overlap_seconds <= 0 or not at.item.is_looped:
        return False
    end = take.source_offset_seconds + at.item.length_seconds * take.play_rate
    return take.source_offset_seconds < 0 or end > source.section_length_seconds


def _has_long_curved_fade(at: Setting) -> bool:
    item = at.item
    fades = (
        (item.fade_in, item.position_seconds),
        (item.fade_out, item.end_seconds - item.fade_out.length_seconds),
    )
    return any(
        not is_straight(fade)
        and fade.length_seconds > SHORT_FADE_SECONDS
        and at.touches(start, start + fade.length_seconds)
        for fade, start in fades
    )


RENDERED = (
    "audio files (WAV, AIFF, FLAC, MP3, OGG) of any rate and channel count",
    "position, length and start in source, also before the source's start",
    "loop source, sections, reverse",
    "play rate without preserved pitch",
    "item and take volume, polarity, take pan, channel modes",
    "volume, pan and mute envelopes of takes",
    "straight fades and crossfades; curved ones up to 50 ms, near REAPER's curve and not told",
    "mute and solo of items, tracks and folders; what a soloed track receives",
    "the active take; the playing lanes; free positioning",
    "frozen tracks: the frozen audio",
    "overlapping items, mixed or replaced by the project's rule",
)

RULES: tuple[Rule, ...] = (
    _refused(
        "MIDI",
        "MIDI sounds only through its instrument; freeze or render the track first",
        lambda at: at.kind in {"MIDI", "MIDIPOOL"},
    ),
    _refused(
        "click",
        "a click is not rendered; REAPER makes it while it plays",
        lambda at: at.kind == "CLICK",
    ),
    _refused(
        "time code",
        "time code is not rendered; REAPER makes it while it plays",
        lambda at: at.kind == "LTC",
    ),
    _refused(
        "sub-project",
        "a sub-project is not rendered; render it to a file first",
        lambda at: at.kind == "RPP_PROJECT",
    ),
    _refused(
        "offline media",
        "its media is offline; bring it online in REAPER and save",
        lambda at: at.kind.startswith("_OFFLINE_"),
    ),
    _refused(
        "other sources",
        "sources of this type are not rendered; glue the item first",
        lambda at: at.kind not in {*PLAYABLE_KINDS, CONTAINER_KIND},
    ),
    _refused(
        "high play rate",
        "its play rate is over 100",
        lambda at: at.take.play_rate > MAX_PLAY_RATE,
    ),
    _refused(
        "markers that bend the pitch",
        "its stretch markers do not preserve the pitch; glue the item first",
        lambda at: is_marked(at.take) and not at.take.preserves_pitch,
    ),
    _refused(
        "extreme stretching",
        "its rate or pitch is beyond 10 times or 2 octaves, or its stretch markers run backwards; "
        "glue the item first",
        lambda at: is_stretched(at.take) and not can_be_stretched(at.take),
    ),
    _refused(
        "channel mode",
        "its channel mode asks for channels that its media lacks; set it to normal",
        lambda at: at.n_channels > 0 and routing_of(at.take.channel_mode, at.n_channels) is None,
    ),
    _refused(
        "take envelopes",
        "its take has an envelope other than volume, pan and mute; glue the item first",
        lambda at: any(
            envelope.kind not in SOUNDING_KINDS or envelope.has_automation_items
            for envelope in sounding_envelopes(at.take)
        ),
    ),
    _refused(
        "play all takes",
        "it plays all its takes at once; glue the item first",
        lambda at: at.item.plays_all_takes and sum(take is not None for take in at.item.takes) > 1,
    ),
    _refused(
        "media offset",
        "its track has a media playback offset; set it to 0 or glue the item first",
        lambda at: abs(at.track.media_offset_seconds) > NEUTRAL,
    ),
    _approximated(
        "preserved pitch",
        "its play rate keeps the pitch: stretched near REAPER's own algorithm, not equal",
        lambda at: keeps_pitch(at.take),
    ),
    _approximated(
        "pitch",
        "its pitch is shifted: near REAPER's own algorithm, not equal",
        lambda at: shifts_pitch(at.take),
    ),
    _approximated(
        "stretch markers",
        "it has stretch markers: stretched near REAPER's own algorithm, not equal",
        lambda at: is_marked(at.take),
    ),
    _approximated(
        "video",
        "the sound of its video is decoded by FFmpeg: it may begin some milliseconds apart",
        lambda at: at.kind == CONTAINER_KIND,
    ),
    _approximated(
        "track mute envelope",
        "the mute envelope of its track is not applied",
        lambda at: any(e.is_active and e.kind == "MUTEENV" for e in at.track.envelopes),
    ),
    _approximated(
        "master play rate",
        "the project's play rate is left out; times are those of the timeline",
        lambda at: abs(at.timeline.play_rate - 1.0) > NEUTRAL,
    ),
    _approximated(
        "pan law",
        "its take is panned as a balance, without the pan law",
        _has_pan_law,
    ),
    _approximated(
        "pan of many channels",
        "its take is panned by pairs of channels",
        lambda at: _is_panned(at) and _routed_channels(at) > 2,
    ),
    _approximated(
        "pan and pan envelope",
        "pan and pan envelope of its take are added",
        lambda at: abs(at.take.pan) > NEUTRAL and _is_panned(replace(at, take=_centred(at.take))),
    ),
    _approximated(
        "mono mix",
        "its left and right are mixed as their mean; REAPER's level may differ",
        lambda at: at.take.channel_mode == MONO_MIX and at.n_channels > 1,
    ),
    _approximated(
        "channel modes of many channels",
        "which channels its channel mode means is not certain",
        lambda at: (
            at.take.channel_mode > _FIRST_PAIR
            or (at.take.channel_mode in (SWAPPED, MONO_MIX) and at.n_channels > 2)
        ),
    ),
    _approximated(
        "curved take envelopes",
        "the curve of its envelope is near REAPER's, not equal",
        lambda at: any(
            envelope.kind != "MUTEENV" and not is_exact(envelope)
            for envelope in sounding_envelopes(at.take)
        ),
    ),
    _approximated(
        "section crossfade",
        "where its section repeats there is a cut, not the section's crossfade",
        _crosses_section_seam,
    ),
    _approximated(
        "long curved fades",
        "its fade is curved; the curve is near REAPER's, not equal",
        _has_long_curved_fade,
    ),
    _approximated(
        "replaced overlap",
        "another item on its track replaces it for a time; the cut is hard here",
        lambda at: any(at.touches(*gap) for gap in at.gaps),
    ),
)


def refusal(at: Setting) -> str:
    """Why an item is not rendered; empty when it is."""
    return next((r.sentence for r in RULES if r.verdict is Verdict.REFUSED and r.applies(at)), "")


def approximations(at: Setting) -> list[str]:
    """What is not exactly as REAPER plays it, one sentence each."""
    return [r.sentence for r in RULES if r.verdict is Verdict.APPROXIMATED and r.applies(at)]
