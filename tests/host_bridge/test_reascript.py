"""REAPER's functions as the scripts call them, over real C functions."""

from __future__ import annotations

import ctypes

import pytest
from fakes.live_captures import scripts
from fakes.reaper.in_process import here

scripts()

import hanolab_calls  # noqa: E402 - the folder of the scripts must be known first
from hanolab_reascript import HostFault, Missing, Reascript  # noqa: E402

SONG = {
    "path": "/music/song.rpp",
    "sample_rate": 48_000,
    "time_selection": [1.5, 2.5],
    "tracks": [
        {
            "name": "Gesang ♪",
            "guid": "{T1}",
            "items": [
                {"guid": "{I1}", "position": 1.0, "length": 2.0, "takes": [{"guid": "{K1}"}]}
            ],
        },
        {"name": "Bass", "guid": "{T2}"},
    ],
    "regions": [{"name": "Größe", "start": 1.0, "end": 3.0, "number": 7}],
}


@pytest.fixture
def reaper():
    with here(projects=[SONG, {"path": "/music/other.rpp"}]) as (module, host):
        yield Reascript(module), host


@pytest.fixture
def face(reaper):
    return reaper[0]


@pytest.fixture
def project(face):
    return face.find_project()


def test_every_declaration_can_be_called(face):
    for name in hanolab_calls.declarations():
        if face.has(name):
            getattr(face.api, name)


def test_table_of_declarations_is_sorted_and_each_is_there_once():
    names = list(hanolab_calls.declarations())
    assert names == sorted(names, key=str.lower)
    assert len(names) == hanolab_calls.FUNCTIONS.count("(")


def test_declarations_are_those_of_the_header():
    from fakes.reaper.functions import all_functions

    known = all_functions()
    for name, declared in hanolab_calls.declarations().items():
        types = [parameter.c_type for parameter in known[name].parameters]
        assert [c_type for c_type, _ in declared.parameters] == types, name
        assert declared.result == known[name].returns, name


def test_what_comes_back_is_given_without_what_went_in(face, project):
    assert face.api.GetSet_LoopTimeRange2(project, False, False, 0.0, 0.0, False) == (1.5, 2.5)
    assert face.api.EnumProjects(1)[1] == "/music/other.rpp"
    assert face.api.CountProjectMarkers(project) == (1, 0, 1)


def test_name_of_a_region_is_told_although_it_comes_by_pointer(face, project):
    count, is_region, start, end, name, number, _ = face.api.EnumProjectMarkers3(project, 0)
    assert (count, is_region, start, end, name, number) == (1, True, 1.0, 3.0, "Größe", 7)
    assert face.api.EnumProjectMarkers3(project, 1)[0] == 0


def test_null_is_a_zero_and_so_false(face, project):
    assert face.api.GetTrack(project, 5) == 0
    assert face.api.GetTrack(project, 0)


def test_text_that_is_not_there_is_none(face, project):
    assert face.api.Undo_CanUndo2(project) is None


def test_text_may_be_any_and_long(face, project):
    track = face.api.GetTrack(project, 0)
    text = "Ж♪\n" * 20_000
    face.set_string("track", track, "P_NAME", text)
    assert face.get_text("track", track, "P_NAME") == text


def test_text_behind_a_longer_one_is_not_mixed_with_it(face, project):
    track = face.api.GetTrack(project, 0)
    face.set_string("track", track, "P_NAME", "a longer name")
    assert face.get_text("track", track, "P_EXT:nothing") == ""


def test_text_with_a_nul_is_refused_since_it_would_be_cut(face, project):
    with pytest.raises(HostFault) as caught:
        face.set_string("track", face.api.GetTrack(project, 0), "P_NAME", "a\0b")
    assert caught.value.code == "bad_arguments"


def test_short_buffer_is_grown_until_the_whole_text_fits(face, project):
    value = "x" * 10_000
    face.api.SetProjExtState(project, "hanolab", "long", value)
    assert face.get_string("GetProjExtState", project, "hanolab", key="long", size=16) == value


def test_text_too_long_for_its_buffer_is_refused(face):
    with pytest.raises(HostFault) as caught:
        face.api.GetUserInputs("title", 1, "caption", "y" * 100, size=50)
    assert caught.value.code == "too_large"


def test_function_that_this_reaper_lacks_is_missing():
    with here(absent_functions=["InsertTrackInProject"]) as (module, _):
        face = Reascript(module)
        assert not face.has("InsertTrackInProject")
        with pytest.raises(Missing, match="InsertTrackInProject") as caught:
            face.api.InsertTrackInProject(0, 0, 0)
        assert caught.value.code == "missing"


def test_function_without_a_declaration_is_a_mistake_of_ours(face):
    with pytest.raises(AttributeError, match="hanolab_functions"):
        face.api.NoSuchFunction()


@pytest.mark.parametrize("ins", [(), (0, 0, 0)])
def test_wrong_number_of_values_never_reaches_reaper(face, ins):
    with pytest.raises(TypeError, match="takes 2 values"):
        face.api.GetTrack(*ins)


def test_wrong_type_never_reaches_reaper(face, project):
    with pytest.raises(ctypes.ArgumentError):
        face.api.GetTrack(project, 1.5)


@pytest.mark.parametrize(
    ("text", "number"), [("7.22/linux-x86_64", (7, 22)), ("7.5rc2/x64", (7, 5)), ("odd", (0,))]
)
def test_version_is_told_as_numbers(face, monkeypatch, text, number):
    monkeypatch.setattr(face.api, "GetAppVersion", lambda: text, raising=False)
    assert face.version == text
    assert face.version_number == number


def test_other_scripts_may_reset_the_ctypes_cache(face, project):
    before = face.api.EnumProjectMarkers3(project, 0)
    ctypes._reset_cache()
    assert face.api.EnumProjectMarkers3(project, 0) == before
    assert face.api.CountProjectMarkers(project) == (1, 0, 1)


def test_stale_pointer_is_told_apart_before_it_is_used(reaper, project):
    face, host = reaper
    track = face.api.GetTrack(project, 1)
    host.projects[0].edit({"delete_tracks": [1]})
    assert not face.valid(project, track, "MediaTrack*")
    assert not face.valid(project, 0, "MediaTrack*")
