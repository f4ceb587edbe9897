from pathlib import Path

import pytest
from fakes.projects import (
    DIALECTS,
    ItemText,
    ProjectText,
    TrackText,
    block,
    envelope,
    fx_chain,
    marker_line,
    projects,
    region_lines,
    vst,
)
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.project.timeline import Fade, Item, Marker, Region, Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.reader import read_timeline

each_dialect = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())


def read(project: ProjectText) -> Timeline:
    return read_timeline(Document.parse(project.content(), Path("song.rpp")))


def read_item(item: ItemText, dialect: str = "7.18") -> Item:
    return read(ProjectText((TrackText(items=(item,)),), DIALECTS[dialect])).tracks[0].items[0]


@each_dialect
def test_a_plain_item_is_read_from_every_version(dialect):
    item = ItemText(1.5, 2.25, offset="0.75", rate="0.5", loop=1)
    timeline = read(ProjectText((TrackText("'My track'", items=(item,)),), dialect))
    (track,) = timeline.tracks
    assert (track.name, track.number, track.depth) == ("My track", 1, 0)
    (found,) = track.items
    assert (found.position_seconds, found.length_seconds) == (1.5, 2.25)
    assert (found.is_looped, found.is_muted, found.gain) == (True, False, 1.0)
    assert found.take.source.kind == "WAVE"
    assert found.take.source.file == "Media/a b.wav"
    assert (found.take.source_offset_seconds, found.take.play_rate) == (0.75, 0.5)


@each_dialect
def test_regions_and_markers_are_read_from_every_version(dialect):
    markers = (
        marker_line(dialect, 1, 0.5, "intro", 0),
        *region_lines(dialect, 1, 2.0, 4.5, '"the chorus"'),
        *region_lines(dialect, 2, 3.0, 9.0, "end"),
    )
    timeline = read(ProjectText(dialect=dialect, markers=markers))
    assert timeline.markers == (Marker(1, "intro", 0.5),)
    assert timeline.regions == (Region(1, "the chorus", 2.0, 4.5), Region(2, "end", 3.0, 9.0))


def test_a_region_without_its_second_line_is_left_out():
    dialect = DIALECTS["7.18"]
    markers = (region_lines(dialect, 1, 2.0, 4.5, "x")[0], marker_line(dialect, 1, 3.0, "m", 0))
    timeline = read(ProjectText(markers=markers))
    assert timeline.regions == ()
    assert timeline.markers == (Marker(1, "m", 3.0),)


@pytest.mark.parametrize(
    ("rate", "expected"), [("48000 1 0", 48000), ("44100 0 0", None), ("x", None), ("-1 1", None)]
)
def test_the_projects_rate_counts_only_when_its_use_is_switched_on(rate, expected):
    assert read(ProjectText(rate=rate)).sample_rate == expected


@pytest.mark.parametrize("rate", ["1", "999", "768001", "100000000", "1e11"])
def test_a_rate_that_no_file_can_have_is_not_the_projects_own(rate):
    assert read(ProjectText(rate=f"{rate} 1 0")).sample_rate is None


@pytest.mark.parametrize(
    ("selection", "expected"), [("1 3", (1.0, 3.0)), ("3 1", (1.0, 3.0)), ("2 2", None), ("", None)]
)
def test_an_empty_time_selection_is_none(selection, expected):
    assert read(ProjectText(selection=selection)).time_selection == expected


def test_settings_of_the_project_are_read():
    timeline = read(ProjectText())
    assert (timeline.version, timeline.record_path) == ("7.18/win64", "Media")
    assert (timeline.tempo_bpm, timeline.play_rate) == (120.0, 1.0)
    assert timeline.overlap_rule == 0


def test_folder_depth_never_goes_below_zero():
    buses = ["1 1", "1 1", "2 -2", "2 -3", "0 0", "1 1", "0 0"]
    timeline = read(ProjectText(tuple(TrackText(number=n, bus=b) for n, b in enumerate(buses))))
    assert [track.depth for track in timeline.tracks] == [0, 1, 2, 0, 0, 0, 1]


def test_items_inside_a_freeze_are_not_read():
    frozen = block("FREEZE 0", ItemText(number=9).lines(DIALECTS["7.18"]))
    (track,) = read(ProjectText((TrackText(items=(ItemText(),), chunks=(frozen,)),))).tracks
    assert track.is_frozen
    assert len(track.items) == 1


@pytest.mark.parametrize(
    ("fade", "expected"),
    [
        ("1 0.25 0 1 0 0.5 0", Fade(0.25, 1, 0.5)),
        ("1.1 0.01 0.394737 2 1 0.25 0.75", Fade(0.394737, 2, 0.75, is_auto=True)),
        ("1 0.01 -1 1 0 0 0", Fade(0.01, 1)),
        ("2 x y", Fade(0.0, 2)),
    ],
)
def test_an_automatic_crossfade_comes_before_a_fade_by_hand(fade, expected):
    item = read_item(ItemText(fade_in=fade, fade_out=fade))
    assert item.fade_in == item.fade_out == expected


def test_the_active_take_and_empty_takes_are_read():
    more = ["TAKE NULL", "TAKE SEL", "NAME two", "TAKEVOLPAN 0.5 -0.25 -1", "SOFFS 3"]
    item = read_item(ItemText(take_extra=[*more, *block("SOURCE FLAC", "FILE two.flac")]))
    assert [take and take.name for take in item.takes] == ["gtr", None, "two"]
    assert item.active_take == 2
    assert (item.take.gain, item.take.is_inverted, item.take.pan) == (0.25, True, 0.5)
    assert (item.take.source.kind, item.take.source_offset_seconds) == ("FLAC", 3.0)


def test_an_item_without_a_source_has_no_takes():
    item = read_item(ItemText(source=block("NOTES", "|hello")))
    assert item.takes == ()
    assert item.take is None


def test_a_section_holds_its_inner_source():
    inner = block("SOURCE WAVE", "FILE c.wav")
    section = block("SOURCE SECTION", "LENGTH 4", "STARTPOS 1", "OVERLAP 0.01", "MODE 3", inner)
    source = read_item(ItemText(source=section)).take.source
    assert (source.kind, source.file, source.inner.file) == ("SECTION", None, "c.wav")
    assert (source.section_start_seconds, source.section_length_seconds) == (1.0, 4.0)
    assert (source.section_overlap_seconds, source.section_mode) == (0.01, 3)


def test_take_effects_envelopes_and_stretch_markers_are_read():
    extra = ["SM 0 0 + 3.25 2.5 0.375", *fx_chain(vst(), kind="TAKEFX")]
    take = read_item(ItemText(take_extra=[*extra, *envelope("VOLENV", (0, 1), (2, 0.5))])).take
    assert take.stretch_markers == ((0.0, 0.0, 0.0), (3.25, 2.5, 0.375))
    assert take.effects == ("VST: ReaEQ (Cockos)",)
    assert take.envelopes[0].points == ((0.0, 1.0, 0, 0.0), (2.0, 0.5, 0, 0.0))


def test_bypassed_effects_are_not_named():
    chain = fx_chain(vst(), bypassed=True)
    (track,) = read(ProjectText((TrackText(chunks=(chain,)),))).tracks
    assert track.effects == ()


def test_lanes_count_only_on_tracks_with_fixed_lanes():
    solo = "LANESOLO 5 0 0 0 0 0 0 0"
    tracks = (
        TrackText(extra=("FREEMODE 2", solo), items=(ItemText(extra=("YPOS 0.5 0.25 2",)),)),
        TrackText(number=2, extra=(solo,)),
    )
    first, second = read(ProjectText(tracks)).tracks
    assert (first.playing_lanes, second.playing_lanes) == (5, None)
    assert (first.items[0].lane_y, first.items[0].lane_height) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("line", "seconds"), [("0.5 0", 0.5), ("0.5 1", 0.0), ("480 2", 0.01), ("480 3", 0.0)]
)
def test_a_media_offset_is_seconds_or_samples_or_off(line, seconds):
    (track,) = read(ProjectText((TrackText(extra=(f"PLAYOFFS {line}",)),))).tracks
    assert track.media_offset_seconds == seconds


def test_a_name_with_all_quotes_is_read_from_its_block():
    name = block("NAME", '|it\'s `"all"`')
    (track,) = read(ProjectText((TrackText("`it's 'all'`", chunks=(name,)),))).tracks
    assert track.name == 'it\'s `"all"`'


def test_ids_are_unique_also_where_guids_are_double_or_missing():
    pair = (ItemText(number=1), ItemText(number=1, position=9.0))
    for dialect in (DIALECTS["7.18"], DIALECTS["3"]):
        tracks = (TrackText(number=1, items=pair), TrackText(number=1, items=pair))
        timeline = read(ProjectText(tracks, dialect))
        assert len({item.id for _, item in timeline.items()}) == 4
        assert len({track.id for track in timeline.tracks}) == 2


def test_an_item_without_a_guid_keeps_its_id_where_it_goes_until_it_is_edited():
    before = read_item(ItemText(), "3").id
    tracks = (TrackText("New", items=(ItemText(9.0),)), TrackText(items=(ItemText(),)))
    assert read(ProjectText(tracks, DIALECTS["3"])).tracks[1].items[0].id == before
    assert read_item(ItemText(name="x"), "3").id != before


@pytest.mark.parametrize(
    ("item", "key"),
    [
        (ItemText(offset="x"), "SOFFS"),
        (ItemText(rate="0"), "PLAYRATE"),
        (ItemText(rate="nan"), "PLAYRATE"),
    ],
)
def test_a_wrong_number_that_would_move_audio_is_refused_with_its_line(item, key):
    project = ProjectText((TrackText(items=(item,)),))
    with pytest.raises(ProjectFileError, match=key) as caught:
        read(project)
    assert project.text().split("\n")[caught.value.line - 1].split()[0] in {"SOFFS", "PLAYRATE"}


@given(projects())
def test_item_lines_are_the_items_own_blocks(project):
    document = Document.parse(project.content(), Path("song.rpp"))
    try:
        timeline = read_timeline(document)
    except ProjectFileError:
        return
    for item in [item for track in timeline.tracks for item in track.items]:
        assert document.lines[item.lines.start].strip() == b"<ITEM"
        assert document.lines[item.lines.stop - 1].strip() == b">"


@given(projects(), st.data())
def test_any_damaged_project_is_read_or_refused(project, data):
    lines = project.content().split(b"\n")
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(lines) - 1))
        words = lines[place].split(b" ")
        word = data.draw(st.integers(0, len(words) - 1))
        odd = [
            b"",
            b"nan",
            b"-1",
            b"1e999",
            b'"',
            b"'x",
            b"0x",
            b"TAKE",
            b"\xff",
            b"#",
            b"99999999999",
        ]
        words[word] = data.draw(st.sampled_from(odd))
        lines[place] = b" ".join(words)
    try:
        timeline = read_timeline(Document.parse(b"\n".join(lines), Path("song.rpp")))
    except ProjectFileError:
        return
    assert timeline.end_seconds < float("inf")


def test_a_line_with_an_unterminated_quote_says_nothing_as_in_reaper():
    item = read_item(ItemText(take_extra=['TAKE "x', 'NAME "never']))
    assert len(item.takes) == 1
