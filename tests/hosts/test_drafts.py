"""A draft is called a draft in every place where a user meets it."""

import dataclasses
import json
from pathlib import Path

import pytest
from fakes.made_placements import make_placement
from fakes.placements import placement as project_placement
from fakes.placements import timeline_of
from fakes.projects import ProjectText

from hanolab_dawtools.hosts.audio_file import AudioFileHost
from hanolab_dawtools.hosts.rpp import project_file
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.placement import Placement
from hanolab_dawtools.presenters.wording import role_text

FOUR = (StemRole.VOCALS, StemRole.DRUMS, StemRole.BASS, StemRole.OTHER)


def _draft(placement: Placement) -> Placement:
    """The same with all but the vocals as drafts."""
    stems = (
        dataclasses.replace(s, is_draft=s.role is not StemRole.VOCALS) for s in placement.stems
    )
    return dataclasses.replace(placement, stems=tuple(stems))


def test_files_and_their_list_say_what_is_a_draft(tmp_path: Path) -> None:
    placed = AudioFileHost(tmp_path / "song.wav").place(
        _draft(make_placement(tmp_path / "job", roles=FOUR))
    )
    names = ["vocals.wav", "drums-draft.wav", "bass-draft.wav", "other-draft.wav"]
    assert [track.path.name for track in placed.tracks] == names
    assert [track.is_draft for track in placed.tracks] == [False, True, True, True]
    listed = json.loads((placed.folder / "job.json").read_text("utf-8"))["stems"]
    assert [(stem["file"], stem["draft"]) for stem in listed] == [
        (name, "draft" in name) for name in names
    ]


def test_tracks_of_a_project_say_what_is_a_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: False)
    project = tmp_path / "song.rpp"
    project.write_bytes(ProjectText().content())
    stems = make_placement(tmp_path / "job", roles=(*FOUR[:3], StemRole.REST)).stems
    wanted = _draft(dataclasses.replace(project_placement(source=project), stems=stems))
    placed = RppHost(project).place(wanted)
    names = ["Vocals", "Drums (draft)", "Bass (draft)", "Rest (draft)"]
    assert [track.name for track in placed.tracks] == names
    assert [track.is_draft for track in placed.tracks] == [False, True, True, True]
    assert [track.name for track in timeline_of(project.read_bytes()).tracks][-4:] == names
    assert RppHost(project).place(wanted).tracks == placed.tracks


def test_a_stem_is_listed_as_a_draft(tmp_path: Path) -> None:
    placed = AudioFileHost(tmp_path / "song.wav").place(
        _draft(make_placement(tmp_path / "job", roles=FOUR[:2]))
    )
    assert [role_text(track) for track in placed.tracks] == ["vocals", "drums (draft)"]
