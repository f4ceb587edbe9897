"""The same run with another end: what may go where, and that nothing is paid again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import HostName, RequestKind, Selection, StemRole
from hanolab_dawtools.presets.schema import ImportPolicy
from hanolab_dawtools.workflows.applying import Beside
from hanolab_dawtools.workflows.placing_again import plan_elsewhere
from hanolab_dawtools.workflows.plan import RunPlan


@pytest.fixture
def plan(tmp_path: Path) -> RunPlan:
    (tmp_path / "song.rpp").write_text("")
    selection = Selection(HostName.RPP, tmp_path / "song.rpp", "Chorus", 1.0, 2.0, "region 1")
    heard = tmp_path / "listening"
    return RunPlan(selection, RequestKind.SEPARATE, "hanolab", {"stems": 2}, folder=heard)


def test_what_was_heard_goes_into_the_project_as_the_policy_says(plan: RunPlan) -> None:
    policy = ImportPolicy(source="keep", stems=[StemRole.VOCALS])
    moved = plan_elsewhere(plan, policy, Beside())
    assert moved.folder is None
    assert moved.keep_source
    assert moved.arrangement.roles == (StemRole.VOCALS,)
    assert (moved.selection, moved.parameters) == (plan.selection, plan.parameters)


def test_neither_the_run_nor_its_parts_may_cost_anything(plan: RunPlan) -> None:
    whole = replace(plan, again=True, parts=(replace(plan, again=True, max_credits=5.0),))
    moved = plan_elsewhere(whole, ImportPolicy(), Beside())
    for run in (moved, *moved.parts):
        assert run.max_credits == 0.0
        assert not run.again


@pytest.mark.parametrize(
    ("changes", "policy", "there", "message"),
    [
        ({"kind": RequestKind.GENERATE}, {}, {}, "made from words"),
        ({}, {"results": "lanes"}, {}, "need a running REAPER"),
        ({}, {"stems": [StemRole.DRUMS]}, {}, "nothing would be placed"),
        ({}, {}, {"destination": "song.rpp"}, "is the project itself"),
        ({}, {}, {"destination": "song.txt"}, "is no project file"),
    ],
)
def test_what_cannot_go_there_is_refused_before_any_job(
    plan, changes, policy, there, message
) -> None:
    folder = plan.selection.source.parent
    there = {name: folder / value for name, value in there.items()}
    with pytest.raises(UsageError, match=message):
        plan_elsewhere(replace(plan, **changes), ImportPolicy(**policy), Beside(**there))
