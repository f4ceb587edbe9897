"""What a sandbox tells when it is up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """Where a sandbox is reached, and with which key; `notes` are sentences for the user."""

    base_url: str
    key: str
    folder: Path
    plan: str
    credits: int
    notes: tuple[str, ...] = ()
