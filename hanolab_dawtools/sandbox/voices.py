"""The voice models of a sandbox. Each is a tone: a gain for what lies above a corner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    """A model; `gain_above` is added to 1 above `corner_hz`."""

    name: str
    corner_hz: float
    gain_above: float


VOICES = {
    "vm_plain": Voice("Plain", 2000.0, 0.0),
    "vm_warm": Voice("Warm", 2500.0, -0.4),
    "vm_bright": Voice("Bright", 2500.0, 0.5),
}
