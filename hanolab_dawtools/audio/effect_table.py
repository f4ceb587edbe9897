"""The effects there are: names, parameters, units, ranges and defaults, in one table.

Parameters have the names of pedalboard's arguments, so the table is all that `processors` needs.
Panels build their editors from it, presets their checks, and `make docs` the reference page.
Ranges are where an effect still does something sensible; pedalboard itself allows more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from hanolab_dawtools.audio.effects import (
    Choice,
    Effect,
    EffectSpec,
    Parameter,
    Switch,
    Text,
)
from hanolab_dawtools.errors import UsageError

MIX, VST3, PITCH_SHIFT, GSM = "mix", "vst3", "pitch_shift", "gsm"
MAX_DEPTH = 4  # mixes inside mixes

_GAIN = Parameter("gain_db", "dB", -60.0, 60.0, 0.0, "How much louder.")
_Q = Parameter("q", "", 0.1, 20.0, math.sqrt(0.5), "How narrow; 0.71 is as wide as can be flat.")
_ATTACK = Parameter("attack_ms", "ms", 0.1, 500.0, 5.0, "How fast it takes hold.")
_RELEASE = Parameter("release_ms", "ms", 1.0, 5000.0, 100.0, "How fast it lets go.")
_WET = Parameter("mix", "", 0.0, 1.0, 0.5, "0: only the dry sound, 1: only the effect.")
_RATE = Parameter("rate_hz", "Hz", 0.01, 20.0, 1.0, "How often it swings in a second.")
_FEEDBACK = Parameter("feedback", "", 0.0, 0.95, 0.0, "How much is sent round again.")


def _cutoff(default_hz: float) -> Parameter:
    return Parameter("cutoff_frequency_hz", "Hz", 10.0, 20_000.0, default_hz, "Where it acts.")


def _threshold(default_db: float, meaning: str) -> Parameter:
    return Parameter("threshold_db", "dB", -100.0, 0.0, default_db, meaning)


def _ratio(default: float) -> Parameter:
    return Parameter("ratio", "", 1.0, 100.0, default, "How many dB become one.")


_FILTERS = (
    Effect("highpass", "HighpassFilter", (_cutoff(80.0),), "Takes away lows, 6 dB an octave."),
    Effect("lowpass", "LowpassFilter", (_cutoff(16_000.0),), "Takes away highs, 6 dB an octave."),
    Effect("low_shelf", "LowShelfFilter", (_cutoff(200.0), _GAIN, _Q), "Lifts or lowers lows."),
    Effect(
        "high_shelf", "HighShelfFilter", (_cutoff(4_000.0), _GAIN, _Q), "Lifts or lowers highs."
    ),
    Effect(
        "peak", "PeakFilter", (_cutoff(1_000.0), _GAIN, _Q), "Lifts or lowers around a frequency."
    ),
    Effect(
        "ladder",
        "LadderFilter",
        (
            Choice("mode", ("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24"), "LPF12"),
            Parameter("cutoff_hz", "Hz", 10.0, 20_000.0, 1_000.0, "Where it acts."),
            Parameter("resonance", "", 0.0, 1.0, 0.0, "How much it rings there."),
            Parameter("drive", "", 1.0, 20.0, 1.0, "How hard it is driven."),
        ),
        "A synthesiser's filter: low, high or band pass of 12 or 24 dB an octave.",
    ),
)

_DYNAMICS = (
    Effect("gain", "Gain", (_GAIN,), "Louder or softer."),
    Effect("invert", "Invert", (), "Turns the polarity round."),
    Effect(
        "compressor",
        "Compressor",
        (_threshold(-20.0, "From where on it acts."), _ratio(4.0), _ATTACK, _RELEASE),
        "Makes what is loud softer.",
    ),
    Effect(
        "noise_gate",
        "NoiseGate",
        (_threshold(-60.0, "Below this it closes."), _ratio(10.0), _ATTACK, _RELEASE),
        "Makes what is soft softer still.",
    ),
    Effect(
        "limiter",
        "Limiter",
        (_threshold(-1.0, "From where on it acts."), _RELEASE),
        "Makes everything loud: two compressors in a row, then a hard clip.",
        note="It is no ceiling: it adds 3.75 dB minus the threshold to quiet audio and then cuts "
        "hard at 0 dBFS. For a true ceiling use `ceiling`.",
    ),
    Effect(
        "ceiling",
        "BrickwallLimiter",
        (
            Parameter("ceiling_db", "dB", -60.0, 0.0, -1.0, "No sample gets louder than this."),
            _RELEASE,
            Parameter("lookahead_ms", "ms", 0.5, 20.0, 5.0, "How early it sees a peak coming."),
            Switch("true_peak", False, "Look at peaks between the samples, too."),
        ),
        "A true ceiling, with look-ahead; what is below it stays as it is.",
        note="With true_peak, peaks between samples may still be 0.3 dB over.",
    ),
    Effect(
        "clipping",
        "Clipping",
        (_threshold(-6.0, "Everything over it is cut off."),),
        "Cuts peaks off hard.",
    ),
    Effect(
        "distortion",
        "Distortion",
        (Parameter("drive_db", "dB", 0.0, 60.0, 25.0, "How hard it is driven."),),
        "A soft overdrive (hyperbolic tangent).",
    ),
)

_ROOMS = (
    Effect(
        "reverb",
        "Reverb",
        (
            Parameter("room_size", "", 0.0, 1.0, 0.5, "How large the room is."),
            Parameter("damping", "", 0.0, 1.0, 0.5, "How fast highs die away."),
            Parameter("wet_level", "", 0.0, 1.0, 0.33, "How loud the room is."),
            Parameter("dry_level", "", 0.0, 1.0, 0.4, "How loud the dry sound is."),
            Parameter("width", "", 0.0, 1.0, 1.0, "How wide the room is."),
            Parameter("freeze_mode", "", 0.0, 1.0, 0.0, "From 0.5 on it holds what is in it."),
        ),
        "A room (Freeverb).",
        note="At the defaults quiet audio comes out softer: the dry sound has twice dry_level.",
    ),
    Effect(
        "delay",
        "Delay",
        (
            Parameter("delay_seconds", "s", 0.0, 10.0, 0.5, "Between echoes."),
            _FEEDBACK,
            _WET,
        ),
        "Echoes.",
    ),
    Effect(
        "convolution",
        "Convolution",
        (
            Text(
                "impulse_response",
                meaning="Path of the audio file to convolve with.",
                is_file=True,
            ),
            Parameter("mix", "", 0.0, 1.0, 1.0, "0: only the dry sound, 1: only the effect."),
        ),
        "The sound of a recorded room or loudspeaker.",
        note="Impulse responses are brought to about the same energy.",
    ),
    Effect(
        "chorus",
        "Chorus",
        (
            _RATE,
            Parameter("depth", "", 0.0, 1.0, 0.25, "How far it swings."),
            Parameter("centre_delay_ms", "ms", 1.0, 99.0, 7.0, "Around which delay."),
            _FEEDBACK,
            _WET,
        ),
        "Several voices instead of one.",
    ),
    Effect(
        "phaser",
        "Phaser",
        (
            _RATE,
            Parameter("depth", "", 0.0, 1.0, 0.5, "How far it swings."),
            Parameter("centre_frequency_hz", "Hz", 20.0, 18_000.0, 1_300.0, "Around where."),
            _FEEDBACK,
            _WET,
        ),
        "Notches that wander.",
    ),
)

_WORSE = (
    Effect(
        "bitcrush",
        "Bitcrush",
        (Parameter("bit_depth", "bits", 1.0, 32.0, 8.0, "How fine the steps are."),),
        "Coarse steps instead of fine ones.",
    ),
    Effect(
        "resample",
        "Resample",
        (
            Parameter("target_sample_rate", "Hz", 1_000.0, 192_000.0, 8_000.0, "There and back."),
            Choice(
                "quality",
                ("ZeroOrderHold", "Linear", "CatmullRom", "Lagrange", "WindowedSinc32"),
                "WindowedSinc32",
                "The rougher ones sound like old samplers.",
            ),
        ),
        "The sound of a low sample rate.",
    ),
    Effect(
        "mp3",
        "MP3Compressor",
        (Parameter("vbr_quality", "", 0.0, 9.9, 2.0, "0 is best, 9.9 worst."),),
        "The sound of MP3.",
        note="Only for audio of 32, 44.1 or 48 kHz with at most 2 channels.",
    ),
    Effect(
        GSM,
        "GSMFullRateCompressor",
        (),
        "The sound of an old mobile phone.",
        note="Worked on in pieces of a minute, because it cannot be streamed.",
    ),
)

_OWN = (
    Effect(
        PITCH_SHIFT,
        "",
        (Parameter("semitones", "semitones", -24.0, 24.0, 0.0, "How much higher."),),
        "Higher or lower at the same speed; formants move with the pitch.",
        note="Made by the program's own stretching: pedalboard's cannot be streamed.",
    ),
    Effect(MIX, "", (), "Chains side by side, summed: `branches` holds them."),
    Effect(
        VST3,
        "",
        (
            Text("plugin", meaning="The plug-in's name."),
            Text("vendor", meaning="Who made it; tells plug-ins of one name apart."),
            Text("path", meaning="Where it was last; it is looked for by name first."),
            Text("state", meaning="Its whole state, base64.", max_characters=20_000_000),
        ),
        "A plug-in of your own; `values` holds its parameters by its own names.",
        note="Only from folders that your settings allow; loaded in a process of its own first.",
    ),
)

EFFECTS: Mapping[str, Effect] = {
    effect.name: effect for effect in (*_FILTERS, *_DYNAMICS, *_ROOMS, *_WORSE, *_OWN)
}


def checked(spec: EffectSpec, *, depth: int = 0) -> EffectSpec:
    """The same effect with every parameter given, each in its range; branches too.

    Raises
    ------
    UsageError
        No such effect or parameter, or a wrong value; says what is allowed.
    """
    effect = EFFECTS.get(spec.name)
    if effect is None:
        raise UsageError(
            f"there is no effect {spec.name!r}", hint=f"There are: {', '.join(EFFECTS)}."
        )
    if spec.branches and spec.name != MIX:
        raise UsageError(f"the effect {spec.name} has no branches", hint=f"Only {MIX} has.")
    if spec.plugin_values and spec.name != VST3:
        raise UsageError(f"the effect {spec.name} has no values", hint=f"Only {VST3} has.")
    if depth > MAX_DEPTH:
        raise UsageError(f"more than {MAX_DEPTH} mixes inside each other", hint="Use fewer.")
    if spec.name == MIX and not spec.branches:
        raise UsageError("the effect mix has no branches", hint="Give it at least one.")
    return EffectSpec(
        spec.name,
        effect.checked(spec.parameters),
        tuple(
            tuple(checked(inner, depth=depth + 1) for inner in branch) for branch in spec.branches
        ),
        dict(spec.plugin_values),
        spec.is_bypassed,
    )
