"""What a process takes of its machine: how much memory it holds, and how far it stands back.

Where a system does not tell how much memory is held now, the most that ever was stands for it:
estimates made of that are too large rather than too small.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")
_OUT_OF_MEMORY_SCORE = Path("/proc/self/oom_score_adj")
_SACRIFICED_FIRST = "500"  # of -1000..1000: before REAPER, before the owner with the job store
_BELOW_NORMAL_PRIORITY = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS of winbase.h


@dataclass(frozen=True)
class Footprint:
    """Memory of a process in bytes: the most since `forget_peak`, and now; 0 where unknown."""

    peak_bytes: int = 0
    held_bytes: int = 0


def footprint() -> Footprint:
    """The memory of this process."""
    if sys.platform == "linux":
        found = _footprint_on_linux()
    elif sys.platform == "win32":
        found = _footprint_on_windows()
    else:
        import resource  # noqa: PLC0415 - Windows has none

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
        found = Footprint(peak, peak)
    return found


def forget_peak() -> None:
    """Measure the peak from now on, where the system can."""
    with suppress(OSError):
        _FORGET.write_text("5", encoding="ascii")  # proc(5): resets the peak, since Linux 4.0


def step_back(nice: int) -> None:
    """Let the user's programs go first, and be what the system ends first when memory runs out.

    `nice` as of nice(1), 0..19; on Windows anything above 0 is the class below normal.
    """
    if sys.platform != "win32":
        os.nice(nice)
    elif nice > 0:
        import ctypes  # noqa: PLC0415 - for Windows alone

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY)
    with suppress(OSError):
        _OUT_OF_MEMORY_SCORE.write_text(_SACRIFICED_FIRST, encoding="ascii")


def _footprint_on_linux() -> Footprint:
    try:
        text = _STATUS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Footprint()
    told = dict(line.split(":", 1) for line in text.splitlines() if line.endswith("kB"))
    return Footprint(*(int(told.get(name, "0").split()[0]) * 1024 for name in ("VmHWM", "VmRSS")))


def _footprint_on_windows() -> Footprint:
    import ctypes  # noqa: PLC0415 - for Windows alone

    class Counters(ctypes.Structure):  # PROCESS_MEMORY_COUNTERS of psapi.h
        _fields_ = (
            ("size", ctypes.c_uint32),
            ("n_faults", ctypes.c_uint32),
            ("peak", ctypes.c_size_t),
            ("held", ctypes.c_size_t),
            ("others", ctypes.c_size_t * 6),
        )

    counters = Counters(size=ctypes.sizeof(Counters))
    libraries = getattr(ctypes, "windll")  # noqa: B009 - only Windows has it
    libraries.kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(libraries.kernel32.GetCurrentProcess())
    is_told = libraries.psapi.GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size)
    return Footprint(int(counters.peak), int(counters.held)) if is_told else Footprint()
