"""What can be ticked, and how cells are laid out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.presenters.batch_cells import CellRow
from hanolab_dawtools.presenters.batch_lines import Filter, layout_of
from hanolab_dawtools.presenters.batch_progress import CellPhase
from hanolab_dawtools.presenters.batch_ticks import Tick, TickList


def cell(number: int, region: str, track: str, preset: str, **more: object) -> CellRow:
    return CellRow(
        number, "song", region, track, preset, 2.0, "this machine", "free", "to do", **more
    )


def matrix(regions: str, tracks: str, presets: str) -> tuple[CellRow, ...]:
    crossed = [(r, t, p) for r in regions for t in tracks for p in presets]
    return tuple(cell(number, *one) for number, one in enumerate(crossed, 1))


def ticks(*names: str) -> TickList:
    return TickList(tuple(Tick(name, name) for name in names))


def test_all_and_none_mean_the_lines_that_the_search_shows() -> None:
    searched = replace(ticks("Verse 1", "Verse 2", "Chorus"), search="verse")
    ticked = searched.with_shown(are_ticked=True)
    assert ticked.ticked == ("Verse 1", "Verse 2")
    assert ticked.pattern == ("Verse 1", "Verse 2")


def test_when_all_are_ticked_one_pattern_means_them() -> None:
    assert ticks("a", "b").with_shown(are_ticked=True).pattern == ("*",)
    assert TickList().pattern == ()


def test_lines_keep_their_ticks_when_others_come() -> None:
    before = ticks("a", "b").with_tick("b", is_ticked=True)
    assert before.with_lines([Tick("b", "b"), Tick("c", "c")]).ticked == ("b",)


def test_what_cannot_be_used_cannot_be_ticked() -> None:
    broken = TickList((Tick("a", "a", problem="cannot be used"),))
    assert broken.with_shown(are_ticked=True).ticked == ()


def test_matrix_has_a_line_for_all_that_is_rendered_and_a_column_for_each_preset() -> None:
    layout = layout_of(matrix("AB", "xy", "PQ"), Filter(), is_flat=False)
    assert layout.columns == ("P", "Q")
    assert [line.name for line in layout.lines] == ["A · x", "A · y", "B · x", "B · y"]
    assert [line.cells for line in layout.lines] == [(0, 1), (2, 3), (4, 5), (6, 7)]


def test_lines_name_only_what_tells_them_apart() -> None:
    layout = layout_of(matrix("A", "xy", "P"), Filter(), is_flat=False)
    assert [line.name for line in layout.lines] == ["x", "y"]
    assert layout_of(matrix("A", "x", "P"), Filter(), is_flat=False).lines[0].name == "x"


def test_cells_of_the_same_names_have_lines_of_their_own() -> None:
    layout = layout_of([*matrix("A", "x", "P"), *matrix("A", "x", "P")], Filter(), is_flat=False)
    assert [line.cells for line in layout.lines] == [(0,), (1,)]


def test_search_and_phases_narrow_down_what_is_shown() -> None:
    rows = [replace(row, phase=CellPhase.DONE) for row in matrix("A", "xy", "PQ")]
    rows[3] = replace(rows[3], phase=CellPhase.FAILED, message="disk full")
    failed = Filter(phases=frozenset({CellPhase.FAILED}))
    assert layout_of(rows, failed, is_flat=False).cells == (2, 3)
    assert layout_of(rows, failed, is_flat=True).cells == (3,)
    assert layout_of(rows, Filter("DISK q"), is_flat=True).cells == (3,)


@given(
    st.lists(st.tuples(*[st.sampled_from("ab")] * 3), max_size=30),
    st.booleans(),
)
def test_every_cell_is_shown_once(crossed: list[tuple[str, str, str]], is_flat: bool) -> None:
    rows = [cell(number, *one) for number, one in enumerate(crossed, 1)]
    layout = layout_of(rows, Filter(), is_flat=is_flat)
    assert sorted(layout.cells) == list(range(len(rows)))
    for line in layout.lines:
        if not is_flat:
            presets = [rows[at].preset for at in line.cells if at is not None]
            places = [layout.columns.index(preset) for preset in presets]
            assert places == [n for n, at in enumerate(line.cells) if at is not None]
