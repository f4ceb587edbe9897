"""Looking through a whole project over ticks, while it may change."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.live_captures import scripts
from fakes.reaper.in_process import here

scripts()

from hanolab_reascript import Reascript  # noqa: E402 - the folder must be known first


def many_items(n_items: int) -> dict[str, Any]:
    items = [{"guid": f"{{M{n}}}", "position": n, "length": 1} for n in range(n_items)]
    return {"path": "", "tracks": [{"guid": "{T0}", "items": items}, {"guid": "{T1}"}]}


def test_a_track_of_many_items_is_looked_through_in_slices():
    with here(projects=[many_items(1000)]) as (module, _):
        face = Reascript(module)
        project = face.find_project()
        assert sum(1 for _ in face.indexing(project)) >= 50
        assert len(face.known_items(project)) == 1000


@pytest.mark.parametrize(
    "change",
    [
        {"delete_tracks": [0]},
        {"delete_items": [[0, n] for n in range(30)]},
        {"add_tracks": [{"name": "new", "guid": "{NEW}"}]},
    ],
)
def test_what_changes_while_it_is_looked_through_is_known_at_the_end(change):
    with here(projects=[many_items(50)]) as (module, host):
        face = Reascript(module)
        project = face.find_project()
        slices = face.indexing(project)
        next(slices)
        host.projects[0].edit(change)
        for _ in slices:
            pass
        tracks, items = host.projects[0].tracks, host.projects[0].items
        assert len(face.known_items(project)) == len(items)
        assert all(face.known(project, "item", one.guid) for one in items)
        assert all(face.known(project, "track", one.guid) for one in tracks)
        assert not [note for note in host.notes if "NULL" in note]


def test_a_project_that_changes_all_the_time_is_looked_through_in_the_end():
    with here(projects=[many_items(50)]) as (module, host):
        face = Reascript(module)
        project = face.find_project()
        for _ in face.indexing(project):
            host.projects[0].touch()
        assert len(face.known_items(project)) == 50
