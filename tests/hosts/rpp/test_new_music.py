"""Music that was made of nothing: one new track in a project, and nothing else touched."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fakes.line_diff import difference
from fakes.mixer import RATE, Mixer
from fakes.placements import timeline_of
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, projects
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.project.identity import StemFile
from hanolab_dawtools.hosts.rpp import project_file
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.hosts.rpp.place import place_stems
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.restore import restore_project
from hanolab_dawtools.model import HostName, Selection, Stem, StemRole
from hanolab_dawtools.placement import Placement

FACTS = {"kind": "generate", "engine": "hanolab", "engine_version": "1", "parameters": {}}
NAMES = ["slow piano", 'it\'s "big" `now`', "two\nlines", "雨の ピアノ 🎹", "<NAME 1", "x" * 3000]


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: False)


def music_for(project: Path, stem: Path, *, at: float = 2.5, name: str = "slow piano") -> Placement:
    return Placement(
        job_id="job-1",
        selection=Selection(HostName.RPP, project, name, at, at + 1.0, "--at"),
        capture=None,
        stems=(Stem(StemRole.MIX, stem, name=name),),
        alignment=None,
        provenance=FACTS,
    )


def make(folder: Path, project: ProjectText, suffix: str = "wav", rate: int = 44_100) -> Placement:
    folder.mkdir(exist_ok=True)
    path = folder / "song.rpp"
    path.write_bytes(project.content())
    stem = folder / f"0-mix.{suffix}"
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, (2, rate)).astype(np.float32)
    if suffix == "wav":
        write_audio(stem, AudioBuffer(noise, rate))
    else:
        import soundfile  # a stand-in for the server's encoder

        soundfile.write(stem, noise.T, rate)
    return music_for(path, stem)


def test_the_music_is_one_track_behind_all_others_at_the_asked_time(tmp_path: Path) -> None:
    wanted = make(tmp_path, ProjectText())
    placed = RppHost(wanted.selection.source).place(wanted)
    timeline = timeline_of(wanted.selection.source.read_bytes())
    assert [track.name for track in timeline.tracks] == ["Guitar", "slow piano"]
    track = timeline.tracks[-1]
    assert (track.depth, track.folder_change, track.is_muted) == (0, 0, False)
    (item,) = track.items
    assert (item.position_seconds, item.length_seconds, item.is_muted) == (2.5, 1.0, False)
    assert not timeline.tracks[0].items[0].is_muted
    assert (placed.tokens_changed, placed.changes, placed.warnings) == (0, (), ())
    assert [(t.name, t.track_id, t.item_id) for t in placed.tracks] == [
        ("slow piano", track.id, item.id)
    ]


@pytest.mark.parametrize(
    ("suffix", "kind", "tail"), [("wav", "WAVE", ""), ("flac", "FLAC", ""), ("mp3", "MP3", " 1")]
)
def test_the_file_stays_as_it_came_and_the_item_says_its_format(
    tmp_path: Path, suffix: str, kind: str, tail: str
) -> None:
    wanted = make(tmp_path, ProjectText((), DIALECTS["7.7"]), suffix)
    came = wanted.stems[0].path.read_bytes()
    placed = RppHost(wanted.selection.source).place(wanted)
    (track,) = placed.tracks
    assert track.path.name == f"slow piano.{suffix}"
    assert track.path.read_bytes() == came
    text = wanted.selection.source.read_text("utf-8")
    file = f'"HanoLab/slow piano-job-1/slow piano.{suffix}"{tail}'
    assert f"<SOURCE {kind}" in text
    assert f"FILE {file}" in text


def test_the_same_call_again_writes_nothing_and_undo_brings_the_old_project_back(
    tmp_path: Path,
) -> None:
    wanted = make(tmp_path, ProjectText())
    path = wanted.selection.source
    before, host = path.read_bytes(), RppHost(wanted.selection.source)
    placed = host.place(wanted)
    after = path.read_bytes()
    assert host.place(wanted) == placed
    assert path.read_bytes() == after
    assert placed.backup is not None
    assert restore_project(placed)
    assert path.read_bytes() == before
    assert placed.tracks[0].path.exists()


def test_a_track_that_was_edited_since_is_not_put_there_twice(tmp_path: Path) -> None:
    wanted = make(tmp_path, ProjectText())
    path, host = wanted.selection.source, RppHost(wanted.selection.source)
    host.place(wanted)
    path.write_bytes(path.read_bytes().replace(b"slow piano", b"my intro", 1))
    edited = path.read_bytes()
    assert "already in the project" in host.place(wanted).warnings[0]
    assert path.read_bytes() == edited


def test_where_it_came_from_is_written_into_the_item_and_beside_the_file(tmp_path: Path) -> None:
    wanted = make(tmp_path, ProjectText())
    placed = RppHost(wanted.selection.source).place(wanted)
    assert b'hanolab \'{"job": "job-1", "role": "mix"' in wanted.selection.source.read_bytes()
    facts = json.loads((placed.folder / "job.json").read_text("utf-8"))
    assert (facts["job_id"], facts["kind"]) == ("job-1", "generate")
    assert "capture" not in facts
    assert sorted(path.name for path in placed.folder.iterdir()) == ["job.json", "slow piano.wav"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_makes_one_track_and_one_file(tmp_path: Path, name: str) -> None:
    wanted = make(tmp_path, ProjectText())
    named = music_for(wanted.selection.source, wanted.stems[0].path, name=name)
    placed = RppHost(wanted.selection.source).place(named)
    timeline = timeline_of(wanted.selection.source.read_bytes())
    assert timeline.tracks[-1].name == name.replace("\n", " ")[:1024]
    assert placed.tracks[0].path.is_file()
    assert placed.tracks[0].path.parent.parent == tmp_path / "HanoLab"


def test_a_project_that_changed_meanwhile_gets_the_music_all_the_same(tmp_path: Path) -> None:
    wanted = make(tmp_path, ProjectText())
    other = ProjectText((TrackText("New", 7, items=(ItemText(number=9),)),)).content()
    wanted.selection.source.write_bytes(other)
    RppHost(wanted.selection.source).place(wanted)
    names = [t.name for t in timeline_of(wanted.selection.source.read_bytes()).tracks]
    assert names == ["New", "slow piano"]


def test_music_is_heard_beside_all_that_was_heard_before() -> None:
    item = ItemText(0.5, 3.0, file="take.wav", offset="0")
    content = ProjectText((TrackText(items=(item,), bus="1 1"), TrackText("In", 2))).content()
    take, music = (np.random.default_rng(n).uniform(-1, 1, (2, 4 * RATE)) for n in (1, 2))
    wanted = music_for(Path("/music/song.rpp"), Path("/music/m.wav"), at=1.25)
    stem = StemFile(StemRole.MIX, Path("/music/m.wav"), RATE, 2, 2 * RATE, name="m")
    document = Document.parse(content, wanted.selection.source)
    new, _ = place_stems(
        document, read_timeline(document), wanted, [stem], target=wanted.selection.source
    )
    media = {"take.wav": take, "m.wav": music}
    before, after = (
        Mixer(text.decode(), media, 4 * RATE).outputs["master"] for text in (content, new)
    )
    expected = before.copy()
    expected[:, 1250:3250] += music[:, :2000]
    np.testing.assert_allclose(after, expected, atol=1e-12)


@given(projects(), st.sampled_from(NAMES), st.floats(0, 1e5))
def test_any_project_gets_inserted_lines_and_keeps_all_others(project, name, at):
    content = project.content()
    wanted = music_for(Path("/music/song.rpp"), Path("/music/m.wav"), at=at, name=name)
    stem = StemFile(StemRole.MIX, Path("/music/m.wav"), 44_100, 1, 99, name=name)
    document = Document.parse(content, wanted.selection.source)
    new, placed = place_stems(
        document, read_timeline(document), wanted, [stem], target=wanted.selection.source
    )
    counts = (placed.lines_inserted, placed.tokens_changed)
    assert difference(content, new, placed.changes) == counts
    track = timeline_of(new).tracks[-1]
    assert (track.depth, track.items[0].position_seconds) == (0, at)


def test_a_place_for_music_is_looked_for_in_a_readable_project_only(tmp_path: Path) -> None:
    path = tmp_path / "song.rpp"
    path.write_bytes(ProjectText(dialect=DIALECTS["4.32"]).content())
    spot = RppHost(path).spot("slow piano", 12.0, 42.0)
    assert (spot.host, spot.source, spot.start_seconds) == (HostName.RPP, path, 12.0)
    path.write_bytes(b"<REAPER_PROJECT 0.1\n  <TRACK\n")
    with pytest.raises(ProjectFileError):
        RppHost(path).spot("slow piano", 12.0, 42.0)
