"""Batches in REAPER: selected tracks x selected regions, placed together, told without a flood.

Only what ended badly has a line of its own in the console; how far it is, stands at the mouse.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.cli.batch_paid import agree_to_cells
from hanolab_dawtools.cli.batch_results import print_batch
from hanolab_dawtools.cli.batch_running import exit_code_of
from hanolab_dawtools.cli.reaper_presets import Memory, last_or_chosen_preset
from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.presenters.batch_progress import BatchProgress, CellPhase, last_phase_of
from hanolab_dawtools.presenters.batch_words import counts_text, left_text, n_cells_text
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.presenters.wording import length_text
from hanolab_dawtools.workflows.resuming import runs_elsewhere

if TYPE_CHECKING:
    from hanolab_dawtools.cli.reaper_runs import Action
    from hanolab_dawtools.cli.reaper_screen import ReaperScreen
    from hanolab_dawtools.presets.schema import Preset
    from hanolab_dawtools.workflows.batch.model import BatchAsked, BatchReport, CellReport, Matrix

SOURCE = "reaper"
PAUSE_SECONDS = 3.0  # between two lines at the mouse
_BAD = {CellPhase.FAILED, CellPhase.UNSURE}


def batch_render(action: Action) -> None:
    """Apply the last preset to each selected track alone, over the selected regions.

    Raises
    ------
    SelectionError
        No track is selected.
    SystemExit
        A cell is not done, and all was told.
    """
    _refuse_without_tracks(action)
    preset = last_or_chosen_preset(action.session, action.screen, action.teller)
    screen, session = action.screen, action.session
    screen.tooltip(f"looks at the selection, for {preset.name!r}")
    asked = _asked(preset)
    matrix = session.services.batching.plan(asked, stop=session.stop)
    Memory(action.teller).remember(preset)
    _tell_left_out(screen, matrix)
    if not matrix.to_run:
        done = f"all {n_cells_text(len(matrix.cells))} are done already"
        screen.say(f"HanoLab: {done}; hanolab batch reaper --again does them anew")
        screen.tooltip(done)
        return
    agree_to_cells(session, matrix, yes=False)
    _ensure_weights(action, matrix)
    batch = session.services.batching.create(asked, matrix)
    n_tracks = len({cell.track for cell in matrix.to_run})
    beginning = (
        f"{preset.name}: {n_cells_text(len(matrix.to_run))} on {n_tracks} "
        f"track{'s' * (n_tracks != 1)}; {length_text(matrix.seconds)}"
    )
    screen.tooltip(beginning)
    screen.say(f"\nHanoLab: {beginning} (batch {batch.id})")
    code = go_on_with(action, batch.id)
    if code:
        sys.exit(code)


def go_on_with(action: Action, batch_id: str, only: Collection[str] | None = None) -> int:
    """Run a stored batch, or some of its cells alone, and tell what came of it: the exit code.

    Raises
    ------
    HanolabError
        It could not be begun.
    """
    from hanolab_dawtools.workflows.batch.model import BatchOptions

    session, screen = action.session, action.screen
    with screen.progress():  # tells what no question has told
        listener = _Listener(screen)
        report = session.services.batching.run(
            batch_id, BatchOptions(), stop=session.stop, listener=listener, only=only
        )
    print_batch(screen, report)
    is_stopped = session.stop.is_set()
    if is_stopped and any(map(runs_elsewhere, session.services.store.batches.cells(batch_id))):
        screen.notice(GOES_ON_THERE)
    screen.tell_notices()
    screen.tooltip(_summary(report, only))
    return exit_code_of(report, is_stopped=is_stopped) if only is None else 0


def _refuse_without_tracks(action: Action) -> None:
    live = action.session.services.hosts.running_reaper(Path(SOURCE)).timeline()
    if not live.selected_track_ids:
        raise SelectionError(
            "no track is selected, and each selected one would become a job",
            hint="Select the tracks, and regions or a time selection, and run the action again.",
        )


def _asked(preset: Preset) -> BatchAsked:
    from hanolab_dawtools.model import Grouping
    from hanolab_dawtools.workflows.batch.model import BatchAsked

    return BatchAsked(sources=(SOURCE,), presets=(preset.name,), grouping=Grouping.TRACK)


def _tell_left_out(screen: ReaperScreen, matrix: Matrix) -> None:
    from hanolab_dawtools.cli.batch_dry_run import show_engines, show_left_out

    show_left_out(screen, matrix)
    if matrix.to_run:
        show_engines(screen, matrix)


def _ensure_weights(action: Action, matrix: Matrix) -> None:
    from hanolab_dawtools.cli.batch import ensure_weights_for

    ensure_weights_for(action.session, matrix, yes=False)


def _summary(report: BatchReport, only: Collection[str] | None) -> str:
    """How many cells are done, in one line at the mouse."""
    cells = [cell for cell in report.cells if only is None or cell.job_id in only]
    phases = [last_phase_of(cell) for cell in cells]
    text = f"{phases.count(CellPhase.DONE):,} of {n_cells_text(len(cells))} done"
    bad = sum(phase in _BAD for phase in phases)
    return f"{text}, {bad:,} failed: see the console" if bad else text


class _Listener:
    """Shows a batch in REAPER; called from the threads that do the work."""

    def __init__(self, screen: ReaperScreen, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._clock = clock
        self._progress = BatchProgress()
        self._lock = threading.Lock()
        self._shown = clock()

    def changed(self, report: CellReport) -> None:
        """A cell is in another state, or further."""
        self._progress.take(report)
        with self._lock:
            if self._clock() - self._shown < PAUSE_SECONDS:
                return
            self._shown = self._clock()
            view = self._progress.view()
            self._screen.tooltip("; ".join(filter(None, (counts_text(view), left_text(view)))))

    def noted(self, sentence: str) -> None:
        """Something that concerns more than one cell."""
        with self._lock:
            self._screen.note(f"HanoLab: {sentence}")
