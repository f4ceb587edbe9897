"""Envelopes and stretch markers: that they are there. Renders of the stand-in ignore them."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.registry import api
from fakes.reaper.things import Envelope, Take, Track


def _nth(owner: Track | Take, index: int) -> Envelope | None:
    return owner.envelopes[index] if 0 <= index < len(owner.envelopes) else None


@api("CountTrackEnvelopes")
def count_track_envelopes(host: Host, track: Track) -> int:
    return len(track.envelopes)


@api("GetTrackEnvelope")
def get_track_envelope(host: Host, track: Track, index: int) -> Envelope | None:
    return _nth(track, index)


@api("GetTrackEnvelopeByName")
def get_track_envelope_by_name(host: Host, track: Track, name: str) -> Envelope | None:
    return next((each for each in track.envelopes if each.name == name), None)


@api("CountTakeEnvelopes")
def count_take_envelopes(host: Host, take: Take) -> int:
    return len(take.envelopes)


@api("GetTakeEnvelope")
def get_take_envelope(host: Host, take: Take, index: int) -> Envelope | None:
    return _nth(take, index)


@api("CountEnvelopePoints")
def count_envelope_points(host: Host, envelope: Envelope) -> int:
    return len(envelope.points)


@api("GetTakeNumStretchMarkers")
def get_take_num_stretch_markers(host: Host, take: Take) -> int:
    return len(take.stretch_markers)


@api("GetTakeStretchMarker")
def get_take_stretch_marker(
    host: Host, take: Take, index: int, position: float, source_position: float
) -> tuple[int, float | None, float | None]:
    if not 0 <= index < len(take.stretch_markers):
        return -1, None, None
    return index, *take.stretch_markers[index]
