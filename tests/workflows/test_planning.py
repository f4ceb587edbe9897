from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.engines import ShareEngine

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.audio_file import AudioFileHost
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import Asked, make_plans
from hanolab_dawtools.workflows.stored import from_json, to_json

RATE = 8_000


@pytest.fixture
def host(tmp_path: Path) -> AudioFileHost:
    path = tmp_path / "a.wav"
    files.write_audio(path, AudioBuffer(np.zeros((1, RATE), np.float32), RATE))
    return AudioFileHost(path)


def asked(**more) -> Asked:
    return Asked(RequestKind.SEPARATE, "share", parameters={"stems": 2}, **more)


def test_a_plan_survives_being_stored(host: AudioFileHost) -> None:
    wanted = Wanted(range_seconds=(0.25, 0.5))
    (plan,) = make_plans(asked(wanted=wanted, keep_source=True), host, ShareEngine())
    assert from_json(RunPlan, to_json(plan)) == plan


def test_paths_of_a_plan_do_not_depend_on_the_working_folder(
    host: AudioFileHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (plan,) = make_plans(asked(folder=Path("out")), host, ShareEngine())
    assert plan.folder == tmp_path / "out"


def test_another_project_needs_a_project(host: AudioFileHost) -> None:
    with pytest.raises(UsageError, match="needs a project"):
        make_plans(asked(destination=Path("new.rpp")), host, ShareEngine())


def test_a_folder_and_another_project_exclude_each_other(host: AudioFileHost) -> None:
    with pytest.raises(UsageError, match="--output"):
        make_plans(asked(destination=Path("n.rpp"), folder=Path("out")), host, ShareEngine())
