"""What is told of stored batches: one row each, all of one, and the same as JSON values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.batch_documents import entry_document
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.jobs.model import JobState, Spent
from hanolab_dawtools.presenters.batch_progress import last_phase_of
from hanolab_dawtools.presenters.batch_standing import counted_text
from hanolab_dawtools.presenters.batch_words import n_cells_text, next_steps, wait_text_of
from hanolab_dawtools.presenters.job_words import charges_text, spent_text
from hanolab_dawtools.presenters.wording import age_text

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import Batch, Charge, JobSummary
    from hanolab_dawtools.workflows.batch.model import CellReport

KIND = "batch"  # where a job's row names its engine
CELL_HEADINGS = ["cell", "state", "credits", "length", "what"]
MOST_TROUBLES = 10  # kinds of failures
MOST_TITLES = 3  # of cells that failed in the same way
MOST_PLACES = 6
_ASKED = ("presets", "sources", "regions", "tracks", "output")


def charges_by_batch(session: Session) -> Mapping[str, list[Charge]]:
    """What the jobs of batches were billed, by the ids of those; the batch may be gone."""
    charges: defaultdict[str, list[Charge]] = defaultdict(list)
    for entry in session.services.store.ledger.entries():
        if entry.batch_id:
            charges[entry.batch_id].append(entry.charge)
    return charges


def row_of_batch(batch: Batch, charges: Sequence[Charge]) -> list[str]:
    """A batch among jobs, in a table with their headings."""
    return [
        batch.id,
        batch.state.value,
        age_text((datetime.now(UTC) - batch.created_at).total_seconds()),
        KIND,
        charges_text(charges) or "-",
        "-",
        f"{batch.title} ({counted_text(batch)})",
    ]


def summary_of_batch(batch: Batch, charges: Sequence[Charge]) -> dict[str, Any]:
    """A batch as JSON values."""
    spent = Spent.on(charges)
    return {
        "batch": batch.id,
        "title": batch.title,
        "state": batch.state.value,
        "created_at": batch.created_at.isoformat(),
        "updated_at": batch.updated_at.isoformat(),
        "n_cells": batch.n_cells,
        "counts": {state.value: n for state, n in sorted(batch.counts.items())},
        "credits": spent.credits,
        "unsure_credits": spent.unsure_credits,
        "unknown_prices": spent.n_unknown,
    }


def reports_of(
    session: Session, batch: Batch, cells: Sequence[JobSummary], *, with_results: bool
) -> list[CellReport]:
    """How each cell of a batch stands; reading what it has made takes several times as long."""
    from hanolab_dawtools.workflows.batch.reports import report_of

    store = session.services.store
    facts = {int(one["number"]): one for one in batch.plan.get("cells", ())}

    def report(cell: JobSummary) -> CellReport:
        number = cell.cell or 0
        job = store.get(cell.id) if with_results and cell.state is JobState.DONE else cell
        return report_of(job, number, facts.get(number, {"number": number}))

    return list(map(report, cells))


def details_of_batch(
    batch: Batch, reports: Sequence[CellReport], charges: Sequence[Charge]
) -> dict[str, Any]:
    """All of a batch as JSON values: what was asked, and an entry for each cell."""
    return summary_of_batch(batch, charges) | {
        "asked": batch.plan.get("asked"),
        "cells": [entry_document(report) for report in reports],
    }


def show_batch(
    screen: Screen,
    batch: Batch,
    cells: Sequence[JobSummary],
    reports: Sequence[CellReport],
    charges: Sequence[Charge],
    *,
    with_cells: bool,
) -> None:
    """Say where a batch stands, what it cost and made, what went wrong, and what to do next."""
    screen.say(f"{batch.title}\n{batch.id}, {batch.state.value}, {n_cells_text(batch.n_cells)}")
    if with_cells:
        screen.table(CELL_HEADINGS, [_cell_row(report) for report in reports])
    for name in _ASKED:
        asked = batch.plan.get("asked", {}).get(name)
        if asked:
            screen.say(f"{name:<10} {asked if isinstance(asked, str) else ', '.join(asked)}")
    screen.say(f"cells      {counted_text(batch)}")
    if charges:
        screen.say(f"credits    {spent_text(Spent.on(charges))}")
    _say_waiting(screen, reports)
    _say_troubles(screen, reports)
    _say_unsure(screen, reports)
    if batch.is_running:
        screen.say(f"A process works on it. Stop it with: hanolab jobs cancel {batch.id}")
    else:
        for line in next_steps(batch.id, reports):
            screen.say(line)
    if _say_projects(screen, cells) and not batch.is_running:
        screen.say(f"undo with  hanolab jobs undo {batch.id}")
    if not with_cells:
        screen.say(f"each cell  hanolab jobs show {batch.id} --cells")


def _cell_row(report: CellReport) -> list[str]:
    seconds = report.facts.get("seconds")
    amount = "?" if report.credits is None else f"{report.credits:g}" if report.credits else "-"
    return [
        report.job_id,
        last_phase_of(report).value,
        amount,
        f"{float(seconds):.1f} s" if seconds else "-",
        f"{report.title}: {report.message}" if report.message else report.title,
    ]


def _say_waiting(screen: Screen, reports: Sequence[CellReport]) -> None:
    waiting = [report for report in reports if report.state == JobState.WAITING]
    if waiting:
        first = min(waiting, key=lambda report: report.wait_until or 0.0)
        screen.say(f"waiting    {wait_text_of(first)} ({first.message})")


def _say_troubles(screen: Screen, reports: Sequence[CellReport]) -> None:
    """Cells that failed, by what each failed with."""
    troubles: dict[tuple[str, str], list[CellReport]] = {}
    for report in reports:
        if report.state == JobState.FAILED:
            troubles.setdefault((report.message, report.hint), []).append(report)
    for (message, hint), group in list(troubles.items())[:MOST_TROUBLES]:
        titles = "; ".join(f"{one.job_id} {one.title}" for one in group[:MOST_TITLES])
        more = f"; and {len(group) - MOST_TITLES:,} more" if len(group) > MOST_TITLES else ""
        screen.say(f"failed     {titles}{more}: {message}")
        if hint:
            screen.say(f"           {hint}")
    if rest := list(troubles.values())[MOST_TROUBLES:]:
        screen.say(f"failed     {n_cells_text(sum(map(len, rest)))} otherwise")


def _say_unsure(screen: Screen, reports: Sequence[CellReport]) -> None:
    ids = [report.job_id for report in reports if report.state == JobState.UNSURE]
    if ids:
        more = ", …" if len(ids) > MOST_TROUBLES else ""
        screen.say(f"unsure     {', '.join(ids[:MOST_TROUBLES])}{more}")


def _say_projects(screen: Screen, cells: Sequence[JobSummary]) -> bool:
    """Name the projects that hold results of done cells; whether there are any."""
    from hanolab_dawtools.workflows.resuming import goes_into_project

    projects = Counter(
        str(cell.plan.get("destination") or cell.plan["selection"]["source"])
        for cell in cells
        if cell.state is JobState.DONE and goes_into_project(cell)
    )
    for project, n in list(projects.items())[:MOST_PLACES]:
        screen.say(f"project    {project}: {n_cells_text(n)}")
    if len(projects) > MOST_PLACES:
        screen.say(f"           and {len(projects) - MOST_PLACES:,} more projects")
    return bool(projects)
