"""One SQLite database: opened, checked, used in transactions, its errors told as ours.

Write-ahead log and `synchronous=FULL`: what was committed survives a crash of the program and of
the machine, readers and a writer do not wait for each other. One connection is shared by the
threads of a process under a lock; a connection must not be carried across a fork.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from hanolab_dawtools.durable import translated_os_errors, unused_path
from hanolab_dawtools.errors import (
    DiskFull,
    HanolabError,
    JobError,
    NotWritable,
    StoreCorrupt,
    StoreLocked,
)
from hanolab_dawtools.jobs import schema

_OPEN_RETRY_SECONDS = 0.02
_CREATION_SECONDS = 1.0  # another process needs less to make a new store
_HEADER_BYTES = 100  # of an SQLite database
_NO_ROOM_BYTES = 1 << 20  # less than this is free: a refused write means a full disk
_LOG = "-wal"
_COMPANIONS = (_LOG, "-shm")

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_REFUSED = {
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "access was denied",
    sqlite3.SQLITE_IOERR: "reading or writing failed (a size or quota limit, or a failing disk)",
}


class BadRow(Exception):
    """A row holds what this program never writes: raised in a transaction, it means damage."""


class Database:
    """The database at `path`, created when it is missing.

    Parameters
    ----------
    may_be_empty
        Whether an existing file without content is a new store; False makes it a damaged one.
    busy_seconds
        How long another process may hold the write lock before `StoreLocked` is raised.

    Raises
    ------
    StoreCorrupt
        The file is damaged. It was renamed, with its companions, to the name in the message; the
        next opening starts a new store. Any later use may raise this too.
    StoreLocked, DiskFull, NotWritable
        Any use may raise these; the transaction then changed nothing.
    JobError
        The database was written by a newer version of the program.
    """

    def __init__(self, path: Path, *, may_be_empty: bool, busy_seconds: float) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._damage: StoreCorrupt | None = None
        existed = path.exists()
        self._connection = self._connect()
        try:
            self._file = path.stat()
            if existed and not may_be_empty:
                self._refuse_emptied()
            self._use_write_ahead_log()
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one moment of the store."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed, whole and synced, unless the block raises."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def damaged(self, reason: str) -> StoreCorrupt:
        """The error for a damaged database, whose file is kept aside first."""
        with self._lock:
            if self._damage is None:
                self._connection.close()
                self._damage = self._keep_aside(reason)
            return self._damage

    def check(self) -> None:
        """Read every page and raise `StoreCorrupt` when one is damaged."""
        with self.reading() as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise self.damaged(str(verdict))

    def close(self) -> None:
        """End the connection; idempotent."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            if self._damage is not None:
                raise self._damage
            connection = self._connection
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if self._damage is None and connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:  # a use after `close`, say: no fault of the file
            raise
        except sqlite3.Error as error:
            ours = self._as_ours(error)
            if ours is None:
                raise
            raise ours from error
        except BadRow as error:
            raise self.damaged(str(error)) from error
        except UnicodeDecodeError as error:  # of the message about a damaged table
            raise self.damaged("its tables are not readable") from error

    def _as_ours(self, error: sqlite3.Error) -> HanolabError | None:
        """Our error for one of SQLite's; None for a mistake of the programmer."""
        if isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode"):
            return self.damaged("a text is not readable")  # Python's, for bytes that are no UTF-8
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _DAMAGED:
            return self.damaged(str(error))
        if code in _LOCKED:
            return StoreLocked(
                f"the job store {self._path} stayed locked by another process for "
                f"{self._busy_seconds:g} s",
                hint="Try again; if it stays, look for a hanging hanolab process.",
            )
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and self._has_no_room()):
            return DiskFull(self._path)
        if code in _REFUSED:
            return NotWritable(self._path, _REFUSED[code])
        return None if self._is_sound() else self.damaged(str(error))

    def _is_sound(self) -> bool:
        """Whether an error that says nothing of damage has no damage as its cause."""
        try:
            return schema.is_sound(self._connection)
        except (sqlite3.Error, UnicodeDecodeError):
            return False

    def _has_no_room(self) -> bool:
        with translated_os_errors(self._path):
            return shutil.disk_usage(self._path.parent).free < _NO_ROOM_BYTES

    def _connect(self) -> sqlite3.Connection:
        with self._translated():
            return sqlite3.connect(
                self._path,
                timeout=self._busy_seconds,
                isolation_level=None,  # transactions are begun by us alone
                check_same_thread=False,  # the lock keeps threads apart
            )

    def _refuse_emptied(self) -> None:
        """Raise `StoreCorrupt` for a file without content, which SQLite takes for a new one."""
        log = self._path.with_name(self._path.name + _LOG)
        if self._path.stat().st_size < _HEADER_BYTES and not (log.exists() and log.stat().st_size):
            threading.Event().wait(_CREATION_SECONDS)
            if self._path.stat().st_size < _HEADER_BYTES:
                raise self.damaged("it is empty, but jobs were stored beside it")

    def _prepare(self) -> None:
        """Set the connection up, refuse what is no store of ours, and make or upgrade tables."""
        with self._translated():
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            version = schema.version_of(self._connection)
        if version > schema.newest_version():
            raise JobError(
                f"the job store {self._path} was written by a newer version of this program "
                f"(format {version}; this one knows up to {schema.newest_version()})",
                hint="Upgrade hanolab_dawtools.",
            )
        if version == schema.newest_version():
            return
        with self.writing() as connection:
            if schema.version_of(connection) <= 0 and not schema.is_empty(connection):
                raise self.damaged("it is not a job store")
            schema.upgrade(connection)

    def _use_write_ahead_log(self) -> None:
        """Switch the log on; SQLite does not wait by itself while another process does the same."""
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                with self._translated():
                    self._connection.execute("PRAGMA journal_mode = WAL")
            except StoreLocked:
                if time.monotonic() >= deadline:
                    raise
                threading.Event().wait(_OPEN_RETRY_SECONDS)
            else:
                return

    def _keep_aside(self, reason: str) -> StoreCorrupt:
        time_text = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = unused_path(self._path.with_name(f"{self._path.stem}.damaged-{time_text}.sqlite3"))
        try:
            file = self._path.stat()
            if (file.st_dev, file.st_ino) != (self._file.st_dev, self._file.st_ino):
                return StoreCorrupt(
                    f"the job store {self._path} was damaged ({reason}) and replaced meanwhile",
                    hint="Run it again.",
                )
            self._path.rename(aside)
            for companion in _COMPANIONS:
                source = self._path.with_name(self._path.name + companion)
                if source.exists():
                    source.rename(aside.with_name(aside.name + companion))
        except OSError as error:
            return StoreCorrupt(
                f"the job store {self._path} is damaged ({reason}) and could not be moved aside: "
                f"{error.strerror}",
                hint="Close every hanolab process and rename the file.",
            )
        return StoreCorrupt(
            f"the job store {self._path} is damaged ({reason}); it was kept as {aside}",
            hint="The next run starts a new store; the jobs' own folders are still there.",
        )
