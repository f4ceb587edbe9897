"""What a project says about how its items sound beyond where they lie: pan laws, solo, lanes."""

from pathlib import Path

import pytest
from fakes.projects import ItemText, ProjectText, TrackText, block, vst

from hanolab_dawtools.hosts.project.timeline import Take, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.reader import read_timeline


def read(*tracks: TrackText, **fields: object) -> Timeline:
    project = ProjectText(tracks, **fields)  # type: ignore[arg-type]
    return read_timeline(Document.parse(project.content(), Path("song.rpp")))


def read_track(*lines: str, items: tuple[ItemText, ...] = (), **fields: object) -> Track:
    return read(TrackText(extra=lines, items=items, **fields)).tracks[0]  # type: ignore[arg-type]


def read_takes(*take_extra: str) -> tuple[Take | None, ...]:
    return read_track(items=(ItemText(take_extra=list(take_extra)),)).items[0].takes


def test_pan_law_is_that_of_each_take_and_of_the_project():
    first, second = read_takes("TAKE", "NAME two", "TAKEVOLPAN 0.5 -0.25 0.7")
    assert (first.pan_law, second.pan_law) == (-1.0, 0.7)
    assert (second.pan, second.gain, second.is_inverted) == (0.5, 0.25, True)
    assert read(settings=("PANLAW 0.5",)).pan_law == 0.5
    assert read().pan_law == 1.0


@pytest.mark.parametrize(("line", "expected"), [("VOLTYPE 1", True), ("VOLTYPE 0", False)])
def test_envelope_tells_whether_it_moves_as_a_fader(line, expected):
    lines = block("VOLENV", "ACT 1 -1", line, "PT 0 1 5 0 0 0 0.25", "PT 1 0.5 0")
    (take,) = read_takes(*lines)
    (envelope,) = take.envelopes
    assert envelope.is_fader_scaled is expected
    assert envelope.points[1] == (1.0, 0.5, 0, 0.0)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("MUTESOLO 0 0 0", (False, False)),
        ("MUTESOLO 0 2 0", (True, False)),
        ("MUTESOLO 0 0 1", (False, True)),
        ("MUTESOLO 0 1", (True, False)),
    ],
)
def test_solo_and_its_defeat_are_read(line, expected):
    track = read_track(line)
    assert (track.is_soloed, track.defies_solo) == expected


def test_receives_are_numbers_of_tracks():
    track = read_track("AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''", "AUXRECV 10 3 1 0 0 0 0 0 0")
    assert track.receives == (1, 11)


def test_lanes_are_read_with_the_items_on_them():
    items = (ItemText(extra=("YPOS 0 0.5 1",)), ItemText(1.0, number=2, extra=("YPOS 0.5 0.5 1",)))
    track = read_track("FREEMODE 2", "LANESOLO 2 0 0 0 0 0 0 0", items=items)
    assert (track.free_mode, track.playing_lanes) == (2, 2)
    assert [item.lane for item in track.items] == [0, 1]


def test_offset_in_samples_of_an_unknown_rate_is_an_offset_all_the_same():
    timeline = read(TrackText(extra=("PLAYOFFS 480 2",)), rate="0 0 0")
    assert timeline.tracks[0].media_offset_seconds != 0.0


def test_section_is_read_with_what_it_holds():
    inner = block("SOURCE WAVE", 'FILE "a b.wav"')
    lines = block("SOURCE SECTION", "LENGTH 4.5", "MODE 2", "STARTPOS 1.25", "OVERLAP 0.01", inner)
    (item,) = read_track(items=(ItemText(source=lines),)).items
    source = item.take.source
    assert (source.kind, source.section_mode, source.inner.file) == ("SECTION", 2, "a b.wav")
    assert (source.section_start_seconds, source.section_length_seconds) == (1.25, 4.5)
    assert source.section_overlap_seconds == 0.01


@pytest.mark.parametrize(
    "name", ["VSTi: x", "VST3i: Kontakt 7", "AUi: x", "CLAPi: Surge XT", "DXi: x", "LV2i: x"]
)
def test_instruments_are_no_effects_on_audio(name):
    kind = name.split("i:")[0].rstrip("3")
    instrument = block(f'{kind} "{name}" file "" 0 "" 0', "AAAA")
    chain = block("FXCHAIN", "BYPASS 0 0", instrument, "BYPASS 0 0", vst(), "BYPASS 0 1", vst())
    assert read_track(chunks=(chain,)).effects == ("VST: ReaEQ (Cockos)",)


def test_items_of_a_closed_folder_are_read():
    tracks = (
        TrackText("Folder", 1, bus="1 1", extra=("BUSCOMP 2 2 0 0 0",)),
        TrackText("Inside", 2, items=(ItemText(),), bus="2 -1"),
    )
    folder, inside = read(*tracks).tracks
    assert (folder.folder_change, inside.depth, len(inside.items)) == (1, 1, 1)


def test_frozen_track_plays_its_frozen_audio_and_not_the_originals():
    original = block("FREEZE 0", ItemText(number=9, file="dry.wav").lines(ProjectText().dialect))
    frozen = ItemText(file="frozen.wav", take_extra=["FREEZE 1 0 0"])
    (item,) = read_track(items=(frozen,), chunks=(original,)).items
    assert item.take.source.file == "frozen.wav"
