"""A command's screen inside REAPER: tooltips at the mouse, REAPER's console, a box for questions.

What is told goes quietly into the console; errors and what the user asked to see open it. Notices
are gathered for the question they belong to, so that there is one box.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.reaper_teller import Teller
from hanolab_dawtools.errors import HanolabError, JobCancelled
from hanolab_dawtools.events import Progress, ProgressCallback
from hanolab_dawtools.presenters.wording import speed_text

HEAD_LINES, TAIL_LINES = 8, 14  # of a box: the sum, the account and what is sent are at its end
RESUME = "hanolab jobs resume"
RESUME_IN_REAPER = (
    "In REAPER: the action HanoLab_import_results_of_finished_jobs.py goes on with it."
)


class ReaperScreen(Screen):
    """The `Screen` of a command that an action in REAPER has started.

    Attributes
    ----------
    reports
        What came of each job, as `results.report_of`.
    """

    asks_apart = True

    def __init__(self, teller: Teller) -> None:
        super().__init__()
        self.reports: list[dict[str, Any]] = []
        self._teller = teller
        self._notices: list[str] = []
        self._must_be_read = False

    def show(self, text: str) -> None:
        """Open the console with a line that the user asked for."""
        self._teller.console(text)

    def tooltip(self, text: str) -> None:
        """Show a line at the mouse."""
        self._teller.tooltip(f"HanoLab: {text}")

    def say(self, text: str) -> None:
        """Add a line of the result to the console."""
        self._teller.quiet_console(text)

    def note(self, text: str, *, style: str = "") -> None:  # noqa: ARG002 - as on a terminal
        """Add a line to the console."""
        self._teller.quiet_console(text)

    def notice(self, text: str) -> None:
        """Keep a line for the question that follows."""
        self._notices.append(text)

    def consent(self, text: str) -> None:
        """Keep a text for the question that follows; without one it has a box of its own."""
        self._notices.append(f"\n{text}")
        self._must_be_read = True

    def warn(self, text: str) -> None:
        """Add a warning to the console."""
        self._teller.quiet_console(f"warning: {text}")

    def error(self, error: HanolabError, *, name: str = "") -> None:
        """Open the console with an error and its hint; a refusal by the user opens nothing."""
        self.tell_notices()
        where = f"{name}: " if name else ""
        lines = [f"HanoLab: {where}{error}"]
        lines += [f"  {line.strip()}" for line in error.hint.splitlines()]
        if RESUME in error.hint:
            lines.append(f"  {RESUME_IN_REAPER}")
        text = "\n".join(lines)
        if isinstance(error, JobCancelled):
            self._teller.quiet_console(text)
            self._teller.tooltip(lines[0])
        else:
            self._teller.console(text)

    def table(
        self,
        headings: list[str],  # noqa: ARG002 - a console has no columns
        rows: list[list[str]],
        *,
        below: tuple[str, str] | None = None,  # noqa: ARG002
    ) -> None:
        """Add the rows of a table to the console."""
        for row in rows:
            self._teller.quiet_console("  ".join(" ".join(cell.split()) for cell in row))

    def document(self, value: Any) -> None:
        """Keep what came of jobs."""
        self.reports += value.get("jobs", ())

    @property
    def can_ask(self) -> bool:
        """Somebody has just run an action."""
        return True

    def confirm(self, question: str, *, yes: bool) -> bool:
        """Ask in a box that holds the notices as well.

        Raises
        ------
        HostError
            REAPER is gone, so nobody can answer.
        """
        if yes:
            return True
        text = "\n".join([*self._shortened(self._notices), "", question]).strip()
        self._notices.clear()
        self._must_be_read = False
        return self._teller.ask(text, "yes_no") == "yes"

    def prompt(self, caption: str) -> str:
        """Ask for a line of text; raises as `confirm`.

        Raises
        ------
        JobCancelled
            The box was closed.
        """
        answer = self._teller.prompt(caption)
        if answer is None:
            raise JobCancelled("nothing was chosen")
        return answer.strip()

    @contextmanager
    def progress(self) -> Iterator[ProgressCallback]:
        """A callback that shows progress at the mouse while the block runs."""
        self.tell_notices()
        yield _Tooltips(self.tooltip).show

    def tell_notices(self) -> None:
        """Tell the notices that no question has told."""
        notices, self._notices = "\n".join(self._notices).strip(), []
        must_be_read, self._must_be_read = self._must_be_read, False
        if must_be_read:
            self._teller.ask(notices, "ok")
        elif notices:
            self._teller.quiet_console(notices)

    def _shortened(self, lines: list[str]) -> list[str]:
        """Lines that fit into a box, its end included; all of them are in the console then."""
        if len(lines) <= HEAD_LINES + TAIL_LINES:
            return lines
        self._teller.quiet_console("\n".join(lines))
        n_left = len(lines) - HEAD_LINES - TAIL_LINES
        return [
            *lines[:HEAD_LINES],
            f"... and {n_left} more lines, in the console",
            *lines[-TAIL_LINES:],
        ]


class _Tooltips:
    """A line when the work begins, and at most one in a few seconds while it lasts."""

    PAUSE_SECONDS = 3.0

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._step = ""
        self._started = 0.0
        self._shown = time.monotonic()

    def show(self, report: Progress) -> None:
        """Take one report."""
        now = time.monotonic()
        if report.step != self._step:
            self._step, self._started = report.step, now
        if now - self._shown < self.PAUSE_SECONDS:
            return
        self._shown = now
        share = "" if report.fraction is None else f" {report.fraction:.0%}"
        speed = speed_text(report.audio_seconds, now - self._started)
        self._show(f"{report.step}{share} {speed}".rstrip())
