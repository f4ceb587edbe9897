"""Sweeps and isolated vocals: jobs that place, once, what other jobs have made."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from fakes.placements import timeline_of
from fakes.projects import ItemText, ProjectText, TrackText
from fakes.services import ShareServices
from fakes.split_engines import SplitEngine

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import probe, read_audio, write_audio
from hanolab_dawtools.errors import (
    FileChanged,
    InputError,
    JobCancelled,
    SpendingLimit,
    TryLater,
    UsageError,
)
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp import project_file
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.model import Grouping, RequestKind, StemRole, Wanted
from hanolab_dawtools.workflows.applying import parse_sweep, with_parts
from hanolab_dawtools.workflows.outcomes import placed_of
from hanolab_dawtools.workflows.parts import MOST_PARTS, part_id
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import Asked, limited, make_plans, quote_whole
from hanolab_dawtools.workflows.preset_from_job import preset_from_job
from hanolab_dawtools.workflows.stored import from_json, to_json

RATE = 48_000
SPAN = (1.0, 3.0)
SWEEP = ("index_rate=0,0.5", "pitch_shift=0,2")
NAMES = [f"index_rate {x}, pitch_shift {n}" for x in ("0", "0.5") for n in (0, 2)]


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Syllables of a low buzz in both channels alike, in one item."""
    times = np.arange(4 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 110 * n * times) / n for n in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * (1.7 + 0.9 * np.sin(times)) * times), 0, 1)
    voice = (0.2 * buzz * syllables).astype(np.float32)
    write_audio(tmp_path / "take.wav", AudioBuffer(np.stack([voice, voice]), RATE))
    item = ItemText(0.5, 3.0, file="take.wav", offset="0.25", name="lead")
    path = tmp_path / "song.rpp"
    path.write_bytes(ProjectText((TrackText("Lead", items=(item,)),)).content())
    return path


def plan_of(
    services: ShareServices, source: Path, sweep: Sequence[str] = (), *, isolates: bool = False
) -> RunPlan:
    is_project = source.suffix == ".rpp"
    grouping = Grouping.ITEM if is_project and sweep else None
    wanted = Wanted(range_seconds=SPAN, grouping=grouping, as_takes=bool(sweep) and is_project)
    asked = Asked(RequestKind.CONVERT, "split", wanted, {"voice": "vm_1"})
    plans = make_plans(asked, services.host(source), services.engine("split"))
    (plan,) = with_parts(plans, parse_sweep(sweep), isolates=isolates, separator="split")
    return plan


def run(services: ShareServices, job_id: str, stop: object = None) -> Job:
    return services.run_job(job_id, stop=stop or NeverStop(), progress=ignore_progress)


@pytest.fixture
def services(tmp_path: Path):
    with ShareServices(tmp_path / "home", SplitEngine()) as joined:
        yield joined


def test_a_sweep_makes_one_take_for_each_combination(services, project: Path) -> None:
    job = run(services, services.create_job(plan_of(services, project, SWEEP)).id)
    (track,) = timeline_of(project.read_bytes()).tracks
    (item,) = (item for item in track.items if len(item.takes) > 1)
    assert [take.name for take in item.takes[1:]] == NAMES
    assert item.take is item.takes[1]
    assert {probe(made.path).n_frames for made in placed_of(job.outcomes).tracks} == {2 * RATE}
    asked = [(one["index_rate"], one["pitch_shift"]) for one in services.engine("").asked]
    assert asked == [(0.0, 0), (0.0, 2), (0.5, 0), (0.5, 2)]


def test_a_sweep_of_a_file_gives_files_named_after_the_values(services, project: Path) -> None:
    plan = plan_of(services, project.with_name("take.wav"), ("protect=0,0.25",))
    job = run(services, services.create_job(plan).id)
    names = [track.path.name for track in placed_of(job.outcomes).tracks]
    assert names == ["protect 0.wav", "protect 0.25.wav"]
    facts = json.loads((placed_of(job.outcomes).folder / "job.json").read_text("utf-8"))
    assert [part["parameters"]["protect"] for part in facts["parts"]] == [0.0, 0.25]


def test_isolated_vocals_and_accompaniment_null_against_the_mix(services, project: Path) -> None:
    """The conversion gives back what it gets, so both together are the mix again."""
    job = run(services, services.create_job(plan_of(services, project, isolates=True)).id)
    made = {track.role: read_audio(track.path).samples for track in placed_of(job.outcomes).tracks}
    assert set(made) == {StemRole.CONVERTED, StemRole.ACCOMPANIMENT}
    start = round((SPAN[0] - 0.5 + 0.25) * RATE)
    mix = read_audio(project.with_name("take.wav")).samples[:, start : start + 2 * RATE]
    np.testing.assert_allclose(sum(made.values()), mix, atol=1e-6)
    source, folder, *inside = timeline_of(project.read_bytes()).tracks
    assert folder.name.startswith("CONVERTED: ")
    assert [track.name for track in inside] == ["Accompaniment", "Converted"]
    assert any(item.is_muted for item in source.items)


@pytest.mark.parametrize("ways", [{"sweep": SWEEP}, {"isolates": True}], ids=["sweep", "isolate"])
def test_what_fails_is_resumed_and_what_is_done_is_not_done_again(
    services, project: Path, ways: dict
) -> None:
    plan = plan_of(services, project, **ways)
    before = project.read_bytes()
    engine = services.engine("")
    failing = dict(plan.parts[-1].parameters)
    engine.failing.append(failing)
    job = services.create_job(plan)
    with pytest.raises(TryLater):
        run(services, job.id)
    assert services.store.get(part_id(job.id, 1)).state is JobState.DONE
    assert project.read_bytes() == before
    engine.failing.clear()
    assert run(services, job.id).state is JobState.DONE
    assert len(engine.asked) + engine.n_finished == len(plan.parts)
    assert project.read_bytes() != before


def test_parts_are_kept_until_the_whole_is_done(services, project: Path) -> None:
    plan = plan_of(services, project, SWEEP)
    services.engine("").failing.append(dict(plan.parts[-1].parameters))
    job = services.create_job(plan)
    with pytest.raises(TryLater):
        run(services, job.id)
    assert not services.cleaner.jobs(timedelta(), {JobState.DONE})
    services.engine("").failing.clear()
    run(services, job.id)
    assert len(services.cleaner.jobs(timedelta(), {JobState.DONE})) == 1 + len(plan.parts)


class _StopAt:
    """Asks the store to cancel a job as soon as another has got somewhere."""

    def __init__(self, services: ShareServices, job_id: str, when: Callable[[], bool]) -> None:
        self._services, self._job_id, self._when, self._done = services, job_id, when, False

    def __call__(self, _: object) -> None:
        if not self._done and self._when():
            self._done = True
            self._services.store.request_cancel(self._job_id)


def test_cancelling_the_whole_cancels_the_part_under_way(services, project: Path) -> None:
    job = services.create_job(plan_of(services, project, SWEEP))
    engine = services.engine("")
    engine.stopped_in = 2
    stop = threading.Event()
    watch = _StopAt(services, job.id, lambda: len(engine.asked) == 2)
    with pytest.raises(JobCancelled):
        services.run_job(job.id, stop=stop, progress=watch)
    assert services.store.get(job.id).state is JobState.CANCELLED
    assert services.store.get(part_id(job.id, 2)).state is JobState.CANCELLED
    assert run(services, job.id).state is JobState.DONE
    assert len(engine.asked) == 4


def test_a_project_that_changes_meanwhile_gets_nothing(services, project: Path) -> None:
    engine = services.engine("")
    plan = plan_of(services, project, SWEEP)
    engine.failing.append(dict(plan.parts[-1].parameters))
    job = services.create_job(plan)
    with pytest.raises(TryLater):
        run(services, job.id)
    changed = project.read_bytes().replace(b"SOFFS 0.25", b"SOFFS 0.5")
    project.write_bytes(changed)
    engine.failing.clear()
    with pytest.raises((FileChanged, InputError)):
        run(services, job.id)
    assert project.read_bytes() == changed


def test_every_part_has_its_share_of_what_may_be_spent(services, project: Path) -> None:
    services.engine("").price = 5.0
    plan = plan_of(services, project, SWEEP)
    assert quote_whole(plan, services.engine).credits == 20.0
    with pytest.raises(SpendingLimit):
        limited([plan], 19.0, services.engine)
    (shared,) = limited([plan], 24.0, services.engine)
    assert [part.max_credits for part in shared.parts] == [6.0] * 4


def test_the_preset_of_such_a_job_says_so(services, project: Path) -> None:
    isolated = preset_from_job(plan_of(services, project, isolates=True))
    assert isolated.job.isolate
    assert not preset_from_job(plan_of(services, project, SWEEP)).job.isolate


def test_a_plan_from_before_there_were_presets_still_loads(services, project: Path) -> None:
    plan = plan_of(services, project)
    new = {"before", "after", "has_tail", "preset", "voice", "arrangement", "parts", "label"}
    stored = {name: value for name, value in to_json(plan).items() if name not in new}
    assert from_json(RunPlan, stored) == plan


@pytest.mark.parametrize(
    "texts",
    [
        ("index_rate",),
        ("index_rate=",),
        ("index_rate=x",),
        ("index_rate=0,2",),
        ("pitch_shift=0.5",),
        ("voice=a,b",),
        ("protect=0", "protect=0.1"),
        (f"index_rate={','.join(str(n / 100) for n in range(MOST_PARTS + 1))}",),
    ],
)
def test_a_wrong_sweep_is_refused(services, project: Path, texts: Sequence[str]) -> None:
    with pytest.raises(UsageError):
        plan_of(services, project, texts)
