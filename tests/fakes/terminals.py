"""A terminal with somebody at it: waits for words on the screen and types answers."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import selectors
import struct
import subprocess
import termios
import time
from collections.abc import Iterable, Mapping

COLUMNS, ROWS = 80, 40
PATIENCE_SECONDS = 60.0
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def at_terminal(
    command: list[str], dialogue: Iterable[tuple[str, str]], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run a command at a terminal of 80 columns; its exit code and all that was on the screen.

    `dialogue`: (words to wait for, keys to press then); "\\x03" is Ctrl-C.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": str(COLUMNS)},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - its keys shall be signals
    )
    os.close(theirs)
    try:
        return _talk(process, ours, dialogue)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _talk(
    process: subprocess.Popen[bytes], ours: int, dialogue: Iterable[tuple[str, str]]
) -> tuple[int, str]:
    shown, seen = "", 0
    for words, keys in dialogue:
        while words not in shown[seen:]:
            more = _read(ours)
            assert more, f"{words!r} did not come: {shown}"
            shown += more
        seen = shown.index(words, seen) + len(words)
        os.write(ours, keys.encode())
    while more := _read(ours):
        shown += more
    text = _CONTROLS.sub("", shown).replace("\r\n", "\n")
    return process.wait(timeout=PATIENCE_SECONDS), text


def _read(ours: int) -> str:
    """What comes next; nothing when the other side is gone."""
    with selectors.DefaultSelector() as selector:
        selector.register(ours, selectors.EVENT_READ)
        began = time.monotonic()
        assert selector.select(PATIENCE_SECONDS), f"silent for {time.monotonic() - began:.0f} s"
    try:
        return os.read(ours, 65_536).decode("utf-8", "replace")
    except OSError:  # Linux tells the end of a terminal so
        return ""
