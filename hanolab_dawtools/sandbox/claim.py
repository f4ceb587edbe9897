"""One sandbox for each folder: a lock that the system gives back when its holder is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows, where nothing keeps a second sandbox away
    fcntl = None  # type: ignore[assignment]


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold `folder`, which is made when missing.

    Raises
    ------
    UsageError
        Another sandbox holds it.
    DiskFull, NotWritable
    """
    durable.check_writable(folder)
    with durable.translated_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("ab")
    with lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UsageError(
                    f"another sandbox uses the folder {folder}",
                    hint="End that one, or choose another folder.",
                ) from error
        yield
