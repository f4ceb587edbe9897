"""Stems as further takes of the one item that they were made of.

The item is cut at the edges of the stems, and the part between them gets a take for each stem
behind its own takes. The first stem in the order of the tracks, the vocals, is the one that plays.
Place and length of that part stay.

The stems hold what the item's volume and fades did, and both act on every take. So a stem's take
has a gain that undoes the item's volume, and that part of the item has no fades of its own; the
original take, chosen again, then plays without them, which is said. Its pan, polarity, effects
and envelopes are its own and stay.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.project.identity import StemFile, stem_ids
from hanolab_dawtools.hosts.project.naming import item_label
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track
from hanolab_dawtools.hosts.rpp import chunks
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.item_parts import ItemChange, reason_against_cutting
from hanolab_dawtools.hosts.rpp.provenance import takes_line
from hanolab_dawtools.hosts.rpp.sources import Span, Splitter
from hanolab_dawtools.hosts.rpp.tokens import text_at
from hanolab_dawtools.placement import PlacedTrack, Placement

_LATER_REPLACES = 2  # ITEMMIX: of two items that overlap without a crossfade the later one plays
_SILENT_GAIN = 1e-9  # -180 dB, below what a 32-bit file keeps; nothing makes up for it
_NO_TAKES_HINT = "Leave --takes out, and the stems come as new tracks."


def find_item(
    document: Document, timeline: Timeline, span: Span, item_ids: Collection[str]
) -> tuple[Track, Item]:
    """The one item that can get stems, which play in `span`, as takes.

    Raises
    ------
    UsageError
        It is not one item, or it would have to be cut and cannot be.
    """
    if len(item_ids) != 1:
        raise UsageError(
            f"takes are added to one item, and this selection holds {len(item_ids)}",
            hint="Use --each item, or leave --takes out.",
        )
    found = [(track, item) for track, item in timeline.items() if item.id in item_ids]
    if not found or not span.overlaps(found[0][1]):
        raise UsageError(
            "the item that takes were to be added to is not in its place any more",
            hint="Run it again on the project as it is now.",
        )
    track, item = found[0]
    is_cut = span.cuts_start(item) or span.cuts_end(item)
    reason = reason_against_cutting(document, item) if is_cut else ""
    if reason:
        raise UsageError(
            f"{item_label(track, item)} cannot get takes: it reaches beyond the selection, and "
            f"{reason}, so it cannot be cut there",
            hint=f"Select the whole item, or glue it first. {_NO_TAKES_HINT}",
        )
    return track, item


def add_takes(
    edits: Edits,
    timeline: Timeline,
    placement: Placement,
    stems: Sequence[StemFile],
    target: Path,
) -> tuple[tuple[PlacedTrack, ...], list[str]]:
    """Add stems, which are in order, to their item; what was made, and warnings.

    Raises
    ------
    UsageError
        The item cannot get them, or a path cannot be written into a project.
    """
    capture = placement.capture
    if capture is None:
        raise AssertionError("takes are made of an item")
    span = Span.of_capture(capture)
    track, item = find_item(edits.document, timeline, span, capture.sources)
    windows = chunks.is_windows(timeline.version)
    media = media_tokens(stems, target, windows=windows)
    texts = take_texts(placement, item, span, stems, media, is_active=True)

    def change(part: ItemChange) -> None:
        let_nothing_act_twice(part)
        add_provenance(part, [takes_line(placement, list(stems))])
        part.add(item.lines.stop - 2, texts)

    splitter = Splitter(edits, timeline, span, placement.job_id, mutes=False)
    item_id = splitter.split(track, item, change)
    splitter.finish()
    warnings = [*splitter.warnings, *warnings_of_fades(timeline, track, item, span)]
    return tuple(placed_take(stem, track.id, item_id) for stem in stems), warnings


def media_tokens(stems: Sequence[StemFile], target: Path, *, windows: bool) -> list[str]:
    """What a project at `target` calls the stems' files.

    Raises
    ------
    UsageError
        A path cannot be written into a project.
    """
    return [chunks.media_token(stem.path, target.parent, windows=windows) for stem in stems]


def take_texts(
    placement: Placement,
    item: Item,
    span: Span,
    stems: Sequence[StemFile],
    media: Sequence[str],
    *,
    is_active: bool,
) -> list[str]:
    """The lines of the takes that an item gets; `is_active` says whether the first of them plays.

    The part that gets them starts where the span does, or where the item does.
    """
    start = span.start_seconds if span.cuts_start(item) else item.position_seconds
    gain = 1.0 if abs(item.gain) < _SILENT_GAIN else 1.0 / item.gain
    texts: list[str] = []
    for stem, ids, token in zip(stems, stem_ids(placement.job_id, stems), media, strict=True):
        texts += chunks.stem_take(
            stem,
            ids,
            token,
            offset_seconds=start - span.start_seconds,
            gain=gain,
            is_active=is_active and stem is stems[0],
        )
    return texts


def placed_take(stem: StemFile, track_id: str, item_id: str) -> PlacedTrack:
    """What became of a stem; an item without a GUID has no id that lasts."""
    lasting_id = item_id if item_id.startswith("{") else ""
    return PlacedTrack(
        stem.role, stem.track_name, stem.path, track_id, lasting_id, is_draft=stem.is_draft
    )


def let_nothing_act_twice(part: ItemChange, *, has_new_active: bool = True) -> None:
    """Leave to the takes what they have already; `has_new_active`: another take plays then."""
    for key, name in (("FADEIN", "fade-in"), ("FADEOUT", "fade-out")):
        part.remove_fade(key, f"has no {name} where the stems play: they have it")
    document = part.document
    all_takes = part.lines.first.get("ALLTAKES")
    if all_takes is not None and text_at(document.fields(all_takes), 1) not in {"", "0"}:
        part.set_at(all_takes, {1: "0"}, "plays one take only")
    for number in part.lines.take_starts[1:] if has_new_active else ():
        fields = document.fields(number)
        active = {index: None for index, field in enumerate(fields) if index and field == "SEL"}
        part.set_at(number, active, "plays another take")


def add_provenance(part: ItemChange, lines: Sequence[str]) -> None:
    """Add lines to an item's EXT block, or add one."""
    block = part.lines.blocks.get("EXT")
    inside = [f"  {line}" for line in lines]
    if block is not None:
        part.add(block, inside)
    else:
        behind = part.lines.first.get("IGUID", part.item.lines.start)
        part.add(behind, ["<EXT", *inside, ">"])


def warnings_of_fades(timeline: Timeline, track: Track, item: Item, span: Span) -> list[str]:
    """What is heard of the fades that an item with takes has lost."""
    lost = [
        fade
        for fade, is_kept in (
            (item.fade_in, span.cuts_start(item)),
            (item.fade_out, span.cuts_end(item)),
        )
        if fade.length_seconds > 0.0 and not is_kept
    ]
    if not lost:
        return []
    label = item_label(track, item)
    warnings = [f"{label}: its fades are in the stems; its original take plays without them now"]
    if timeline.overlap_rule == _LATER_REPLACES and any(fade.is_auto for fade in lost):
        warnings.append(
            f"{label} was crossfaded with a neighbour; by the project's overlap rule the later of "
            "the two may now replace the earlier one there"
        )
    return warnings
