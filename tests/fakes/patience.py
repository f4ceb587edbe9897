"""A stop flag that is never set and does not wait: it moves a clock instead."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MovedTime:
    """Stop flag and monotonic clock in one; `waits` holds every wait that was asked for.

    `stop_after`: the flag is set once that many waits were asked for.
    """

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)
    stop_after: int | None = None

    def __call__(self) -> float:
        return self.now

    def is_set(self) -> bool:
        return self.stop_after is not None and len(self.waits) >= self.stop_after

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        self.now += timeout
        return self.is_set()
