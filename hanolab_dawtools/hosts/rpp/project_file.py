"""Placing stems into a project file on disk: checked, backed up, whole or not at all, once.

The file is replaced in one rename, after a synced backup `<name>.<UTC time>.hanolab.bak` beside
it; REAPER's own backups are left alone. A crash leaves either the old or the new project, and at
worst one backup too many; a temporary file that it leaves is removed by the next writing. A
second call for the same job finds the job's tracks or takes in the project and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.errors import FileChanged, HanolabError, UsageError
from hanolab_dawtools.hosts.project.identity import StemFile, folder_id, in_order, stem_ids
from hanolab_dawtools.hosts.project.timeline import Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.fingerprint import fingerprint
from hanolab_dawtools.hosts.rpp.place import place_stems, placed_tracks
from hanolab_dawtools.hosts.rpp.processes import WARNING, reaper_is_running
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.takes import placed_take
from hanolab_dawtools.model import Stem
from hanolab_dawtools.placement import Placed, PlacedTrack, Placement

BACKUP_SUFFIX = ".hanolab.bak"


def write_project(
    placement: Placement,
    stems: Sequence[Stem],
    *,
    now: datetime | None = None,
) -> Placed:
    """Put `stems`, whose files are in their final place, into their project.

    The project is the selection's source, or `placement.destination`: a new file that becomes a
    copy with the stems in it. A destination that exists gets the stems added, provided that it is
    such a copy, with all the captured items in it. `now` is for the backup's name.

    Raises
    ------
    AudioFileError
        A stem cannot be read.
    ProjectFileError, UsageError
        The project or a path cannot be used; the destination is another project.
    FileChanged, DiskFull, NotWritable
        Nothing was written. `FileChanged`: also when a captured item is not what it was.
    """
    target = placement.destination or placement.selection.source
    durable.remove_dead_parts(target.resolve().parent)
    files = [StemFile.probe(stem) for stem in stems]
    base = target if target.exists() else placement.selection.source
    document = Document.read(base)
    timeline = read_timeline(document)
    if _found(timeline, placement, files):
        return _placed_before(document, timeline, placement, files, target)
    _refuse_changed(document, timeline, placement)
    if base != placement.selection.source:
        refuse_foreign(timeline, placement, target)
    content, placed = place_stems(document, timeline, placement, files, target=target)
    backup = replace_project(document, content, target, now=now)
    warnings = (*placed.warnings, WARNING) if reaper_is_running() else placed.warnings
    return replace(placed, backup=backup, warnings=warnings)


def replace_project(
    document: Document, content: bytes, target: Path, *, now: datetime | None = None
) -> Path | None:
    """Write what a document has become to `target`; the backup, None when it is a new file.

    Raises
    ------
    FileChanged, DiskFull, NotWritable
        Nothing was written. `FileChanged`: the document is not what was read.
    """
    backup = None
    if document.path == target:
        backup = _back_up(document, now or datetime.now(UTC))
    try:
        with durable.replacing(target) as part:
            part.write_bytes(content)
            document.stamp.check()
    except BaseException:
        if backup is not None:
            backup.unlink(missing_ok=True)
        raise
    return backup


def _found(timeline: Timeline, placement: Placement, stems: Sequence[StemFile]) -> bool:
    """Whether the job has put its stems into the project before."""
    if placement.as_takes:
        return bool(_takes_in(timeline, placement, stems))
    ours = {ids.track for ids in stem_ids(placement.job_id, in_order(stems))}
    ours.add(folder_id(placement.job_id))
    return any(track.id in ours for track in timeline.tracks)


def _takes_in(
    timeline: Timeline, placement: Placement, stems: Sequence[StemFile]
) -> list[PlacedTrack]:
    """The stems of a job that are takes in a project."""
    ordered = in_order(stems)
    where = {
        take.guid: (track.id, item.id)
        for track, item in timeline.items()
        for take in item.takes
        if take is not None
    }
    return [
        placed_take(stem, *where[ids.take])
        for stem, ids in zip(ordered, stem_ids(placement.job_id, ordered), strict=True)
        if ids.take in where
    ]


def _refuse_changed(document: Document, timeline: Timeline, placement: Placement) -> None:
    """Let no stems lie beside music that they were not made of."""
    capture = placement.capture
    if capture is None or not capture.fingerprint or document.path != placement.selection.source:
        return
    if fingerprint(document, timeline, capture.sources) != capture.fingerprint:
        raise FileChanged(document.path)


def refuse_foreign(timeline: Timeline, placement: Placement, target: Path) -> None:
    """Write no stems into a file that exists and does not hold what they were made of."""
    ids = {item.id for _, item in timeline.items()}
    if placement.capture is not None and not ids.issuperset(placement.capture.sources):
        raise UsageError(
            f"cannot write {target}: it exists and is no copy of {placement.selection.source}",
            hint="Choose a new name.",
        )


def _back_up(document: Document, now: datetime) -> Path:
    path = document.path
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    backup = path.with_name(f"{path.name}.{stamp}{BACKUP_SUFFIX}")
    number = 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{path.name}.{stamp}-{number}{BACKUP_SUFFIX}")
    durable.write_bytes(backup, document.content)
    return backup


def _placed_before(
    document: Document,
    timeline: Timeline,
    placement: Placement,
    stems: Sequence[StemFile],
    target: Path,
) -> Placed:
    """What an earlier call made, found again.

    The project from before, in a backup or the source of a copy, gives the same file again when
    nobody has edited it since; then counts and changes are told as the first time.
    """
    for path in earlier_versions(placement, target):
        try:
            before = Document.read(path)
            content, placed = place_stems(
                before, read_timeline(before), placement, stems, target=target
            )
        except HanolabError:
            continue
        if content == document.content:
            return replace(placed, backup=path if path.name.endswith(BACKUP_SUFFIX) else None)
    return _edited_since(timeline, placement, stems, target)


def earlier_versions(placement: Placement, target: Path) -> list[Path]:
    """What a project was before our writings, newest first: backups, or the source of a copy."""
    prefix = f"{target.name}."
    backups = [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(prefix) and path.name.endswith(BACKUP_SUFFIX)
    ]
    copied = [placement.selection.source] if placement.destination is not None else []
    return [*sorted(backups, key=_when, reverse=True), *copied]


def _when(backup: Path) -> tuple[str, int]:
    """Sorts backups: by their second, and by their number in it."""
    stamp, _, number = backup.name.removesuffix(BACKUP_SUFFIX).rpartition(".")[2].partition("-")
    return stamp, int(number) if number.isdecimal() else 1


def _edited_since(
    timeline: Timeline, placement: Placement, stems: Sequence[StemFile], target: Path
) -> Placed:
    present = {track.id for track in timeline.tracks}
    kept = (
        _takes_in(timeline, placement, stems)
        if placement.as_takes
        else [track for track in placed_tracks(placement, stems) if track.track_id in present]
    )
    warnings = ["the stems are already in the project; nothing was written"]
    if len(kept) < len(stems):
        warnings.append(f"{len(stems) - len(kept)} of the stems were removed from it since")
    return Placed(
        folder=stems[0].path.parent, tracks=tuple(kept), project=target, warnings=tuple(warnings)
    )
