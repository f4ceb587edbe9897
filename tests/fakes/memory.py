"""How much memory a process of its own has needed.

`ru_maxrss` of a child also counts what its parent held when it was started, so the test suite's
own size would be measured; the kernel's VmHWM begins anew with each program. Linux only.
"""

from pathlib import Path


def peak_mb() -> int:
    """Peak resident memory of this process, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024
