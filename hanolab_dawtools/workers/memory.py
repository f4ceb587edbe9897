"""How much memory orders need, so that no more run at once than fit.

All work streams, so what an order needs depends on what is done, not on how long the audio is. The
numbers were measured (benchmarks/batch_scaling.py prints them); what workers report raises them.
"""

from __future__ import annotations

from threading import Lock

from hanolab_dawtools.workers.base import WorkOrder
from hanolab_dawtools.workers.footprint import Footprint

# The whole process, in bytes: Python, the libraries, and the work.
SEPARATION_BYTES = 650_000_000  # measured: 550 to 590 MB for stereo, 610 MB for six channels
PREVIEW_BYTES = 400_000_000  # measured: 377 MB; a voice preview, by WORLD
OTHER_BYTES = 300_000_000  # measured: 130 to 250 MB; captures, alignment, chains, files
CLEAR_GROWTH = 1.2  # of what a warm worker held before: less tells nothing of the order alone

_NEEDS = {"separate": SEPARATION_BYTES, "convert": PREVIEW_BYTES}
_Key = tuple[str, ...]


class Needs:
    """What orders are known to need; used from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[_Key, int] = {}

    def of(self, order: WorkOrder) -> int:
        """Bytes that a worker holds at most while it does an order."""
        plan = order.job.get("plan", {})
        needs = _NEEDS.get(plan.get("kind", ""), OTHER_BYTES) if "work" in order.steps else 0
        with self._lock:
            return max(needs, OTHER_BYTES, self._seen.get(_key(order), 0))

    def learn(self, order: WorkOrder, before: Footprint, after: Footprint) -> None:
        """Take in what a worker held before and since: only clear growth is this order's."""
        if after.peak_bytes > CLEAR_GROWTH * before.held_bytes:
            with self._lock:
                known = self._seen.get(_key(order), 0)
                self._seen[_key(order)] = max(known, after.peak_bytes)


def _key(order: WorkOrder) -> _Key:
    """Orders of one key need about the same."""
    plan = order.job.get("plan", {})
    return (*order.steps, str(plan.get("kind", "")), str(plan.get("engine", "")))
