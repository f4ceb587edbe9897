"""Finding what is still there, writing what is really taken, and leaving things as they were."""

from __future__ import annotations

from ctypes import ArgumentError

import pytest
from fakes.live_captures import scripts
from fakes.reaper.in_process import here

scripts()

from hanolab_reascript import HostFault, Reascript  # noqa: E402 - the folder must be known first

SONG = {
    "path": "/music/song.rpp",
    "tracks": [
        {
            "name": f"T{number}",
            "guid": f"{{T{number}}}",
            "selected": number == 0,
            "items": [
                {
                    "guid": f"{{I{number}}}",
                    "position": 1.0,
                    "length": 2.0,
                    "selected": number == 1,
                    "takes": [None, {"guid": f"{{K{number}}}"}],
                }
            ],
        }
        for number in range(3)
    ],
    "numbers": {"RENDER_SRATE": 96_000, "RENDER_BOUNDSFLAG": 2, "RENDER_STARTPOS": 1.5},
    "texts": {"RENDER_FILE": "mine", "RENDER_PATTERN": "$project"},
}


@pytest.fixture
def reaper():
    with here(projects=[SONG, {"path": ""}]) as (module, host):
        yield Reascript(module), host


@pytest.fixture
def face(reaper):
    return reaper[0]


@pytest.fixture
def project(face):
    return face.find_project()


def tab(pointer: int) -> str:
    return f"0x{pointer:x}"


def test_open_project_is_found_by_tab_and_by_path(face, project):
    unsaved = face.projects()[1][0]
    assert face.find_project(tab(project)) == project
    assert face.find_project("", "/music/song.rpp") == project
    assert face.find_project(tab(unsaved), "") == unsaved


def test_path_counts_when_the_tab_holds_another_file_now(face, project):
    other = face.projects()[1][0]
    assert face.find_project(tab(other), "/music/song.rpp") == project


def test_project_that_is_not_open_is_gone(face, project):
    with pytest.raises(HostFault, match="/music/else") as caught:
        face.find_project(tab(project), "/music/else.rpp")
    assert caught.value.code == "gone"


def test_things_are_found_by_guid(face, project):
    api = face.api
    track = face.find_track(project, "{T1}")
    item = face.find_item(project, "{I1}")
    assert api.GetMediaItemTrack(item) == track
    assert api.GetMediaItemTake_Item(face.find_take(project, "{K1}")) == item
    assert face.find_track(project, "master") == api.GetMasterTrack(project)


def test_thing_made_after_the_index_is_found(reaper, project):
    face, host = reaper
    face.index(project)
    host.projects[0].edit({"add_tracks": [{"name": "new", "guid": "{NEW}"}]})
    assert face.get_text("track", face.find_track(project, "{NEW}"), "P_NAME") == "new"


def test_thing_deleted_after_the_index_is_gone(reaper, project):
    face, host = reaper
    face.index(project)
    host.projects[0].edit({"delete_tracks": [1]})
    for find, guid in ((face.find_track, "{T1}"), (face.find_item, "{I1}")):
        with pytest.raises(HostFault) as caught:
            find(project, guid)
        assert caught.value.code == "gone"


@pytest.mark.parametrize(
    ("kind", "guid", "key", "value"),
    [
        ("track", "{T0}", "D_VOL", 0.1 + 0.2),
        ("item", "{I0}", "D_POSITION", 1 / 3),
        ("take", "{K0}", "D_PLAYRATE", 0.7),
    ],
)
def test_value_is_what_was_set(face, kind, guid, key, value):
    thing = getattr(face, f"find_{kind}")(face.find_project(), guid)
    face.set_value(kind, thing, key, value)
    assert face.get_value(kind, thing, key) == pytest.approx(value, abs=1e-12)


def test_value_that_reaper_does_not_take_is_refused(face, project):
    with pytest.raises(HostFault, match="NO_SUCH_KEY") as caught:
        face.set_value("track", face.find_track(project, "{T0}"), "NO_SUCH_KEY", 1.0)
    assert caught.value.code == "refused"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_value_that_is_no_number_never_reaches_reaper(reaper, project, value):
    face, host = reaper
    before = host.projects[0].snapshot()
    with pytest.raises(HostFault) as caught:
        face.set_value("item", face.find_item(project, "{I0}"), "D_POSITION", value)
    assert caught.value.code == "bad_arguments"
    assert host.projects[0].snapshot() == before


def test_guid_that_cannot_be_set_is_refused_even_when_reaper_says_yes():
    with here(projects=[SONG], misbehaviours=["set_guid_ignored"]) as (module, _):
        face = Reascript(module)
        track = face.find_track(face.find_project(), "{T0}")
        with pytest.raises(HostFault) as caught:
            face.set_string("track", track, "GUID", "{01234567-0000-4000-8000-000000000000}")
        assert caught.value.code == "refused"


def test_reaper_redraws_again_when_the_body_fails(reaper):
    face, host = reaper

    def fail() -> None:
        with face.quiet_ui():
            assert host.ui_refresh_locks == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert host.ui_refresh_locks == 0


def test_selection_and_solo_are_as_before(reaper, project):
    face, host = reaper
    before = host.projects[0].snapshot()
    with face.kept_selection(project), face.kept_solo(project):
        face.api.SetOnlyTrackSelected(face.find_track(project, "{T2}"))
        face.api.SelectAllMediaItems(project, True)
        face.set_value("track", face.find_track(project, "{T1}"), "I_SOLO", 1)
        assert host.projects[0].snapshot() != before
    after = host.projects[0].snapshot()
    assert {**after, "change_count": 0, "is_dirty": 0} == {
        **before,
        "change_count": 0,
        "is_dirty": 0,
    }


@pytest.mark.parametrize("n_selected", [0, 3, 64, 65, 200])
def test_selected_items_are_as_before_however_many_they_are(n_selected):
    items = [{"position": n, "length": 1, "selected": n < n_selected} for n in range(200)]
    spec = {**SONG, "tracks": [{"name": "A", "items": items[:100]}, {"items": items[100:]}]}
    with here(projects=[spec]) as (module, host):
        face = Reascript(module)
        project = face.find_project()
        before = host.projects[0].snapshot()["tracks"]
        for is_selected in (True, False):
            with face.kept_selection(project):
                face.api.SelectAllMediaItems(project, is_selected)
                face.api.SetTrackSelected(face.api.GetMasterTrack(project), True)
            assert host.projects[0].snapshot()["tracks"] == before
            assert not face.api.IsTrackSelected(face.api.GetMasterTrack(project))


def test_few_selected_items_of_a_large_project_cost_few_calls():
    """REAPER stands still meanwhile, before and after each render."""
    items = [{"position": n, "length": 1, "selected": n in (5, 900)} for n in range(1000)]
    with here(projects=[{**SONG, "tracks": [{"items": items}]}]) as (module, _):
        face = Reascript(module)
        project = face.find_project()
        calls = []
        for name in ("GetMediaItem", "GetTrackMediaItem", "IsMediaItemSelected"):
            setattr(face.api, name, lambda *given: calls.append(given))
        with face.kept_selection(project):
            face.api.SelectAllMediaItems(project, False)
        assert face.api.CountSelectedMediaItems(project) == 2
        assert not calls


def test_what_was_deleted_meanwhile_does_not_disturb_putting_back(reaper, project):
    face, host = reaper
    with face.kept_selection(project), face.kept_solo(project):
        face.api.SetOnlyTrackSelected(face.find_track(project, "{T2}"))
        host.projects[0].edit({"delete_tracks": [1]})
    tracks = host.projects[0].snapshot()["tracks"]
    assert [track["values"]["I_SELECTED"] for track in tracks] == [1.0, 0.0]


def test_render_settings_are_as_before_also_when_the_render_fails(reaper, project):
    face, host = reaper
    before = host.projects[0].snapshot()

    def fail() -> None:
        with face.kept_render_settings(project):
            for key, value in (("RENDER_SRATE", 44_100), ("RENDER_BOUNDSFLAG", 0)):
                face.set_value("project", project, key, value)
            face.set_string("project", project, "RENDER_FILE", "/elsewhere")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    after = host.projects[0].snapshot()
    assert (after["numbers"], after["texts"]) == (before["numbers"], before["texts"])


@pytest.mark.parametrize(
    "error", [HostFault("refused", "RENDER_SRATE stays"), ArgumentError("RENDER_SRATE stays")]
)
def test_rest_is_put_back_when_one_setting_cannot_be(reaper, project, monkeypatch, error):
    """Also where ctypes takes no argument any more, as other scripts can bring it about."""
    face, host = reaper
    before = host.projects[0].snapshot()["texts"]
    put_back = type(face).set_value

    def refuse(self, kind, pointer, key, value):
        if key == "RENDER_SRATE" and value == 96_000:
            raise error
        put_back(self, kind, pointer, key, value)

    monkeypatch.setattr(type(face), "set_value", refuse)

    def change() -> None:
        with face.kept_render_settings(project):
            face.set_value("project", project, "RENDER_SRATE", 44_100)
            face.set_string("project", project, "RENDER_FILE", "/elsewhere")

    with pytest.raises(HostFault, match="RENDER_SRATE stays"):
        change()
    assert host.projects[0].snapshot()["texts"] == before


def test_tab_is_shown_only_within(reaper):
    face, host = reaper
    other = face.projects()[1][0]
    with face.kept_tab(other):
        assert host.active_project is host.projects[1]
    assert host.active_project is host.projects[0]
