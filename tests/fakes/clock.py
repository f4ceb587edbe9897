"""Time that a test moves."""

from __future__ import annotations


class FakeClock:
    """Seconds since 1970 that stand still until a test moves them."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds
