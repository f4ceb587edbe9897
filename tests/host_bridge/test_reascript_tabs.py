"""Names of tabs: good for one run of REAPER, as pointers are used again."""

from __future__ import annotations

import pytest
from fakes.live_captures import scripts
from fakes.reaper.in_process import here

PROJECTS = [{"path": "/music/song.rpp"}, {"path": ""}]


@pytest.fixture
def face():
    reascript = scripts()[1]
    with here(projects=PROJECTS) as (module, _):
        yield reascript.Reascript(module)


def test_a_tab_is_found_by_its_name(face) -> None:
    for project, path in face.projects():
        assert face.find_project(face.tab_text(project), path) == project
        assert face.find_project(face.tab_text(project)) == project


def test_all_scripts_of_a_run_name_a_tab_alike(face) -> None:
    project = face.find_project()
    name = face.tab_text(project)
    face._run = ""  # as another script, that has a face of its own
    assert face.tab_text(project) == name


def test_the_tab_of_another_run_is_gone_though_its_pointer_is_used_again(face) -> None:
    for project, path in face.projects():
        pointer = face.tab_text(project).rpartition(":")[2]
        with pytest.raises(Exception, match="is no longer open in REAPER") as caught:
            face.find_project(f"0123456789abcdef:{pointer}", "")
        assert caught.value.code == "gone"
        if path:
            assert face.find_project(f"0123456789abcdef:{pointer}", path) == project


@pytest.mark.parametrize("tab", ["x:y", ":", 5, ["0x1"]])
def test_what_is_no_name_of_a_tab_is_told(face, tab) -> None:
    with pytest.raises(Exception, match="not a tab") as caught:
        face.find_project(tab)
    assert caught.value.code == "bad_arguments"
