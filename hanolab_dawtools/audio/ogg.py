"""Where a Vorbis stream can be entered, so that nothing before has to be decoded.

libsndfile's own seeking in Vorbis lands beside its goal wherever long and short blocks meet
(issue 885 of libsndfile, open; with 1.2.2, in about one of 25 seeks in music). But it counts
rightly where a stream begins. So a stream is entered by showing libsndfile the file without the
pages between the headers and a later page, and never by seeking.

Places in the stream are granule positions: frames since the stream began, which for a recording
of a broadcast may be long before the file begins.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hanolab_dawtools.audio.guarded import GuardedFile

ENTRY_FRAMES = 16_384  # entries closer together would cost memory and save little decoding
_N_HEADERS = 3  # packets; a page ends with the last of them (Vorbis I, section A.2)
_PAGE_HEAD = struct.Struct("<4sBBqIIIB")  # RFC 3533, section 6
_MAX_PAGE_HEAD_BYTES = _PAGE_HEAD.size + 255
_CONTINUED, _LAST = 1, 4  # flags of a page


@dataclass(frozen=True)
class Entry:
    """A page at which decoding can begin: the bytes to leave out, and the frames before."""

    gap: range
    granule: int


class VorbisEntries:
    """The entries of a file, found by going from page to page as far as they are asked for.

    A file that is no plain Vorbis stream has none, nor has what follows junk or a lost page. Pages
    are not decoded: behind a page with wrong bits, frames are where the stream says they are,
    while decoding from the start would lose count.
    """

    def __init__(self, source: GuardedFile) -> None:
        self._found: list[Entry] = []
        self._walk = _entries(source)

    def last_before(self, granule: int) -> Entry | None:
        """The last entry with at most that many frames before it."""
        while not self._found or self._found[-1].granule <= granule:
            entry = next(self._walk, None)
            if entry is None:
                break
            self._found.append(entry)
        index = bisect_right(self._found, granule, key=lambda entry: entry.granule)
        return self._found[index - 1] if index else None

    def first(self) -> Entry | None:
        """The first entry."""
        self.last_before(-1)
        return self._found[0] if self._found else None

    def forget(self) -> None:
        """Have no entries from now on."""
        self._found = []
        self._walk = iter(())


class FileWithGap:
    """A file for soundfile to read, without the bytes of a gap."""

    def __init__(self, source: GuardedFile, gap: range) -> None:
        self._source = source
        self._gap = gap
        self._at = 0

    def tell(self) -> int:
        """The byte that comes next."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte; return where the file is then."""
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            offset += self._source.seek(0, os.SEEK_END) - len(self._gap)
        self._at = max(offset, 0)
        return self._at

    def readinto(self, target: memoryview) -> int:
        """Fill `target` as far as the file or the gap; return the number of bytes."""
        if self._at < self._gap.start:
            target = memoryview(target)[: self._gap.start - self._at]
            self._source.seek(self._at)
        else:
            self._source.seek(self._at + len(self._gap))
        n_bytes = self._source.readinto(target)
        self._at += n_bytes
        return n_bytes


class _Page(NamedTuple):
    start: int
    stop: int
    flags: int
    granule: int
    serial: int
    number: int
    n_ended: int  # packets that end on it


def _entries(source: GuardedFile) -> Iterator[Entry]:
    """Entries of a file's first stream, at least `ENTRY_FRAMES` apart."""
    pages = _stream_pages(source)
    n_headers = 0
    for page in pages:
        n_headers += page.n_ended
        if n_headers >= _N_HEADERS:
            break
    else:
        return
    headers_end, number = page.stop, page.number
    granule, next_granule = -1, 0
    for page in pages:
        number += 1
        if page.number != number or page.flags & _LAST:  # the length of a last page is not known
            return
        n_whole = page.n_ended - (page.flags & _CONTINUED)
        if granule >= next_granule and n_whole > 0:
            yield Entry(range(headers_end, page.start), granule)
            next_granule = granule + ENTRY_FRAMES
        granule = page.granule if page.n_ended else -1


def _stream_pages(source: GuardedFile) -> Iterator[_Page]:
    """Pages of the stream that the first page belongs to."""
    serial = None
    for page in _pages(source):
        serial = page.serial if serial is None else serial
        if page.serial == serial:
            yield page


def _pages(source: GuardedFile) -> Iterator[_Page]:
    """All pages, until something else comes."""
    head = bytearray(_MAX_PAGE_HEAD_BYTES)
    at = 0
    while True:
        source.seek(at)
        n_read = source.readinto(memoryview(head))
        if n_read < _PAGE_HEAD.size:
            return
        mark, _, flags, granule, serial, number, _, n_segments = _PAGE_HEAD.unpack_from(head)
        if mark != b"OggS":
            return
        segments = head[_PAGE_HEAD.size : _PAGE_HEAD.size + n_segments]
        stop = at + _PAGE_HEAD.size + n_segments + sum(segments)
        n_ended = n_segments - segments.count(255)
        yield _Page(at, stop, flags, granule, serial, number, n_ended)
        at = stop
