"""Questions on stderr and their answers; Ctrl-C at one ends the command at once."""

from __future__ import annotations

import getpass
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from hanolab_dawtools.errors import JobCancelled


def read_line(question: str) -> str:
    """What was typed behind a question, without white space around it.

    Raises
    ------
    JobCancelled
        The terminal was closed, or Ctrl-C was pressed.
    """
    with _interruptible():
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline()
    if not line:
        raise JobCancelled("nothing was answered")
    return line.strip()


def read_secret(question: str) -> str:
    """What was typed without being shown; else as `read_line`."""
    with _interruptible():
        try:
            return getpass.getpass(question, stream=sys.stderr).strip()
        except EOFError:
            raise JobCancelled("nothing was answered") from None


@contextmanager
def _interruptible() -> Iterator[None]:
    """While a question is open there is no work that could be ended in good order."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise JobCancelled("stopped at a question") from None
    finally:
        signal.signal(signal.SIGINT, before)
