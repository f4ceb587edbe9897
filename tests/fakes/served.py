"""Real storage servers on this machine, each a process of its own for the length of a test.

rclone's S3 checks signatures and expiry; moto's does not, but knows all of S3.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY_ID, SECRET = "testing", "testing12345"
START_SECONDS = 30.0

_BIN = Path(sys.executable).parent


@contextmanager
def rclone_s3(folder: Path) -> Iterator[str]:
    """S3 whose buckets are the folders in `folder`; its endpoint."""
    with _rclone("s3", folder, "--auth-key", f"{KEY_ID},{SECRET}") as url:
        yield url


@contextmanager
def rclone_webdav(folder: Path, user: str, password: str) -> Iterator[str]:
    """WebDAV behind a sign-in."""
    with _rclone("webdav", folder, "--user", user, "--pass", password) as url:
        yield url


@contextmanager
def rclone_http(folder: Path) -> Iterator[str]:
    """Read-only and open to everyone."""
    with _rclone("http", folder, "--dir-cache-time", "0s") as url:
        yield url


@contextmanager
def moto_s3() -> Iterator[str]:
    """S3 that believes everybody; no buckets at first."""
    port = _free_port()
    with _running(port, str(_BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)) as url:
        yield url


@contextmanager
def nobody() -> Iterator[str]:
    """A port that nobody else can take, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def _rclone(kind: str, folder: Path, *options: str) -> Iterator[str]:
    port = _free_port()
    address = f"127.0.0.1:{port}"
    arguments = ("serve", kind, str(folder), "--addr", address, "--config", os.devnull, *options)
    with _running(port, str(_BIN / "rclone"), *arguments) as url:
        yield url


@contextmanager
def _running(port: int, *command: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        tick = threading.Event()
        for _ in range(int(START_SECONDS / 0.05)):
            assert process.poll() is None, f"{command[0]} ended at once"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            tick.wait(0.05)
        else:
            raise AssertionError(f"{command[0]} did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
