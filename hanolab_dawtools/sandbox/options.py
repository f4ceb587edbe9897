"""What a sandbox is started with, and what it takes for its actions. Nothing is imported here.

The reference names no rates and no limits beside the generation cap; those here are the
sandbox's own, in the order of magnitude of the reference's example.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

DEFAULT_PORT = 8787
API = "/api/v1"

STEMS = {"2stem": 2, "4stem": 4, "6stem": 6}
TIERS = ("draft", "studio", "signature", "maestro")

SEPARATE_CREDITS = {"2stem": 5, "4stem": 10, "6stem": 15}  # a separation
GENERATE_CREDITS = {"draft": 5, "studio": 10, "signature": 20, "maestro": 40}  # per started 30 s
CONVERT_CREDITS = 10  # per started minute
FULL_SONG_CREDITS = 20  # per started minute
FLASH_CREDITS = 5  # per started minute


class Plan(StrEnum):
    """The plans of the reference."""

    FREE = "free"
    STARTER = "starter"
    CREATOR = "creator"
    PRO = "pro"

    @property
    def has_api(self) -> bool:
        """Whether the plan may use the API."""
        return self in {Plan.CREATOR, Plan.PRO}

    @property
    def monthly_credits(self) -> int:
        """Credits included each month, as the reference says."""
        return {Plan.CREATOR: 800, Plan.PRO: 1800}.get(self, 0)


@dataclass(frozen=True)
class SandboxOptions:
    """How a sandbox runs.

    Attributes
    ----------
    folder
        Its state: account, keys, ledger, tasks, uploads. Made when missing; one sandbox at a time.
    host, port
        A loopback address, and a port; 0 takes a free one.
    weights_folder
        Weights of the local engine; without them separation is a plain split by frequency.
    delay_seconds
        What a task takes at least, from its acceptance to its end.
    key
        The key to accept; without one a new key is made at each start (older ones stay valid).
    plan, credits
        Change the account: its plan, and the credits it has left. None leaves it as it was, at
        first a creator's with the plan's monthly credits.
    url_seconds
        How long the URLs of results are valid.
    n_in_flight, n_per_hour, hour_seconds
        The cap for generation, per key.
    max_input_bytes, max_input_seconds
        What it fetches, or takes as an upload, at most.
    faults
        Faults from the start on, as `faults.parse_fault` reads them.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    weights_folder: Path | None = None
    delay_seconds: float = 2.0
    key: str | None = None
    plan: Plan | None = None
    credits: int | None = None
    url_seconds: float = 3600.0
    n_in_flight: int = 1
    n_per_hour: int = 10
    hour_seconds: float = 3600.0
    max_input_bytes: int = 2_000_000_000
    max_input_seconds: float = 1200.0
    faults: tuple[str, ...] = ()


def billed_units(seconds: float, unit_seconds: float) -> int:
    """Started units of time; at least one."""
    return max(1, math.ceil(seconds / unit_seconds))
