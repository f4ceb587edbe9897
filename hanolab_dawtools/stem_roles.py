"""What is true of stems by their roles, wherever they come from and go to."""

from __future__ import annotations

from collections.abc import Mapping

from hanolab_dawtools.model import StemRole

_FOUR = (StemRole.VOCALS, StemRole.DRUMS, StemRole.BASS, StemRole.OTHER)

# The stems that a separation into so many makes; together they are the mix.
STEMS_OF_COUNT: Mapping[int, tuple[StemRole, ...]] = {
    2: (StemRole.VOCALS, StemRole.ACCOMPANIMENT),
    4: _FOUR,
    6: (*_FOUR, StemRole.GUITAR, StemRole.PIANO),
}

# Native Instruments' STEM palette and its colour-blind safe relatives (Okabe & Ito 2008).
STEM_COLOURS: Mapping[StemRole, str] = {
    StemRole.VOCALS: "#56B4E9",
    StemRole.DRUMS: "#009E73",
    StemRole.BASS: "#D55E00",
    StemRole.OTHER: "#CC79A7",
    StemRole.GUITAR: "#E69F00",
    StemRole.PIANO: "#F0E442",
    StemRole.ACCOMPANIMENT: "#0072B2",
    StemRole.REST: "#882255",
    StemRole.RESIDUAL: "#999999",
    StemRole.CONVERTED: "#56B4E9",  # a converted voice is the song's voice now
}

# From the top down, wherever stems stand below each other: tracks, takes, lanes to listen to.
STEM_ORDER = (
    StemRole.VOCALS,
    StemRole.DRUMS,
    StemRole.BASS,
    StemRole.GUITAR,
    StemRole.PIANO,
    StemRole.OTHER,
    StemRole.ACCOMPANIMENT,
    StemRole.REST,
    StemRole.CONVERTED,
    StemRole.MIX,
    StemRole.PROCESSED,
    StemRole.RESIDUAL,
)
