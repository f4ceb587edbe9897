"""Results of several jobs: their files beside the project, and then all into it in one write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from hanolab_dawtools.errors import DiskFull, HanolabError, NotWritable
from hanolab_dawtools.hosts.project.identity import StemFile, in_order
from hanolab_dawtools.hosts.project.shelves import Result
from hanolab_dawtools.hosts.rpp.project_together import write_together
from hanolab_dawtools.hosts.stem_folder import StemFolder, each_placed, put_beside, put_stems
from hanolab_dawtools.placement import Placed, Placement

_COPIES_AT_ONCE = 4  # each waits for the disk most of its time


def place_together(placements: Sequence[Placement]) -> list[Placed | HanolabError]:
    """Place results that were made of one project; see `hosts.base.Host.place_all`.

    Raises
    ------
    ProjectFileError, FileChanged, NotWritable, DiskFull, UsageError
        The project is as it was, and what this call has copied is removed again.
    """
    jobs = {placement.job_id: placement for placement in placements}
    assert len(jobs) == len(placements), "each result is that of another job"
    made: dict[str, Placed | HanolabError] = {}
    for placement in placements:
        if placement.folder is not None:
            (made[placement.job_id],) = each_placed(_put_files, [placement])
    targets: dict[Path, list[Placement]] = {}
    for placement in placements:
        if placement.folder is None:
            target = placement.destination or placement.selection.source
            targets.setdefault(target, []).append(placement)
    for target, own in targets.items():
        made |= _place_into(target, own)
    return [made[placement.job_id] for placement in placements]


def _put_files(placement: Placement) -> Placed:
    assert placement.folder is not None, "files only"
    return put_stems(placement.folder, placement).placed


def _place_into(target: Path, placements: Sequence[Placement]) -> dict[str, Placed | HanolabError]:
    """Copy the files of results and write the project; take back the files of what is left out."""
    made: dict[str, Placed | HanolabError] = {}
    results = []
    with ThreadPoolExecutor(_COPIES_AT_ONCE) as pool:
        copies = {one.job_id: pool.submit(put_beside, target.absolute(), one) for one in placements}
        try:
            for placement in placements:
                try:
                    results.append(_result(placement, copies[placement.job_id].result()))
                except (DiskFull, NotWritable):  # as it would be for all of them
                    raise
                except HanolabError as error:
                    made[placement.job_id] = error
            if results:
                made |= write_together(results, target, placements[0].selection.source)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            _take_back(copies.values())
            raise
    _take_back(copies[job] for job, one in made.items() if isinstance(one, HanolabError))
    return made


def _take_back(copies: Iterable[Future[StemFolder]]) -> None:
    """Remove what copies that came to their end have put there."""
    for copy in reversed(list(copies)):
        if not copy.cancelled() and copy.exception() is None:
            copy.result().remove_new()


def _result(placement: Placement, folder: StemFolder) -> Result:
    files = zip(placement.stems, folder.tracks, strict=True)
    stems = [StemFile.probe(replace(stem, path=track.path)) for stem, track in files]
    return Result(placement, tuple(in_order(stems)))
