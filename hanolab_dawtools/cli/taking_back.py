"""`hanolab jobs undo`: what jobs and batches have put into projects is taken back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.console import error_document
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.presenters.batch_words import n_cells_text

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.batch.undoing import ProjectUndone


def undo_job(session: Session, job_id: str) -> None:
    """Restore the project of a job, and say so."""
    from hanolab_dawtools.workflows.stored import to_json

    undone = session.services.undo_job(job_id)
    job, placed, screen = undone.job, undone.placed, session.screen
    how = "is" if undone.is_restored else "was already"
    backup = f", the backup is {placed.backup}" if placed.backup else ""
    screen.say(f"{placed.project or 'the project'} {how} as it was before job {job.id}")
    screen.say(f"the stems stay in {placed.folder}{backup}")
    screen.document({"job": job.id, "restored": undone.is_restored, "placed": to_json(placed)})


def undo_batch(session: Session, batch_id: str) -> None:
    """Restore the projects of a batch, and say of each what became of it.

    Raises
    ------
    HanolabError
        The only one could not be restored.
    SystemExit
        One of several could not: with the exit code of the first.
    """
    undone, screen = session.services.undo_batch(batch_id), session.screen
    failures = [one.failure for one in undone.projects if one.failure is not None]
    if failures and len(undone.projects) == 1:
        raise failures[0]
    for one in undone.projects:
        if one.failure is not None:
            screen.error(one.failure, name=one.project)
            continue
        how = "is" if one.is_restored else "was already"
        cells = n_cells_text(len(one.job_ids))
        screen.say(f"{one.project} {how} as it was before batch {batch_id} ({cells})")
        if one.placed.backup:
            screen.say(f"  the backup is {one.placed.backup}")
    screen.say("the files of the cells stay where they are")
    screen.document({"batch": batch_id, "projects": [_document(one) for one in undone.projects]})
    if failures:
        sys.exit(failures[0].exit_code)


def _document(one: ProjectUndone) -> dict[str, Any]:
    return {
        "project": one.project,
        "jobs": list(one.job_ids),
        "restored": one.is_restored,
        "backup": str(one.placed.backup) if one.placed.backup else None,
        "error": error_document(one.failure) if one.failure is not None else None,
    }
