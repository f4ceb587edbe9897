"""What a user is warned of with a result: stems that end too early, or do not add up.

What was mended is told beside the alignment. Uploads that could not be deleted are told, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.model import Capture, StemRole

if TYPE_CHECKING:
    from hanolab_dawtools.audio.repair import Repaired  # loads scipy.signal

DOUBTFUL_NULL_DB = -40.0  # lossy encoding and rounding stay below it
SHORT_SECONDS = 0.005  # what an alignment may leave over; more is audio that is not there
LONG_SECONDS = 0.06  # encoders pad by up to 50 ms

LOOK = "Listen to it; if something is missing, ask for a new separation (it may be paid again)."


def doubts_about(
    roles: Sequence[StemRole], repaired: Repaired, sample_rate: int
) -> tuple[str, ...]:
    """A sentence for each reason not to trust stems, with what to do, the stems in any order."""
    doubts = []
    for role, missing_frames in zip(roles, repaired.missing_frames, strict=True):
        seconds = missing_frames / sample_rate
        if seconds > SHORT_SECONDS:
            doubts.append(
                f"{role.value} is {_length(seconds)} shorter than what was sent, and silent there. "
                f"{LOOK}"
            )
        elif -seconds > LONG_SECONDS:
            doubts.append(
                f"{role.value} was {_length(-seconds)} longer than what was sent, and was cut. "
                f"{LOOK}"
            )
    null_db = repaired.alignment.null_db
    if null_db is not None and null_db > DOUBTFUL_NULL_DB:
        doubts.append(
            f"the stems do not add up to what was sent: the difference is at {null_db:.1f} dB, "
            f"and {DOUBTFUL_NULL_DB:.0f} dB or less is usual. The residual holds it. {LOOK}"
        )
    return tuple(doubts)


def doubts_of(outcomes: Mapping[str, Any]) -> tuple[str, ...]:
    """What a job's steps, and those of its parts, have left for the user to know."""
    found = [*outcomes["align"].get("doubts", ())]
    found += left_of(outcomes)
    for part in outcomes["prepare"].get("parts", ()):
        found += part.get("doubts", ())
    return tuple(dict.fromkeys(found))


def notes_on(capture: Capture) -> tuple[str, ...]:
    """What of a selection is not in its capture, or not as the host would play it."""
    notes = []
    for title, items in (("not heard", capture.skipped), ("not exact", capture.approximate)):
        for item in items:
            where = f" on track {item.track}" if item.track else ""
            notes.append(f"{title}: {item.item}{where}: {item.reason}")
    if capture.unheard_effects:
        notes.append(f"effects not in the capture: {', '.join(capture.unheard_effects)}")
    return (*notes, *capture.remarks)


def left_of(outcomes: Mapping[str, Any]) -> tuple[str, ...]:
    """What could not be removed from elsewhere when it was not needed any more."""
    told = [outcomes.get(step, {}).get("left", "") for step in ("start", "finish")]
    return tuple(filter(None, told))


def _length(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1.0 else f"{seconds * 1e3:.0f} ms"
