"""What the voice preview is asked for.

The names are those of RVC's knobs, and each does here what it does there, as far as a vocoder
can: see docs/voice-knobs.md. `filter_radius` smooths only a pitch that was found by `harvest`,
which is not used here, so it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.errors import AudioFileError, EngineCannot, UsageError

PREVIEW_VERSION = 1  # counts up when the same knobs give other samples
PROTECT_OFF = 0.5
LOWEST_RATE, HIGHEST_RATE = 16_000, 48_000  # Hz; what the vocoder works at

_RANGES = {
    "pitch_shift": (-24.0, 24.0),
    "formant_shift": (-12.0, 12.0),
    "index_rate": (0.0, 1.0),
    "filter_radius": (0.0, 7.0),
    "rms_mix_rate": (0.0, 1.0),
    "protect": (0.0, PROTECT_OFF),
}
_OTHERS = {"voice", "full_song", "reference", "reference_digest"}
_WHAT_IT_IS = "voice preview: a vocoder changes pitch and timbre, it sings with nobody's voice"


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
        0..0.5: below 0.5, the share of voiceless sounds that is made anew; the rest is the
        source's own. So 0 keeps all consonants and breath; 0.5 keeps nothing.
    reference
        A clip whose middle pitch and timbre the result comes near to.
    reference_digest
        SHA-256, in hex, that the clip must have; empty: any.
    idle
        A sentence for each given parameter that does nothing.
    """

    pitch_shift: float = 0.0
    formant_shift: float = 0.0
    index_rate: float = 0.75
    rms_mix_rate: float = 0.25
    protect: float = 0.33
    reference: Path | None = None
    reference_digest: str = ""
    idle: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> VoiceKnobs:
        """What a request's parameters ask for.

        Raises
        ------
        EngineCannot
            They ask for a voice of the cloud, a whole song in one go, or an input elsewhere.
        UsageError
            An unknown parameter, or a value out of its range.
        """
        _refuse_what_the_cloud_has(parameters)
        unknown = sorted(set(parameters) - {*_RANGES, *_OTHERS})
        if unknown:
            raise UsageError(f"the voice preview knows no parameter {unknown[0]!r}")
        values = {name: _checked(name, parameters[name]) for name in _RANGES if name in parameters}
        values.pop("filter_radius", None)
        reference = parameters.get("reference") or None
        return cls(
            **values,
            reference=Path(reference) if reference else None,
            reference_digest=str(parameters.get("reference_digest") or ""),
            idle=tuple(_idle(parameters)),
        )

    @property
    def kept_voiceless(self) -> float:
        """The share of voiceless sounds that stays the source's own, 0..1; RVC's formula."""
        return 0.0 if self.protect >= PROTECT_OFF else 1.0 - self.protect

    def remark(self, sample_rate: int) -> str:
        """What a user should know before a preview of a file of some rate."""
        worked_rate = working_rate(sample_rate)
        of_rate = () if worked_rate == sample_rate else (f"worked on at {worked_rate} Hz",)
        return "; ".join((_WHAT_IT_IS, *of_rate, *self.idle))

    def check_reference(self) -> None:
        """Raise `AudioFileError` unless the reference, if any, is there and as it was."""
        if self.reference is None:
            return
        if not self.reference.is_file():
            raise AudioFileError(self.reference, "there is no such file", hint="Name another clip.")
        with durable.translated_os_errors(self.reference):
            is_same = self.reference_digest in {"", durable.file_digest(self.reference)}
        if not is_same:
            raise AudioFileError(
                self.reference,
                "the reference was changed meanwhile",
                hint="Run the same command again.",
            )


def working_rate(sample_rate: int) -> int:
    """The rate that a file is worked on at: its own, if the vocoder can.

    Above 48 kHz there is nothing of a voice that it could tell from noise; below 16 kHz it has
    too few bands.
    """
    if sample_rate < LOWEST_RATE:
        return LOWEST_RATE
    if sample_rate <= HIGHEST_RATE:
        return sample_rate
    return 44_100 if sample_rate % 44_100 == 0 else HIGHEST_RATE


def _refuse_what_the_cloud_has(parameters: Mapping[str, Any]) -> None:
    if parameters.get("voice"):
        raise EngineCannot(
            "the local engine has no cloud voices, only a voice preview",
            hint="Use --engine hanolab for that voice, or leave --voice out for the preview.",
        )
    if parameters.get("full_song"):
        raise EngineCannot(
            "the local engine cannot convert a full song in one go",
            hint="Separate it first and convert the vocals, or use --engine hanolab.",
        )
    if parameters.get("input_url"):
        raise EngineCannot(
            "the local engine reads no input from a URL",
            hint="Leave --input-url out, or use --engine hanolab.",
        )


def _idle(parameters: Mapping[str, Any]) -> Iterator[str]:
    if "index_rate" in parameters and not parameters.get("reference"):
        yield "index_rate does nothing without a reference"
    if "filter_radius" in parameters:
        yield "filter_radius does nothing here"


def _checked(name: str, value: Any) -> float:
    lowest, highest = _RANGES[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not lowest <= value <= highest:
        option = f"--{name.replace('_', '-')}"
        raise UsageError(
            f"{name} must be {lowest:g} to {highest:g}, not {value!r}", hint=f"Correct {option}."
        )
    return float(value)
