"""Placements of stems into projects, without any audio: what `place_stems` needs to be told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanolab_dawtools.hosts.project.identity import StemFile
from hanolab_dawtools.hosts.project.timeline import Item, Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.place import place_stems
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.model import Alignment, Capture, HostName, Selection, StemRole
from hanolab_dawtools.placement import Placed, Placement

PROJECT = Path("/music/song.rpp")
FOLDER = Path("/music/HanoLab/chorus-1")
TWO_STEMS = (StemRole.ACCOMPANIMENT, StemRole.VOCALS)


def placement(
    start_seconds: float = 1.0,
    end_seconds: float = 3.0,
    *,
    sources: tuple[str, ...] = (),
    source: Path = PROJECT,
    rate: int = 48000,
    name: str = "Chorus",
    job_id: str = "job-1",
    keep_source: bool = False,
    destination: Path | None = None,
    lead_frames: int = 0,
    as_takes: bool = False,
    provenance: Mapping[str, Any] | None = None,
) -> Placement:
    start_frame = round(start_seconds * rate)
    n_frames = round(end_seconds * rate) - start_frame
    capture = Capture(
        path=Path("capture.wav"),
        sample_rate=rate,
        n_channels=2,
        n_frames=n_frames + 2 * lead_frames,
        lead_frames=lead_frames,
        tail_frames=lead_frames,
        start_frame=start_frame,
        digest="",
        sources=sources,
    )
    return Placement(
        job_id=job_id,
        selection=Selection(HostName.RPP, source, name, start_seconds, end_seconds, "region 1"),
        capture=capture,
        stems=(),
        alignment=Alignment(0.0, 1.0, 1, 1.0),
        keep_source=keep_source,
        destination=destination,
        as_takes=as_takes,
        provenance=provenance or {},
    )


def stem_files(
    wanted: Placement, roles: tuple[StemRole, ...] = TWO_STEMS, folder: Path = FOLDER
) -> list[StemFile]:
    capture = wanted.capture
    return [
        StemFile(role, folder / f"{role}.wav", capture.sample_rate, 2, capture.selection_frames)
        for role in roles
    ]


def place(
    content: bytes,
    wanted: Placement,
    *,
    stems: list[StemFile] | None = None,
    target: Path = PROJECT,
) -> tuple[bytes, Placed]:
    document = Document.parse(content, wanted.selection.source)
    files = stem_files(wanted) if stems is None else stems
    return place_stems(document, read_timeline(document), wanted, files, target=target)


def timeline_of(content: bytes) -> Timeline:
    return read_timeline(Document.parse(content, PROJECT))


def all_items(timeline: Timeline) -> list[Item]:
    return [item for track in timeline.tracks for item in track.items]


def item_ids(content: bytes) -> tuple[str, ...]:
    return tuple(item.id for item in all_items(timeline_of(content)))
