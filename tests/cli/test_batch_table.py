"""The live table and the plain lines of a batch, drawn for terminals of many sizes."""

from __future__ import annotations

import io
import threading

import pytest
from fakes.batch_reports import cell, report
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from hanolab_dawtools.cli import batch_table
from hanolab_dawtools.cli.batch_dry_run import MOST_ROWS, show_matrix
from hanolab_dawtools.cli.batch_table import BatchTable, shortened, shown_batch
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.presenters.batch_progress import BatchProgress
from hanolab_dawtools.workflows.batch.model import LeftOut, Matrix

NAMES = (
    "Vox Lead",
    "日本語のボーカル",
    "Señor Übung 🎸",
    "e\u0301 [red]no markup[/red]",
    "x" * 300,
)


def busy_batch(n_cells: int = 200) -> BatchProgress:
    progress = BatchProgress()
    for number in range(1, n_cells + 1):
        title = f"song · Verse {number} · {NAMES[number % len(NAMES)]}"
        state = ("queued", "running", "failed", "done", "waiting", "unsure")[number % 6]
        message = "the source is gone: " + "/a/long/path" * 12 if state == "failed" else ""
        fraction = number / n_cells if number % 4 else None
        progress.take(
            report(number, state, title=title, message=message, fraction=fraction, step="aligning")
        )
    return progress


def drawn(progress: BatchProgress, width: int, height: int, *, stops: bool = False) -> list[str]:
    console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None
    )
    stop = threading.Event()
    if stops:
        stop.set()
    table = BatchTable("b7", progress.view, stop)
    lines = console.render_lines(table, console.options.update(height=None), pad=False)
    return ["".join(piece.text for piece in line) for line in lines]


@pytest.mark.parametrize("width", [20, 40, 80, 100, 200])
@pytest.mark.parametrize("height", [15, 24, 60])
def test_the_table_fits_into_the_terminal(width: int, height: int) -> None:
    lines = drawn(busy_batch(), width, height)
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= height or (width == 20 and height == 15)


def test_the_table_says_what_matters_and_counts_what_does_not_fit() -> None:
    text = "\n".join(drawn(busy_batch(), 120, 24))
    assert "batch b7  100 of 200 cells  50 %" in text
    assert "33 done, 34 running, 33 waiting for a slot, 34 failed, 33 unsure, 33 to go" in text
    assert "more running" in text
    assert "that failed before" in text
    assert "[red]no markup[/red]" in "\n".join(drawn(busy_batch(), 400, 60))


def test_the_table_says_that_it_stops() -> None:
    assert "press Ctrl-C again to leave at once" in drawn(busy_batch(), 100, 24, stops=True)[0]


def test_an_empty_batch_can_be_drawn() -> None:
    assert drawn(BatchProgress(), 80, 24)[0] == "batch b7  beginning"


@given(st.text(max_size=60), st.integers(1, 40))
def test_a_shortened_text_takes_no_more_columns(text: str, columns: int) -> None:
    short = shortened(text, columns)
    assert cell_len(short) <= columns
    whole = " ".join(text.split())
    assert short == whole if cell_len(whole) <= columns else "…" in short


def test_a_shortened_text_keeps_both_of_its_ends() -> None:
    assert shortened("song · Chorus · Vox · Karaoke", 11) == "song …raoke"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen without a terminal was told."""
    told: list[str] = []
    monkeypatch.setattr(Screen, "note", lambda _screen, text, **_: told.append(text))
    return told


def tell(screen: Screen, progress: BatchProgress, *states: str) -> None:
    with shown_batch(screen, "b7", progress, threading.Event()) as show:
        for state in states:
            show.changed(report(1, state, fraction=0.5, message="no" if state == "failed" else ""))


def test_without_a_terminal_a_cell_has_a_line_when_it_ends_and_none_for_a_percent(
    lines: list[str],
) -> None:
    tell(Screen(), BatchProgress(), "queued", *["running"] * 100, "done")
    assert lines == ["done    1  song · Chorus 1 · Vox"]


def test_the_same_reason_is_told_once(lines: list[str]) -> None:
    with shown_batch(Screen(), "b7", BatchProgress(), threading.Event()) as show:
        for number in (1, 2, 3):
            show.changed(report(number, "failed", message="the disk is full"))
    assert [line.count("the disk is full") for line in lines] == [1, 0, 0]


def test_a_cell_that_asks_again_and_again_waits_in_one_line_and_stopped_cells_have_none(
    lines: list[str],
) -> None:
    tell(Screen(), BatchProgress(), *("running", "waiting") * 5, "held", "running", "cancelled")
    assert lines == ["waiting 1  song · Chorus 1 · Vox"]


def test_quiet_says_nothing(lines: list[str]) -> None:
    tell(Screen(quiet=True), BatchProgress(), "queued", "running", "done")
    assert lines == []


def test_totals_are_told_now_and_then(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_table, "PAUSE_SECONDS", 0.0)
    tell(Screen(), BatchProgress(), "running", "done")
    assert lines == ["1 running", "done    1  song · Chorus 1 · Vox", "1 done"]


def shown(matrix: Matrix, capsys: pytest.CaptureFixture[str], *, terminal: bool) -> list[str]:
    screen = Screen()
    screen.out = Console(
        force_terminal=terminal, width=80, color_system=None, soft_wrap=True, highlight=False
    )
    show_matrix(screen, matrix)
    return capsys.readouterr().out.splitlines()


def test_a_large_matrix_is_counted_on_a_terminal_and_whole_on_a_pipe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cells = tuple(
        cell(n, source=f"song{n % 50}", preset=("A", "B")[n % 2], price=float(n % 2))
        for n in range(1, 10_001)
    )
    matrix = Matrix(cells, tuple(LeftOut(f"x{n}", "nothing sounds there") for n in range(30)))
    lines = shown(matrix, capsys, terminal=True)
    assert len(lines) < 60
    assert f"and {10_000 - MOST_ROWS:,} more cells" in "\n".join(lines)
    assert "in all     10,000 cells, 10,000 to do; 1 d 9 h of audio; 5000 credits" in lines
    assert "preset     A: 5,000 cells, 5,000 to do; free" in lines
    assert "           and 42 more sources with 8,400 cells" in lines
    piped = shown(matrix, capsys, terminal=False)
    assert len([line for line in piped if "\t" in line]) == 10_000


def test_what_all_cells_share_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(Matrix((cell(1), cell(2))), capsys, terminal=True)
    assert "source     song" in lines
    assert "output     into song.rpp" in lines
    assert "Chorus · Track 1 · Karaoke" in lines[1]
    assert "song" not in lines[1]


def test_long_names_do_not_fill_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    long = Matrix((cell(1, source="x" * 240), cell(2, source="two\nlines")))
    lines = shown(long, capsys, terminal=True)
    assert len(lines) < 14
    assert not any("x" * 64 in line for line in lines)
    assert any("two lines · Chorus" in line for line in lines)
    assert any("x" * 240 in line for line in shown(long, capsys, terminal=False))
