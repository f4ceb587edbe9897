"""A batch in a user's words: what it will do, how it stands, what came of it; for every surface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from hanolab_dawtools.model import HostName
from hanolab_dawtools.presenters.batch_progress import BatchView, CellPhase, last_phase_of
from hanolab_dawtools.presenters.job_words import ENGINE_NAMES
from hanolab_dawtools.presenters.wording import credits_text
from hanolab_dawtools.workflows.batch.model import Cell, CellReport, Forecast, Matrix
from hanolab_dawtools.workflows.plan import RunPlan

FORECASTS = {
    Forecast.NEW: "to do",
    Forecast.CACHED: "from the cache",
    Forecast.DONE: "done already",
}

# Phases in the order in which they are told, each with its word for a count.
_COUNTED = (
    (CellPhase.DONE, "done"),
    (CellPhase.READY, "ready to place"),
    (CellPhase.RUNNING, "running"),
    (CellPhase.WAITING, "waiting for a slot"),
    (CellPhase.FAILED, "failed"),
    (CellPhase.UNSURE, "unsure"),
    (CellPhase.HELD, "held"),
    (CellPhase.STOPPED, "stopped"),
    (CellPhase.QUEUED, "to go"),
)


def n_cells_text(n_cells: int) -> str:
    """How many cells, with a thousands separator."""
    return f"{n_cells:,} cell{'' if n_cells == 1 else 's'}"


def done_already_text(matrix: Matrix) -> str:
    """That nothing is left to do, and how to have it done anew all the same."""
    are = "is" if len(matrix.cells) == 1 else "are"
    done = f"{n_cells_text(len(matrix.cells))} {are} done already"
    if any(_mutes_its_source(cell.plan) for cell in matrix.cells):
        return f"{done}; to do it anew, take it back first: hanolab jobs undo"
    return f"{done}; --again does it anew."


def _mutes_its_source(plan: RunPlan) -> bool:
    is_file = bool(plan.deliver_to) or plan.folder is not None or plan.destination is not None
    in_project = plan.selection.host in {HostName.RPP, HostName.REAPER}
    return in_project and not is_file and not plan.keep_source


def counts_text(view: BatchView) -> str:
    """How many cells stand how, those in no phase left out."""
    parts = []
    for phase, word in _COUNTED:
        if n := view.count(phase):
            cached = phase is CellPhase.DONE and view.n_cached
            parts.append(
                f"{n:,} {word}" + (f" ({view.n_cached:,} from the cache)" if cached else "")
            )
    return ", ".join(parts)


def pace_text(view: BatchView) -> str:
    """How quick it is; empty while nobody can tell."""
    if not view.pace:
        return ""
    return (
        f"{figure_text(view.pace)} s of audio per second, "
        f"{figure_text(view.cells_per_minute)} cells per minute"
    )


def figure_text(value: float) -> str:
    """A figure with three digits that count, written out."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def stretch_text(seconds: float) -> str:
    """A stretch of time in its two largest units, as exact as an estimate is."""
    if round(seconds) < 60:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"
    minutes = max(round(seconds / 60), 1)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def left_text(view: BatchView) -> str:
    """How long the rest will take, apart from waiting; empty while nobody can tell."""
    return "" if view.left_seconds is None else f"about {stretch_text(view.left_seconds)} left"


def slots_text(view: BatchView) -> str:
    """How many cells wait for a slot, and until when; empty when none does."""
    n = view.count(CellPhase.WAITING)
    if not n:
        return ""
    when = (
        "when there is room" if view.next_slot_at is None else f"at {clock_text(view.next_slot_at)}"
    )
    return f"{n_cells_text(n)} wait{'s' * (n == 1)} for a slot; the next opens {when}"


def clock_text(at: float) -> str:
    """A moment, in seconds since 1970, on the user's clock; with the day if it is not today."""
    moment = datetime.fromtimestamp(at).astimezone()
    is_today = moment.date() == datetime.now().astimezone().date()
    return f"{moment:%H:%M:%S}" if is_today else f"{moment:%Y-%m-%d %H:%M}"


def spent_line(view: BatchView) -> str:
    """What the cells cost so far; empty when nothing."""
    if not view.credits and not view.has_unknown_price:
        return ""
    known = credits_text(view.credits)
    return f"{known} and more of unknown price" if view.has_unknown_price else known


def engine_of(plan: RunPlan) -> str:
    """Who works for a cell, with its parts."""
    from hanolab_dawtools.workflows.parts import leaves

    names = dict.fromkeys(run.engine for run in leaves(plan))
    return " + ".join(ENGINE_NAMES.get(name, name) for name in names)


def credits_of(cell: Cell) -> str:
    """What a cell costs, in a table."""
    if cell.forecast is not Forecast.NEW or cell.quote.credits == 0:
        return "free"
    return "?" if cell.quote.credits is None else f"{cell.quote.credits:g}"


def output_of(plan: RunPlan) -> str:
    """Where what comes of a cell goes."""
    selection = plan.selection
    if plan.deliver_to:
        return plan.deliver_to
    if plan.folder is not None:
        return str(plan.folder)
    if plan.destination is not None:
        return str(plan.destination)
    if selection.host is HostName.REAPER:
        return "into REAPER"
    if selection.host is HostName.RPP:
        return f"into {selection.source.name}"
    return f"beside {selection.source.name}"


def wait_text_of(report: CellReport) -> str:
    """Until when a cell waits."""
    if report.wait_until is None:
        return "until there is room"
    return f"until {clock_text(report.wait_until)}"


def state_of_batch(reports: Sequence[CellReport]) -> str:
    """How a batch stands that nobody works on: the worst of its cells decides.

    Returns
    -------
    str
        "done", "stopped", "failed", "held", "unsure" or "waiting".
    """
    phases = {last_phase_of(report) for report in reports}
    for phase in (
        CellPhase.STOPPED,
        CellPhase.FAILED,
        CellPhase.HELD,
        CellPhase.UNSURE,
        CellPhase.WAITING,
    ):
        if phase in phases:
            return phase.value
    return CellPhase.DONE.value


def next_steps(batch_id: str, reports: Iterable[CellReport]) -> list[str]:
    """What a user can do for the cells that are not done, one line for each kind."""
    cells = list(reports)
    phases = {last_phase_of(report) for report in cells}
    lines = []
    if CellPhase.UNSURE in phases:
        lines.append(
            "Nobody here knows whether HanoLab accepted the unsure ones; settle each with: "
            "hanolab jobs resolve CELL"
        )
    if CellPhase.HELD in phases:
        lines.append("Held cells were not sent: mend what stopped paid work first.")
    open_ones = {CellPhase.STOPPED, CellPhase.HELD, CellPhase.WAITING}
    if any(last_phase_of(one) in open_ones and not one.facts.get("is_abandoned") for one in cells):
        lines.append(f"Go on with: hanolab jobs resume {batch_id}")
    if CellPhase.FAILED in phases:
        lines.append(f"Try the failed ones again: hanolab jobs resume {batch_id} --only-failed")
    return lines
