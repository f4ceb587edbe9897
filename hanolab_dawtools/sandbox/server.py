"""The server of a sandbox: one socket on loopback, one event loop, ended by a stop flag."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext

from uvicorn import Config, Server

from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.events import Stop
from hanolab_dawtools.sandbox.app import Api
from hanolab_dawtools.sandbox.claim import claimed
from hanolab_dawtools.sandbox.options import SandboxOptions
from hanolab_dawtools.sandbox.protocol import OpenProtocol
from hanolab_dawtools.sandbox.running import Running
from hanolab_dawtools.sandbox.state import Sandbox

_GRACE_SECONDS = 2  # for answers under way when it is stopped
_BACKLOG = 128


def serve(options: SandboxOptions, stop: Stop, announce: Callable[[Running], None]) -> None:
    """As `serve.run_sandbox`."""
    with (
        closing(_bound(options)) as listener,
        claimed(options.folder),
        closing(Sandbox(options)) as sandbox,
    ):
        host, port = listener.getsockname()[:2]
        base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        running = Running(
            base_url=base_url,
            key=sandbox.accounts.add_key(options.key),
            folder=options.folder,
            plan=sandbox.accounts.plan.value,
            credits=sandbox.accounts.credits,
            notes=_notes(options),
        )
        config = Config(
            Api(sandbox, base_url).app(),
            http=OpenProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        _Server(config, stop, lambda: announce(running)).run(sockets=[listener])


class _Server(Server):
    """uvicorn's server, ended by a flag instead of by signals."""

    def __init__(self, config: Config, stop: Stop, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop
        self._on_ready = on_ready
        self._is_announced = False

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # uvicorn's is a generator
        """Leave signals to the caller."""
        return nullcontext()

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; True ends the server."""
        if not self._is_announced:
            self._is_announced = True
            self._on_ready()
        return await super().on_tick(counter) or self._stop.is_set()


def _notes(options: SandboxOptions) -> tuple[str, ...]:
    folder = options.weights_folder
    if folder is not None and WeightsStore(folder).is_installed():
        return ()
    return ("no weights of the local engine: separation is a plain split by frequency",)


def _bound(options: SandboxOptions) -> socket.socket:
    """A listening socket."""
    host = "127.0.0.1" if options.host == "localhost" else options.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise UsageError(
            f"the sandbox serves this machine only, not {options.host}",
            hint="Use 127.0.0.1, or leave the host out.",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # where it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, options.port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _no_port(options, error) from error
    return listener


def _no_port(options: SandboxOptions, error: Exception) -> UsageError:
    where = f"port {options.port} of {options.host}"
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return UsageError(
            f"{where} is in use by another program",
            hint="Choose another port, or 0 for any free one.",
        )
    return UsageError(f"{where} cannot be used: {getattr(error, 'strerror', None) or error}")
