"""Run jobs from the command line, and tell what came of them."""

from __future__ import annotations

import time
from typing import Any

import typer

from hanolab_dawtools.cli.console import error_document
from hanolab_dawtools.cli.results import print_result, report_of
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import HanolabError, JobCancelled, RemoteJobFailed, UsageError
from hanolab_dawtools.jobs.model import JobSummary
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.workflows.resuming import runs_elsewhere


def run_jobs(session: Session, job_ids: list[str], *, is_patient: bool = True) -> None:
    """Run jobs one after the other, and print one report of all; a failed one stops no other.

    `is_patient`: wait here for a free slot, where an engine has a cap.

    Raises
    ------
    HanolabError
        A job that is the only one failed; or, at once, a cancellation.
    typer.Exit
        Some of several failed: with the exit code of the first.
    """
    reports = run_each(session, job_ids, is_patient=is_patient, is_lone=len(job_ids) == 1)
    session.screen.document({"jobs": reports})
    failed = [report["error"]["exit_code"] for report in reports if "error" in report]
    if failed:
        raise typer.Exit(failed[0])


def run_each(
    session: Session, job_ids: list[str], *, is_patient: bool = True, is_lone: bool = False
) -> list[dict[str, Any]]:
    """Run jobs one after the other: what came of each, as JSON values.

    Raises
    ------
    HanolabError
        What one failed with that `is_lone`; or, at once, a cancellation.
    """
    reports: list[dict[str, Any]] = []
    for job_id in job_ids:
        try:
            reports.append(run_job(session, job_id, is_patient=is_patient))
        except JobCancelled as error:
            error.hint = f"Go on with: hanolab jobs resume {job_id}"
            if runs_elsewhere(session.services.store.get(job_id)):
                error.hint = f"{error.hint}\n  {GOES_ON_THERE}"
            raise
        except HanolabError as error:
            _name_way_back(error, session.services.store.get(job_id))
            if is_lone:
                raise
            session.screen.error(error, name=f"job {job_id}")
            reports.append({"job": job_id, "error": error_document(error)})
    return reports


def _name_way_back(error: HanolabError, job: JobSummary) -> None:
    """Name the resume in the hint, without which the command may be given, and paid, again."""
    if not error.hint:
        error.hint = f"After mending it: hanolab jobs resume {job.id}"
    elif job.id not in error.hint and not isinstance(error, RemoteJobFailed | UsageError):
        there = " (the task is kept, and not paid again)" if runs_elsewhere(job) else ""
        error.hint = f"{error.hint}\n  Then go on with: hanolab jobs resume {job.id}{there}"


def run_job(session: Session, job_id: str, *, is_patient: bool = True) -> dict[str, Any]:
    """Run one job to its end, print what came of it, and return the same as JSON values."""
    started = time.monotonic()
    with session.screen.progress() as progress:
        job = session.services.run_job(
            job_id, stop=session.stop, progress=progress, is_patient=is_patient
        )
    elapsed_seconds = time.monotonic() - started
    print_result(session.screen, job, elapsed_seconds)
    return report_of(job) | {"elapsed_seconds": round(elapsed_seconds, 3)}
