"""What came of a batch, for people: counts, what failed and why, where it went, what is next."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.presenters.batch_progress import CellPhase, is_cached, last_phase_of
from hanolab_dawtools.presenters.batch_words import (
    figure_text,
    n_cells_text,
    next_steps,
    stretch_text,
    wait_text_of,
)
from hanolab_dawtools.presenters.wording import credits_text

if TYPE_CHECKING:
    from hanolab_dawtools.cli.console import Screen
    from hanolab_dawtools.workflows.batch.model import BatchReport, CellReport

MOST_TROUBLES = 10  # kinds of failures
MOST_TITLES = 3  # of cells that failed in the same way
MOST_PROJECTS = 6
MOST_WARNINGS = 6


def print_batch(screen: Screen, report: BatchReport) -> None:
    """Tell all that a user wants to know of a batch that nobody works on any more."""
    by_phase: dict[CellPhase, list[CellReport]] = {phase: [] for phase in CellPhase}
    for one in report.cells:
        by_phase[last_phase_of(one)].append(one)
    done = by_phase[CellPhase.DONE]
    for phase in (CellPhase.FAILED, CellPhase.UNSURE, CellPhase.HELD):
        _print_trouble(screen, phase, by_phase[phase])
    _print_waiting(screen, by_phase[CellPhase.WAITING])
    _print_places(screen, done)
    _print_warnings(screen, done)
    counts = [f"{len(done):,} of {n_cells_text(len(report.cells))} done"]
    if n_cached := sum(map(is_cached, done)):
        counts[0] += f" ({n_cached:,} from the cache)"
    others = (
        CellPhase.FAILED,
        CellPhase.UNSURE,
        CellPhase.HELD,
        CellPhase.WAITING,
        CellPhase.STOPPED,
    )
    counts += [f"{len(by_phase[phase]):,} {phase.value}" for phase in others if by_phase[phase]]
    screen.say(f"cells      {', '.join(counts)}")
    _print_paid(screen, report.cells)
    _print_time(screen, report, done)
    screen.say(f"batch      {report.batch_id}")
    for line in next_steps(report.batch_id, report.cells):
        screen.notice(line)


def _print_trouble(screen: Screen, phase: CellPhase, reports: Sequence[CellReport]) -> None:
    """Cells that ended badly, by what each ended with."""
    groups: dict[tuple[str, str], list[CellReport]] = {}
    for report in reports:
        kind = (_alike(report.message, report), _alike(report.hint, report))
        groups.setdefault(kind, []).append(report)
    for group in list(groups.values())[:MOST_TROUBLES]:
        titles = [f"{one.number} {one.title}" for one in group[:MOST_TITLES]]
        more = f", and {len(group) - len(titles):,} more" if len(group) > len(titles) else ""
        name = f"{phase.value}: {'; '.join(titles)}{more}"
        screen.error(HanolabError(group[0].message, hint=group[0].hint), name=name)
    if rest := list(groups.values())[MOST_TROUBLES:]:
        screen.error(HanolabError(f"{phase.value} otherwise: {n_cells_text(sum(map(len, rest)))}"))


def _alike(text: str, report: CellReport) -> str:
    """A sentence without what names its cell."""
    for name in filter(None, (report.facts.get("task_id"), report.job_id)):
        text = text.replace(str(name), "")
    return text


def _print_waiting(screen: Screen, reports: Sequence[CellReport]) -> None:
    if not reports:
        return
    first = min(reports, key=lambda one: one.wait_until or 0.0)
    why = f" ({first.message})" if first.message else ""
    screen.say(f"waiting    {n_cells_text(len(reports))}, {wait_text_of(first)}{why}")


def _print_places(screen: Screen, done: Sequence[CellReport]) -> None:
    """Projects that were written, and where files lie."""
    projects = Counter(str(one.facts["project"]) for one in done if one.facts.get("project"))
    for project, n in list(projects.items())[:MOST_PROJECTS]:
        screen.say(f"project    {project}: {n_cells_text(n)}")
    if len(projects) > MOST_PROJECTS:
        screen.say(f"           and {len(projects) - MOST_PROJECTS:,} more projects")
    files = [path for one in done if not one.facts.get("project") for path in one.files]
    if files:
        folders = {str(path.parent) for path in files}
        within = f" in {len(folders):,} folders" if len(folders) > 1 else ""
        screen.say(f"files      {_common(folders)}: {len(files):,}{within}")
    urls = [url for one in done for url in one.urls]
    if urls:
        scheme = urls[0].partition("://")[0]
        folders = {url.partition("://")[2].rpartition("/")[0] for url in urls}
        screen.say(f"files      {scheme}://{posixpath.commonpath(folders)}: {len(urls):,}")


def _common(folders: Iterable[str]) -> str:
    """The folder that holds all of these; on several drives, the first."""
    every = sorted(folders)
    try:
        return os.path.commonpath(every)
    except ValueError:
        return every[0]


def _print_warnings(screen: Screen, done: Sequence[CellReport]) -> None:
    warnings = Counter(text for one in done for text in one.facts.get("warnings") or ())
    for text, n in list(warnings.items())[:MOST_WARNINGS]:
        screen.warn(text if n == 1 else f"{text} ({n:,} times)")
    if len(warnings) > MOST_WARNINGS:
        screen.warn(f"and {len(warnings) - MOST_WARNINGS:,} more; see them with --json")


def _print_paid(screen: Screen, reports: Sequence[CellReport]) -> None:
    known = sum(one.credits or 0.0 for one in reports)
    unknown = [one for one in reports if one.credits is None]
    n_unsure = sum(last_phase_of(one) is CellPhase.UNSURE for one in unknown)
    text = credits_text(known)
    if n_unknown := len(unknown) - n_unsure:
        text += f", and {n_unknown:,} of unknown price"
    if n_unsure:
        text += f", perhaps more for {n_unsure:,} unsure"
    if known or unknown:
        screen.say(f"paid       {text}")


def _print_time(screen: Screen, report: BatchReport, done: Sequence[CellReport]) -> None:
    elapsed_seconds = report.elapsed_seconds
    text = stretch_text(elapsed_seconds) if elapsed_seconds >= 60 else f"{elapsed_seconds:.1f} s"
    worked = [one for one in done if one.elapsed_seconds and not is_cached(one)]  # in this run
    seconds = sum(float(one.facts.get("seconds", 0.0)) for one in worked)
    if seconds and elapsed_seconds > 0:
        text += f", {figure_text(seconds / elapsed_seconds)} s of audio per second"
    screen.say(f"took       {text}")
