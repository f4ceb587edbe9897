"""What is seen of a batch while it runs: a live table on a terminal, else a line for each event.

The table never outgrows the terminal: what does not fit is counted. It is drawn by a thread of its
own, from a view of the batch; reports come from the threads that do the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.presenters.batch_progress import BatchProgress, BatchView, CellPhase
from hanolab_dawtools.presenters.batch_words import (
    counts_text,
    left_text,
    n_cells_text,
    pace_text,
    slots_text,
    spent_line,
    stretch_text,
)
from hanolab_dawtools.presenters.wording import percent_text

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.batch.model import CellReport

MOST_RUNNING = 16  # rows; there are rarely more workers on one machine
MOST_FAILURES = 6
NARROW_COLUMNS = 96  # below, the running cells have neither bars nor workers
BAR_COLUMNS = 12
REFRESHES_PER_SECOND = 4
# What a line is printed for; thousands may be held or stopped at once, and are counted.
_TOLD = frozenset({CellPhase.DONE, CellPhase.FAILED, CellPhase.UNSURE, CellPhase.WAITING})
PAUSE_SECONDS = 30.0  # between two lines of totals, where there is no terminal


class BatchTable:
    """Draws a batch; a rich renderable that fits itself into the terminal."""

    def __init__(self, batch_id: str, read: Callable[[], BatchView], stop: threading.Event) -> None:
        self._batch_id = batch_id
        self._read = read
        self._stop = stop

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table as it is now."""
        view, width = self._read(), options.max_width
        yield from self._head(view, width)
        rows = max(options.size.height - 9, 2)  # what stands above, and a line to spare
        n_failures = min(len(view.failures), MOST_FAILURES, max(rows // 3, 1))
        running = self._running(view, width, max(rows - 2 * n_failures, 1))
        if running is not None:
            yield running
        yield from self._failures(view, width, n_failures)

    def _head(self, view: BatchView, width: int) -> Iterator[Text | Table]:
        if not view.n_cells:  # nothing was told yet
            yield _line(f"batch {self._batch_id}  beginning", width, style="bold")
            return
        ended = f"{view.n_ended:,} of {n_cells_text(view.n_cells)}"
        words = [
            f"batch {self._batch_id}  {ended}",
            percent_text(view.fraction),
            stretch_text(view.elapsed_seconds),
        ]
        if self._stop.is_set():
            words.append("stopping; press Ctrl-C again to leave at once")
        elif left := left_text(view):
            words.append(left)
        yield _line("  ".join(words), width, style="bold")
        bar = Table.grid(expand=True)
        bar.add_column()
        bar.add_row(ProgressBar(total=1.0, completed=view.fraction))
        yield bar
        # The screen lets the terminal break lines, whose number must be known here.
        yield Text(counts_text(view), no_wrap=False, overflow="fold")
        for text in (pace_text(view), slots_text(view)):
            if text:
                yield _line(text, width)
        if spent := spent_line(view):
            yield _line(f"spent {spent}", width)

    def _running(self, view: BatchView, width: int, rows: int) -> Table | None:
        if not view.running:
            return None
        is_wide = width >= NARROW_COLUMNS
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, ratio=1)
        table.add_column(no_wrap=True)
        if is_wide:
            table.add_column(no_wrap=True, width=BAR_COLUMNS)
            table.add_column(no_wrap=True)
        shown = view.running[: min(rows, MOST_RUNNING)]
        for report in shown:
            percent = "" if report.fraction is None else f" {report.fraction:.0%}"
            step = f"{report.step or report.state}{percent}"
            room = max(width - (60 if is_wide else 32), 12)
            row: list[Text | ProgressBar] = [
                Text(str(report.number)),
                Text(shortened(report.title, room)),
                Text(shortened(step, 24)),
            ]
            if is_wide:
                row += [_bar(report), Text(shortened(report.worker, 14))]
            table.add_row(*row)
        if more := len(view.running) - len(shown):
            table.add_row(Text(""), Text(f"and {more:,} more running"))
        return table

    def _failures(self, view: BatchView, width: int, most: int) -> Iterator[Text]:
        for report in view.failures[len(view.failures) - most :]:
            what = "unsure" if report.state == CellPhase.UNSURE.value else "failed"
            title = shortened(report.title, max(width // 2, 16))
            text = f"{what} {report.number} {title}: {report.message}"
            yield _line(text, width, style="red")
        if more := len(view.failures) - most:
            yield _line(f"and {more:,} that failed before", width, style="red")


def shortened(text: str, columns: int) -> str:
    """A text that takes no more columns of a terminal, its middle left out where it must be.

    Letters of two columns (Chinese, Japanese, Korean) count as two.
    """
    text = " ".join(text.split())
    if cell_len(text) <= columns:
        return text
    head = (columns - 1) // 2
    tail = columns - 1 - head
    begin = chop_cells(text, head)[0] if head > 1 else ""
    end = chop_cells(text[::-1], tail)[0][::-1] if tail > 1 else ""
    return f"{begin}…{end}"


def _line(text: str, width: int, *, style: str = "") -> Text:
    line = Text(" ".join(text.split(" ")), style=style, no_wrap=True, overflow="ellipsis")
    line.truncate(width, overflow="ellipsis")
    return line


def _bar(report: CellReport) -> ProgressBar:
    if report.fraction is None:
        return ProgressBar(pulse=True, width=BAR_COLUMNS)
    return ProgressBar(total=1.0, completed=report.fraction, width=BAR_COLUMNS)


class BatchShow:
    """Takes what a batch tells and shows it; a `BatchListener`."""

    def __init__(self, screen: Screen, progress: BatchProgress) -> None:
        self._screen = screen
        self._progress = progress
        self._printed = time.monotonic()
        self._told: set[str] = set()
        self._waiting: set[int] = set()
        self._lock = threading.Lock()
        self.is_live = False

    def changed(self, report: CellReport) -> None:
        """A cell came further; called on the thread that does its work."""
        phase = self._progress.take(report)
        if phase is None or self._screen.quiet:
            return
        if not self.is_live:
            self._tell(report, phase)

    def noted(self, sentence: str) -> None:
        """Something is to be told of the batch as a whole."""
        self._screen.note(sentence)

    def _tell(self, report: CellReport, phase: CellPhase) -> None:
        """A line for a cell that ended, and now and then one for all."""
        view = None
        with self._lock:
            if time.monotonic() - self._printed >= PAUSE_SECONDS:
                self._printed = time.monotonic()
                view = self._progress.view()
        if phase in _TOLD and not self._waited_before(report, phase):
            self._screen.note(f"{phase.value:<8}{report.number}  {self._what(report)}")
        if view is not None:
            words = (counts_text(view), pace_text(view), left_text(view), slots_text(view))
            self._screen.note("; ".join(filter(None, words)))

    def _waited_before(self, report: CellReport, phase: CellPhase) -> bool:
        """Whether a cell waits again for a slot that was not free when it asked."""
        if phase is not CellPhase.WAITING:
            return False
        waited = report.number in self._waiting
        self._waiting.add(report.number)
        return waited

    def _what(self, report: CellReport) -> str:
        title = report.title
        if report.message and report.message not in self._told:
            self._told.add(report.message)  # what fails one cell may fail a thousand others
            return f"{title}: {report.message}"
        if report.wait_until is not None:
            from hanolab_dawtools.presenters.batch_words import wait_text_of

            return f"{title} ({wait_text_of(report)})"
        return title


@contextmanager
def shown_batch(
    screen: Screen, batch_id: str, progress: BatchProgress, stop: threading.Event
) -> Iterator[BatchShow]:
    """Show a batch while the block runs it."""
    show = BatchShow(screen, progress)
    if not screen.is_live:
        yield show
        return
    table = BatchTable(batch_id, progress.view, stop)
    show.is_live, screen.tells_stop = True, False
    live = Live(table, console=screen.err, transient=True, refresh_per_second=REFRESHES_PER_SECOND)
    try:
        with live:
            yield show
    finally:
        screen.tells_stop = True
