"""`hanolab doctor PROJECT`: a report that a person and a program can read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, block, region_lines
from fakes.timelines import noise, write_media

DIALECT = DIALECTS["7.18"]
LONG_NAME = "Größe 重要なコーラス 🎹 and more words than any column has room for"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A project with audio, MIDI in its first region only, and a missing file outside of both."""
    folder = tmp_path / "music"
    folder.mkdir()
    write_media(folder / "a.wav", noise(2, 48_000 * 4), 48_000)
    midi = block("SOURCE MIDI", "HASDATA 1 960 QN", "E 480 90 3c 60")
    tracks = (
        TrackText(name="Gtr", number=1, items=(ItemText(file="a.wav", number=1),)),
        TrackText(
            name="Keys",
            number=2,
            items=(
                ItemText(kind="MIDI", source=midi, number=2, length=1.0, name='"tab\there"'),
                ItemText(file="gone.wav", number=3, position=8.0, name="solo"),
            ),
        ),
    )
    markers = [
        *region_lines(DIALECT, 1, 0.0, 2.0, f'"{LONG_NAME}"'),
        *region_lines(DIALECT, 5, 2.0, 4.0, "Verse"),
    ]
    path = folder / "song.rpp"
    text = ProjectText(tracks=tracks, markers=tuple(markers), selection="0 0")
    path.write_bytes(text.content())
    return path


def test_the_json_document_holds_every_fact(hanolab, song: Path) -> None:
    outcome = hanolab("doctor", song, "--json")
    assert outcome.code == 0
    project = outcome.document["project"]
    assert project["path"] == str(song)
    assert [span["number"] for span in project["spans"]] == [1, 5, None]
    assert [len(span["skipped"]) for span in project["spans"]] == [1, 0, 2]
    assert project["items"]["by_kind"] == {"WAVE": 2, "MIDI": 1}
    assert [media["file"] for media in project["missing"]] == ["gone.wav"]


def test_on_a_pipe_columns_are_divided_by_tabs(hanolab, song: Path) -> None:
    lines = hanolab("doctor", song).out.splitlines()
    regions = [line.split("\t") for line in lines[lines.index("Captures") + 1 :]][:3]
    form = "48 kHz stereo"
    assert regions == [
        ["1", LONG_NAME, "0:00.000", "0:02.000", form, "1", "0", "1"],
        ["5", "Verse", "0:02.000", "0:02.000", form, "1", "0", "0"],
        ["-", "(project)", "0:00.000", "0:12.000", form, "1", "0", "2"],
    ]
    (midi, gone) = [line.split("\t") for line in lines[lines.index("Refused") + 1 :]][:2]
    assert midi[:2] == ["Keys", '"tab here" at 0:00.000']
    assert midi[3] == "region 1"
    assert gone[2:] == ["its media is missing (see below)", "outside of regions"]
    (missing,) = [line.split("\t") for line in lines[lines.index("Missing media") + 1 :]][:1]
    folder = song.parent
    places = f"{folder / 'gone.wav'}, {folder / 'Media' / 'gone.wav'}"
    assert missing == ["gone.wav", '"solo" at 0:08.000', places]


def test_the_facts_of_a_project_are_told_in_words(hanolab, song: Path) -> None:
    lines = hanolab("doctor", song).out.splitlines()
    facts = dict(line.split("\t") for line in lines[1 : lines.index("Captures") - 1])
    assert facts["rate"] == "48 kHz, the project's own"
    assert facts["length"] == "0:12.000"
    assert facts["tracks"] == "2"
    assert facts["items"] == "3: audio 2, MIDI 1"
    assert facts["takes"] == "3; items with several 0"


def test_refused_items_are_a_report_and_no_failure(hanolab, song: Path) -> None:
    outcome = hanolab("doctor", song)
    assert outcome.code == 0
    assert "MIDI sounds only through its instrument" in outcome.out


def test_the_project_is_left_alone(hanolab, song: Path) -> None:
    before = {path: path.stat() for path in (song.parent, song)}
    hanolab("doctor", song)
    assert {path: path.stat().st_mtime_ns for path in before} == {
        path: stat.st_mtime_ns for path, stat in before.items()
    }


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.rpp", None, "No such file"),
        ("gone.wav", None, "there is no such file"),
        ("template.rpp", b"<TRACK\n>\n", "it is a track template"),
        ("half.rpp", b"<REAPER_PROJECT 0.1\n  <TRACK\n", "it is cut short"),
        ("text.wav", b"no audio at all", "cannot read audio"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    hanolab, tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    outcome = hanolab("doctor", tmp_path / name)
    assert outcome.code == 3
    assert outcome.out == ""
    assert sentence in outcome.err


def test_a_folder_is_neither_project_nor_audio(hanolab, tmp_path: Path) -> None:
    outcome = hanolab("doctor", tmp_path)
    assert outcome.code == 3
    assert "is a folder" in outcome.err


def test_an_audio_file_is_measured(hanolab, tmp_path: Path) -> None:
    times = np.arange(48_000 * 2) / 48_000
    sine = (0.5 * np.sin(2 * np.pi * 997 * times)).astype(np.float32)[None, :]
    path = write_media(tmp_path / "sine.wav", sine, 48_000)
    audio = hanolab("doctor", path, "--json").document["audio"]
    assert (audio["info"]["sample_rate"], audio["info"]["n_channels"]) == (48_000, 1)
    assert audio["info"]["n_frames"] == 96_000
    assert audio["levels"]["peak_dbfs"] == pytest.approx(-6.02, abs=0.01)
    assert audio["levels"]["loudness_lufs"] == pytest.approx(-9.03, abs=0.1)  # a mono sine: -3.01
    assert "-6.0 dBFS" in hanolab("doctor", path).out


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_found(hanolab, tmp_path: Path, value: float) -> None:
    samples = noise(2, 100_000)
    samples[1, 70_000] = value
    path = write_media(tmp_path / "bad.wav", samples, 50_000)
    outcome = hanolab("doctor", path)
    assert outcome.code == 0
    assert "NaN or infinity at frame 70000 (0:01.400)" in outcome.out
    audio = hanolab("doctor", path, "--json").document["audio"]
    assert (audio["bad_frame"], audio["levels"]) == (70_000, None)


@pytest.mark.parametrize("n_frames", [0, 1, 4_800])
def test_a_short_or_silent_file_has_no_loudness(hanolab, tmp_path: Path, n_frames: int) -> None:
    path = write_media(tmp_path / "short.wav", np.zeros((1, n_frames), np.float32), 48_000)
    outcome = hanolab("doctor", path)
    assert outcome.code == 0
    assert f"{n_frames} frames" in outcome.out
    assert ("400 ms" in outcome.out) == (n_frames > 0)


def test_silence_has_no_level_that_json_cannot_hold(hanolab, tmp_path: Path) -> None:
    path = write_media(tmp_path / "silence.wav", np.zeros((2, 48_000), np.float32), 48_000)
    assert "silence" in hanolab("doctor", path).out
    levels = hanolab("doctor", path, "--json").document["audio"]["levels"]
    assert levels["peak_dbfs"] is None


def test_names_that_are_no_text_are_reported(hanolab, tmp_path: Path) -> None:
    text = ProjectText(
        tracks=(
            TrackText(name="K\udce4se", items=(ItemText(file="g\udcf6ne.wav", name="\udcff"),)),
        )
    )
    path = tmp_path / "old.rpp"
    path.write_bytes(text.content())
    assert hanolab("doctor", path).code == 0
    (media,) = hanolab("doctor", path, "--json").document["project"]["missing"]
    assert media["file"] == "g\udcf6ne.wav"
