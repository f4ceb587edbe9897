"""What a command prints: results on stdout, everything else on stderr.

On a terminal progress is a live bar, elsewhere plain lines. With --json stdout holds one JSON
document and nothing else.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from hanolab_dawtools.cli.answers import read_line
from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Progress as Report
from hanolab_dawtools.events import ProgressCallback
from hanolab_dawtools.presenters.wording import speed_text


class Screen:
    """The two streams of a command, and how much it says.

    `asks_apart`: a question stands in a window of its own, so all that matters must be in it.
    `tells_stop`: a line says that the work is being stopped; not while a live table says so.
    """

    asks_apart = False

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.tells_stop = not quiet
        self.out = Console(soft_wrap=True, highlight=False)
        self.err = Console(stderr=True, soft_wrap=True, highlight=False)

    def say(self, text: str) -> None:
        """Print a line of the result, as it is: no markup. Nothing with --json."""
        if not self.as_json:
            self.out.print(Text(text))

    def note(self, text: str, *, style: str = "") -> None:
        """Print a line that is no result (stderr). Nothing with --quiet."""
        if not self.quiet:
            self.err.print(Text(text, style=style))

    def notice(self, text: str) -> None:
        """Print what must be seen before a question is answered (stderr), also with --quiet."""
        self.err.print(Text(text))

    def consent(self, text: str) -> None:
        """Print what must have been read before the work begins; else as `notice`."""
        self.notice(text)

    def warn(self, text: str) -> None:
        """Print a warning (stderr), also with --quiet."""
        self.err.print(Text(f"warning: {text}", style="yellow"))

    def error(self, error: HanolabError, *, name: str = "") -> None:
        """Print an error and its hint, behind the name of what it happened to."""
        where = f"{name}: " if name else ""
        self.err.print(Text(f"error: {where}{error}", style="bold red"))
        if error.hint:
            self.err.print(Text(f"  {error.hint}"))

    def table(
        self, headings: list[str], rows: list[list[str]], *, below: tuple[str, str] | None = None
    ) -> None:
        """Print a table; on a pipe, columns divided by tabs, ready for other programs.

        `below`: on a terminal, the cells of the first of these columns stand under those of the
        second, because there are too many columns for its width.
        """
        if self.as_json:
            return
        if not self.out.is_terminal:
            for row in rows:
                cells = (" ".join(cell.split()) for cell in row)  # names may hold tabs and ends
                sys.stdout.write("\t".join(cells) + "\n")  # rich would turn tabs into spaces
            return
        if below is not None:
            headings, rows = _stacked(headings, rows, below)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell) for cell in row))
        self.out.print(table)

    def document(self, value: Any) -> None:
        """Print the one JSON document of a command with --json.

        JSON has no infinity and no NaN: they become null.
        """
        if self.as_json:
            text = json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()  # a command may go on after it

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return sys.stdin.isatty() and self.err.is_terminal

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Ask a yes-or-no question. True with --yes; False when there is nobody to ask."""
        if yes:
            return True
        if not self.can_ask:
            return False
        return read_line(f"{question} [y/N] ").lower() in {"y", "yes"}

    @property
    def is_live(self) -> bool:
        """Whether what is shown while work goes on can be drawn over."""
        return not self.quiet and self.err.is_terminal and not self.err.is_dumb_terminal

    @contextmanager
    def progress(self) -> Iterator[ProgressCallback]:
        """A callback that shows progress while the block runs."""
        if self.quiet:
            yield lambda _: None
        elif self.is_live:
            with _LiveBar(self.err) as bar:
                yield bar.show
        else:
            yield _PlainLines(self.err).show


def _stacked(
    headings: list[str], rows: list[list[str]], below: tuple[str, str]
) -> tuple[list[str], list[list[str]]]:
    """A table without one column, whose cells stand under those of another; "-" is left out."""
    lower, upper = map(headings.index, below)
    stacked = []
    for row in rows:
        cells = list(row)
        if cells[lower] != "-":
            cells[upper] = f"{cells[upper]}\n{cells[lower]}"
        del cells[lower]
        stacked.append(cells)
    return [heading for heading in headings if heading != below[0]], stacked


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def error_document(error: HanolabError) -> dict[str, Any]:
    """An error as JSON values."""
    return {
        "message": str(error),
        "hint": error.hint,
        "kind": type(error).__name__,
        "exit_code": error.exit_code,
    }


class _LiveBar:
    """One bar for the step at hand."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None, speed="")
        self._step = ""
        self._started = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, report: Report) -> None:
        """Take one report; called on the thread that does the work."""
        if report.step != self._step:
            self._step, self._started = report.step, time.monotonic()
            self._bar.reset(self._task, description=escape(report.step), total=None, speed="")
        if report.fraction is not None:
            self._bar.update(
                self._task,
                total=1.0,
                completed=report.fraction,
                speed=speed_text(report.audio_seconds, time.monotonic() - self._started),
            )


class _PlainLines:
    """A line when a step begins, and at most one in a few seconds while it lasts."""

    PAUSE_SECONDS = 3.0

    def __init__(self, console: Console) -> None:
        self._console = console
        self._step = ""
        self._started = 0.0
        self._printed = 0.0

    def show(self, report: Report) -> None:
        """Take one report."""
        now = time.monotonic()
        if report.step != self._step:
            self._step, self._started, self._printed = report.step, now, now
            self._console.print(Text(report.step))
        elif report.fraction is not None and now - self._printed >= self.PAUSE_SECONDS:
            self._printed = now
            speed = speed_text(report.audio_seconds, now - self._started)
            self._console.print(Text(f"{report.step}: {report.fraction:.0%} {speed}".rstrip()))
