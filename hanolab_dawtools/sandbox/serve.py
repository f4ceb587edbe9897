"""Runs a sandbox; the one entry for everybody else. Loads the server's libraries when called."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from hanolab_dawtools.errors import ExtraMissing
from hanolab_dawtools.events import Stop
from hanolab_dawtools.sandbox.options import SandboxOptions
from hanolab_dawtools.sandbox.running import Running


def run_sandbox(
    options: SandboxOptions, *, stop: Stop, announce: Callable[[Running], None]
) -> None:
    """Serve until `stop` is set, looked at ten times a second; signals are the caller's.

    `announce` is called once, when requests are answered. What was accepted survives any end.

    Raises
    ------
    UsageError
        A host that is not loopback, a port in use, a wrong fault, a folder of something else.
    ExtraMissing
        Starlette or uvicorn is not installed.
    DiskFull, NotWritable
        The folder cannot be written.
    """
    try:
        server = importlib.import_module("hanolab_dawtools.sandbox.server")
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            f"the sandbox needs {error.name}, which is not installed",
            hint="Run: pip install 'hanolab_dawtools[sandbox]'",
        ) from error
    server.serve(options, stop, announce)
