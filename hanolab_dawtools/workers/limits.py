"""How much of this machine may be used: processors and memory, and how users write amounts."""

from __future__ import annotations

import math
import os
import re
import sys
from pathlib import Path

from hanolab_dawtools.errors import UsageError

MEMORY_SHARE = 0.7  # of what is free: the user's programs, and files in the system's cache, go on
UNKNOWN_FREE_BYTES = 4_000_000_000  # where the system does not tell

_DECIMAL = {letter: 1000**power for power, letter in enumerate("KMGT", 1)}
_BINARY = {letter: 1024**power for power, letter in enumerate("KMGT", 1)}
_UNITS = {
    "B": 1,
    **_DECIMAL,
    **{f"{letter}B": factor for letter, factor in _DECIMAL.items()},
    **{f"{letter}IB": factor for letter, factor in _BINARY.items()},
}
_AMOUNT = re.compile(r"\s*(\d{1,15}(?:\.\d*)?|\.\d+)\s*([a-z]+)\s*", re.IGNORECASE | re.ASCII)
_CGROUP = Path("/sys/fs/cgroup")


def parse_bytes(text: str) -> int:
    """An amount of memory as users write it: "4GB", "1.5 GiB", "800M".

    Raises
    ------
    UsageError
        It is none, or zero.
    """
    found = _AMOUNT.fullmatch(text)
    factor = _UNITS.get(found[2].upper()) if found else None
    amount = round(float(found[1]) * factor) if found and factor else 0
    if amount <= 0:
        raise UsageError(
            f"{text!r} is no amount of memory", hint="Give a number with its unit: 800MB, 4GB."
        )
    return amount


def bytes_text(n_bytes: float) -> str:
    """An amount of memory for people: "850 MB", "4.2 GB"."""
    if n_bytes < 1e9:
        return f"{n_bytes / 1e6:.0f} MB"
    return f"{n_bytes / 1e9:.1f} GB"


def usable_cores() -> int:
    """Processors that this process may use: what it is bound to, and a container's quota."""
    if sys.platform == "linux":
        n_cores = min(len(os.sched_getaffinity(0)), _cores_of_quota())
    else:
        n_cores = os.cpu_count() or 1
    return max(1, n_cores)


def usable_memory_bytes() -> int:
    """What work may take of the memory that is free now."""
    return round(free_bytes() * MEMORY_SHARE)


def free_bytes() -> int:
    """Memory that programs can get now without others being swapped out."""
    if sys.platform == "linux":
        n_bytes = min(_available_on_linux(), _left_in_container())
    elif sys.platform == "win32":
        n_bytes = _available_on_windows()
    else:
        n_bytes = _half_of_all()
    return n_bytes


def _half_of_all() -> int:
    """What is free, as a guess: macOS tells this way what there is, and not what is in use."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError, AttributeError):
        return UNKNOWN_FREE_BYTES


def _available_on_linux() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return UNKNOWN_FREE_BYTES
    return next(
        (int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")),
        UNKNOWN_FREE_BYTES,
    )


def _left_in_container(folder: Path = _CGROUP) -> int:
    """What a container's limit leaves, by the files of cgroup version 2; no limit, no bound."""
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        statistics = (folder / "memory.stat").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return sys.maxsize
    if limit == "max":
        return sys.maxsize
    told = dict(zip(statistics[::2], statistics[1::2], strict=False))
    return max(0, int(limit) - used + int(told.get("inactive_file", 0)))  # files can be let go


def _cores_of_quota(folder: Path = _CGROUP) -> int:
    """Whole processors in a container's quota; no quota, no bound."""
    try:
        quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return sys.maxsize
    return sys.maxsize if quota == "max" else math.ceil(int(quota) / int(period))


def _available_on_windows() -> int:
    import ctypes  # noqa: PLC0415 - for Windows alone

    class MemoryStatus(ctypes.Structure):  # MEMORYSTATUSEX of sysinfoapi.h
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load_percent", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            ("available", ctypes.c_uint64),
            ("other", ctypes.c_uint64 * 5),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only Windows has it
    is_told = kernel.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.available) if is_told else UNKNOWN_FREE_BYTES
