"""Placing the stems of many jobs into a project file on disk: in one write, with one backup.

What `project_file` promises for one job holds for all of them together: the file is replaced in
one rename, and after a crash the next call ends in the same bytes. Jobs that are in the project
already are told again. A job whose music was changed since the capture is left out; that earlier
jobs have cut, muted or given takes to its items is no such change, when a backup shows what they
were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.errors import FileChanged, HanolabError
from hanolab_dawtools.hosts.project.identity import stem_ids
from hanolab_dawtools.hosts.project.shelves import Result
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.fingerprint import digest_of
from hanolab_dawtools.hosts.rpp.pieces import is_only_cut
from hanolab_dawtools.hosts.rpp.place_many import Made, place_results
from hanolab_dawtools.hosts.rpp.processes import WARNING, reaper_is_running
from hanolab_dawtools.hosts.rpp.project_file import (
    BACKUP_SUFFIX,
    earlier_versions,
    refuse_foreign,
    replace_project,
)
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.standing import ProjectStanding, sources_of
from hanolab_dawtools.hosts.rpp.takes import placed_take
from hanolab_dawtools.placement import Placed, PlacedTrack

_OLDER_VERSIONS = 64  # looked into, when there is need to; each is read as a whole


def write_together(
    results: Sequence[Result], target: Path, source: Path, *, now: datetime | None = None
) -> Made:
    """Put results, whose files are in their final place, into the project at `target`.

    Parameters
    ----------
    results
        One or more, each of another job; all made of the project `source`.
    target
        The source itself, or the destination of all the placements.

    Returns
    -------
    Made
        By job what was made of it, or why it was left out.

    Raises
    ------
    ProjectFileError, UsageError
        The project cannot be read, or cannot be written to another folder.
    FileChanged, DiskFull, NotWritable
        Nothing was written.
    """
    durable.remove_dead_parts(target.resolve().parent)
    base = target if target.exists() else source
    now_there = _Version.read(base)
    found = [result for result in results if now_there.has(result)]
    made = _told_again(found, now_there, target)
    rest = [result for result in results if result.placement.job_id not in made]
    standing = ProjectStanding(now_there.document, now_there.timeline, rest)
    if base == source:
        made |= _changed(rest, now_there, standing, target)
    else:
        made |= _foreign(rest, now_there, target)
    wanted = [result for result in rest if result.placement.job_id not in made]
    if not wanted:
        return made
    content, new = place_results(standing, wanted, target=target)
    if any(isinstance(one, Placed) for one in new.values()):
        backup = replace_project(now_there.document, content, target, now=now)
        new = _with_facts_of_writing(new, backup)
    return {**made, **new}


def _with_facts_of_writing(made: Made, backup: Path | None) -> Made:
    told: dict[str, Placed | HanolabError] = {}
    warnings = (WARNING,) if reaper_is_running() else ()
    for job_id, one in made.items():
        if isinstance(one, Placed):
            told[job_id] = replace(one, backup=backup, warnings=(*one.warnings, *warnings))
            warnings = ()  # once is enough
        else:
            told[job_id] = one
    return told


@dataclass(frozen=True)
class _Version:
    """A project as it is or was."""

    document: Document
    timeline: Timeline

    @classmethod
    def read(cls, path: Path) -> _Version:
        document = Document.read(path)
        return cls(document, read_timeline(document))

    @cached_property
    def items(self) -> dict[str, tuple[Track, Item]]:
        """Items by their ids, in the order of the file."""
        return {item.id: (track, item) for track, item in self.timeline.items()}

    @cached_property
    def takes(self) -> dict[str, tuple[Track, Item]]:
        """Where takes are, by their ids."""
        return {
            take.guid: (track, item)
            for track, item in self.timeline.items()
            for take in item.takes
            if take is not None
        }

    def has(self, result: Result) -> bool:
        """Whether a result was placed."""
        return bool(self.tracks_of(result))

    def tracks_of(self, result: Result) -> list[PlacedTrack]:
        """What there is of a result."""
        placement, found = result.placement, []
        ids_of_stems = stem_ids(placement.job_id, result.stems)
        for stem, ids in zip(result.stems, ids_of_stems, strict=True):
            if placement.as_takes and ids.take in self.takes:
                track, item = self.takes[ids.take]
                found.append(placed_take(stem, track.id, item.id))
            elif not placement.as_takes and ids.item in self.items:
                track, _ = self.items[ids.item]
                made = placed_take(stem, track.id, ids.item)
                found.append(made)
        return found

    def fingerprint(self, ids: Sequence[str]) -> str:
        """The fingerprint of those of some items that are here."""
        here = [self.items[one][1] for one in set(ids) if one in self.items]
        return digest_of(self.document, sorted(here, key=lambda item: item.lines.start))


def _older_versions(results: Sequence[Result], target: Path) -> Iterator[_Version]:
    """What the project was before our writings, newest first; one at a time in memory."""
    for path in earlier_versions(results[0].placement, target)[:_OLDER_VERSIONS]:
        with suppress(HanolabError):  # damaged, or gone by now: as if it were not there
            yield _Version.read(path)


def _told_again(
    found: Sequence[Result], now_there: _Version, target: Path
) -> dict[str, Placed | HanolabError]:
    """What earlier calls made.

    A version from before gives the next one again when nobody has edited that since; then counts
    and changes are told as the first time.
    """
    told: dict[str, Placed | HanolabError] = {}
    rest, content = list(found), now_there.document.content
    for before in _older_versions(found, target) if found else ():
        lacking = [result for result in rest if not before.has(result)]
        if not lacking:  # other writings came after theirs
            content = before.document.content
            continue
        try:
            standing = ProjectStanding(before.document, before.timeline, lacking)
            again, made = place_results(standing, lacking, target=target)
        except HanolabError:
            continue
        if again != content:
            break
        path = before.document.path
        backup = path if path.name.endswith(BACKUP_SUFFIX) else None
        for job_id, one in made.items():
            told[job_id] = replace(one, backup=backup) if isinstance(one, Placed) else one
        rest = [result for result in rest if result not in lacking]
        content = before.document.content
        if not rest:
            break
    told |= {one.placement.job_id: _edited_since(one, now_there, target) for one in rest}
    return told


def _edited_since(result: Result, now_there: _Version, target: Path) -> Placed:
    kept = now_there.tracks_of(result)
    warnings = ["the stems are already in the project; nothing was written"]
    if len(kept) < len(result.stems):
        removed = len(result.stems) - len(kept)
        warnings.append(f"{removed} of the stems were removed from it since")
    return Placed(
        folder=result.stems[0].path.parent,
        tracks=tuple(kept),
        project=target,
        warnings=tuple(warnings),
    )


def _foreign(
    results: Sequence[Result], now_there: _Version, target: Path
) -> dict[str, HanolabError]:
    """Results whose music a destination that exists does not hold."""
    refused: dict[str, HanolabError] = {}
    for result in results:
        try:
            refuse_foreign(now_there.timeline, result.placement, target)
        except HanolabError as error:
            refused[result.placement.job_id] = error
    return refused


def _changed(
    results: Sequence[Result], now_there: _Version, standing: ProjectStanding, target: Path
) -> dict[str, HanolabError]:
    """Results whose stems would lie beside music that they were not made of."""
    doubtful = [result for result in results if not _was_captured_from(result, now_there)]
    changed: list[Result] = []
    for before in _older_versions(doubtful, target) if doubtful else ():
        here = [result for result in doubtful if _was_captured_from(result, before)]
        changed += [result for result in here if not _is_cut_from(result, before, standing)]
        doubtful = [result for result in doubtful if result not in here]
        if not doubtful:
            break
    return {
        result.placement.job_id: FileChanged(
            now_there.document.path,
            since=f"{result.placement.selection.name} was captured",
            outcome="its stems were left out",
            hint="Run it again on the project as it is now.",
        )
        for result in (*changed, *doubtful)
    }


def _was_captured_from(result: Result, version: _Version) -> bool:
    capture = result.placement.capture
    if capture is None or not capture.fingerprint:
        return True
    return version.fingerprint(capture.sources) == capture.fingerprint


def _is_cut_from(result: Result, before: _Version, standing: ProjectStanding) -> bool:
    """Whether a result's sources are what they were but for what earlier jobs did to them."""
    span = result.music
    for root in sources_of(result):
        if root not in before.items:
            return False
        _, was = before.items[root]
        own = [item for _, item in standing.pieces.between([root], span)]
        if not is_only_cut(before.document, was, standing.document, own, span):
            return False
    return True
