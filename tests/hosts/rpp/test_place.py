from pathlib import Path

import pytest
from fakes.line_diff import difference
from fakes.placements import (
    FOLDER,
    PROJECT,
    all_items,
    item_ids,
    place,
    placement,
    stem_files,
    timeline_of,
)
from fakes.projects import DIALECTS, ProjectText, TrackText, projects
from hypothesis import assume, given
from hypothesis import strategies as st

from hanolab_dawtools.errors import ProjectFileError, UsageError
from hanolab_dawtools.hosts.project.identity import StemFile
from hanolab_dawtools.hosts.project.timeline import Track
from hanolab_dawtools.hosts.rpp.chunks import native_colour
from hanolab_dawtools.hosts.rpp.tokens import MAX_LINE_BYTES
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.units import seconds_to_frames

CONTENT = ProjectText().content()
each_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())


def ids_or_reject(content: bytes) -> tuple[str, ...]:
    try:
        return item_ids(content)
    except ProjectFileError:
        assume(False)
        raise


def heard(track: Track) -> list[tuple[float, float]]:
    """Where a track's items sound; times are multiples of 1/64 s, so rounding loses nothing."""
    return sorted(
        (round(item.position_seconds, 6), round(item.end_seconds, 6))
        for item in track.items
        if not item.is_muted and item.length_seconds > 0.0
    )


@given(projects(), st.data())
def test_the_result_is_the_original_with_inserted_lines_and_the_listed_tokens(project, data):
    content = project.content()
    ids = ids_or_reject(content)
    start = data.draw(st.integers(0, 3000)) / 64
    length = data.draw(st.integers(1, 2000)) / 64
    sources = tuple(data.draw(st.sets(st.sampled_from(ids)))) if ids else ()
    wanted = placement(start, start + length, sources=sources, keep_source=data.draw(st.booleans()))
    new, placed = place(content, wanted)
    assert difference(content, new, placed.changes) == (
        placed.lines_inserted,
        placed.tokens_changed,
    )
    assert max(len(line) for line in new.split(b"\n")) <= MAX_LINE_BYTES
    body = new.rstrip(b"\r\n\0")
    assert body.count(b"\r\n") == (body.count(b"\n") if project.eol == "\r\n" else 0)


@given(projects(plain=True), st.data())
def test_what_plays_outside_the_stems_plays_as_before_and_no_source_inside(project, data):
    content = project.content()
    before = timeline_of(content)
    start = data.draw(st.integers(0, 3000)) / 64
    end = start + data.draw(st.integers(1, 2000)) / 64
    sources = tuple(
        item.id
        for item in all_items(before)
        if item.position_seconds < end and item.end_seconds > start
    )
    new, placed = place(content, placement(start, end, sources=sources))
    assert not [text for text in placed.warnings if "item" in text and "overlap" not in text]
    after = timeline_of(new)
    for old_track, new_track in zip(before.tracks, after.tracks, strict=False):
        sounding = heard(old_track)
        outside = [(a, min(b, start)) for a, b in sounding] + [
            (max(a, end), b) for a, b in sounding
        ]
        assert heard(new_track) == sorted((a, b) for a, b in outside if b > a)


@each_dialect
@pytest.mark.parametrize("eol", ["\r\n", "\n"])
def test_stems_are_child_tracks_of_a_folder_behind_the_last_track(dialect, eol):
    content = ProjectText(dialect=dialect, eol=eol).content()
    new, placed = place(content, placement(name='the "end"'))
    before, after = timeline_of(content), timeline_of(new)
    assert [t.name for t in after.tracks[1:]] == ['STEMS: the "end"', "Vocals", "Accompaniment"]
    assert [t.depth for t in after.tracks] == [0, 0, 1, 1]
    assert after.tracks[-1].folder_change == -1
    assert after.tracks[0] == before.tracks[0]
    assert [t.id for t in after.tracks[2:]] == [t.track_id for t in placed.tracks]
    assert [t.items[0].id for t in after.tracks[2:]] == [t.item_id for t in placed.tracks]


def test_stems_stand_in_the_order_of_their_roles_whatever_order_they_come_in():
    wanted = placement()
    roles = (StemRole.RESIDUAL, StemRole.OTHER, StemRole.BASS, StemRole.DRUMS, StemRole.VOCALS)
    new, placed = place(CONTENT, wanted, stems=stem_files(wanted, roles))
    names = [track.name for track in timeline_of(new).tracks[2:]]
    assert names == ["Vocals", "Drums", "Bass", "Other", "Residual"]
    assert [track.name for track in placed.tracks] == names


@given(
    st.sampled_from([22050, 44100, 48000, 88200, 96000, 192000]),
    st.integers(0, 4 * 3600 * 192000),
    st.integers(1, 192000 * 3600),
)
def test_a_stem_lies_on_its_frame_at_any_rate(rate, start_frame, n_frames):
    wanted = placement(start_frame / rate, (start_frame + n_frames) / rate, rate=rate)
    new, _ = place(CONTENT, wanted)
    item = timeline_of(new).tracks[-1].items[0]
    assert item.position_seconds == wanted.capture.position_seconds
    assert seconds_to_frames(item.position_seconds, rate) == start_frame
    assert seconds_to_frames(item.length_seconds, rate) == n_frames


def test_a_stems_item_is_played_as_it_is():
    new, _ = place(CONTENT, placement())
    item = timeline_of(new).tracks[-1].items[0]
    assert (item.is_looped, item.is_muted, item.gain) == (False, False, 1.0)
    assert (item.fade_in.length_seconds, item.fade_out.length_seconds) == (0.0, 0.0)
    assert (item.take.play_rate, item.take.source_offset_seconds, item.take.gain) == (1, 0, 1)


def test_the_pan_law_does_not_act_twice():
    new, _ = place(CONTENT, placement())
    laws = [line.split()[3] for line in new.split(b"\n") if line.startswith(b"    VOLPAN")]
    assert laws == [b"-1", b"-1", b"1", b"1"]


@pytest.mark.parametrize(
    ("dialect", "file"),
    [("7.18", r"HanoLab\chorus-1\vocals.wav"), ("7.7", "HanoLab/chorus-1/vocals.wav")],
)
def test_media_are_named_relative_to_the_project_in_its_systems_way(dialect, file):
    content = ProjectText(dialect=DIALECTS[dialect]).content()
    new, _ = place(content, placement())
    assert timeline_of(new).tracks[2].items[0].take.source.file == file


@pytest.mark.parametrize("folder", ['a "b"', "it's", "tick`", 'it\'s "b"', "#1", "Größe", "a;b"])
def test_media_in_folders_with_odd_names_are_found_again(folder):
    content = ProjectText(dialect=DIALECTS["7.7"]).content()
    wanted = placement()
    new, _ = place(content, wanted, stems=stem_files(wanted, folder=PROJECT.parent / folder))
    file = timeline_of(new).tracks[2].items[0].take.source.file
    assert Path(file) == Path(folder, "vocals.wav")


@pytest.mark.parametrize("folder", ['`it\'s` "b"', "two\nlines"])
def test_a_path_that_no_quoting_can_hold_is_refused(folder):
    wanted = placement()
    with pytest.raises(UsageError, match="cannot name the file"):
        place(CONTENT, wanted, stems=stem_files(wanted, folder=Path("/music") / folder))


def test_a_path_longer_than_reapers_lines_is_refused():
    wanted = placement()
    with pytest.raises(ProjectFileError, match="longer than"):
        place(CONTENT, wanted, stems=stem_files(wanted, folder=FOLDER / ("x" * 4095)))


def test_a_long_or_odd_selection_name_is_written_within_reapers_limits():
    for name in ("x" * 9000, "`'\"", "two\nlines", ""):
        new, _ = place(CONTENT, placement(name=name))
        expected = f"STEMS: {name}".replace("\n", " ")[:1024]
        assert timeline_of(new).tracks[1].name == expected


@pytest.mark.parametrize(
    ("buses", "changed", "tokens"),
    [
        (["0 0"], "0 0", 0),
        (["1 1", "0 0"], "2 -1", 2),
        (["1 1", "1 1", "0 0"], "2 -2", 2),
        (["1 1", "1 1", "2 -1"], "2 -2", 1),
        (["1 1"], "0 0", 2),
        (["2 -3", "1 1", "0 0"], "2 -1", 2),
    ],
)
def test_folders_left_open_are_closed_so_that_stems_stand_at_the_top(buses, changed, tokens):
    tracks = tuple(TrackText(number=n, bus=bus) for n, bus in enumerate(buses))
    new, placed = place(ProjectText(tracks, eol="\n").content(), placement())
    lines = [line.strip() for line in new.decode().split("\n") if "ISBUS" in line]
    assert lines[len(buses) - 1] == f"ISBUS {changed}"
    assert placed.tokens_changed == tokens
    assert timeline_of(new).tracks[-2].depth == 1


@each_dialect
def test_a_project_without_tracks_gets_its_first_ones(dialect):
    content = ProjectText(tracks=(), dialect=dialect).content()
    new, placed = place(content, placement())
    assert len(timeline_of(new).tracks) == 3
    assert new.index(b"<PROJBAY") < new.index(b"<TRACK") < new.index(b"<EXTENSIONS")
    assert placed.tokens_changed == 0


def test_kept_sources_are_left_alone_and_the_folder_is_muted():
    new, placed = place(CONTENT, placement(sources=item_ids(CONTENT), keep_source=True))
    timeline = timeline_of(new)
    assert not any(item.is_muted for item in all_items(timeline))
    assert [track.is_muted for track in timeline.tracks] == [False, True, False, False]
    assert (placed.tokens_changed, placed.changes) == (0, ())


def test_a_soloed_track_is_warned_of():
    content = CONTENT.replace(b"MUTESOLO 0 0 0", b"MUTESOLO 0 2 0")
    _, placed = place(content, placement())
    assert "soloed" in placed.warnings[0]


def test_a_surround_stem_gets_tracks_with_enough_channels():
    wanted = placement()
    stem = StemFile(StemRole.VOCALS, FOLDER / "v.wav", 48000, 5, 96000)
    new, _ = place(CONTENT, wanted, stems=[stem])
    assert new.count(b"NCHAN 6") == 2


def test_placing_is_the_same_each_time_and_other_jobs_get_other_ids():
    first, _ = place(CONTENT, placement())
    again, _ = place(CONTENT, placement())
    other, _ = place(CONTENT, placement(job_id="job-2"))
    assert first == again
    assert not {t.id for t in timeline_of(other).tracks[1:]} & {
        t.id for t in timeline_of(first).tracks[1:]
    }


def test_colours_have_the_byte_order_of_the_projects_system():
    assert native_colour(0x56B4E9, windows=False) == 0x156B4E9
    assert native_colour(0x56B4E9, windows=True) == 0x1E9B456


@given(projects(), st.data())
def test_a_damaged_project_is_placed_into_or_refused(project, data):
    lines = project.content().split(b"\n")
    odd = [b"", b"nan", b"-1", b'"', b"'x", b"TAKE", b"\xff", b"#", b"ISBUS", b'AUXRECV 0 "x']
    for _ in range(data.draw(st.integers(1, 8))):
        place_of_change = data.draw(st.integers(0, len(lines) - 1))
        words = lines[place_of_change].split(b" ")
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(odd))
        lines[place_of_change] = b" ".join(words)
    content = b"\n".join(lines)
    try:
        wanted = placement(4.0, 20.0, sources=item_ids(content))
        new, placed = place(content, wanted, target=Path("/elsewhere/song.rpp"))
    except ProjectFileError:
        return
    counts = (placed.lines_inserted, placed.tokens_changed)
    assert difference(content, new, placed.changes) == counts
