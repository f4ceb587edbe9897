"""What every command needs around it: settings, log, stop flag, screen."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from hanolab_dawtools.cli.console import Screen

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

STDERR = 2  # the file descriptor


@dataclass(frozen=True)
class Session:
    """One command's surroundings."""

    services: Services
    screen: Screen
    stop: threading.Event


@contextmanager
def open_session(screen: Screen) -> Iterator[Session]:
    """Join the parts, and let Ctrl-C and a termination signal end the work in good order."""
    from hanolab_dawtools.logs import configure_logging
    from hanolab_dawtools.services import Services

    stop = threading.Event()
    with Services() as services, _stopping(stop, screen):
        configure_logging(services.settings.log, services.folders.logs)
        yield Session(services, screen, stop)


@contextmanager
def _stopping(stop: threading.Event, screen: Screen) -> Iterator[None]:
    """First signal: set the flag. Second: give up at once; what is stored stays resumable."""

    def on_signal(*_: int | FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if screen.tells_stop:
            with suppress(OSError):  # past the streams: one of them may be in the middle of a write
                os.write(STDERR, b"\nstopping; press Ctrl-C again to leave at once\n")

    signals = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP"):  # the terminal was closed
        signals.append(signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
