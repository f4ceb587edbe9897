"""The road from end to end on a plain file, with an engine whose stems are known."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from fakes.engines import VOCAL_SHARE, ShareEngine
from fakes.services import ShareServices

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.errors import JobCancelled, TryLater
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.model import Alignment, RequestKind, StemRole, Wanted
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.planning import Asked, make_plans
from hanolab_dawtools.workflows.road import placed_of
from hanolab_dawtools.workflows.stored import outcome_of

RATE = 44_100


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Four seconds of stereo noise with an impulse at frame 66150 (1.5 s)."""
    samples = np.random.default_rng(7).normal(0, 0.05, (2, 4 * RATE)).astype(np.float32)
    samples[:, int(1.5 * RATE)] = 0.75
    path = tmp_path / "Müsik.wav"
    files.write_audio(path, AudioBuffer(samples, RATE))
    return path


def run(services: Services, music: Path, *, wanted: Wanted | None = None, stop=None):
    asked = Asked(RequestKind.SEPARATE, "share", wanted or Wanted(), {"stems": 2})
    plan = make_plans(asked, services.host(music), services.engine("share"))[0]
    job = services.create_job(plan)
    return services.run_job(job.id, stop=stop or NeverStop(), progress=ignore_progress)


def stems_of(job) -> dict[StemRole, np.ndarray]:
    placed = placed_of(job.outcomes)
    return {track.role: files.read_audio(track.path).samples for track in placed.tracks}


def test_stems_of_a_range_are_its_samples_to_the_frame(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ShareEngine()) as services:
        job = run(services, music, wanted=Wanted(range_seconds=(1.0, 2.0)))
        stems = stems_of(job)
    expected = files.read_audio(music).samples[:, RATE : 2 * RATE]
    assert job.state is JobState.DONE
    np.testing.assert_array_equal(stems[StemRole.VOCALS], expected * np.float32(VOCAL_SHARE))
    np.testing.assert_array_equal(stems[StemRole.VOCALS] + stems[StemRole.ACCOMPANIMENT], expected)
    assert int(np.argmax(stems[StemRole.VOCALS][0])) == RATE // 2


def test_stems_that_come_late_are_put_right_and_it_is_said(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ShareEngine(late_frames=37)) as services:
        job = run(services, music, wanted=Wanted(range_seconds=(1.0, 2.0)))
        stems = stems_of(job)
    alignment = outcome_of(job.outcomes, "align", Alignment, "alignment")
    expected = files.read_audio(music).samples[:, RATE : 2 * RATE]
    assert alignment.lag_frames == pytest.approx(37, abs=0.01)
    assert alignment.repairs
    np.testing.assert_array_equal(stems[StemRole.VOCALS] + stems[StemRole.ACCOMPANIMENT], expected)


def test_what_the_stems_lose_comes_back_as_a_residual(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ShareEngine(lost_share=0.125)) as services:
        stems = stems_of(run(services, music))
    expected = files.read_audio(music).samples
    np.testing.assert_allclose(stems[StemRole.RESIDUAL], expected * 0.125, atol=1e-7)
    np.testing.assert_allclose(sum(stems.values()), expected, atol=1e-6)


def test_two_stems_of_one_role_are_both_kept(tmp_path: Path, music: Path) -> None:
    engine = ShareEngine(rest_role=StemRole.VOCALS)
    with ShareServices(tmp_path / "home", engine) as services:
        tracks = placed_of(run(services, music).outcomes).tracks
    quarter, rest = (files.read_audio(track.path).samples for track in tracks)
    np.testing.assert_array_equal(quarter, files.read_audio(music).samples * VOCAL_SHARE)
    np.testing.assert_array_equal(quarter + rest, files.read_audio(music).samples)


def test_the_same_request_again_is_answered_from_the_cache(tmp_path: Path, music: Path) -> None:
    engine = ShareEngine()
    with ShareServices(tmp_path / "home", engine) as services:
        first, second = run(services, music), run(services, music)
    assert not first.outcomes["prepare"]["cached"]
    assert second.outcomes["prepare"]["cached"]
    assert engine.n_finished == 1
    for role, samples in stems_of(first).items():
        np.testing.assert_array_equal(samples, stems_of(second)[role])
    assert placed_of(first.outcomes).folder != placed_of(second.outcomes).folder


@pytest.mark.parametrize("is_draft", [True, False])
def test_a_draft_stays_one_through_repair_and_cache(
    tmp_path: Path, music: Path, is_draft: bool
) -> None:
    engine = ShareEngine(late_frames=37, is_draft=is_draft)
    with ShareServices(tmp_path / "home", engine) as services:
        jobs = [run(services, music, wanted=Wanted(range_seconds=(1.0, 2.0))) for _ in range(2)]
    assert [job.outcomes["prepare"]["cached"] for job in jobs] == [False, True]
    for job in jobs:
        drafts = {track.role: track.is_draft for track in placed_of(job.outcomes).tracks}
        assert drafts.pop(StemRole.RESIDUAL) is False  # the late stems lack the last 37 frames
        assert drafts == {StemRole.VOCALS: is_draft, StemRole.ACCOMPANIMENT: is_draft}


def test_an_engine_that_fails_leaves_a_job_that_goes_on(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ShareEngine(failures=1)) as services:
        with pytest.raises(TryLater, match="tired"):
            run(services, music)
        (job,) = services.store.list()
        assert job.state is not JobState.DONE
        job = services.run_job(job.id, stop=NeverStop(), progress=ignore_progress)
    assert job.state is JobState.DONE


def test_a_stopped_run_leaves_nothing_beside_the_music_and_goes_on(
    tmp_path: Path, music: Path
) -> None:
    stop = threading.Event()
    before = sorted(path.name for path in tmp_path.iterdir())
    with ShareServices(tmp_path / "home", ShareEngine()) as services:
        asked = Asked(RequestKind.SEPARATE, "share", Wanted(), {"stems": 2})
        plan = make_plans(asked, services.host(music), services.engine("share"))[0]
        job_id = services.create_job(plan).id

        def stop_while_separating(report: Progress) -> None:
            if report.step == "separating":
                stop.set()

        with pytest.raises(JobCancelled):
            services.run_job(job_id, stop=stop, progress=stop_while_separating)
        assert services.store.get(job_id).state is JobState.CANCELLED
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "home"])
        job = services.run_job(job_id, stop=NeverStop(), progress=ignore_progress)
    assert job.state is JobState.DONE


def test_what_made_the_stems_is_written_beside_them(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ShareEngine()) as services:
        job = run(services, music)
    folder = placed_of(job.outcomes).folder
    facts = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    assert (facts["job_id"], facts["engine"], facts["parameters"]) == (
        job.id,
        "share",
        {"stems": 2},
    )
    alignment = json.loads((folder / "alignment.json").read_text(encoding="utf-8"))
    assert alignment["lag_frames"] == 0
    assert alignment["null_db"] < -140  # float32 rounding of the shares


def test_a_finished_job_keeps_no_audio_of_its_own(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ShareEngine()) as services:
        job = run(services, music)
        assert list(services.store.folder_of(job.id).rglob("*.wav")) == []
