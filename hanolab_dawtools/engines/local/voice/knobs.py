"""What the voice preview is asked for.

The names are those of RVC's knobs, and each does here what it does there, as far as a vocoder
can: see docs/voice-knobs.md. `filter_radius` smooths only a pitch that was found by `harvest`,
which is not used here, so it does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import EngineCannot, UsageError

_RANGES = {
    "pitch_shift": (-24.0, 24.0),
    "formant_shift": (-12.0, 12.0),
    "index_rate": (0.0, 1.0),
    "filter_radius": (0.0, 7.0),
    "rms_mix_rate": (0.0, 1.0),
    "protect": (0.0, 0.5),
}
_IGNORED = {"input_url"}  # nothing is sent anywhere


@dataclass(frozen=True)
class VoiceKnobs:
    """Checked parameters.

    Attributes
    ----------
    pitch_shift, formant_shift
        Semitones; positive is up.
    index_rate
        0..1: how much of the reference's timbre; without a reference it does nothing.
    rms_mix_rate
        0..1: 0 follows the loudness of the source, 1 leaves that of the result.
    protect
        0..0.5: how much of voiceless sounds is made anew: 0 none (all of the source's consonants
        and breath), 0.5 all.
    reference
        A clip whose pitch and timbre the result comes near to.
    """

    pitch_shift: float = 0.0
    formant_shift: float = 0.0
    index_rate: float = 0.75
    rms_mix_rate: float = 0.25
    protect: float = 0.33
    reference: Path | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> VoiceKnobs:
        """What a request's parameters ask for.

        Raises
        ------
        EngineCannot
            They ask for a voice of the cloud, or for a whole song in one go.
        UsageError
            An unknown parameter, or a value out of its range.
        """
        if parameters.get("voice"):
            raise EngineCannot(
                "the local engine has no cloud voices, only a voice preview",
                hint="Use --engine hanolab for that voice, or leave --voice out for the preview.",
            )
        if parameters.get("full_song"):
            raise EngineCannot(
                "the local engine cannot convert a full song in one go",
                hint="Use --isolate: it separates first and converts the vocals.",
            )
        known = {*_RANGES, *_IGNORED, "voice", "full_song", "reference"}
        unknown = sorted(set(parameters) - known)
        if unknown:
            raise UsageError(f"the voice preview knows no parameter {unknown[0]!r}")
        values = {name: _checked(name, parameters[name]) for name in _RANGES if name in parameters}
        values.pop("filter_radius", None)
        reference = parameters.get("reference") or None
        return cls(**values, reference=Path(reference) if reference else None)


def _checked(name: str, value: Any) -> float:
    lowest, highest = _RANGES[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not lowest <= value <= highest:
        raise UsageError(f"{name} must be {lowest:g} to {highest:g}, not {value!r}")
    return float(value)
