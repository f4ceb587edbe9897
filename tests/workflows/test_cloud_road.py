"""The road through the cloud: the real engine against the real sandbox in its own process."""

from __future__ import annotations

import json
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from fakes.cloud_services import CloudServices
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.errors import (
    BadRequest,
    HanolabError,
    InsufficientCredits,
    InvalidTransition,
    RemoteJobFailed,
    RemoteNotFound,
    SpendingLimit,
    TryLater,
    UsageError,
)
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.model import Request, RequestKind, StemRole, Wanted
from hanolab_dawtools.workflows.demo import REGION_NAME, build_demo_project
from hanolab_dawtools.workflows.outcomes import placed_of, ticket_of
from hanolab_dawtools.workflows.resolve import parse_roles

RATE = 44_100
REQUEST = Request(RequestKind.SEPARATE, Path("x.wav"), RATE, 2, 3 * RATE, {"stems": 2})


@pytest.fixture
def music(tmp_path: Path, request) -> Path:
    """Three seconds of stereo noise over full scale, different for each test."""
    seed = zlib.crc32(request.node.name.encode())
    samples = np.random.default_rng(seed).normal(0, 0.3, (2, 3 * RATE)).astype(np.float32)
    path = tmp_path / "music.wav"
    files.write_audio(path, AudioBuffer(samples, RATE))
    return path


def muted_items(project: bytes) -> int:
    """How many items of a project are muted."""
    return project.count(b"\n      MUTE 1")


def n_uploads(sandbox: SandboxProcess) -> int:
    return int(sandbox.state()["n_uploads"])


def n_accepted(sandbox: SandboxProcess) -> int:
    return len(sandbox.ledger())


def test_a_separation_is_paid_once_and_its_stems_are_the_music(cloud, sandbox, music):
    before = n_accepted(sandbox)
    job = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    assert job.state is JobState.DONE
    assert n_accepted(sandbox) == before + 1
    placed = placed_of(job.outcomes)
    stems = [files.read_audio(track.path).samples for track in placed.tracks]
    original = files.read_audio(music).samples
    assert {track.role for track in placed.tracks} == {StemRole.VOCALS, StemRole.ACCOMPANIMENT}
    assert np.max(np.abs(original)) > 1.0
    np.testing.assert_allclose(sum(stems), original, atol=2e-6)


def test_ledger_provenance_and_ticket_name_the_task_and_the_upload_is_gone(cloud, sandbox, music):
    uploads_before = n_uploads(sandbox)
    job = cloud.run(cloud.plan_job(music, {"stems": 4}).id)
    task_id = sandbox.ledger()[-1]["task_id"]
    (entry,) = cloud.store.ledger.entries(job.id)
    assert (entry.charge.action, entry.charge.task_id) == ("separate/4stem", task_id)
    assert entry.charge.billed_seconds == 3.0
    assert entry.charge.credits is None
    assert ticket_of(job.outcomes).task_id == task_id
    provenance = json.loads((placed_of(job.outcomes).folder / "job.json").read_text())
    assert provenance["task_id"] == task_id
    assert provenance["credits"] is None
    assert n_uploads(sandbox) == uploads_before


def test_the_same_again_comes_from_the_cache_and_costs_nothing(cloud, sandbox, music):
    cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    before = n_accepted(sandbox)
    again = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    assert n_accepted(sandbox) == before
    assert not cloud.store.ledger.entries(again.id)
    provenance = json.loads((placed_of(again.outcomes).folder / "job.json").read_text())
    assert provenance["credits"] == 0


@pytest.mark.parametrize("fault", ["lost_answer", "no_id", "unreadable", "cut_answer"])
def test_an_answer_that_is_lost_leaves_a_doubt_and_nothing_is_sent_again(
    cloud, sandbox, music, fault
):
    before = n_accepted(sandbox)
    job = cloud.plan_job(music, {"stems": 2})
    sandbox.fault(f"{fault}@separate")
    for _ in range(2):
        with pytest.raises(TryLater):
            cloud.run(job.id)
    assert cloud.store.get(job.id).state is JobState.UNSURE
    assert n_accepted(sandbox) == before + 1
    (entry,) = cloud.store.ledger.entries(job.id)
    assert not entry.charge.is_sure


def test_a_doubt_is_settled_by_the_task_that_the_user_found(cloud, sandbox, music):
    before = n_accepted(sandbox)
    job = cloud.plan_job(music, {"stems": 2})
    sandbox.fault("lost_answer@separate")
    with pytest.raises(TryLater):
        cloud.run(job.id)
    with pytest.raises(RemoteNotFound):
        cloud.resolver.task(job.id, "task_of_nobody")
    task_id = sandbox.ledger()[-1]["task_id"]
    assert cloud.resolver.task(job.id, task_id).state is JobState.STARTED
    assert cloud.run(job.id).state is JobState.DONE
    assert n_accepted(sandbox) == before + 1
    (entry,) = cloud.store.ledger.entries(job.id)
    assert entry.charge.is_sure
    assert entry.charge.task_id == task_id


def test_a_doubt_is_settled_by_sending_it_again(cloud, sandbox, music):
    before = n_accepted(sandbox)
    job = cloud.plan_job(music, {"stems": 2})
    sandbox.fault("no_id@separate")
    with pytest.raises(TryLater):
        cloud.run(job.id)
    assert cloud.resolver.resend(job.id).state is JobState.PREPARED
    assert cloud.run(job.id).state is JobState.DONE
    assert n_accepted(sandbox) == before + 2


def test_a_doubt_can_be_left(cloud, sandbox, music):
    uploads_before = n_uploads(sandbox)
    job = cloud.plan_job(music, {"stems": 2})
    sandbox.fault("lost_answer@separate")
    with pytest.raises(TryLater):
        cloud.run(job.id)
    assert cloud.resolver.abandon(job.id).state is JobState.CANCELLED
    assert n_uploads(sandbox) == uploads_before + 1
    cloud.cleaner.discard_upload(job.id)
    assert n_uploads(sandbox) == uploads_before


def test_what_is_not_in_doubt_is_not_resolved(cloud, sandbox, music):
    job = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    for act in (cloud.resolver.resend, cloud.resolver.abandon):
        with pytest.raises(InvalidTransition):
            act(job.id)


def test_too_few_credits_teach_the_price(cloud, sandbox, music):
    sandbox.change(credits=3)
    job = cloud.plan_job(music, {"stems": 2})
    with pytest.raises(InsufficientCredits) as caught:
        cloud.run(job.id)
    assert caught.value.required == 5
    server = f"hanolab {sandbox.base_url}"
    assert cloud.store.ledger.learnt(server, "separate/2stem")[0].credits == 5
    assert not cloud.store.ledger.learnt("hanolab https://api.test", "separate/2stem")
    assert not cloud.store.ledger.entries(job.id)
    sandbox.change(credits=800)
    done = cloud.run(job.id)
    assert cloud.store.ledger.entries(job.id)[0].charge.credits == 5
    provenance = json.loads((placed_of(done.outcomes).folder / "job.json").read_text())
    assert provenance["credits"] == 5


def test_what_one_server_asks_is_no_price_of_another(cloud, sandbox):
    cloud.store.ledger.learn("hanolab https://api.test", "separate/2stem", 3.0, 4.0)
    assert cloud.engine("hanolab").quote(REQUEST).credits is None
    cloud.store.ledger.learn(f"hanolab {sandbox.base_url}", "separate/2stem", 3.0, 4.0)
    assert cloud.engine("hanolab").quote(REQUEST).credits == 4.0


def test_a_price_that_was_learnt_meanwhile_is_held_against_the_limit(cloud, sandbox, music):
    server = f"hanolab {sandbox.base_url}"
    cloud.store.ledger.learn(server, "separate/2stem", 3.0, 4.0)
    job = cloud.plan_job(music, {"stems": 2}, max_credits=4.0)
    cloud.store.ledger.learn(server, "separate/2stem", 3.0, 5.0)
    before = sandbox.state()
    with pytest.raises(SpendingLimit):
        cloud.run(job.id)
    assert sandbox.state() == before


def test_an_unknown_price_is_not_within_any_limit(cloud, music):
    with pytest.raises(SpendingLimit):
        cloud.plan_job(music, {"stems": 6}, max_credits=1000.0)


def test_flac_that_is_refused_is_sent_once_more_as_wav(cloud, sandbox, music):
    sandbox.fault("400@separate*1")
    before, uploads_before = n_accepted(sandbox), n_uploads(sandbox)
    job = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    assert job.state is JobState.DONE
    assert n_accepted(sandbox) == before + 1
    assert sandbox.ledger()[-1]["request"]["input_url"].partition("?")[0].endswith(".wav")
    assert n_uploads(sandbox) == uploads_before


def test_what_is_refused_in_both_formats_failed(cloud, sandbox, music):
    sandbox.fault("400@separate*2")
    job = cloud.plan_job(music, {"stems": 2})
    with pytest.raises(BadRequest):
        cloud.run(job.id)
    assert cloud.store.get(job.id).state is JobState.FAILED
    assert not cloud.store.ledger.entries(job.id)


def test_expired_urls_are_asked_for_anew(cloud, sandbox, music):
    sandbox.fault("expired_urls@task*1")
    assert cloud.run(cloud.plan_job(music, {"stems": 2}).id).state is JobState.DONE


def test_a_task_that_failed_there_is_told_and_the_upload_is_deleted(cloud, sandbox, music):
    sandbox.fault("task_failure@separate")
    uploads_before = n_uploads(sandbox)
    with pytest.raises(RemoteJobFailed):
        cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    assert n_uploads(sandbox) == uploads_before


def test_a_url_of_the_user_is_used_as_it_is(cloud, sandbox, music):
    url = sandbox.upload(music)
    cloud.run(cloud.plan_job(music, {"stems": 2, "input_url": url}).id)
    assert sandbox.ledger()[-1]["request"]["input_url"] == url


def test_uploads_are_kept_for_who_wants_them(sandbox, tmp_path, music):
    before = n_uploads(sandbox)
    with CloudServices(tmp_path / "home", sandbox.base_url, keep_uploads=True) as services:
        services.run(services.plan_job(music, {"stems": 2}).id)
    assert n_uploads(sandbox) == before + 1


def test_a_stop_while_the_task_runs_is_resumed_without_a_second_request(cloud, sandbox, music):
    sandbox.change(delay_seconds=1.0)
    try:
        before = n_accepted(sandbox)
        job, stop = cloud.plan_job(music, {"stems": 2}), threading.Event()

        def stop_when_started(progress) -> None:
            if n_accepted(sandbox) > before:
                stop.set()

        with pytest.raises(HanolabError):
            cloud.run_job(job.id, stop=stop, progress=stop_when_started)
        assert cloud.run(job.id).state is JobState.DONE
        assert n_accepted(sandbox) == before + 1
    finally:
        sandbox.change(delay_seconds=0.0)


def test_a_voice_comes_back_as_long_and_as_wide_as_the_capture(cloud, sandbox, music):
    voice = cloud.client().voice_models(stop=threading.Event())[0].id
    job = cloud.plan_job(music, {"voice": voice}, kind=RequestKind.CONVERT)
    (track,) = placed_of(cloud.run(job.id).outcomes).tracks
    info, original = files.probe(track.path), files.probe(music)
    assert (info.n_frames, info.n_channels, info.sample_rate) == (
        original.n_frames,
        original.n_channels,
        original.sample_rate,
    )


def test_guessed_roles_mute_nothing_are_said_and_corrected_for_free(cloud, sandbox, music):
    sandbox.fault("shape=unnamed@task*0")
    project = build_demo_project(music.parent / "song", music)
    original = project.read_bytes()
    plan = {"wanted": Wanted(region=REGION_NAME), "parameters": {"stems": 2}}
    job = cloud.run(cloud.plan_job(project, **plan).id)
    sandbox.clear()
    placed = placed_of(job.outcomes)
    assert any("concluded from their sound" in warning for warning in placed.warnings)
    assert muted_items(project.read_bytes()) == muted_items(original)
    before = n_accepted(sandbox)
    with pytest.raises(UsageError, match="one role"):
        cloud.resolver.roles(job.id, parse_roles(["vocals=accompaniment"]))
    swapped = parse_roles(["vocals=accompaniment", "accompaniment=vocals"])
    again = placed_of(cloud.run(cloud.resolver.roles(job.id, swapped).id).outcomes)
    assert n_accepted(sandbox) == before
    old = {track.role: track.path.read_bytes() for track in placed.tracks}
    new = {track.role: track.path.read_bytes() for track in again.tracks}
    assert new[StemRole.VOCALS] == old[StemRole.ACCOMPANIMENT]
    assert new[StemRole.ACCOMPANIMENT] == old[StemRole.VOCALS]
    assert not any("concluded" in warning for warning in again.warnings)
    assert muted_items(project.read_bytes()) > muted_items(original)


def test_stems_that_came_too_short_are_a_warning_that_names_them(cloud, sandbox, music):
    sandbox.fault("wrong_length=-0.5@separate")
    job = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    warnings = " ".join(placed_of(job.outcomes).warnings)
    assert "vocals is 500 ms shorter than what was sent" in warnings
    assert "do not add up" in warnings
    repairs = job.outcomes["align"]["alignment"]["repairs"]
    assert [text.partition(":")[0] for text in repairs] == ["vocals", "accompaniment"]
