"""One item as the renderer plays it: media, frames, gain and fades.

At play rate 1 every time of the project becomes a frame by `units.seconds_to_frames`, once: item
start, item end and the offset into the source, so that samples pass as they are. At other rates
samples change anyhow, and the source is read at exact, fractional positions: what lies at second
`s` of the source sounds at `POSITION + (s - SOFFS) / PLAYRATE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hanolab_dawtools.audio.files import AudioInfo
from hanolab_dawtools.audio.stretch import TimeStretch
from hanolab_dawtools.hosts.project.hearing import HeardItem
from hanolab_dawtools.hosts.project.timeline import Envelope, Fade, Source, Take
from hanolab_dawtools.hosts.rpp.channels import Routing, panned, routing_of
from hanolab_dawtools.hosts.rpp.source_frames import Stretch, stretch_of
from hanolab_dawtools.hosts.rpp.stretching import is_stretched, time_stretch
from hanolab_dawtools.units import seconds_to_frames


@dataclass(frozen=True, eq=False)
class Voice:
    """What plays, and where; frames are at the capture's rate unless they are the media's.

    Voices of equal items are two: each has its own place in the file.

    Attributes
    ----------
    path, item_name, track_name
        The media file, and what to call the item in messages.
    stretch, media_rate
        What of the file is the source, in frames of the file, and the file's rate.
    is_plain_file
        Whether it is the whole file, once, forwards, at play rate 1.
    routing
        Channels that come out; see `channels`.
    start_frame, end_frame
        Where the item lies on the timeline.
    origin, step
        Frame of the source that plays at `start_frame`, and source frames from one frame of the
        capture to the next.
    gain
        Item and take volume; negative turns the polarity.
    fade_in_frames, fade_out_frames
        Lengths of the fades, not rounded.
    envelopes, envelope_origin_seconds, envelope_step_seconds
        Envelopes of the take that do something, the time in them at `start_frame`, and from one
        frame to the next.
    gaps
        Spans (start, end) of the timeline where another item plays instead.
    time_stretch
        What is to be made of the source before it can play; its output frame 0 lies at
        `start_frame`. `origin`, `step` and `is_plain_file` say nothing until then.
    """

    path: Path
    item_name: str
    track_name: str
    stretch: Stretch
    media_rate: int
    is_plain_file: bool
    routing: Routing
    start_frame: int
    end_frame: int
    origin: float
    step: float
    gain: float = 1.0
    pan: float = 0.0
    fade_in: Fade = field(default_factory=Fade)
    fade_out: Fade = field(default_factory=Fade)
    fade_in_frames: float = 0.0
    fade_out_frames: float = 0.0
    envelopes: tuple[Envelope, ...] = ()
    envelope_origin_seconds: float = 0.0
    envelope_step_seconds: float = 0.0
    gaps: tuple[tuple[int, int], ...] = ()
    time_stretch: TimeStretch | None = None

    @property
    def n_channels(self) -> int:
        """Channels that come out."""
        return len(self.routing)

    @property
    def is_untouched(self) -> bool:
        """Whether frames of the source are frames of the capture."""
        return self.step == 1.0 and self.origin.is_integer()


def make_voice(
    one: HeardItem,
    take: Take,
    media: AudioInfo,
    sample_rate: int,
    gaps: Iterable[tuple[float, float]],
) -> Voice:
    """The voice of an item whose active take is `take`; `gaps` in seconds.

    The take has a source, and a channel mode that the media can follow.
    """
    item = one.item
    gain = item.gain * take.gain
    stretch = stretch_of(take.source or Source(""), media, is_looped=item.is_looped)
    start_frame = seconds_to_frames(item.position_seconds, sample_rate)
    late_seconds = start_frame / sample_rate - item.position_seconds
    step = media.sample_rate * take.play_rate / sample_rate
    if take.play_rate == 1.0:
        origin = seconds_to_frames(take.source_offset_seconds, sample_rate) * step
    else:
        source_seconds = take.source_offset_seconds + late_seconds * take.play_rate
        origin = source_seconds * media.sample_rate
    return Voice(
        path=media.path,
        item_name=item.name,
        track_name=one.track.name,
        stretch=stretch,
        media_rate=media.sample_rate,
        is_plain_file=take.play_rate == 1.0 and stretch == Stretch(0, media.n_frames),
        routing=take_routing(take, media.n_channels) or ((0,),),
        start_frame=start_frame,
        end_frame=seconds_to_frames(item.end_seconds, sample_rate),
        origin=float(origin),
        step=step,
        gain=-gain if take.is_inverted else gain,
        pan=take.pan,
        fade_in=item.fade_in,
        fade_out=item.fade_out,
        fade_in_frames=min(item.fade_in.length_seconds, item.length_seconds) * sample_rate,
        fade_out_frames=min(item.fade_out.length_seconds, item.length_seconds) * sample_rate,
        envelopes=sounding_envelopes(take),
        envelope_origin_seconds=late_seconds * take.play_rate,
        envelope_step_seconds=take.play_rate / sample_rate,
        gaps=tuple(
            (seconds_to_frames(start, sample_rate), seconds_to_frames(end, sample_rate))
            for start, end in gaps
        ),
        time_stretch=(
            time_stretch(take, media.sample_rate, late_seconds) if is_stretched(take) else None
        ),
    )


def take_routing(take: Take, n_media_channels: int) -> Routing | None:
    """Channels that a take plays; None when its channel mode asks for one that is not there."""
    routing = routing_of(take.channel_mode, n_media_channels)
    is_panned = take.pan != 0.0 or any(one.kind == "PANENV" for one in sounding_envelopes(take))
    return panned(routing) if routing is not None and is_panned else routing


def sounding_envelopes(take: Take) -> tuple[Envelope, ...]:
    """Envelopes of a take that are switched on and have points."""
    return tuple(one for one in take.envelopes if one.is_active and one.points)
