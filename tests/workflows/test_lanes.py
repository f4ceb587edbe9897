"""Results on fixed lanes: only a running REAPER has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.placements import place, placement
from fakes.projects import ProjectText

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import HostName
from hanolab_dawtools.placement import Arrangement
from hanolab_dawtools.presets.schema import ImportPolicy, Preset
from hanolab_dawtools.workflows.applying import Beside, asked_of

PRESET = Preset(name="Lanes", **{"import": ImportPolicy(results="lanes")})


def test_a_running_reaper_is_asked_for_lanes() -> None:
    assert asked_of(PRESET, "none", Beside(), HostName.REAPER).arrangement.lanes


def test_a_project_file_is_refused_before_any_work() -> None:
    with pytest.raises(UsageError, match="'Lanes' puts results on fixed lanes") as caught:
        asked_of(PRESET, "none", Beside(), HostName.RPP)
    assert "import.results=tracks" in caught.value.hint


def test_a_folder_of_files_has_no_use_for_lanes(tmp_path) -> None:
    assert asked_of(PRESET, "none", Beside(folder=tmp_path), HostName.RPP).folder == tmp_path


def test_a_project_file_is_not_written_with_lanes() -> None:
    wanted = replace(placement(), arrangement=Arrangement(lanes=True))
    with pytest.raises(UsageError, match="fixed lanes need a running REAPER"):
        place(ProjectText().content(), wanted)
