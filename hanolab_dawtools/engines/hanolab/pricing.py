"""What a request will cost, as far as anybody knows.

The API's reference names no rates. So they are settings (`[pricing]`), else what the server said
itself when it refused for lack of credits, else unknown. The length that counts is that of the
audio in whole seconds, rounded up, as it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Learnt = Callable[[str], Mapping[int, float]]  # of an action: credits by whole seconds


@dataclass(frozen=True)
class Price:
    """What one action costs, in credits; the parts add up."""

    per_call: float = 0.0
    per_minute: float = 0.0
    per_second: float = 0.0

    def credits(self, billed_seconds: float) -> float:
        """Credits for this many seconds."""
        per_second = self.per_second + self.per_minute / 60.0
        return self.per_call + per_second * billed_seconds


def _nothing_learnt(action: str) -> Mapping[int, float]:  # noqa: ARG001 - as `Learnt`
    return {}


@dataclass(frozen=True)
class Pricing:
    """Prices by action ("separate/4stem"); `learnt` gives what the server said of one."""

    prices: Mapping[str, Price] = field(default_factory=dict)
    learnt: Learnt = _nothing_learnt

    def credits(self, action: str, billed_seconds: int) -> tuple[float | None, str]:
        """Credits and where they are known from; None and why they are not."""
        price = self.prices.get(action)
        if price is not None:
            return price.credits(billed_seconds), "by [pricing] in the settings"
        learnt = self.learnt(action)
        if billed_seconds in learnt:
            return learnt[billed_seconds], "as the server said when it asked for more credits"
        reason = f"the price of {action} is not known; [pricing] in the settings can tell it"
        if learnt:
            nearest = min(learnt, key=lambda seconds: abs(seconds - billed_seconds))
            reason = f"{reason} (for {nearest} s the server said {learnt[nearest]:g} credits)"
        return None, f"unknown: {reason}"
