"""Stems as takes: which lines that changes, and when it is refused."""

from dataclasses import replace

import pytest
from fakes.line_diff import difference
from fakes.placements import (
    PROJECT,
    all_items,
    item_ids,
    place,
    placement,
    stem_files,
    timeline_of,
)
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, envelope, projects
from hypothesis import assume, given
from hypothesis import strategies as st

from hanolab_dawtools.errors import ProjectFileError, UsageError
from hanolab_dawtools.hosts.project.timeline import Item
from hanolab_dawtools.placement import Placed

SECOND_TAKE = ["TAKE SEL", "NAME two", "SOFFS 1", "<SOURCE WAVE", "  FILE two.wav", ">"]


def content_of(item: ItemText, dialect: str = "7.18") -> bytes:
    return ProjectText((TrackText(items=(item,)),), DIALECTS[dialect]).content()


def with_takes(
    content: bytes, start: float, end: float, **options: object
) -> tuple[list[Item], Placed, bytes]:
    wanted = placement(start, end, sources=item_ids(content)[:1], as_takes=True, **options)
    new, placed = place(content, wanted)
    return list(timeline_of(new).tracks[0].items), placed, new


@given(projects(), st.data())
def test_the_result_is_the_original_with_inserted_lines_and_the_listed_tokens(project, data):
    content = project.content()
    try:
        before = timeline_of(content)
    except ProjectFileError:
        assume(False)
    with_media = [item for item in all_items(before) if item.takes and item.length_seconds]
    assume(with_media)
    item = data.draw(st.sampled_from(with_media))
    source = item.id
    eighth = item.length_seconds / 8
    start = max(0.0, item.position_seconds + data.draw(st.integers(-2, 7)) * eighth)
    end = max(start, item.position_seconds) + data.draw(st.integers(1, 10)) * eighth
    try:
        new, placed = place(content, placement(start, end, sources=(source,), as_takes=True))
    except UsageError as refused:
        if "cannot be cut" not in str(refused):
            raise
        return
    counts = (placed.lines_inserted, placed.tokens_changed)
    assert difference(content, new, placed.changes) == counts
    after = timeline_of(new)
    assert len(before.tracks) == len(after.tracks)
    if project.dialect.guids:
        untouched = {one.id: one.takes for one in all_items(before) if one.id != source}
        kept = {one.id: one.takes for one in all_items(after) if one.id in untouched}
        assert untouched == kept
    found = [item for item in all_items(after) if item.take and item.take.name == "Vocals"]
    assert len(found) == 1
    assert len(placed.tracks) == 2


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("span", "expected", "offset"),
    [
        ((0.0, 8.0), [(2, 6, 3)], 2.0),
        ((3.0, 8.0), [(2, 3, 1), (3, 6, 3)], 0.0),
        ((0.0, 4.0), [(2, 4, 3), (4, 6, 1)], 2.0),
        ((3.0, 4.0), [(2, 3, 1), (3, 4, 3), (4, 6, 1)], 0.0),
    ],
)
def test_the_part_between_the_stems_edges_gets_a_take_for_each(dialect, span, expected, offset):
    items, placed, _ = with_takes(content_of(ItemText(2.0), dialect), *span)
    assert [(i.position_seconds, i.end_seconds, len(i.takes)) for i in items] == expected
    assert not any(item.is_muted for item in items)
    (item,) = (item for item in items if len(item.takes) == 3)
    original, vocals, accompaniment = item.takes
    assert (original.name, vocals.name, accompaniment.name) == ("gtr", "Vocals", "Accompaniment")
    assert item.active_take == 1
    for take in (vocals, accompaniment):
        assert take.source_offset_seconds == offset
        assert (take.play_rate, take.gain, take.pan, take.channel_mode) == (1, 1, 0, 0)
    assert original.source_offset_seconds == item.position_seconds - 2.0
    for track in placed.tracks:
        assert track.track_id == timeline_of(content_of(ItemText(2.0), dialect)).tracks[0].id
        assert track.item_id == (item.id if DIALECTS[dialect].guids else "")


def test_the_take_that_played_stays_and_plays_no_more():
    content = content_of(ItemText(2.0, take_extra=SECOND_TAKE))
    items, placed, new = with_takes(content, 0.0, 8.0)
    assert [take.name for take in items[0].takes] == ["gtr", "two", "Vocals", "Accompaniment"]
    assert items[0].active_take == 2
    assert new.count(b"TAKE SEL") == 1
    assert any("plays another take" in change for change in placed.changes)


def test_an_item_that_plays_all_its_takes_plays_one_from_now_on():
    content = content_of(ItemText(2.0, take_extra=SECOND_TAKE))
    content = content.replace(b"ALLTAKES 0", b"ALLTAKES 1")
    items, placed, _ = with_takes(content, 0.0, 8.0)
    assert not items[0].plays_all_takes
    assert any("plays one take only" in change for change in placed.changes)


@pytest.mark.parametrize(
    ("gain", "take_gain"), [("0.5", 2.0), ("2", 0.5), ("0", 1.0), ("1e-320", 1.0)]
)
def test_the_items_volume_does_not_act_twice(gain, take_gain):
    volume = f"VOLPAN {gain} 0 3 -1\r".encode()
    content = content_of(ItemText(2.0)).replace(b"VOLPAN 1 0 1 -1\r", volume)
    items, _, _ = with_takes(content, 0.0, 8.0)
    assert items[0].gain == float(gain)
    assert [take.gain for take in items[0].takes] == [3.0, take_gain, take_gain]


@pytest.mark.parametrize("span", [(0.0, 8.0), (3.0, 8.0), (0.0, 4.0), (3.0, 4.0)])
def test_fades_are_taken_off_where_the_stems_have_them_and_it_is_said(span):
    item = ItemText(2.0, fade_in="1 0.5 0 1 0 0 0", fade_out="1 0.01 0.75 1 1 0 0")
    items, placed, _ = with_takes(content_of(item), *span)
    for part in items:
        is_first, is_last = part.position_seconds == 2.0, part.end_seconds == 6.0
        has_stems = len(part.takes) == 3
        assert part.fade_in.length_seconds == (0.5 if is_first and not has_stems else 0)
        assert part.fade_out.length_seconds == (0.75 if is_last and not has_stems else 0)
    assert len(placed.warnings) == (span != (3.0, 4.0))
    assert all("its fades are in the stems" in warning for warning in placed.warnings)


def test_a_draft_says_so_in_its_takes_name():
    wanted = placement(0.0, 8.0, sources=item_ids(content_of(ItemText(2.0))), as_takes=True)
    drafts = [replace(stem, is_draft=True) for stem in stem_files(wanted)]
    new, _ = place(content_of(ItemText(2.0)), wanted, stems=drafts)
    assert timeline_of(new).tracks[0].items[0].take.name == "Vocals (draft)"


def test_several_items_are_refused_with_a_way_out():
    content = ProjectText((TrackText(items=(ItemText(1.0), ItemText(2.0, number=2))),)).content()
    with pytest.raises(UsageError, match="holds 2") as refused:
        place(content, placement(0.0, 8.0, sources=item_ids(content), as_takes=True))
    assert "--each item" in refused.value.hint


def test_an_item_that_cannot_be_cut_gets_takes_only_as_a_whole():
    content = content_of(ItemText(2.0, take_extra=envelope("VOLENV", (0, 1), (1, 0.5))))
    with pytest.raises(UsageError, match="take envelope, so it cannot be cut"):
        with_takes(content, 3.0, 4.0)
    items, _, _ = with_takes(content, 0.0, 8.0)
    assert len(items[0].takes) == 3


def test_an_item_that_is_gone_or_moved_is_refused():
    content = content_of(ItemText(2.0))
    with pytest.raises(UsageError, match="not in its place"):
        with_takes(content, 20.0, 24.0)


def test_stems_of_a_second_job_come_behind_those_of_the_first():
    _, _, once = with_takes(content_of(ItemText(2.0)), 0.0, 8.0)
    items, _, _ = with_takes(once, 0.0, 8.0, job_id="job-2")
    names = [take.name for take in items[0].takes]
    assert names == ["gtr", "Vocals", "Accompaniment", "Vocals", "Accompaniment"]
    assert items[0].active_take == 3
    assert len({take.guid for take in items[0].takes}) == 5


def test_takes_in_a_project_that_goes_to_another_folder_find_all_their_files():
    content = content_of(ItemText(2.0, take_extra=SECOND_TAKE), "7.7")
    wanted = placement(3.0, 4.0, sources=item_ids(content), as_takes=True)
    new, placed = place(content, wanted, target=PROJECT.parent / "mixes" / "new.rpp")
    for item in all_items(timeline_of(new)):
        files = [take.source.file for take in item.takes]
        stems = ["../HanoLab/chorus-1/vocals.wav", "../HanoLab/chorus-1/accompaniment.wav"]
        assert files == ["../Media/a b.wav", "../two.wav", *stems][: len(files)]
    counts = (placed.lines_inserted, placed.tokens_changed)
    assert difference(content, new, placed.changes) == counts


@pytest.mark.parametrize(("rule", "n_warnings"), [(0, 1), (2, 2)])
def test_a_lost_crossfade_is_warned_of_where_the_later_item_replaces(rule, n_warnings):
    item = ItemText(2.0, fade_out="1 0.01 0.75 1 1 0 0")
    content = content_of(item).replace(b"ITEMMIX 0", f"ITEMMIX {rule}".encode())
    _, placed, _ = with_takes(content, 0.0, 8.0)
    assert ["crossfaded" in warning for warning in placed.warnings] == [False, True][:n_warnings]
