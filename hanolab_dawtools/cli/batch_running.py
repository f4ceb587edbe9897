"""Run a stored batch from the command line, and tell what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.batch_documents import report_document
from hanolab_dawtools.cli.batch_results import print_batch
from hanolab_dawtools.cli.batch_table import shown_batch
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import (
    HanolabError,
    JobCancelled,
    TryLater,
)
from hanolab_dawtools.presenters.batch_progress import BatchProgress, CellPhase, last_phase_of
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.workflows.resuming import runs_elsewhere

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.batch.model import BatchOptions, BatchReport, Cell

FAILED_CODE = 1
REFUSED_CODE = 77


def run_batch(
    session: Session,
    batch_id: str,
    options: BatchOptions,
    *,
    only_failed: bool = False,
    is_new: bool = False,
    done_before: Sequence[Cell] = (),
    more: dict[str, Any] | None = None,
) -> None:
    """Run what is left of a batch, print what came of it, and end with its exit code.

    One that `is_new`, and cannot be begun, is forgotten. `done_before` are cells that made no job,
    `more` goes into the JSON document.

    Raises
    ------
    HanolabError
        It could not be begun, or was stopped at once.
    SystemExit
        A cell is not done; see `exit_code_of`.
    """
    document, code = go_on(
        *(session, batch_id, options),
        only_failed=only_failed,
        is_new=is_new,
        done_before=done_before,
    )
    session.screen.document(document | (more or {}))
    if code:  # not by typer, which cannot tell 130 from a Ctrl-C of its own
        sys.exit(code)


def go_on(
    session: Session,
    batch_id: str,
    options: BatchOptions,
    *,
    only_failed: bool = False,
    is_new: bool = False,
    done_before: Sequence[Cell] = (),
) -> tuple[dict[str, Any], int]:
    """As `run_batch`, for a command that runs more: the document and the exit code."""
    screen, progress = session.screen, BatchProgress()
    way_back = f"Go on with: hanolab jobs resume {batch_id}"
    try:
        with shown_batch(screen, batch_id, progress, session.stop) as listener:
            report = session.services.batching.run(
                batch_id, options, stop=session.stop, listener=listener, only_failed=only_failed
            )
    except KeyboardInterrupt:
        raise JobCancelled("stopped at once", hint=way_back) from None
    except HanolabError as error:
        if is_new and not progress.view().n_cells:  # no cell was begun
            session.services.store.batches.remove(batch_id)
        else:
            error.hint = "\n  ".join(filter(None, (error.hint, way_back)))
        raise
    print_batch(screen, report)
    if session.stop.is_set() and any(map(runs_elsewhere, _cells(session, batch_id))):
        screen.notice(GOES_ON_THERE)
    code = exit_code_of(report, is_stopped=session.stop.is_set())
    return report_document(report, done_before), code


def exit_code_of(report: BatchReport, *, is_stopped: bool) -> int:
    """What the command ends with: the worst of its cells decides."""
    phases = {last_phase_of(one) for one in report.cells}
    if is_stopped and phases - {CellPhase.DONE}:
        return JobCancelled.exit_code
    if CellPhase.FAILED in phases:
        return FAILED_CODE
    if CellPhase.HELD in phases:
        return REFUSED_CODE
    if phases & {CellPhase.WAITING, CellPhase.UNSURE}:
        return TryLater.exit_code
    return JobCancelled.exit_code if CellPhase.STOPPED in phases else 0


def _cells(session: Session, batch_id: str) -> Sequence[Any]:
    return session.services.store.batches.cells(batch_id)
