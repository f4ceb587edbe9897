"""The clock of requests that failed: how often, and after how long, one is made again.

It is another clock than that of `polling`, where nothing failed and the server is not ready.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from hanolab_dawtools.errors import CloudError

LONGEST_RETRY_AFTER_SECONDS = 24 * 3600.0  # a server that asks for more is not believed


@dataclass(frozen=True)
class RetryPolicy:
    """How often a failed request is made again.

    Attributes
    ----------
    n_attempts
        The first one included.
    first_seconds, longest_seconds
        The wait doubles from the first to the longest; up to half of it is left to chance, so
        that many clients do not come back at once.
    total_seconds
        No wait begins that would end later than this after the first attempt.
    """

    n_attempts: int = 5
    first_seconds: float = 0.5
    longest_seconds: float = 10.0
    total_seconds: float = 60.0

    def delay(
        self, n_failed: int, *, elapsed_seconds: float, retry_after: float | None, chance: float
    ) -> float | None:
        """Seconds to wait before the next attempt; None to give up.

        Parameters
        ----------
        n_failed
            Attempts so far, at least 1.
        retry_after
            What the server asked for, in seconds; it is never cut short.
        chance
            0..1, at random.
        """
        if n_failed >= self.n_attempts:
            return None
        doubled: float = self.first_seconds * 2.0 ** min(n_failed - 1, 60)
        seconds = min(doubled, self.longest_seconds) * (0.5 + 0.5 * chance)
        if retry_after is not None:
            seconds = max(seconds, retry_after)
        return seconds if elapsed_seconds + seconds <= self.total_seconds else None


class Transient(Exception):
    """A question that failed, but may be asked again; `retry_after` is the server's wish."""

    def __init__(self, error: CloudError, retry_after: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after


def retry_after_seconds(text: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks to wait, bounded; None without a usable one.

    `now` is in seconds since 1970, for the form that is a date.
    """
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now
        except (ValueError, OverflowError):
            return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
