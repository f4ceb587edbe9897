"""An exchange through object storage, by URLs that are signed for one file and a day.

Workers hold no key of the storage: they GET what was lent and PUT to the slots of their order. The
owner deletes both afterwards, except that inputs stay for a while that other orders may read, too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.workers.exchange import Carrier, Lent, Where, content_of, safe_suffix

URL_SECONDS = 24 * 3600  # an order that waits longer for a worker fails, and is resumed
KEPT_BYTES = 2_000_000_000  # of inputs that no order reads at the moment


class SignedStorage(Protocol):
    """The part of a bucket that is needed; it holds this exchange alone."""

    def put(self, path: Path, name: str, *, stop: Stop, progress: ProgressCallback) -> str:
        """Upload a file as `name`; its key."""
        ...

    def url_for(self, key: str, *, seconds: int) -> str:
        """A URL that anybody can fetch the file from, for this long."""
        ...

    def key_for(self, name: str) -> str:
        """The key of a file of this name."""
        ...

    def put_url(self, key: str, *, seconds: int) -> tuple[str, Mapping[str, str]]:
        """A URL that anybody can put one file to, for this long, and the headers it needs."""
        ...

    def delete(self, key: str) -> None:
        """Delete a file; one that is not there is no error."""
        ...

    def delete_all(self) -> None:
        """Delete all files of this exchange."""
        ...


@dataclass
class _Input:
    key: str
    n_bytes: int
    n_orders: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_there: bool = False


class StorageExchange:
    """Implements `Exchange`.

    Parameters
    ----------
    storage
        Of this exchange alone: what is in it is deleted in the end.
    carrier
        Fetches results by URL, here.
    kept_bytes
        Inputs that no order reads stay until they are more than this, the oldest go first.
    """

    def __init__(
        self, storage: SignedStorage, carrier: Carrier, *, kept_bytes: int = KEPT_BYTES
    ) -> None:
        self._storage, self._carrier, self._kept_bytes = storage, carrier, kept_bytes
        self._lock = threading.Lock()
        self._inputs: OrderedDict[str, _Input] = OrderedDict()

    def lend(self, path: Path, *, stop: Stop, progress: ProgressCallback) -> Lent:
        """See `Exchange`; raises as the storage's `put`."""
        digest, n_bytes = content_of(path, stop)
        name = f"{digest}{safe_suffix(path)}"
        with self._lock:
            made = _Input(self._storage.key_for(name), n_bytes)
            known = self._inputs.setdefault(name, made)
            known.n_orders += 1
        try:
            with known.lock:  # one of several threads uploads, the others wait for it
                if not known.is_there:
                    self._storage.put(path, name, stop=stop, progress=progress)
                    known.is_there = True
            where = {"url": self._storage.url_for(known.key, seconds=URL_SECONDS)}
        except BaseException:
            self._let_go(name)
            raise
        return Lent(name, digest, n_bytes, where)

    def give_back(self, lent: Lent) -> None:
        """See `Exchange`."""
        self._let_go(lent.name)

    def slots(self, order_id: str, n_slots: int) -> tuple[Where, ...]:
        """See `Exchange`; nothing is sent for it."""
        made = []
        for number in range(n_slots):
            key = self._storage.key_for(f"{order_id}-{number}")
            url, headers = self._storage.put_url(key, seconds=URL_SECONDS)
            made.append({"key": key, "url": url, "headers": dict(headers)})
        return tuple(made)

    def take(self, slot: Where, path: Path, *, stop: Stop, progress: ProgressCallback) -> None:  # noqa: ARG002
        """See `Exchange`."""
        url = self._storage.url_for(slot["key"], seconds=URL_SECONDS)
        self._carrier.fetch({"url": url}, path, stop=stop)

    def clear(self, slots: tuple[Where, ...]) -> None:
        """See `Exchange`."""
        for slot in slots:
            self._delete(slot["key"])

    def close(self) -> None:
        """See `Exchange`."""
        with suppress(HanolabError):  # what stays is deleted when the batch is resumed
            self._storage.delete_all()

    def _let_go(self, name: str) -> None:
        """One order less reads an input; delete what is too much by now."""
        with self._lock:
            known = self._inputs[name]
            known.n_orders -= 1
            self._inputs.move_to_end(name)
            if not (known.n_orders or known.is_there):
                del self._inputs[name]
            unread = [key for key, one in self._inputs.items() if not one.n_orders]
            n_bytes = sum(self._inputs[key].n_bytes for key in unread)
            for key in unread:
                if n_bytes <= self._kept_bytes:
                    break
                gone = self._inputs.pop(key)
                n_bytes -= gone.n_bytes
                self._delete(gone.key)  # under the lock, so that nobody uploads it meanwhile

    def _delete(self, key: str) -> None:
        with suppress(HanolabError):
            self._storage.delete(key)
