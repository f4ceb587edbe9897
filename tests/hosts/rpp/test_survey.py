"""What a survey says of a project is what a capture of it then does."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.projects import (
    DIALECTS,
    ItemText,
    Lines,
    ProjectText,
    TrackText,
    block,
    fx_chain,
    marker_line,
    region_lines,
    vst,
)
from fakes.read_only import public_folder, read_only
from fakes.timelines import noise, write_media

from hanolab_dawtools.errors import JobCancelled, ProjectFileError
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress
from hanolab_dawtools.hosts.rpp import media, rules
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.hosts.rpp.survey import ProjectSurvey, survey_project
from hanolab_dawtools.model import Wanted

DIALECT = DIALECTS["7.18"]
MIDI = block("SOURCE MIDI", "HASDATA 1 960 QN", "E 480 90 3c 60")
SONG = "song.wav"


def item(number: int, position: float, **fields: object) -> ItemText:
    return ItemText(position=position, number=number, **{"file": SONG, "length": 1.0, **fields})


def midi(number: int, position: float) -> ItemText:
    return item(number, position, kind="MIDI", source=MIDI, name=f"pno{number}")


def regions(*spans: tuple[float, float]) -> Lines:
    lines: Lines = []
    for number, (start, end) in enumerate(spans, start=1):
        lines += region_lines(DIALECT, number, start, end, f"R{number}")
    return lines


def survey(folder: Path, *tracks: TrackText, **fields: object) -> ProjectSurvey:
    path = folder / "song.rpp"
    text = ProjectText(tracks=tracks, **{"selection": "0 0", **fields})
    path.write_bytes(text.content())
    return survey_project(path, stop=NeverStop(), progress=ignore_progress)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_media(tmp_path / SONG, noise(2, 44_100 * 8), 44_100)
    write_media(tmp_path / "mono.wav", noise(1, 96_000), 96_000)
    return tmp_path


def test_tracks_items_takes_and_markers_are_counted(folder: Path) -> None:
    two_takes = ["TAKE SEL", "NAME two", *block("SOURCE WAVE", f"FILE {SONG}")]
    found = survey(
        folder,
        TrackText(name="Band", bus="1 1", number=1),
        TrackText(
            name="Gtr",
            number=2,
            bus="2 -1",
            items=(item(1, 0.0, take_extra=two_takes), midi(2, 1.0), item(3, 2.0, mute="1 0")),
        ),
        TrackText(name="Lanes", number=3, extra=("FREEMODE 2", "MUTESOLO 1 0 0")),
        markers=(marker_line(DIALECT, 1, 3.0, "here", 0), *regions((0.0, 1.0))),
        tempo_points=("PT 0 120 1", "PT 8 100 0 262148 0 1", "PT 9 90 0"),
    )
    assert (found.version, found.sample_rate, found.end_seconds) == ("7.18/win64", 48_000, 3.0)
    assert (found.tracks.total, found.tracks.folders, found.tracks.fixed_lanes) == (3, 1, 1)
    assert (found.items.total, found.items.takes, found.items.with_takes) == (3, 4, 1)
    assert (found.items.muted, found.items.by_kind) == (1, {"WAVE": 2, "MIDI": 1})
    assert (found.markers, found.tempo_bpm, found.tempo_changes) == (1, 120.0, 2)


def test_each_region_the_time_selection_and_the_whole_are_looked_into(folder: Path) -> None:
    track = TrackText(items=(item(1, 0.0), midi(2, 0.5), item(3, 4.0)))
    found = survey(folder, track, markers=regions((0.0, 2.0), (2.5, 3.5)), selection="4 4.5")
    told = [(span.kind, span.number, span.rendered, len(span.skipped)) for span in found.spans]
    assert told == [
        ("region", 1, 1, 1),
        ("region", 2, 0, 0),
        ("time selection", None, 1, 0),
        ("project", None, 2, 1),
    ]
    assert "no item plays between 0:02.500 and 0:03.500" in found.spans[1].nothing


def test_a_region_says_what_its_capture_then_says(folder: Path) -> None:
    fade = "1.1 0.01 0.3 1 1 0.4 0.4"
    track = TrackText(
        items=(item(1, 0.0, fade_in=fade), midi(2, 0.5)), chunks=(fx_chain(vst()),), name="Gtr"
    )
    (region, _) = survey(folder, track, markers=regions((0.0, 2.0))).spans
    host = RppHost(folder / "song.rpp")
    (selection,) = host.selections(Wanted(region="R1"))
    capture = host.capture(
        selection, folder / "job", handle_seconds=0.0, stop=NeverStop(), progress=ignore_progress
    )
    assert (region.sample_rate, region.n_channels) == (capture.sample_rate, capture.n_channels)
    assert region.rendered == len(capture.sources)
    assert region.skipped == capture.skipped
    assert region.approximate == capture.approximate
    assert region.unheard_effects == capture.unheard_effects
    assert region.skipped
    assert region.approximate
    assert region.unheard_effects


def test_a_region_that_ends_long_after_the_last_item_is_looked_into(folder: Path) -> None:
    (region, _) = survey(folder, TrackText(items=(item(1, 0.0),)), markers=regions((0, 99))).spans
    (selection,) = RppHost(folder / "song.rpp").selections(Wanted(region="R1"))
    assert (region.rendered, region.nothing) == (1, "")
    assert (selection.start_seconds, selection.end_seconds) == (0.0, 99.0)


def test_every_item_of_a_region_without_audio_is_named(folder: Path) -> None:
    track = TrackText(items=tuple(midi(number, number / 8) for number in range(12)))
    region = survey(folder, track, markers=regions((0.0, 2.0))).spans[0]
    assert len(region.skipped) == 12
    assert {note.reason for note in region.skipped} == {
        next(rule.sentence for rule in rules.RULES if rule.kind == "MIDI")
    }
    assert region.nothing


@pytest.mark.parametrize("files", [(SONG,), ("mono.wav",), (SONG, "mono.wav")])
def test_without_a_rate_of_its_own_the_highest_of_the_media_counts(folder: Path, files) -> None:
    track = TrackText(items=tuple(item(k, 0.0, file=file) for k, file in enumerate(files)))
    found = survey(folder, track, rate="48000 0 0")
    assert found.sample_rate is None
    rates = {SONG: (44_100, 2), "mono.wav": (96_000, 1)}
    whole = found.spans[-1]
    assert whole.sample_rate == max(rates[file][0] for file in files)
    assert whole.n_channels == max(rates[file][1] for file in files)


def test_missing_media_is_told_once_with_all_its_items(folder: Path) -> None:
    section = block("SOURCE SECTION", "LENGTH 1", block("SOURCE WAVE", "FILE gone.wav"))
    other_take = ["TAKE", "NAME two", *block("SOURCE WAVE", "FILE unused.wav")]
    track = TrackText(
        name="Gtr",
        items=(
            item(1, 0.0, file="gone.wav", name="one"),
            item(2, 2.0, source=section, name="two"),
            item(3, 4.0, take_extra=other_take, name="three"),
        ),
    )
    gone, unused = survey(folder, track).missing
    assert (gone.file, [place.item for place in gone.items]) == ("gone.wav", ["one", "two"])
    assert gone.tried == (folder / "gone.wav", folder / "Media" / "gone.wav")
    assert (unused.file, [place.item for place in unused.items]) == ("unused.wav", ["three"])
    assert (unused.items[0].track, unused.items[0].position_seconds) == ("Gtr", 4.0)


def test_each_media_file_is_opened_once_for_all_items_and_regions(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    probe = media.probe
    monkeypatch.setattr(media, "probe", lambda path: opened.append(path) or probe(path))
    track = TrackText(items=tuple(item(k, float(k)) for k in range(20)))
    found = survey(folder, track, markers=regions((0.0, 5.0), (5.0, 10.0), (0.0, 20.0)))
    assert [span.rendered for span in found.spans] == [5, 5, 20, 20]
    assert opened == [folder / SONG]


def test_what_stands_in_the_way_of_placing_is_foreseen(folder: Path) -> None:
    soloed = TrackText(items=(item(1, 0.0),), bus="1 1", extra=("MUTESOLO 0 1 0",))
    found = survey(folder, soloed)
    assert any("leaves a folder open" in warning for warning in found.warnings)
    assert any("soloed" in warning for warning in found.warnings)
    assert survey(folder, TrackText(items=(item(1, 0.0),))).warnings == ()


def test_a_project_that_cannot_be_written_is_foreseen() -> None:
    with public_folder() as folder:
        survey(folder, TrackText(items=(item(1, 0.0),)))
        with read_only(folder):
            found = survey_project(folder / "song.rpp", stop=NeverStop(), progress=ignore_progress)
    assert any("the project file is read-only" in warning for warning in found.warnings)
    assert any("cannot be written" in warning for warning in found.warnings)


def test_an_empty_project_has_nothing_to_look_into(folder: Path) -> None:
    found = survey(folder)
    assert (found.spans, found.missing, found.end_seconds) == ((), (), 0.0)


def test_what_is_no_project_is_refused(folder: Path) -> None:
    template = folder / "t.rpp"
    template.write_text("<TRACK\n>\n", "utf-8")
    with pytest.raises(ProjectFileError, match="a track template"):
        survey_project(template, stop=NeverStop(), progress=ignore_progress)


def test_a_survey_can_be_stopped_between_regions(folder: Path) -> None:
    class StopAtOnce(NeverStop):
        def is_set(self) -> bool:
            return True

    survey(folder, TrackText(items=(item(1, 0.0),)))
    with pytest.raises(JobCancelled):
        survey_project(folder / "song.rpp", stop=StopAtOnce(), progress=ignore_progress)


def test_progress_is_told_for_each_region(folder: Path) -> None:
    survey(folder, TrackText(items=(item(1, 0.0),)), markers=regions((0.0, 1.0)))
    told: list[Progress] = []
    survey_project(folder / "song.rpp", stop=NeverStop(), progress=told.append)
    assert [report.fraction for report in told] == [0.0, 0.5]
