"""The file in which a bridge says where it listens, written by it and readable by its user alone.

`<runtime folder>/bridge-<pid>.json`: {"protocol", "port", "token", "pid", "started", "reaper",
"resource_path", "bridge"}. It may be stale: REAPER can end without removing it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from hanolab_dawtools.errors import HostUnreachable

RUN_AN_ACTION = (
    "Run any HanoLab action in REAPER, for example HanoLab_show_status.py, and try again. "
    "If its action list holds none, first run: hanolab reaper install"
)
FILE_PATTERN = "bridge-*.json"
_MAX_BYTES = 65536
_MAX_PORT = 65535


@dataclass(frozen=True)
class BridgeFile:
    """Where a bridge listens, as it wrote it down.

    Attributes
    ----------
    path
        The file itself.
    protocol
        Version of the protocol that the bridge speaks.
    port
        On 127.0.0.1.
    token
        Secret that its clients show.
    pid
        Of REAPER's process.
    started
        When the bridge started, seconds since 1970.
    reaper
        "7.22/linux-x86_64".
    resource_path
        REAPER's resource folder, as it names it.
    bridge
        Version of the scripts.
    """

    path: Path
    protocol: int
    port: int
    token: str = field(repr=False)
    pid: int
    started: float
    reaper: str
    resource_path: str
    bridge: str


def read_bridge_file(path: Path) -> BridgeFile:
    """Read what a bridge wrote.

    Raises
    ------
    HostUnreachable
        The file is not there, cannot be read, or is no such file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES)
        values = json.loads(content)
        bridge = BridgeFile(
            path=path,
            protocol=int(values["protocol"]),
            port=int(values["port"]),
            token=str(values["token"]),
            pid=int(values["pid"]),
            started=float(values["started"]),
            reaper=str(values["reaper"]),
            resource_path=str(values["resource_path"]),
            bridge=str(values["bridge"]),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise HostUnreachable(f"cannot read {path}: {reason}", hint=RUN_AN_ACTION) from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise HostUnreachable(
            f"{path} is not a file of HanoLab's bridge", hint=RUN_AN_ACTION
        ) from error
    if not 0 < bridge.port <= _MAX_PORT or bridge.pid <= 0:
        raise HostUnreachable(f"{path} names no port and process", hint=RUN_AN_ACTION)
    return bridge
