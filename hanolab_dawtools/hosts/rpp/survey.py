"""What a project holds and what captures of it would contain: facts, without any capture.

What would be rendered, approximated or refused is what `planning.plan_capture` says of each
region, so that a report and a capture cannot disagree. Nothing is written; of media files only
the headers are read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.hosts.project.selecting import mix_between, track_label
from hanolab_dawtools.hosts.project.timeline import Item, Source, Take, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.media import MediaFinder
from hanolab_dawtools.hosts.rpp.planning import NothingRendered, plan_capture, project_media
from hanolab_dawtools.hosts.rpp.processes import WARNING, reaper_is_running
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.tokens import keyword
from hanolab_dawtools.model import ItemNote

EMPTY_ITEM = "empty"
_TEMPO_BLOCKS = {"TEMPOENVEX", "TEMPOENVNEW", "TEMPOENV"}
_FREE_POSITIONING, _FIXED_LANES = 1, 2  # FREEMODE


@dataclass(frozen=True)
class ItemPlace:
    """Which item is meant: its name, its track's, and where it lies."""

    item: str
    track: str
    position_seconds: float


@dataclass(frozen=True)
class MissingMedia:
    """A file that the project names and that is nowhere; `items` play it in one of their takes."""

    file: str
    tried: tuple[Path, ...]
    items: tuple[ItemPlace, ...]


@dataclass(frozen=True)
class TrackCounts:
    """How many tracks are what; a track may count in several."""

    total: int
    folders: int
    muted: int
    soloed: int
    frozen: int
    fixed_lanes: int
    free_positioning: int


@dataclass(frozen=True)
class ItemCounts:
    """How many items there are.

    `by_kind` counts them by REAPER's type of the source that plays (`EMPTY_ITEM`: none does);
    `takes` are all takes, `with_takes` the items with several.
    """

    total: int
    muted: int
    takes: int
    with_takes: int
    by_kind: Mapping[str, int]


@dataclass(frozen=True)
class Span:
    """What a capture of a stretch of the timeline would contain.

    Attributes
    ----------
    kind
        "region", "time selection" or "project"; `number` is None but for regions.
    sample_rate, n_channels
        Of the capture; None when there would be none.
    rendered
        Items that are heard in it, also approximately.
    approximate, skipped, unheard_effects
        As in `model.Capture`.
    nothing
        Why there would be no capture at all; else empty.
    """

    kind: str
    number: int | None
    name: str
    start_seconds: float
    end_seconds: float
    sample_rate: int | None = None
    n_channels: int | None = None
    rendered: int = 0
    approximate: tuple[ItemNote, ...] = ()
    skipped: tuple[ItemNote, ...] = ()
    unheard_effects: tuple[str, ...] = ()
    nothing: str = ""


@dataclass(frozen=True)
class ProjectSurvey:
    """A project as `hanolab doctor` reports it.

    `sample_rate` is the project's own, None when it uses none; `tempo_changes` counts the tempo
    points behind the first. `spans` are the regions in file order, then the time selection, then
    the whole project. `warnings` say what stands in the way of placing stems.
    """

    path: Path
    version: str
    sample_rate: int | None
    tempo_bpm: float
    tempo_changes: int
    end_seconds: float
    tracks: TrackCounts
    items: ItemCounts
    markers: int
    spans: tuple[Span, ...]
    missing: tuple[MissingMedia, ...]
    warnings: tuple[str, ...]


def survey_project(path: Path, *, stop: Stop, progress: ProgressCallback) -> ProjectSurvey:
    """Read a project and look at everything that a capture would meet.

    Raises
    ------
    ProjectFileError
        The project cannot be read.
    JobCancelled
    """
    document = Document.read(path)
    timeline = read_timeline(document)
    finder = project_media(timeline)
    spans: list[Span] = []
    wanted = list(_spans(timeline))
    for span in wanted:
        raise_if_stopped(stop)
        progress(Progress("looking into regions", len(spans) / len(wanted)))
        spans.append(_examined(timeline, span, finder))
    return ProjectSurvey(
        path=path,
        version=timeline.version,
        sample_rate=timeline.sample_rate,
        tempo_bpm=timeline.tempo_bpm,
        tempo_changes=_tempo_changes(document),
        end_seconds=timeline.end_seconds,
        tracks=_count_tracks(timeline),
        items=_count_items(timeline),
        markers=len(timeline.markers),
        spans=tuple(spans),
        missing=tuple(_missing_media(timeline, finder)),
        warnings=tuple(_warnings(timeline)),
    )


def _tempo_changes(document: Document) -> int:
    points = sum(
        child is None and keyword(document.lines[number]) == b"PT"
        for block in document.root.children
        if block.name in _TEMPO_BLOCKS
        for number, child in document.entries(block)
    )
    return max(0, points - 1)


def _count_tracks(timeline: Timeline) -> TrackCounts:
    tracks = timeline.tracks
    return TrackCounts(
        total=len(tracks),
        folders=sum(track.folder_change > 0 for track in tracks),
        muted=sum(track.is_muted for track in tracks),
        soloed=sum(track.is_soloed for track in tracks),
        frozen=sum(track.is_frozen for track in tracks),
        fixed_lanes=sum(track.free_mode == _FIXED_LANES for track in tracks),
        free_positioning=sum(track.free_mode == _FREE_POSITIONING for track in tracks),
    )


def _count_items(timeline: Timeline) -> ItemCounts:
    items = [item for _, item in timeline.items()]
    kinds = Counter(_kind(item.take) for item in items)
    return ItemCounts(
        total=len(items),
        muted=sum(item.is_muted for item in items),
        takes=sum(len(item.takes) for item in items),
        with_takes=sum(len(item.takes) > 1 for item in items),
        by_kind=dict(kinds.most_common()),
    )


def _kind(take: Take | None) -> str:
    return EMPTY_ITEM if take is None or take.source is None else take.source.kind


def _spans(timeline: Timeline) -> Iterator[Span]:
    for region in timeline.regions:
        start, end = region.start_seconds, region.end_seconds
        yield Span("region", region.number, region.name, start, end)
    if timeline.time_selection is not None:
        yield Span("time selection", None, "", *timeline.time_selection)
    if timeline.end_seconds > 0.0:
        yield Span("project", None, "", 0.0, timeline.end_seconds)


def _examined(timeline: Timeline, span: Span, finder: MediaFinder) -> Span:
    """A span with what a capture of it would contain."""
    try:
        selection = mix_between(timeline, span.start_seconds, span.end_seconds, span.kind)
        plan = plan_capture(timeline, selection, 0.0, finder)
    except NothingRendered as error:
        return replace(span, skipped=error.skipped, nothing=str(error))
    except SelectionError as error:
        return replace(span, nothing=str(error))
    return replace(
        span,
        sample_rate=plan.sample_rate,
        n_channels=plan.n_channels,
        rendered=len(plan.sources),
        approximate=plan.approximate,
        skipped=plan.skipped,
        unheard_effects=plan.unheard_effects,
    )


def _missing_media(timeline: Timeline, finder: MediaFinder) -> Iterator[MissingMedia]:
    users: dict[str, dict[str, tuple[Track, Item]]] = {}  # by file, then by item
    for track, item in timeline.items():
        for take in item.takes:
            file = _file_of(take.source) if take is not None else None
            if file:
                users.setdefault(file, {})[item.id] = (track, item)
    for file, items in users.items():
        lookup = finder.find(file)
        if lookup.path is None:
            places = (
                ItemPlace(item.name, track_label(track), item.position_seconds)
                for track, item in items.values()
            )
            yield MissingMedia(file, lookup.tried, tuple(places))


def _file_of(source: Source | None) -> str | None:
    """The file that a source plays, through everything that wraps it."""
    while source is not None and source.inner is not None:
        source = source.inner
    return None if source is None else source.file


def _warnings(timeline: Timeline) -> Iterator[str]:
    """What stands in the way of placing stems, or will be met there."""
    real = timeline.path.resolve()
    if not _may_write(real):
        yield "the project file is read-only; stems can go to another project (--to) or folder (-o)"
    if not _may_write(real.parent):
        yield f"the folder {real.parent} cannot be written; stems can go elsewhere (--to or -o)"
    if any(track.is_soloed for track in timeline.tracks):
        yield "tracks are soloed: only they are captured, and stems stay silent until the solo ends"
    if timeline.tracks:
        last = timeline.tracks[-1]
        if last.depth + last.folder_change > 0:
            yield "the last track leaves a folder open; placing stems closes it there"
    if reaper_is_running():
        yield WARNING


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
