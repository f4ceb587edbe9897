"""A real keychain (GNOME's, over the Secret Service) on a bus of its own, empty and unlocked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from fakes.system_packages import need

UNLOCK = "echo | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
BACKEND = "keyring.backends.SecretService.Keyring"


def run_with_keychain(home: Path, *codes: str, is_unlocked: bool = True, **variables: str) -> str:
    """Run pieces of Python, each in a process of its own, beside one keychain; what they print."""
    need(shutil.which("dbus-run-session"), "dbus")
    need(shutil.which("gnome-keyring-daemon"), "gnome-keyring")
    start = UNLOCK if is_unlocked else ""
    steps = " && ".join(f'"$PYTHON" -c "$CODE_{number}"' for number in range(len(codes)))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_RUNTIME_DIR": str(home),
        "PYTHON": sys.executable,
        "PYTHON_KEYRING_BACKEND": BACKEND,
        **{f"CODE_{number}": code for number, code in enumerate(codes)},
        **variables,
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", start + steps],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
