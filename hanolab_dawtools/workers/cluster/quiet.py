"""What dask has to tell goes to our log: its loggers write to the terminal otherwise."""

from __future__ import annotations

import logging

_LOUD = ("distributed", "tornado", "bokeh")

_log = logging.getLogger(__name__)


def send_to_our_log() -> None:
    """Take dask's loggers over; to be called after dask is loaded, which sets them up."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _LOUD:
            logger = logging.getLogger(name)
            logger.handlers = []
            logger.propagate = True
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.handlers = [_ToOurLog()]
        logger.propagate = False


class _ToOurLog(logging.Handler):
    """What is worth a warning there is worth a line in our log, and nothing more."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            _log.info("%s: %s", record.name, record.getMessage())
