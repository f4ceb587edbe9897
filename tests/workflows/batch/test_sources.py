"""Files, folders, lists and buckets as sources of a batch."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from hanolab_dawtools.errors import InputError, JobCancelled
from hanolab_dawtools.model import ObjectFacts
from hanolab_dawtools.workflows.batch.sources import Sources, find_sources


class Shelf:
    """A bucket that holds names."""

    def __init__(self, *urls: str, n_bytes: int = 10) -> None:
        self._facts = [ObjectFacts(url, n_bytes, '"tag"') for url in urls]

    def list(self, url, *, stop):
        top = f"{url.rstrip('/')}/"
        return [one for one in self._facts if one.url == url or one.url.startswith(top)]


def found(*asked: str | Path, bucket: Shelf | None = None) -> Sources:
    return find_sources(
        map(str, asked),
        lambda: bucket or Shelf(),
        lambda path: str(path) == "reaper",
        stop=threading.Event(),
    )


def told(sources: Sources) -> list[str]:
    return [f"{one.folder}/{one.name}" if one.folder else one.name for one in sources.found]


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_folder_stands_for_its_audio_with_its_structure(tmp_path):
    put(tmp_path, "b.wav", "a/Z.FLAC", "a/deep/x.mp3", "cover.jpg", "notes.txt")
    assert told(found(tmp_path)) == ["b", "a/Z", "a/deep/x"]


def test_hidden_files_and_own_results_are_passed_over(tmp_path):
    put(tmp_path, "a.wav", ".b.wav", "._a.wav", ".git/c.wav", "HanoLab/x/d.wav")
    put(tmp_path, "a_hanolab/vocals.wav", "out/s/vocals.wav", "mine/e.wav")
    (tmp_path / "out/s/job.json").write_text(json.dumps({"job_id": "x"}))
    (tmp_path / "mine/job.json").write_text("[]")  # somebody else's
    assert told(found(tmp_path)) == ["a", "mine/e"]


def test_circle_of_links_ends_and_no_file_is_taken_twice(tmp_path):
    put(tmp_path, "in/a.wav")
    (tmp_path / "in/round").symlink_to(tmp_path)
    (tmp_path / "in/same.wav").symlink_to("a.wav")
    assert told(found(tmp_path, tmp_path / "in", tmp_path / "in/a.wav")) == ["in/a"]


def test_audio_that_cannot_be_read_and_projects_are_told(tmp_path):
    put(tmp_path, "a.wav", "b.m4a", "song.rpp")
    sources = found(tmp_path)
    assert [title for title, _ in sources.left_out] == ["b.m4a"]
    assert "name projects" in sources.remarks[0]


def test_empty_folder_is_told(tmp_path):
    assert "no audio file" in found(tmp_path).left_out[0][1]


def test_folder_that_cannot_be_looked_into_is_left_out(tmp_path, monkeypatch):
    put(tmp_path, "a.wav", "shut/b.wav")
    look = os.scandir

    def shut(path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", shut)
    sources = found(tmp_path)
    assert told(sources) == ["a"]
    assert "cannot be looked into" in sources.left_out[0][1]


def test_list_names_sources_relative_to_itself(tmp_path):
    put(tmp_path, "lists/a.wav", "b.wav", "more/c.wav")
    text = "\ufeff#EXTM3U\n\n a.wav \n../b.wav\n../more\nreaper\ns3://takes/d.wav\n"
    (tmp_path / "lists/all.m3u8").write_text(text, encoding="utf-8")
    sources = found(tmp_path / "lists/all.m3u8", bucket=Shelf("s3://takes/d.wav"))
    assert told(sources) == ["a", "b", "c", "reaper", "d"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a.wav\nb.wav\n", "line 2: there is no file"),
        (b"list.txt\n", "line 1: .* is a list in a list"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_mistake_in_a_list_is_told_with_its_line(tmp_path, content, words):
    put(tmp_path, "a.wav")
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(InputError, match=words):
        found(tmp_path / "list.txt")


@pytest.mark.parametrize("name", ["nowhere.wav", "x" * 300, "nul\0l"])
def test_missing_source_is_an_error(tmp_path, name):
    with pytest.raises(InputError):
        found(tmp_path / name)


def test_prefix_of_a_bucket_keeps_its_structure(tmp_path):
    top = "s3://takes/songs"
    bucket = Shelf(
        *(f"{top}/b.wav", f"{top}/a/x.flac", f"{top}/a/.hid.wav", f"{top}/y_hanolab/v.wav"),
        *(f"{top}/r/vocals.wav", f"{top}/r/job.json", f"{top}/z.m4a"),
    )
    sources = found(top, bucket=bucket)
    assert told(sources) == ["a/x", "b"]
    assert sources.left_out[0][0] == f"{top}/z.m4a"
    assert not sources.found[0].path.is_absolute()


def test_stop_is_heard_between_files(tmp_path):
    put(tmp_path, "a.wav")
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        find_sources([str(tmp_path)], Shelf, lambda _: False, stop=stop)
