"""Files that come from the cloud: fetched without any key, and not believed.

A URL in an answer may lead anywhere, and what comes of it may be anything. So the body goes to a
part file under a name of ours, within a size, at no less than a pace, to its announced length,
and begins as audio does. A cut line is taken up again where it broke, when the server proves
that it is still the same file.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

from hanolab_dawtools import durable
from hanolab_dawtools.cloud import wire
from hanolab_dawtools.cloud.addresses import Reach
from hanolab_dawtools.cloud.http.address import is_loopback
from hanolab_dawtools.errors import CloudProtocolError, TransferFailed
from hanolab_dawtools.events import Progress, ProgressCallback, Stop

MAX_DOWNLOAD_BYTES = 4_000_000_000
MAX_REDIRECTS = 5
EXPIRED_STATUSES = frozenset({401, 403, 404, 410})  # what storages answer for a URL that ran out

_HEAD_BYTES = 16  # enough for every sign below
_AUDIO_SIGNS = re.compile(
    rb"RIFF|RF64|riff|FORM|fLaC|OggS|ID3|caff|\xff[\xe2-\xe7\xea-\xef\xf2-\xff]|.{4}ftyp",
    re.DOTALL,
)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_RESUME_HINT = "Resume the job to fetch it again; nothing is paid twice."
_DISTRUST_HINT = "Nothing of it was kept. If it stays so, tell HanoLab's support."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long a bad line is borne.

    Attributes
    ----------
    window_seconds, window_bytes
        Less than this many bytes in this long is too slow to wait for: 8 kB/s.
    head_seconds
        From a request to the end of the answer's headers.
    waits_seconds
        Before each further try; a try that brings `window_bytes` starts the row anew.
    """

    window_seconds: float = 60.0
    window_bytes: int = 480_000
    head_seconds: float = 120.0
    waits_seconds: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)


def download(
    url: str,
    path: Path,
    *,
    base_url: str,
    stop: Stop,
    progress: ProgressCallback,
    max_bytes: int = MAX_DOWNLOAD_BYTES,
    patience: Patience | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Fetch an audio file to `path`; it is there whole or not at all. No key is ever sent.

    Whether it decodes is for the caller to find out.

    Parameters
    ----------
    base_url
        Of the API: only when it is itself on this machine or in a private network may `url` be.

    Raises
    ------
    TransferFailed
        `status` is the last HTTP status (see `EXPIRED_STATUSES`), 0 when there was none.
    CloudProtocolError
        What came is no audio or too much, or the URL leads where it must not.
    DiskFull, NotWritable, JobCancelled
    """
    with durable.replacing(path) as part, part.open("w+b") as stream:
        body = _Body(path.name, stream, max_bytes)
        _Download(url, body, Reach(base_url), patience or Patience(), clock, stop, progress).run()


class _TryAgain(Exception):
    """The server asks for patience, or the line is not worth keeping."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


@dataclass
class _Body:
    """What is there of a file.

    Attributes
    ----------
    name
        For messages.
    validator
        The server's own mark of the file's version; empty: what is there cannot be continued.
    n_total
        Its whole length, None while unknown.
    """

    name: str
    stream: BinaryIO
    max_bytes: int
    n_bytes: int = 0
    validator: str = ""
    n_total: int | None = None
    head: bytes = field(default=b"", repr=False)

    def restart(self) -> None:
        """Forget everything."""
        self.stream.seek(0)
        self.stream.truncate()
        self.n_bytes, self.validator, self.n_total, self.head = 0, "", None, b""

    def announce(self, n_total: int | None) -> None:
        """Take the length that the server promises."""
        self.n_total = n_total
        if n_total is not None and n_total > self.max_bytes:
            raise self._too_long()

    def add(self, block: bytes) -> None:
        """Append what came; refused as soon as it cannot be audio, or is too much."""
        if self.n_bytes + len(block) > self.max_bytes:
            raise self._too_long()
        if len(self.head) < _HEAD_BYTES:
            self.head += block[: _HEAD_BYTES - len(self.head)]
            if len(self.head) == _HEAD_BYTES:
                self.check_kind()
        self.stream.write(block)
        self.n_bytes += len(block)

    def check_kind(self) -> None:
        """Raise unless it begins as audio files do."""
        if not _AUDIO_SIGNS.match(self.head):
            kind = "a page of text" if self.head.lstrip()[:1] in {b"<", b"{", b"["} else "no audio"
            raise CloudProtocolError(
                f"the server sent {kind} instead of {self.name}", hint=_DISTRUST_HINT
            )

    def _too_long(self) -> CloudProtocolError:
        return CloudProtocolError(
            f"the server sends more than {self.max_bytes / 1e9:g} GB for {self.name}",
            hint=_DISTRUST_HINT,
        )


@dataclass(frozen=True)
class _Download:
    """As many tries as it takes, or as patience allows."""

    url: str
    body: _Body
    reach: Reach
    patience: Patience
    clock: Callable[[], float]
    stop: Stop
    progress: ProgressCallback

    def run(self) -> None:
        """Fetch the whole body."""
        body, n_cuts = self.body, 0
        while True:
            before = body.n_bytes
            try:
                self._try()
            except (wire.WireBroken, _TryAgain) as error:
                n_cuts = 0 if body.n_bytes - before >= self.patience.window_bytes else n_cuts + 1
                _log.info("fetching %s broke at byte %d: %s", body.name, body.n_bytes, error)
                if n_cuts > len(self.patience.waits_seconds):
                    raise _failed(body.name, str(error), getattr(error, "status", 0)) from error
                self.stop.wait(self.patience.waits_seconds[max(n_cuts - 1, 0)])
            except wire.AddressRefused as error:
                raise _forbidden(body.name, f"the address {error}") from error
            else:
                return

    def _try(self) -> None:
        """Go on where the last try ended, or begin anew; redirects are followed."""
        url, body = self.url, self.body
        if not body.validator:
            body.restart()
        headers = {"Accept": "audio/*, application/octet-stream, */*;q=0.1"}
        if body.n_bytes:
            headers |= {"Range": f"bytes={body.n_bytes}-", "If-Range": body.validator}
        for _ in range(MAX_REDIRECTS + 1):
            _check_target(url, body.name, self.reach)
            with wire.fetch(
                url,
                stop=self.stop,
                headers=headers,
                may_reach=self.reach.allows,
                head_seconds=self.patience.head_seconds,
            ) as incoming:
                if incoming.status not in _REDIRECTS:
                    _accept(incoming.status, incoming.headers, body)
                    self._take(incoming.blocks)
                    return
                url = _next_hop(url, incoming.headers.get("location", ""), body.name)
        raise CloudProtocolError(
            f"{body.name} is behind more than {MAX_REDIRECTS} redirects", hint=_DISTRUST_HINT
        )

    def _take(self, blocks: Iterator[bytes | None]) -> None:
        body = self.body
        pace = _Pace(self.patience, self.clock, body.n_bytes)
        for block in blocks:
            if block:
                body.add(block)
                self.progress(Progress("downloading", _share(body)))
            pace.check(body.n_bytes)
        _check_whole(body)


class _Pace:
    """Raises when too little came for too long."""

    def __init__(self, patience: Patience, clock: Callable[[], float], n_bytes: int) -> None:
        self._patience, self._clock = patience, clock
        self._began, self._n_bytes = clock(), n_bytes

    def check(self, n_bytes: int) -> None:
        now = self._clock()
        if now - self._began < self._patience.window_seconds:
            return
        if n_bytes - self._n_bytes < self._patience.window_bytes:
            raise _TryAgain("it comes too slowly")
        self._began, self._n_bytes = now, n_bytes


def _check_target(url: str, name: str, reach: Reach) -> None:
    """Refuse a URL that is none, or whose literal address must not be talked to."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise CloudProtocolError(
            f"the URL of {name} makes no sense", hint=_DISTRUST_HINT
        ) from error
    if parts.scheme not in {"http", "https"} or not host:
        raise CloudProtocolError(f"the URL of {name} is no web address", hint=_DISTRUST_HINT)
    if not reach.allows_host(host):
        raise _forbidden(name, f"the address {host}")


def _next_hop(url: str, location: str, name: str) -> str:
    """Where a redirect leads."""
    if not location:
        raise CloudProtocolError(f"{name} is redirected to nowhere", hint=_DISTRUST_HINT)
    try:
        target = urljoin(url, location)
    except ValueError as error:
        raise CloudProtocolError(
            f"the URL of {name} makes no sense", hint=_DISTRUST_HINT
        ) from error
    is_downgrade = urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http"
    if is_downgrade and not is_loopback(urlsplit(target).hostname or ""):
        raise CloudProtocolError(
            f"{name} is redirected from https to an open line", hint=_DISTRUST_HINT
        )
    return target


def _accept(status: int, headers: Mapping[str, str], body: _Body) -> None:
    """Make the body ready for what the answer's head announces; raise when it is no file."""
    if status in _TRY_AGAIN:
        raise _TryAgain(f"the server answered {status}", status)
    if status == 416 or (status == 206 and not body.n_bytes):
        body.restart()
        raise _TryAgain("the server sent a part that was not asked for", status)
    if status not in {200, 206}:
        raise _failed(body.name, f"the server answered {status}", status)
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise CloudProtocolError(
            f"the server sent {body.name} packed, which was not asked for", hint=_DISTRUST_HINT
        )
    length = headers.get("content-length", "")
    n_coming = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
    if status == 206:
        _continue(headers, body)
        return
    body.restart()
    body.announce(n_coming)
    body.validator = _validator(headers)


def _continue(headers: Mapping[str, str], body: _Body) -> None:
    """Check that a part is the rest of what is there."""
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    fits = (
        found is not None
        and int(found[1]) == body.n_bytes
        and (body.n_total is None or found[3] in {"*", str(body.n_total)})
        and _validator(headers) in {"", body.validator}
    )
    if not fits or found is None:
        body.restart()
        raise _TryAgain("the server sent another part than was asked for", 206)
    if body.n_total is None and found[3] != "*":
        body.announce(int(found[3]))


def _validator(headers: Mapping[str, str]) -> str:
    """What names this version of the file: a strong ETag, else the time of its last change."""
    etag = headers.get("etag", "").strip()
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("last-modified", "").strip()


def _check_whole(body: _Body) -> None:
    if body.n_total is not None and body.n_bytes != body.n_total:
        raise _TryAgain(f"{body.n_bytes} of {body.n_total} bytes came")
    if len(body.head) < _HEAD_BYTES:
        body.check_kind()


def _share(body: _Body) -> float | None:
    return min(body.n_bytes / body.n_total, 1.0) if body.n_total else None


def _failed(name: str, reason: str, status: int) -> TransferFailed:
    return TransferFailed(f"cannot fetch {name}: {reason}", status=status, hint=_RESUME_HINT)


def _forbidden(name: str, where: str) -> CloudProtocolError:
    return CloudProtocolError(
        f"the URL of {name} leads to {where}, which is no public one", hint=_DISTRUST_HINT
    )
