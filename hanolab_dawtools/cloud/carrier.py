"""Files by signed URLs, for whoever has nothing but these: no key, no account, no listing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.cloud import wire
from hanolab_dawtools.errors import TransferFailed
from hanolab_dawtools.events import Stop

HEAD_SECONDS = 60.0
WAITS_SECONDS = (1.0, 5.0, 20.0)  # before the tries that follow a broken one
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_HINT = "Resume the job: its files are lent anew then."

_log = logging.getLogger(__name__)


class UrlCarrier:
    """Implements `workers.exchange.Carrier` with `where` of `url` and, to put, `headers`."""

    def fetch(self, where: Mapping[str, Any], path: Path, *, stop: Stop) -> None:
        """Write what a URL gives to `path`; a broken try is begun anew.

        Raises
        ------
        TransferFailed, JobCancelled, DiskFull, NotWritable
        """
        _tried(lambda: self._fetch(where["url"], path, stop), path.name, stop)

    def put(self, path: Path, where: Mapping[str, Any], *, stop: Stop) -> None:
        """Put a file to a URL; a broken try is begun anew.

        Raises
        ------
        TransferFailed, JobCancelled, InputError
        """

        def act() -> None:
            answer = wire.send("PUT", where["url"], stop=stop, headers=where["headers"], body=path)
            _check(answer.status, path.name)

        _tried(act, path.name, stop)

    @staticmethod
    def _fetch(url: str, path: Path, stop: Stop) -> None:
        with (
            wire.fetch(
                url, stop=stop, headers={}, may_reach=lambda _: True, head_seconds=HEAD_SECONDS
            ) as incoming,
            durable.translated_os_errors(path),
        ):
            _check(incoming.status, path.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as stream:
                for block in incoming.blocks:
                    stream.write(block or b"")


class _Broken(Exception):
    """An answer after which another try may succeed."""


def _tried(act: Callable[[], None], name: str, stop: Stop) -> None:
    for wait_seconds in (*WAITS_SECONDS, None):
        try:
            act()
        except (wire.WireBroken, _Broken) as error:
            _log.info("carrying %s: %s", name, error)
            if wait_seconds is None:
                raise TransferFailed(
                    f"cannot carry {name} to or from the storage: {error}", hint=_HINT
                ) from error
            stop.wait(wait_seconds)
        else:
            return


def _check(status: int, name: str) -> None:
    if status in _TRY_AGAIN:
        raise _Broken(f"the storage answered {status}")
    if status not in {200, 201, 204}:
        raise TransferFailed(
            f"cannot carry {name} to or from the storage: it answered {status}",
            status=status,
            hint=_HINT,
        )
