"""The folder that a job's stems are put into, with alignment.json and job.json beside them.

job.json is written first and says whose folder it is; every file after it is there whole or not
at all. So a call that a crash cut off is finished by the next one for the same job, and a call
for a job that is done changes nothing. Files of others are never written over.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.errors import HanolabError, NotWritable
from hanolab_dawtools.model import Stem
from hanolab_dawtools.placement import Placed, PlacedTrack, Placement
from hanolab_dawtools.units import PERFECT_NULL_DB

STEM_FOLDER = "HanoLab"  # beside a project
JOB_FILE = "job.json"
PIECE_ORIGIN = ".job.json"  # behind a piece's own name
ALIGNMENT_FILE = "alignment.json"
READ_ONLY_HINT = "Make the folder writable, or give another one with -o FOLDER."


@dataclass
class _New:
    """Files and folders that a call has made, in the order they were made."""

    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)

    def remove(self) -> None:
        """Take them all back; folders only if nothing else is in them."""
        for file in self.files:
            with suppress(OSError):  # on the way out with an error that says more
                file.unlink(missing_ok=True)
        for folder in reversed(self.folders):
            with suppress(OSError):
                folder.rmdir()


@dataclass(frozen=True)
class StemFolder:
    """Where a job's stems are, and which files of it this call has put there."""

    path: Path
    tracks: tuple[PlacedTrack, ...]
    _new: _New

    @property
    def new_files(self) -> tuple[Path, ...]:
        """Files that were not there before this call."""
        return tuple(self._new.files)

    @property
    def placed(self) -> Placed:
        """What a host says that has put the files here and done nothing else."""
        return Placed(self.path, self.tracks)

    def remove_new(self) -> None:
        """Take back what this call has put there, and the folders it has made for it."""
        self._new.remove()


def put_stems(wanted: Path, placement: Placement) -> StemFolder:
    """Copy the stems of a job into `wanted`, or, when that is taken, into another folder.

    `wanted` is taken as it is when it is missing, empty or this job's. When it holds other things,
    or is a folder that the user named, the stems go into a folder of their own inside it; beside
    another job's folder of our own naming they go into `wanted-2`, `-3`, ….

    Raises
    ------
    NotWritable, DiskFull
        Nothing of this call is left behind.
    """
    try:
        return _put(wanted, placement)
    except NotWritable as error:
        error.hint = READ_ONLY_HINT
        raise


def put_beside(project: Path, placement: Placement) -> StemFolder:
    """Copy the stems of a job beside a project, as `put_stems` does."""
    name = f"{durable.safe_name(placement.selection.name)}-{placement.job_id}"
    return put_stems(project.parent / STEM_FOLDER / name, placement)


@contextmanager
def stems_beside(project: Path, placement: Placement) -> Iterator[StemFolder]:
    """A job's stems, copied beside a project; taken back when what is done with them fails.

    Raises
    ------
    NotWritable, DiskFull
        Nothing of this call is left behind.
    """
    stems = put_beside(project, placement)
    try:
        yield stems
    except BaseException:
        stems.remove_new()
        raise


def put_pieces(folder: Path, placement: Placement) -> StemFolder:
    """Copy a job's files into `folder` itself, beside whatever is there, and write over nothing.

    Each gets a name of its own, `NAME`, `NAME-2`, …, with its origin beside it in `NAME.job.json`,
    which is written first and says whose the file is.

    Raises
    ------
    NotWritable, DiskFull
        Nothing of this call is left behind.
    """
    new = _New()
    try:
        with durable.translated_os_errors(folder):
            _make_folder(folder, new)
            durable.remove_dead_parts(folder)
            tracks: list[PlacedTrack] = []
            for stem in placement.stems:
                done = {track.name for track in tracks}
                tracks.append(_put_piece(folder, placement, stem, done, new))
    except BaseException as error:
        new.remove()
        if isinstance(error, NotWritable):
            error.hint = READ_ONLY_HINT
        raise
    return StemFolder(folder, tuple(tracks), new)


def each_placed(
    place: Callable[[Placement], Placed], placements: Iterable[Placement]
) -> list[Placed | HanolabError]:
    """Place results of which none depends on another: what was made of each, or why it was not."""
    made: list[Placed | HanolabError] = []
    for placement in placements:
        try:
            made.append(place(placement))
        except HanolabError as error:
            made.append(error)
    return made


def _put_piece(
    folder: Path, placement: Placement, stem: Stem, done: Collection[str], new: _New
) -> PlacedTrack:
    """Put one file of a job; `done` are the names of those before it."""
    base = Path(stem_file_names([stem])[0]).stem
    for name in itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2))):
        path = folder / f"{name}{stem.path.suffix.lower()}"
        origin = folder / f"{name}{PIECE_ORIGIN}"
        if _owner(origin) == placement.job_id and name not in done:
            break
        taken = {entry.name.casefold() for entry in folder.iterdir()}
        if taken & {path.name.casefold(), origin.name.casefold()}:
            continue
        one = replace(placement, stems=(stem,))
        if _write_new(origin, _job_text(one, [path.name]), new):
            durable.sync_folder(folder)
            break
    if not path.exists():
        new.files.append(path)
        durable.copy_file(stem.path, path)
    return PlacedTrack(stem.role, name, path, is_draft=stem.is_draft)


def stem_file_names(stems: Sequence[Stem]) -> list[str]:
    """One file name for each stem: its name or role, `-draft` for a draft, `-2` for a second.

    The ending is that of the stem's own file.
    """
    names: list[str] = []
    taken: set[str] = set()
    for stem in stems:
        base = durable.safe_name(stem.name) if stem.name else stem.role.value
        base += "-draft" if stem.is_draft else ""
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names.append(f"{name}{stem.path.suffix.lower()}")
    return names


def _put(wanted: Path, placement: Placement) -> StemFolder:
    names = stem_file_names(placement.stems)
    new = _New()
    try:
        with durable.translated_os_errors(wanted):  # a folder that may not even be looked into
            folder = _claim(wanted, placement, _job_text(placement, names), new)
        durable.remove_leftovers(folder)
        tracks = tuple(
            PlacedTrack(stem.role, Path(name).stem, folder / name, is_draft=stem.is_draft)
            for stem, name in zip(placement.stems, names, strict=True)
        )
        for stem, track in zip(placement.stems, tracks, strict=True):
            if not track.path.exists():
                new.files.append(track.path)
                durable.copy_file(stem.path, track.path)
        alignment_file = folder / ALIGNMENT_FILE
        if placement.alignment is not None and not alignment_file.exists():
            new.files.append(alignment_file)
            durable.write_text(alignment_file, _json_text(asdict(placement.alignment)))
    except BaseException:
        new.remove()
        raise
    return StemFolder(folder, tracks, new)


def _claim(wanted: Path, placement: Placement, job_text: str, new: _New) -> Path:
    """The job's folder; made its own, when it is not yet, by writing job.json before all else."""
    for folder in _candidates(wanted, placement):
        if _owner(folder / JOB_FILE) == placement.job_id:
            return folder
        if os.path.lexists(folder) and not _is_empty_folder(folder):
            continue
        with durable.translated_os_errors(folder):
            _make_folder(folder, new)
            if _write_new(folder / JOB_FILE, job_text, new):
                durable.sync_folder(folder)
                return folder
    raise AssertionError("the candidates never end")


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _make_folder(folder: Path, new: _New) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        new.folders.append(path)


def _write_new(path: Path, text: str, new: _New) -> bool:
    """Write a small file durably; False when another process has made it first."""
    try:
        stream = path.open("x", encoding="utf-8", newline="\n")
    except FileExistsError:
        return False
    new.files.append(path)
    with stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return True


def _candidates(wanted: Path, placement: Placement) -> Iterator[Path]:
    base = wanted
    owner = _owner(wanted / JOB_FILE)
    is_used = wanted.is_dir() and any(wanted.iterdir()) and owner != placement.job_id
    if is_used and (placement.folder is not None or owner is None):
        base = wanted / f"{durable.safe_name(placement.selection.name)}-{placement.job_id}"
    yield base
    number = 1
    while True:
        number += 1
        yield base.with_name(f"{base.name}-{number}")


def _owner(job_file: Path) -> str | None:
    """Job id that a job.json names; None without one."""
    try:
        content = json.loads(job_file.read_bytes())
    except (OSError, ValueError):
        return None
    owner = content.get("job_id") if isinstance(content, dict) else None
    return owner if isinstance(owner, str) else None


def _job_text(placement: Placement, names: list[str]) -> str:
    stems = [
        {"role": stem.role, "file": name, "guessed": stem.guessed, "draft": stem.is_draft}
        for stem, name in zip(placement.stems, names, strict=True)
    ]
    facts = {
        **placement.provenance,
        "job_id": placement.job_id,
        "selection": asdict(placement.selection),
        "stems": stems,
    }
    if placement.capture is not None:
        facts["capture"] = asdict(placement.capture)
        del facts["capture"]["path"]  # a working file of the job, gone when the job is cleaned
    return _json_text(facts)


def _json_text(value: dict[str, Any]) -> str:
    return json.dumps(_storable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _storable(value: Any) -> Any:
    """Value with paths as text and minus infinity as `PERFECT_NULL_DB`, for JSON."""
    if isinstance(value, dict):
        return {str(key): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    if isinstance(value, Path):
        return os.fspath(value)
    if isinstance(value, float) and value == -math.inf:
        return PERFECT_NULL_DB
    return value
