"""The log file: standard logging, bounded in size, without secrets.

Modules log through `logging.getLogger(__name__)`; nothing is written until a program calls
`configure_logging`. A log that cannot be written never stops a run: the program goes on without.
"""

from __future__ import annotations

import logging
import re
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from hanolab_dawtools.redaction import HIDDEN, QUERY

LOG_FILE_NAME = "hanolab.log"
MAX_FILE_BYTES = 1_000_000
OLD_FILES = 3
MAX_RECORD_CHARACTERS = 20_000  # one record never fills the file

_PACKAGE = "hanolab_dawtools"
_FORMAT = "%(asctime)s.%(msecs)03dZ %(process)d %(levelname)s %(name)s: %(message)s"
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"
# Each pattern keeps its first group. They run over whole records, tracebacks included.
_SECRETS = (
    QUERY,
    re.compile(r"(\b[a-z][a-z0-9+.-]{1,15}://)[^\s@\"'<>]{1,500}(?=@)", re.IGNORECASE),
    re.compile(r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        r"((?:\b|[_-]|api|access)"
        r"(?:key|token|secret|password|passwd|signature|credential|authorization)s?[\"']?"
        r"\s{0,5}[=:]\s{0,5})"
        r"(?!(?:bearer|basic)\b)(?:\"[^\"]*\"|'[^']*'|[^\s\"',;&)}\]]+)",
        re.IGNORECASE,
    ),
)


def configure_logging(level: str, folder: Path) -> Path | None:
    """Send the package's log to a file in `folder`; a second call replaces the first.

    Parameters
    ----------
    level
        "debug", "info", "warning" or "error": what is written, and what is above it.
    folder
        Made when missing.

    Returns
    -------
    Path or None
        The file, or None when it cannot be written; the log is dropped then.
    """
    logger = logging.getLogger(_PACKAGE)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level.upper())
    logger.propagate = False  # another library's root handler must not print to the terminal
    path = folder / LOG_FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = _QuietFileHandler(path)
    except OSError:
        logger.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(_HidingFormatter(_FORMAT, _TIME_FORMAT))
    logger.addHandler(handler)
    return path


def without_secrets(text: str) -> str:
    """`text` with keys, bearer tokens, passwords and the query strings of URLs taken out."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


class _QuietFileHandler(RotatingFileHandler):
    """A rotating file that drops what it cannot write (full disk, a file another process holds)."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=MAX_FILE_BYTES,
            backupCount=OLD_FILES,
            encoding="utf-8",
            errors="backslashreplace",  # file names may hold bytes that are no UTF-8
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Do nothing: standard logging would print a traceback."""

    def close(self) -> None:
        """Close the file; what is still in its buffer may be lost."""
        with suppress(OSError):
            super().close()


class _HidingFormatter(logging.Formatter):
    """UTC times, no secrets, no endless records."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """One record as text, its traceback included."""
        text = without_secrets(super().format(record))
        if len(text) > MAX_RECORD_CHARACTERS:
            return f"{text[:MAX_RECORD_CHARACTERS]}… ({len(text)} characters)"
        return text
