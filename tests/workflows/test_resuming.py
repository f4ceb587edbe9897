"""What a job that is not done still needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.workflows.resuming import needs_weights


@pytest.mark.parametrize(
    ("state", "needed"),
    [(JobState.PREPARED, True), (JobState.STARTED, True), (JobState.FINISHED, False)],
)
def test_weights_are_asked_for_only_while_the_engine_has_work(
    tmp_path: Path, state: JobState, needed: bool
) -> None:
    with JobStore(tmp_path) as store:
        separation = store.create("separate", "", {"engine": "local", "kind": "separate"})
        preview = store.create("convert", "", {"engine": "local", "kind": "convert"})
        both = store.create("convert", "", {"parts": [separation.plan, preview.plan]})
    assert needs_weights(replace(separation, good_state=state)) is needed
    assert needs_weights(replace(both, good_state=state)) is needed
    assert not needs_weights(replace(preview, good_state=state))
