"""Files that are either there whole or not at all.

Everything is written to a temporary name in the target's own folder, synced, and renamed; the
folder is synced after. So another process sees the old file or the new one, never a part, and
of several writers the last one wins. After a crash a `.part` file may be left: `remove_leftovers`
sweeps a folder of ours, `remove_dead_parts` one that others write to as well. A link stays a
link: the file it points to is replaced. The permissions of a replaced file are kept; its owner,
hard links and extended attributes are not.

On Windows a folder cannot be synced: there the rename alone is the promise, and it fails
(`NotWritable`) while another program holds the target open.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import socket
import tempfile
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

from hanolab_dawtools.errors import DiskFull, FileChanged, InputError, NotWritable

PART_SUFFIX = ".part"
COPY_BLOCK_BYTES = 1 << 20
MAX_NAME_BYTES = 180  # leaves room for suffixes below the 255 bytes that file systems allow

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES}  # network shares; drop boxes
_SHOWN_IN_PART_NAME = 40  # characters; at most 160 bytes, so that the rest fits into 255
_PART_NAME = re.compile(r"\.([0-9a-f]{8}-[0-9]{1,10})-[0-9a-f]{12}\.part")

_UNSAFE = frozenset('<>:"/\\|?*')
_UNSAFE_CATEGORIES = frozenset({"Cc", "Zl", "Zp"})  # control characters, line separators
_WINDOWS_DEVICES = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE
)


@contextmanager
def translated_os_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` while writing `path` into `DiskFull` or `NotWritable`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(path) from error
        raise NotWritable(path, error.strerror or str(error)) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `path`, synced; else it is removed.

    Missing folders are made. Processes and threads may replace the same file at the same time.

    Raises
    ------
    DiskFull, NotWritable
        Also for an `OSError` raised inside the block. A folder, a device, a pipe and a
        write-protected file are refused before anything is written.
    """
    with translated_os_errors(path):
        target = _writable_target(path)
        _make_folder(target.parent)
        shown = target.name[:_SHOWN_IN_PART_NAME]
        part = target.with_name(f".{shown}.{process_mark()}-{os.urandom(6).hex()}{PART_SUFFIX}")
        try:
            yield part
            if target.exists():
                shutil.copymode(target, part)
            _sync_file(part)
            part.replace(target)
            sync_folder(target.parent)
        except BaseException:
            with suppress(OSError):  # the first error is the one to tell
                part.unlink(missing_ok=True)
            raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file durably."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a whole UTF-8 file durably, line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's content durably, in bounded memory.

    Raises
    ------
    InputError
        `source` cannot be opened.
    DiskFull, NotWritable
    """
    with ExitStack() as stack:
        try:
            reader = stack.enter_context(source.open("rb"))
        except OSError as error:
            raise InputError(f"cannot read {source}: {error.strerror}") from error
        writer = stack.enter_context(stack.enter_context(replacing(target)).open("wb"))
        while block := reader.read(COPY_BLOCK_BYTES):
            writer.write(block)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise


def check_writable(folder: Path) -> None:
    """Raise `NotWritable` or `DiskFull` when no file could be made in a folder, or it not made."""
    with translated_os_errors(folder):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryFile(dir=existing):
            pass


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a crash left in `folder`. Only for folders that one job owns."""
    for part in folder.glob(f".*{PART_SUFFIX}"):
        part.unlink(missing_ok=True)


def remove_dead_parts(folder: Path) -> None:
    """Remove temporary files that `replacing` left in `folder` when its process was killed.

    Touched are only files whose name says that a process of this machine made them which runs no
    more. On Windows nobody can tell, and nothing is removed.
    """
    with suppress(OSError):  # a folder that cannot be listed, or that others sweep too
        for part in folder.glob(f".*{PART_SUFFIX}"):
            writer = _PART_NAME.search(part.name)
            if writer and not may_live(writer[1]):
                part.unlink(missing_ok=True)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class FileStamp:
    """What a file was when it was read: its content's SHA-256."""

    path: Path
    digest: str

    @classmethod
    def of_content(cls, path: Path, content: bytes) -> FileStamp:
        """Stamp of a file whose bytes were just read."""
        return cls(path, hashlib.sha256(content).hexdigest())

    def check(self) -> None:
        """Raise `FileChanged` unless the file still holds what was read."""
        try:
            unchanged = file_digest(self.path) == self.digest
        except OSError as error:
            raise FileChanged(self.path) from error
        if not unchanged:
            raise FileChanged(self.path)


def safe_name(text: str, *, fallback: str = "untitled") -> str:
    """A file name part made of `text` that Linux, macOS and Windows all take; never empty.

    At most `MAX_NAME_BYTES` bytes of UTF-8, in composed form (NFC), without control characters,
    without spaces and dots at the ends, and no name of a Windows device.
    """
    whole = text.encode("utf-8", "replace").decode()  # a lone surrogate becomes a question mark
    name = "".join(map(_safe_character, unicodedata.normalize("NFC", whole))).strip(" .")
    name = name.encode()[:MAX_NAME_BYTES].decode("utf-8", "ignore").rstrip(" .")
    if not name:
        return fallback
    return f"_{name}" if _WINDOWS_DEVICES.fullmatch(name) else name


def unused_path(path: Path) -> Path:
    """`path`, or the first of `name-2`, `name-3`, … (before its suffix) that does not exist."""
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _safe_character(character: str) -> str:
    category = unicodedata.category(character)
    if character in _UNSAFE or category in _UNSAFE_CATEGORIES:
        return "_"
    return " " if category == "Zs" else character


def _writable_target(path: Path) -> Path:
    """The file that writing to `path` means, links followed; it need not exist."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if target.is_dir():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is a device or a pipe")
    if target.exists() and not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "it is write-protected")
    return target


def process_mark() -> str:
    """Names this process, in names of what it makes: where its number counts, and the number."""
    return f"{_process_space()}-{os.getpid()}"


def may_live(mark: str) -> bool:
    """Whether the process of a `process_mark` may be there; True where nobody can say."""
    space, _, pid = mark.partition("-")
    return space != _process_space() or not pid.isdigit() or may_run(int(pid))


@cache
def _process_space() -> str:
    """Eight hex digits for the machine, and on Linux the container, whose process ids we see."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return f"{zlib.crc32(f'{socket.gethostname()} {space}'.encode()):08x}"


def may_run(pid: int) -> bool:
    """Whether a process of this id may be there; True where nobody can say."""
    if os.name == "nt":  # where signal 0 is Ctrl-C
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents, each synced into the one above it."""
    missing = list(takewhile(lambda above: not above.is_dir(), [folder, *folder.parents]))
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        sync_folder(new.parent)


def _sync_file(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
