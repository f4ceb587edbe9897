"""Results of many jobs that share tracks, without any audio: what `place_results` needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fakes.placements import PROJECT, TWO_STEMS, placement, stem_files, timeline_of

from hanolab_dawtools.hosts.project.shelves import Result
from hanolab_dawtools.hosts.project.timeline import Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.place_many import Made, place_results
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.standing import ProjectStanding
from hanolab_dawtools.model import StemRole

Spans = list[tuple[float, float]]


def result(
    content: bytes,
    number: int,
    start: float,
    end: float,
    *,
    tracks: Sequence[int] = (0,),
    shelf: str = "Guitar karaoke",
    roles: tuple[StemRole, ...] = TWO_STEMS,
    n_channels: int = 2,
    **options: object,
) -> Result:
    """What job `b-NUMBER` made of all items of some tracks of `content` between two times."""
    found = timeline_of(content).tracks
    sources = tuple(
        item.id
        for track in tracks
        for item in found[track].items
        if item.position_seconds < end and item.end_seconds > start
    )
    wanted = placement(start, end, sources=sources, job_id=f"b-{number}", **options)
    wanted = replace(wanted, shelf=shelf)
    stems = [replace(stem, n_channels=n_channels) for stem in stem_files(wanted, roles)]
    return Result(wanted, tuple(stems))


def place_many(content: bytes, results: Sequence[Result]) -> tuple[bytes, Made]:
    """The project with results in it."""
    document = Document.parse(content, PROJECT)
    standing = ProjectStanding(document, read_timeline(document), results)
    return place_results(standing, results, target=PROJECT)


def track_named(content: bytes, name: str) -> Track:
    """The first track of a name."""
    return next(track for track in timeline_of(content).tracks if track.name == name)


def heard(content: bytes, numbers: Sequence[int]) -> Spans:
    """Where items sound on tracks by their 0-based numbers; muted folders count."""
    found: Spans = []
    tracks = timeline_of(content).tracks
    for number in numbers:
        track = tracks[number]
        folders = [t for t in tracks[:number] if t.depth < track.depth and t.folder_change > 0]
        if track.is_muted or any(folder.is_muted for folder in folders[-1:]):
            continue
        found += [
            (round(item.position_seconds, 6), round(item.end_seconds, 6))
            for item in track.items
            if not item.is_muted and item.length_seconds > 0
        ]
    return sorted(found)
