"""Media items and their takes, read from their ITEM blocks."""

from __future__ import annotations

import zlib

from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.project.timeline import Item, Take
from hanolab_dawtools.hosts.rpp.document import Block, Document
from hanolab_dawtools.hosts.rpp.reader_lines import LINE_READERS, ItemLines, TakeLines
from hanolab_dawtools.hosts.rpp.reader_parts import (
    is_envelope,
    read_effects,
    read_envelope,
    read_source,
)
from hanolab_dawtools.hosts.rpp.tokens import keyword


def read_item(document: Document, block: Block, used_ids: set[str]) -> Item:
    """An ITEM block; its id is added to `used_ids`, which makes ids unique in a project.

    Raises
    ------
    ProjectFileError
        A number that says where audio lies is none.
    """
    item = ItemLines()
    for number, child in document.entries(block):
        if child is None:
            read = LINE_READERS.get(keyword(document.lines[number]))
            fields = document.fields(number) if read is not None else ()
            if read is not None and fields:
                try:
                    read(item, fields)
                except ValueError as error:
                    raise ProjectFileError(document.path, str(error), line=number + 1) from error
        else:
            _read_block(item.takes[-1], child, document)
    if len(item.takes) == 1 and item.takes[0].source is None:
        takes: tuple[Take | None, ...] = ()
    else:
        item.takes[0].is_empty = not item.takes[0].was_seen
        takes = tuple(take.finish() for take in item.takes)
    return Item(
        id=_unique_id(item.guid, document, block, used_ids),
        lines=block.lines,
        position_seconds=item.position_seconds,
        length_seconds=item.length_seconds,
        takes=takes,
        active_take=item.active_take if takes else -1,
        is_looped=item.is_looped,
        is_muted=item.is_muted,
        is_soloed=item.is_soloed,
        plays_all_takes=item.plays_all_takes,
        gain=item.gain,
        fade_in=item.fade_in,
        fade_out=item.fade_out,
        lane_y=item.lane_y,
        lane_height=item.lane_height,
        mix_behaviour=item.mix_behaviour,
    )


def _read_block(take: TakeLines, child: Block, document: Document) -> None:
    if child.name == "SOURCE":
        if take.source is None:
            take.source, take.was_seen = read_source(document, child), True
    elif child.name == "NAME":
        take.name = document.text_block(child)
    elif child.name == "TAKEFX":
        take.effects = read_effects(document, child)
    elif is_envelope(child.name):
        take.envelopes.append(read_envelope(document, child))


def _unique_id(guid: str, document: Document, block: Block, used_ids: set[str]) -> str:
    """The IGUID; without one, or with one met before, a checksum of the item's lines.

    So the id of such an item stays when others move it about in the file, and an edited item
    has another one. Equal items are told apart by their place.
    """
    if guid and guid not in used_ids:
        name = guid
    else:
        checksum = zlib.crc32(b"".join(document.lines[block.start : block.stop]))
        name = f"item {checksum:08x}"
        if name in used_ids:
            name = f"{name}-{len(used_ids)}"
    used_ids.add(name)
    return name
