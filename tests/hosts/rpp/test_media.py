from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.hosts.rpp.media import MediaFinder


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a.wav", "a.wav"),
        ("Media/a.wav", "Media/a.wav"),
        (r"Media\sub\a.wav", "Media/sub/a.wav"),
        (r"..\up.wav", "../up.wav"),
        ("media/A.WAV", "Media/a.wav"),
        (r"MEDIA\a.wav", "Media/a.wav"),
        (unicodedata.normalize("NFC", "Gitárre.wav"), unicodedata.normalize("NFD", "Gitárre.wav")),
        (unicodedata.normalize("NFD", "ÉTÉ/ü.wav"), unicodedata.normalize("NFC", "été/ü.wav")),
        (r"odd\name.wav", r"odd\name.wav"),
    ],
)
def test_file_is_found_where_the_project_says_however_it_is_spelt(tmp_path, written, stored):
    folder = tmp_path / "project"
    folder.mkdir()
    make(folder / stored)
    lookup = MediaFinder(folder).find(written)
    assert lookup.path is not None
    assert lookup.path.samefile(folder / stored)
    assert lookup.note == ""


def test_absolute_path_is_taken_as_it_is(tmp_path):
    media = make(tmp_path / "elsewhere" / "a.wav")
    assert MediaFinder(tmp_path / "project").find(str(media)).path == media


@pytest.mark.parametrize(
    "written", [r"C:\Users\me\Media\a.wav", "/Volumes/Disk/a.wav", "old/a.wav"]
)
def test_file_that_moved_beside_the_project_is_taken_and_told(tmp_path, written):
    media = make(tmp_path / "a.wav")
    lookup = MediaFinder(tmp_path).find(written)
    assert lookup.path == media
    assert written in lookup.note
    assert str(media) in lookup.note


def test_recording_folder_is_the_last_place(tmp_path):
    media = make(tmp_path / "Takes" / "a.wav")
    lookup = MediaFinder(tmp_path, "takes").find(r"D:\a.wav")
    assert lookup.path == media
    assert lookup.note


def test_exact_name_wins_over_another_case(tmp_path):
    make(tmp_path / "A.wav")
    exact = make(tmp_path / "a.wav")
    assert MediaFinder(tmp_path).find("a.wav").path == exact


@pytest.mark.parametrize(
    "written", ["gone.wav", r"C:\gone.wav", "", "\0", "x" * 5_000, "a/\udcff.wav", "..", "."]
)
def test_what_is_nowhere_is_missing(tmp_path, written):
    lookup = MediaFinder(tmp_path, "Media").find(written)
    assert lookup.path is None
    assert lookup.note == ""


def test_every_place_is_told_once(tmp_path):
    tried = MediaFinder(tmp_path, "Media").find(r"sub\gone.wav").tried
    assert tried == (
        tmp_path / r"sub\gone.wav",
        tmp_path / "sub/gone.wav",
        tmp_path / "gone.wav",
        tmp_path / "Media/gone.wav",
    )


def test_folder_is_no_media(tmp_path):
    (tmp_path / "a.wav").mkdir()
    assert MediaFinder(tmp_path).find("a.wav").path is None


def test_a_file_that_cannot_be_read_is_refused_again_without_a_growing_trace(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"no audio")
    finder = MediaFinder(tmp_path)
    depths = []
    for _ in range(3):
        with pytest.raises(AudioFileError) as refused:
            finder.probe(path)
        depths.append(len(refused.traceback))
    assert depths[1] == depths[2] <= depths[0]
