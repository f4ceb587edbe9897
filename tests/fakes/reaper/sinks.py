"""What RENDER_FORMAT asks for: base64 of a sink's bytes, or its four letters alone."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

WAV_SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT", 64: "DOUBLE"}  # the byte of the depth
FLAC_SUBTYPES = {16: "PCM_16", 24: "PCM_24"}


@dataclass(frozen=True)
class Sink:
    """How a file is written: libsndfile's words, and the ending of its name."""

    suffix: str
    format: str
    subtype: str


def sink_of(text: str) -> Sink | None:
    """The sink a setting describes; None for one the stand-in does not know."""
    config = text.encode()
    if len(text) != 4:
        try:
            config = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
    letters, depth = config[:4], config[4] if len(config) > 4 else 24
    if letters == b"evaw" and depth in WAV_SUBTYPES:
        return Sink(".wav", "WAV", WAV_SUBTYPES[depth])
    if letters == b"calf" and depth in FLAC_SUBTYPES:
        return Sink(".flac", "FLAC", FLAC_SUBTYPES[depth])
    return None
