"""Going on with all that was interrupted: single jobs and batches, told as one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.console import error_document
from hanolab_dawtools.cli.running import run_each, run_jobs
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import HanolabError, JobCancelled, UsageError
from hanolab_dawtools.jobs.model import RESTING_STATES, BatchState, JobState
from hanolab_dawtools.presenters.batch_standing import is_interrupted
from hanolab_dawtools.workflows.resuming import needs_weights

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import Batch, JobSummary
    from hanolab_dawtools.workflows.batch.model import BatchOptions

NOTHING = "No job was interrupted. A failed or cancelled one is resumed by its ID."


def resume_batch(
    session: Session, batch: Batch, options: BatchOptions, *, only_failed: bool, yes: bool
) -> None:
    """Go on with a batch, and end with its exit code.

    Raises
    ------
    UsageError
        There is nothing left to do.
    HanolabError
        It could not be begun, or was stopped.
    """
    from hanolab_dawtools.cli.batch_running import run_batch
    from hanolab_dawtools.workflows.batch.reports import runnable

    cells = session.services.store.batches.cells(batch.id)
    ids = runnable(cells, only_failed=only_failed)
    if not ids and not batch.is_running:
        raise _nothing_to_do(batch, only_failed=only_failed)
    _ensure_weights(session, [cell for cell in cells if cell.id in ids], yes=yes)
    run_batch(session, batch.id, options, only_failed=only_failed)


def resume_all(
    session: Session, options: BatchOptions, *, yes: bool, is_patient: bool = True
) -> None:
    """Go on with all jobs and batches that were interrupted, the oldest first.

    Raises
    ------
    HanolabError
        What the only one failed with; or, at once, a cancellation.
    SystemExit
        Some of several failed: with the exit code of the first.
    """
    jobs, batches = _interrupted(session)
    if not jobs and not batches:
        session.screen.note(NOTHING)
    if not batches:
        _ensure_weights(session, jobs, yes=yes)
        run_jobs(session, [job.id for job in jobs], is_patient=is_patient)
    elif not jobs and len(batches) == 1:
        resume_batch(session, batches[0], options, only_failed=False, yes=yes)
    else:
        _resume_several(session, jobs, batches, options, yes=yes, is_patient=is_patient)


def _resume_several(
    session: Session,
    jobs: Sequence[JobSummary],
    batches: Sequence[Batch],
    options: BatchOptions,
    *,
    yes: bool,
    is_patient: bool,
) -> None:
    """One after the other; one that fails stops no other, and one document tells of all."""
    from hanolab_dawtools.cli.batch_running import go_on

    cells = [cell for batch in batches for cell in session.services.store.batches.cells(batch.id)]
    open_cells = [cell for cell in cells if cell.state not in RESTING_STATES]
    _ensure_weights(session, [*jobs, *open_cells], yes=yes)
    reports = run_each(session, [job.id for job in jobs], is_patient=is_patient)
    codes = [report["error"]["exit_code"] for report in reports if "error" in report]
    documents: list[dict[str, Any]] = []
    for batch in batches:
        try:
            document, code = go_on(session, batch.id, options)
        except JobCancelled:
            raise
        except HanolabError as error:
            session.screen.error(error, name=f"batch {batch.id}")
            document, code = {"batch": batch.id, "error": error_document(error)}, error.exit_code
        documents.append(document)
        codes.append(code)
        if session.stop.is_set():
            break
    session.screen.document({"jobs": reports, "batches": documents})
    if code := next(filter(None, codes), 0):
        sys.exit(code)


def _interrupted(session: Session) -> tuple[list[JobSummary], list[Batch]]:
    """What neither ended nor is being worked on, the oldest first; parts go with their wholes."""
    store = session.services.store
    going = [job for job in store.list() if job.state not in RESTING_STATES]
    whole = [job for job in reversed(going) if not job.plan.get("part_of")]
    jobs = [job for job in whole if not store.is_claimed(job.id)]
    return jobs, [batch for batch in reversed(store.batches.list()) if is_interrupted(batch)]


def _ensure_weights(session: Session, jobs: Sequence[JobSummary], *, yes: bool) -> None:
    if any(map(needs_weights, jobs)):
        from hanolab_dawtools.cli.weights import ensure_weights

        ensure_weights(session, yes=yes)


def _nothing_to_do(batch: Batch, *, only_failed: bool) -> UsageError:
    see = f"See it with: hanolab jobs show {batch.id}"
    if batch.state is BatchState.DONE:
        return UsageError(f"batch {batch.id} is done already", hint=see)
    if only_failed and not batch.counts.get(JobState.FAILED):
        again = f"Go on with what is left: hanolab jobs resume {batch.id}"
        return UsageError(f"no cell of batch {batch.id} has failed", hint=again)
    return UsageError(f"no cell of batch {batch.id} can be gone on with", hint=see)
