"""Asking the bridge inside REAPER; one `Channel` belongs to one thread at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

from hanolab_dawtools.events import Stop
from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile

Facts = dict[str, Any]
BusyCallback = Callable[[str], None]


class Channel:
    """An open connection to a bridge; a context manager.

    Attributes
    ----------
    bridge
        Where it listens.
    welcome
        What the bridge told of itself: "protocol", "bridge", "reaper", "pid", "resource_path",
        "missing" (names of functions that this REAPER lacks).
    """

    bridge: BridgeFile
    welcome: Facts

    @classmethod
    def open(cls, bridge: BridgeFile, *, stop: Stop | None = None) -> Self:
        """Connect and shake hands."""
        raise NotImplementedError

    def call(
        self,
        command: str,
        arguments: Facts,
        *,
        timeout_seconds: float = 10.0,
        stop: Stop | None = None,
        on_busy: BusyCallback | None = None,
    ) -> Facts:
        """Have one command done."""
        raise NotImplementedError

    def send_many(
        self,
        requests: Sequence[tuple[str, Facts]],
        *,
        timeout_seconds: float = 10.0,
        stop: Stop | None = None,
        on_busy: BusyCallback | None = None,
    ) -> list[Facts]:
        """Have several commands done, sent ahead so that they can share a tick."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        raise NotImplementedError
