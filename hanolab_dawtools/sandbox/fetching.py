"""Fetches the audio that an `input_url` names, as the real service does: itself, with limits."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.events import Stop, raise_if_stopped

TIMEOUT_SECONDS = 10.0  # without a byte
WHOLE_TIMEOUT_SECONDS = 600.0
_BLOCK_BYTES = 1 << 18


class InputUnreachable(Exception):
    """The audio cannot be had; the text says why, without the URL."""


def fetch_input(url: str, path: Path, *, max_bytes: int, stop: Stop) -> None:
    """Fetch `url` (http or https) into `path`.

    Raises
    ------
    InputUnreachable
    DiskFull, NotWritable, JobCancelled
    """
    opener = urllib.request.OpenerDirector()  # no files, no proxies, no other protocols
    for handler in (
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    n_bytes = 0
    with durable.replacing(path) as part, part.open("wb") as stream:
        for block in _blocks(opener, url):
            raise_if_stopped(stop)
            n_bytes += len(block)
            if n_bytes > max_bytes:
                raise InputUnreachable(f"the input has more than {max_bytes} bytes")
            stream.write(block)


def _blocks(opener: urllib.request.OpenerDirector, url: str) -> Iterator[bytes]:
    """The body, block by block; whatever goes wrong is `InputUnreachable`."""
    ends_at = time.monotonic() + WHOLE_TIMEOUT_SECONDS
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
            while block := answer.read1(_BLOCK_BYTES):
                if time.monotonic() > ends_at:
                    raise InputUnreachable("the input URL is too slow")
                yield block
            if answer.length:
                raise InputUnreachable("the input URL ended in the middle of the file")
    except urllib.error.HTTPError as error:
        with error:
            raise InputUnreachable(f"the input URL answered {error.code}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise InputUnreachable(f"the input URL cannot be fetched: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or type(reason).__name__
