"""What a batch runs over: each source with what can be chosen in it, read beside the GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.host_choice import PROJECT_SUFFIXES, is_running_reaper, named_pid
from hanolab_dawtools.hosts.outline import Outline, RegionLine, track_word
from hanolab_dawtools.presenters.batch_ticks import Tick
from hanolab_dawtools.presenters.wording import short_length_text

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

LIST_SUFFIXES = {".txt", ".m3u", ".m3u8"}


@dataclass(frozen=True)
class BatchSource:
    """A source.

    Attributes
    ----------
    text
        As `BatchAsked.sources` names it.
    note
        What it holds, in a few words; while it is read, that.
    outline
        What can be chosen in it; None where nothing can, or it is not known.
    problem
        Why it cannot be used, as far as that is known.
    is_unread
        It is being read.
    """

    text: str
    title: str
    note: str = ""
    outline: Outline | None = None
    problem: str = ""
    is_unread: bool = False


def unread(text: str) -> BatchSource:
    """A source of which nothing is known yet."""
    is_live = is_running_reaper(Path(text))
    return BatchSource(text, "REAPER" if is_live else _name(text), "reading…", is_unread=True)


def read_source(services: Services, text: str) -> BatchSource:
    """Look at a source; that it cannot be read is an outcome like another."""
    title = unread(text).title
    try:
        return _read(services, text, title)
    except HanolabError as error:
        return BatchSource(text, title, problem=str(error))


def _read(services: Services, text: str, title: str) -> BatchSource:
    path = Path(text)
    if "://" in text:
        return BatchSource(text, text, "in object storage")
    if is_running_reaper(path):
        outline = _live_outline(services, named_pid(path))
        return BatchSource(text, f"REAPER: {outline.title}", _counts(outline), outline)
    if path.is_dir():
        return BatchSource(text, title, "a folder, with all in it")
    if path.suffix.lower() in PROJECT_SUFFIXES:
        from hanolab_dawtools.hosts.rpp.outline import ProjectReading

        outline = ProjectReading(path).outline
        return BatchSource(text, title, _counts(outline), outline)
    if path.suffix.lower() in LIST_SUFFIXES and path.is_file():
        return BatchSource(text, title, "a list of sources")
    from hanolab_dawtools.audio.files import probe

    return BatchSource(text, title, short_length_text(probe(path).seconds))


def _live_outline(services: Services, pid: int | None) -> Outline:
    from hanolab_dawtools.errors import UsageError
    from hanolab_dawtools.hosts.reaper.watching import ReaperWatch

    watch = ReaperWatch(services.folders.data / "reaper")
    try:
        sight = watch.look(pid, None, may_start=True)
    finally:
        watch.close()
    if sight.reading is None:
        raise UsageError(
            f"{len(sight.reapers)} REAPERs are running: nobody knows which is meant",
            hint="Choose one in the source bar, and add that.",
        )
    return sight.reading.outline


def region_ticks(sources: Iterable[BatchSource]) -> list[Tick]:
    """The regions of all sources; those of one name are one line."""
    return _together(
        Tick(_region_word(one, outline.regions), _region_name(one), _length(one), is_ticked=True)
        for outline in _outlines(sources)
        for one in outline.regions
    )


def track_ticks(sources: Iterable[BatchSource]) -> list[Tick]:
    """The tracks of all sources; those of one name are one line."""
    return _together(
        Tick(
            track_word(one, outline.tracks),
            one.name or f"track {one.number}",
            "" if one.n_items else "no items",
            one.depth,
        )
        for outline in _outlines(sources)
        for one in outline.tracks
    )


def _outlines(sources: Iterable[BatchSource]) -> list[Outline]:
    return [source.outline for source in sources if source.outline is not None]


def _together(ticks: Iterable[Tick]) -> list[Tick]:
    """One line for each word, letter case aside, as patterns see names."""
    found: dict[str, Tick] = {}
    for tick in ticks:
        found.setdefault(tick.word.casefold(), tick)
    return list(found.values())


def _region_word(region: RegionLine, regions: Sequence[RegionLine]) -> str:
    """How a batch names this region and no other: by its name, else by its number."""
    same = [other for other in regions if other.name.casefold() == region.name.casefold()]
    is_clear = len(same) == 1 and region.name and not region.name.startswith("#")
    return region.name if is_clear else f"#{region.number}"


def _region_name(region: RegionLine) -> str:
    return region.name or f"region {region.number}"


def _length(region: RegionLine) -> str:
    return short_length_text(region.end_seconds - region.start_seconds)


def _counts(outline: Outline) -> str:
    n_regions, n_tracks = len(outline.regions), len(outline.tracks)
    return f"{_counted(n_regions, 'region')}, {_counted(n_tracks, 'track')}"


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _name(text: str) -> str:
    return text if "://" in text else Path(text).name or text
