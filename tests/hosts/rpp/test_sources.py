import re

import pytest
from fakes.line_diff import difference
from fakes.placements import item_ids, place, placement, timeline_of
from fakes.projects import (
    DIALECTS,
    ItemText,
    ProjectText,
    TrackText,
    block,
    envelope,
    fx_chain,
    vst,
)

from hanolab_dawtools.hosts.project.timeline import Item
from hanolab_dawtools.placement import Placed

MIDI = block("SOURCE MIDI", "HASDATA 1 960 QN", "E 480 90 3c 60")
SPANS = {"inside": (0.0, 8.0), "start cut": (3.0, 8.0), "end cut": (0.0, 4.0), "both": (3.0, 4.0)}


def content_of(*items: ItemText, dialect: str = "7.18") -> bytes:
    return ProjectText((TrackText(items=items),), DIALECTS[dialect]).content()


def placed_over(content: bytes, start: float, end: float) -> tuple[list[Item], Placed, bytes]:
    """Items of the first track after stems were placed over a span, all items being sources."""
    new, placed = place(content, placement(start, end, sources=item_ids(content)))
    return list(timeline_of(new).tracks[0].items), placed, new


def parts(items: list[Item]) -> list[tuple[float, float, bool]]:
    return [(i.position_seconds, i.end_seconds, i.is_muted) for i in items]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("inside", [(2, 6, True)]),
        ("start cut", [(2, 3, False), (3, 6, True)]),
        ("end cut", [(2, 4, True), (4, 6, False)]),
        ("both", [(2, 3, False), (3, 4, True), (4, 6, False)]),
    ],
)
def test_a_source_is_muted_exactly_where_the_stems_play(dialect, span, expected):
    items, placed, _ = placed_over(content_of(ItemText(2.0), dialect=dialect), *SPANS[span])
    assert parts(items) == expected
    assert placed.warnings == ()


@pytest.mark.parametrize("rate", ["1", "0.5", "1.25"])
def test_every_part_plays_what_the_item_played_there(rate):
    content = content_of(ItemText(2.0, offset="0.75", rate=rate))
    items, _, _ = placed_over(content, *SPANS["both"])
    for item in items:
        expected = 0.75 + (item.position_seconds - 2.0) * float(rate)
        assert item.take.source_offset_seconds == pytest.approx(expected, abs=1e-12)
        assert item.take.play_rate == float(rate)


def test_the_offset_of_every_take_moves_also_where_it_was_left_out():
    more = ["TAKE SEL", "NAME two", "PLAYRATE 2", *block("SOURCE WAVE", "FILE two.wav")]
    items, _, _ = placed_over(content_of(ItemText(2.0, take_extra=more)), *SPANS["start cut"])
    assert [take.source_offset_seconds for take in items[1].takes] == [1.0, 2.0]
    assert [take.source_offset_seconds for take in items[0].takes] == [0.0, 0.0]


def test_outer_fades_stay_and_cuts_have_none():
    fade_in, fade_out = "1 0.25 0 1 0 0.5 0", "3 0.01 0.5 1 1 0 0.25"
    content = content_of(ItemText(2.0, fade_in=fade_in, fade_out=fade_out))
    items, _, _ = placed_over(content, *SPANS["both"])
    before = timeline_of(content).tracks[0].items[0]
    assert items[0].fade_in == before.fade_in
    assert items[2].fade_out == before.fade_out
    cuts = [items[0].fade_out, items[1].fade_in, items[1].fade_out, items[2].fade_in]
    assert [fade.length_seconds for fade in cuts] == [0.0] * 4


@pytest.mark.parametrize("edge", [2.1, 5.9])
def test_a_cut_inside_a_fade_is_warned_of(edge):
    fade = "1 0.25 0 1 0 0 0"
    content = content_of(ItemText(2.0, fade_in=fade, fade_out=fade))
    items, placed, _ = placed_over(content, 0.0, edge)
    assert len(items) == 2
    assert "inside a fade" in placed.warnings[0]


def test_parts_have_guids_of_their_own_and_everything_else_is_copied():
    take_extra = fx_chain(vst(2000), kind="TAKEFX")
    content = content_of(ItemText(2.0, take_extra=take_extra, extra=("GROUP 3", "COLOR 9 B")))
    items, _, new = placed_over(content, *SPANS["both"])
    assert len({item.id for item in items}) == len({item.take.guid for item in items}) == 3
    assert items[0].id == item_ids(content)[0]
    state = [line.encode() for line in vst(2000)[1:-1]]
    for line in (b"GROUP 3", b"COLOR 9 B", b'FILE "Media/a b.wav"', *state):
        assert new.count(line.strip()) == 3 * content.count(line.strip())
    assert new.count(b"IID 1\r\n") == 1


def test_an_edge_within_half_a_frame_is_the_items_edge():
    content = content_of(ItemText(1.0 - 0.4 / 48000, 2.0 + 0.8 / 48000))
    items, placed, _ = placed_over(content, 1.0, 3.0)
    assert len(items) == 1
    assert (items[0].is_muted, placed.tokens_changed) == (True, 1)


def test_new_parts_keep_the_order_by_position():
    positions = (0.0, 1.0, 2.0, 3.0, 7.0)
    content = content_of(*(ItemText(p, number=n) for n, p in enumerate(positions)))
    items, _, _ = placed_over(content, 1.5, 3.5)
    found = [item.position_seconds for item in items]
    assert found == sorted(found)


def test_only_the_captured_items_are_muted():
    content = content_of(ItemText(0.0, number=1), ItemText(0.5, number=2))
    new, placed = place(content, placement(0.0, 9.0, sources=item_ids(content)[1:]))
    assert [item.is_muted for item in timeline_of(new).tracks[0].items] == [False, True]
    assert placed.tokens_changed == 1
    assert re.fullmatch(r'line \d+: item "gtr" at 0:00.500 on "Guitar" is muted', placed.changes[0])


@pytest.mark.parametrize(("mute", "n_changed"), [("0 -1", 2), ("1 -1", 1)])
def test_a_solo_that_would_override_the_mute_is_taken_away(mute, n_changed):
    items, placed, _ = placed_over(content_of(ItemText(mute=mute)), 0.0, 9.0)
    assert (items[0].is_muted, items[0].is_soloed) == (True, False)
    assert placed.tokens_changed == n_changed


def test_an_item_without_a_mute_line_gets_one():
    content = content_of(ItemText(2.0, mute=None))
    for span in SPANS.values():
        items, placed, new = placed_over(content, *span)
        assert [item.is_muted for item in items].count(True) == 1
        counts = (placed.lines_inserted, placed.tokens_changed)
        assert difference(content, new, placed.changes) == counts


def test_an_item_at_zero_without_a_position_line_is_cut_too():
    content = content_of(ItemText(0.0)).replace(b"      POSITION 0.0\r\n", b"")
    items, _, _ = placed_over(content, 1.0, 2.0)
    assert parts(items) == [(0, 1, False), (1, 2, True), (2, 4, False)]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (ItemText(2.0, take_extra=["SM 0 0 + 1 2"]), "stretch markers"),
        (ItemText(2.0, take_extra=envelope("VOLENV", (0, 1), (1, 0.5))), "take envelope"),
        (ItemText(2.0, take_extra=["TAKE", "NAME midi", *MIDI]), "MIDI take"),
        (ItemText(2.0, offset="1 2"), "in beats"),
        (ItemText(2.0, name="x" * 4096), "longer than REAPER reads"),
    ],
)
def test_an_item_that_cannot_be_cut_exactly_is_left_alone_with_a_warning(item, reason):
    content = content_of(item)
    items, placed, _ = placed_over(content, *SPANS["both"])
    assert items == list(timeline_of(content).tracks[0].items)
    assert reason in placed.warnings[0]
    items, placed, _ = placed_over(content, *SPANS["inside"])
    assert items[0].is_muted
    assert placed.warnings == ()


def test_an_envelope_of_one_point_does_not_hinder_a_cut():
    content = content_of(ItemText(2.0, take_extra=envelope("VOLENV", (0, 0.5))))
    items, placed, _ = placed_over(content, *SPANS["both"])
    assert (len(items), placed.warnings) == (3, ())


def test_a_source_that_is_gone_or_was_moved_is_warned_of():
    content = content_of(ItemText(6.0))
    _, placed = place(content, placement(sources=("{GONE}", *item_ids(content))))
    assert "was moved" in placed.warnings[0]
    assert "no longer in the project" in placed.warnings[1]
    assert placed.tokens_changed == 0


def test_an_item_that_is_muted_already_is_left_alone():
    content = content_of(ItemText(2.0, mute="1 0"))
    items, placed, _ = placed_over(content, *SPANS["both"])
    assert (len(items), placed.tokens_changed) == (1, 0)


def test_a_frozen_original_is_never_touched():
    frozen = block("FREEZE 0", ItemText(number=1).lines(DIALECTS["7.18"]))
    track = TrackText(items=(ItemText(number=1),), chunks=(frozen,))
    content = ProjectText((track,)).content()
    new, placed = place(content, placement(0.0, 9.0, sources=item_ids(content)))
    assert placed.tokens_changed == 1
    (track, *_) = timeline_of(new).tracks
    assert [item.is_muted for item in track.items] == [True]
    assert new.index(b"MUTE 1 0") > new.index(b"    >", new.index(b"<FREEZE"))
