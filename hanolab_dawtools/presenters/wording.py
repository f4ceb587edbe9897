"""Numbers and states in a user's words, for every surface alike."""

from __future__ import annotations

from hanolab_dawtools.model import Alignment, Capture, Quote
from hanolab_dawtools.placement import PlacedTrack
from hanolab_dawtools.units import PERFECT_NULL_DB, format_clock

SURE_CONFIDENCE = 0.75  # as `audio.align.CONFIDENT`, without importing it
SURE_VOICE_CONFIDENCE = 0.5  # as `audio.drift.CONFIDENT`


def channels_text(n_channels: int) -> str:
    """A channel count as a user says it."""
    return {1: "mono", 2: "stereo"}.get(n_channels, f"{n_channels} channels")


def rate_text(sample_rate: int) -> str:
    """A sample rate in kHz."""
    return f"{sample_rate / 1000:g} kHz"


def length_text(seconds: float) -> str:
    """A length as a clock time."""
    return format_clock(seconds)


def short_length_text(seconds: float) -> str:
    """A length as a clock time, to the tenth of a second."""
    return format_clock(round(seconds, 1)).removesuffix("00")


def speed_text(audio_seconds: float, elapsed_seconds: float) -> str:
    """How many times faster than real time; empty when nothing was measured."""
    if audio_seconds <= 0 or elapsed_seconds <= 0:
        return ""
    return f"{audio_seconds / elapsed_seconds:.3g}x real time"


def percent_text(fraction: float) -> str:
    """A share that is done; all of it only when it is."""
    return f"{min(int(fraction * 100), 100)} %"


def size_text(n_bytes: int) -> str:
    """A file size."""
    for unit, scale in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:.3g} {unit}"
    return f"{n_bytes} bytes"


def role_text(track: PlacedTrack) -> str:
    """What a stem is; a draft is called so."""
    return f"{track.role} (draft)" if track.is_draft else str(track.role)


def capture_text(capture: Capture) -> str:
    """One line on what was captured."""
    seconds = capture.selection_frames / capture.sample_rate
    return (
        f"{length_text(seconds)}, {rate_text(capture.sample_rate)}, "
        f"{channels_text(capture.n_channels)}"
    )


def null_text(null_db: float | None) -> str:
    """How far the sum of the stems is from the mix."""
    if null_db is None:
        return "not measured"
    if null_db <= PERFECT_NULL_DB:
        return "exact (no difference at all)"
    return f"{null_db:.1f} dB"


def alignment_text(alignment: Alignment, *, is_voice: bool = False) -> str:
    """One line on how the result lies in time.

    What was done to a converted voice, its level included, stands in the lines of its repairs.
    """
    if alignment.confidence < (SURE_VOICE_CONFIDENCE if is_voice else SURE_CONFIDENCE):
        left = "its time was not changed" if is_voice else "nothing was changed"
        return f"not sure (confidence {alignment.confidence:.2f}); {left}"
    lag = alignment.lag_frames
    if abs(lag) < 0.005:
        where = "on the frame"
    else:
        where = f"{abs(lag):.2f} frames {'late' if lag > 0 else 'early'}"
    repaired = "; repaired" if alignment.repairs and not is_voice else ""
    return f"{where} (confidence {alignment.confidence:.2f}){repaired}"


def credits_text(credits_: float) -> str:
    """An amount of credits."""
    return f"{credits_:g} credit{'' if credits_ == 1 else 's'}"


def cost_text(quote: Quote) -> str:
    """What a request will cost, or that nobody knows, and where that comes from."""
    if quote.credits == 0:
        return "free"
    if quote.credits is None:
        return quote.reason.removeprefix("unknown: ") or "the price is not known"
    origin = f" ({quote.reason})" if quote.reason else ""
    return f"{credits_text(quote.credits)}{origin}"


def charge_text(credits_: float | None, *, is_sure: bool) -> str:
    """What a request was billed, in a table: a question mark where nobody knows."""
    amount = "?" if credits_ is None else f"{credits_:g}"
    return amount if is_sure else f"{amount} (unsure)"


def age_text(seconds: float) -> str:
    """A stretch of time in its largest whole unit."""
    for unit, length_seconds in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length_seconds:
            return f"{seconds / length_seconds:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
