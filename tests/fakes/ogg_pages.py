"""Ogg files taken apart into pages and put together otherwise, with right checksums."""

import struct
from dataclasses import dataclass, replace

_HEAD = struct.Struct("<4sBBqIIIB")


def _crc_table():
    table = []
    for byte in range(256):
        rest = byte << 24
        for _ in range(8):
            rest = (rest << 1) ^ (0x04C11DB7 if rest & 0x8000_0000 else 0)
        table.append(rest & 0xFFFF_FFFF)
    return table


_CRC_TABLE = _crc_table()


@dataclass(frozen=True)
class Page:
    """A page; `granule` counts the frames up to its end, `lacing` the bytes of its segments."""

    flags: int
    granule: int
    serial: int
    number: int
    lacing: bytes
    body: bytes

    def packed(self):
        crc = 0
        for byte in self._packed(0):
            crc = (crc << 8 & 0xFFFF_FFFF) ^ _CRC_TABLE[crc >> 24 ^ byte]
        return self._packed(crc)

    def _packed(self, crc):
        fields = (self.flags, self.granule, self.serial, self.number, crc, len(self.lacing))
        return _HEAD.pack(b"OggS", 0, *fields) + self.lacing + self.body


def pages(content):
    """The pages of a file's bytes."""
    found, at = [], 0
    while at < len(content):
        _, _, flags, granule, serial, number, _, n_segments = _HEAD.unpack_from(content, at)
        start = at + _HEAD.size
        lacing = content[start : start + n_segments]
        at = start + n_segments + sum(lacing)
        body = content[start + n_segments : at]
        found.append(Page(flags, granule, serial, number, lacing, body))
    return found


def joined(some_pages):
    """A file's bytes of pages."""
    return b"".join(page.packed() for page in some_pages)


def with_split_packets(some_pages):
    """The same packets; wherever a page begins with a long one, its head goes on the page before.

    So pages end within packets and begin with a packet's rest. Granules stay right: they count
    to the last packet that ends on a page.
    """
    made = some_pages[:1]
    for page in some_pages[1:]:
        before = made[-1]
        if before.granule > 0 and page.lacing[0] == 255 and len(before.lacing) < 255:
            made[-1] = replace(
                before, lacing=before.lacing + page.lacing[:1], body=before.body + page.body[:255]
            )
            made.append(
                replace(page, flags=page.flags | 1, lacing=page.lacing[1:], body=page.body[255:])
            )
        else:
            made.append(page)
    return made
