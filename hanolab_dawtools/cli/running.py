"""Run jobs from the command line, and tell what came of them."""

from __future__ import annotations

import time
from typing import Any

import typer

from hanolab_dawtools.cli.console import Screen, error_document
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import HanolabError, JobCancelled
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import Alignment, Capture, Placed
from hanolab_dawtools.presenters.wording import (
    alignment_text,
    capture_text,
    null_text,
    role_text,
    speed_text,
)


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
    reports: list[dict[str, Any]] = []
    for job_id in job_ids:
        try:
            reports.append(run_job(session, job_id, is_patient=is_patient))
        except JobCancelled as error:
            error.hint = f"Go on with: hanolab jobs resume {job_id}"
            raise
        except HanolabError as error:
            if not error.hint:
                error.hint = f"After mending it: hanolab jobs resume {job_id}"
            if len(job_ids) == 1:
                raise
            session.screen.error(error, name=f"job {job_id}")
            reports.append({"job": job_id, "error": error_document(error)})
    session.screen.document({"jobs": reports})
    failed = [report["error"]["exit_code"] for report in reports if "error" in report]
    if failed:
        raise typer.Exit(failed[0])


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


def report_of(job: Job) -> dict[str, Any]:
    """A finished job as JSON values."""
    outcomes = job.outcomes
    capture = dict(outcomes["capture"]["capture"])
    del capture["path"]  # the file went with the end of the job
    return {
        "job": job.id,
        "title": job.title,
        "state": job.state.value,
        "cached": outcomes["prepare"]["cached"],
        "capture": capture,
        "alignment": outcomes["align"]["alignment"],
        "placed": outcomes["place"]["placed"],
    }


def print_result(screen: Screen, job: Job, elapsed_seconds: float | None = None) -> None:
    """Tell where the stems are, how they lie in time, and how they null."""
    from hanolab_dawtools.workflows.stored import outcome_of

    capture = outcome_of(job.outcomes, "capture", Capture, "capture")
    alignment = outcome_of(job.outcomes, "align", Alignment, "alignment")
    placed = outcome_of(job.outcomes, "place", Placed, "placed")
    cached = job.outcomes["prepare"]["cached"]

    _print_capture(screen, capture)
    for track in placed.tracks:
        screen.say(f"  {role_text(track):<15}{track.path}")
    if placed.project is not None:
        _print_project(screen, placed, as_takes=bool(job.plan.get("as_takes")))
    for warning in placed.warnings:
        screen.warn(warning)
    screen.say(f"alignment  {alignment_text(alignment)}")
    for repair in alignment.repairs:
        screen.say(f"           {repair}")
    screen.say(f"null       {null_text(alignment.null_db)} (mix minus the sum of the stems)")
    if elapsed_seconds is not None:
        seconds = capture.selection_frames / capture.sample_rate
        how = "from the result cache" if cached else speed_text(seconds, elapsed_seconds)
        screen.say(f"took       {elapsed_seconds:.1f} s, {how}")
    screen.say(f"job        {job.id}")


def _print_capture(screen: Screen, capture: Capture) -> None:
    screen.say(f"captured   {capture_text(capture)}")
    for title, notes in (("not heard", capture.skipped), ("not exact", capture.approximate)):
        for note in notes:
            where = f" on track {note.track}" if note.track else ""
            screen.warn(f"{title}: {note.item}{where}: {note.reason}")
    if capture.unheard_effects:
        screen.warn(f"effects not in the capture: {', '.join(capture.unheard_effects)}")
    for remark in capture.remarks:
        screen.warn(remark)


def _print_project(screen: Screen, placed: Placed, *, as_takes: bool) -> None:
    what = "takes of the item" if as_takes else "tracks in a new folder"
    screen.say(f"project    {placed.project}")
    screen.say(f"           {what}: {', '.join(track.name for track in placed.tracks)}")
    screen.say(
        f"           inserted lines: {placed.lines_inserted}, "
        f"changed values: {placed.tokens_changed}"
    )
    for change in placed.changes:
        screen.say(f"           {change}")
    if placed.backup is not None:
        screen.say(f"backup     {placed.backup}")
