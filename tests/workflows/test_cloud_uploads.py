"""Nothing is paid for whose input the cloud could not fetch, or whose result has no place."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from fakes.cloud_services import CloudServices
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.cli.job_details import details_of
from hanolab_dawtools.engines.base import Journal
from hanolab_dawtools.engines.hanolab.upload import Prepared
from hanolab_dawtools.errors import (
    BadRequest,
    InsufficientCredits,
    JobBusy,
    JobError,
    RemoteJobFailed,
    StorageFailed,
    TryLater,
)
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import StepContext
from hanolab_dawtools.workflows.outcomes import placed_of, prepared_of, request_of, ticket_of

RATE = 44_100


@pytest.fixture
def music(tmp_path: Path) -> Path:
    samples = np.random.default_rng(1).normal(0, 0.1, (2, RATE)).astype(np.float32)
    path = tmp_path / "music.wav"
    files.write_audio(path, AudioBuffer(samples, RATE))
    return path


@pytest.fixture
def refused(cloud: CloudServices, sandbox: SandboxProcess, music: Path) -> Job:
    """A job that is prepared, and was refused for lack of credits; there are enough now."""
    sandbox.change(credits=0)
    job = cloud.plan_job(music, {"stems": 2})
    with pytest.raises(InsufficientCredits):
        cloud.run(job.id)
    sandbox.change(credits=800)
    return cloud.store.get(job.id)


def n_uploads(sandbox: SandboxProcess) -> int:
    return int(sandbox.state()["n_uploads"])


def test_an_upload_that_is_gone_is_put_anew_before_anything_is_paid(cloud, sandbox, refused):
    cloud.cleaner.discard_upload(refused.id)
    before, uploads_before = len(sandbox.ledger()), n_uploads(sandbox)
    assert cloud.run(refused.id).state is JobState.DONE
    assert len(sandbox.ledger()) == before + 1
    assert n_uploads(sandbox) == uploads_before


def test_an_upload_in_another_storage_is_put_into_the_one_that_is_set_up_now(
    cloud, sandbox, refused
):
    elsewhere = replace(
        Prepared.from_text(prepared_of(refused.outcomes)), key="hanolab/x.flac", place="s3://old"
    )
    engine, request = cloud.engine("hanolab"), request_of(refused.outcomes)
    folder = cloud.store.folder_of(refused.id)
    ticket = engine.start(request, elsewhere.to_text(), Journal(folder), Event(), ignore_progress)
    assert Prepared.from_text(json.loads(ticket.text)["prepared"]).place != "s3://old"
    assert engine.finish(ticket, folder / "stems", Event(), ignore_progress)


def test_a_new_upload_that_nobody_can_fetch_is_not_sent(cloud, sandbox, refused, monkeypatch):
    storage = cloud.storage()
    monkeypatch.setattr(storage, "url_for", lambda *_, **__: f"{sandbox.base_url}/nothing-here")
    monkeypatch.setattr(cloud.engine("hanolab")._uploads, "_storage", lambda: storage)
    before = len(sandbox.ledger())
    with pytest.raises(StorageFailed, match="its link answers 404"):
        cloud.run(refused.id)
    assert len(sandbox.ledger()) == before


def test_what_was_refused_in_both_formats_can_be_resumed(cloud, sandbox, music):
    sandbox.fault("400@separate*2")
    job, before = cloud.plan_job(music, {"stems": 2}), n_uploads(sandbox)
    with pytest.raises(BadRequest):
        cloud.run(job.id)
    assert n_uploads(sandbox) == before + 1
    assert cloud.run(job.id).state is JobState.DONE
    assert n_uploads(sandbox) == before


def test_an_abandoned_job_whose_upload_was_deleted_can_still_be_sent_again(cloud, sandbox, music):
    sandbox.fault("lost_answer@separate*1")
    job = cloud.plan_job(music, {"stems": 2})
    with pytest.raises(TryLater):
        cloud.run(job.id)
    cloud.resolver.abandon(job.id)
    cloud.cleaner.discard_upload(job.id)
    cloud.resolver.resend(job.id)
    assert cloud.run(job.id).state is JobState.DONE


def test_a_job_whose_capture_was_deleted_is_not_paid(cloud, sandbox, refused):
    shutil.rmtree(cloud.store.folder_of(refused.id) / "capture")
    before = len(sandbox.ledger())
    with pytest.raises(JobError, match="captured audio"):
        cloud.run(refused.id)
    assert len(sandbox.ledger()) == before


def test_a_cut_start_goes_on_with_what_it_really_sent(cloud, sandbox, refused):
    """The second, WAV upload is the one that is deleted in the end."""
    sandbox.fault("400@separate*1")
    engine, request = cloud.engine("hanolab"), request_of(refused.outcomes)
    journal = Journal(cloud.store.folder_of(refused.id))
    prepared = prepared_of(refused.outcomes)
    ticket = engine.start(request, prepared, journal, Event(), ignore_progress)
    with cloud.store.claim(refused.id) as claim:  # the process is killed before it can store that
        for state in (JobState.PREPARED, JobState.STARTING):
            cloud.store.record(refused.id, state, claim=claim)
    before = len(sandbox.ledger())
    done = cloud.run(refused.id)
    assert len(sandbox.ledger()) == before
    sent = Prepared.from_text(json.loads(ticket_of(done.outcomes).text)["prepared"])
    assert (sent.format, ticket_of(done.outcomes).task_id) == ("wav", ticket.task_id)


def test_a_lost_folder_is_no_proof_that_nothing_was_sent(cloud, sandbox, refused):
    with cloud.store.claim(refused.id) as claim:
        for state in (JobState.PREPARED, JobState.STARTING):
            cloud.store.record(refused.id, state, claim=claim)
    shutil.rmtree(cloud.store.folder_of(refused.id))
    before = len(sandbox.ledger())
    with pytest.raises(TryLater):
        cloud.run(refused.id)
    assert cloud.store.get(refused.id).state is JobState.UNSURE
    assert len(sandbox.ledger()) == before


def test_a_resend_that_is_killed_at_once_is_no_second_doubt(cloud, sandbox, music):
    sandbox.fault("lost_answer@separate*1")
    job = cloud.plan_job(music, {"stems": 2})
    with pytest.raises(TryLater):
        cloud.run(job.id)
    cloud.resolver.resend(job.id)
    submitting = cloud.road.submitting
    with cloud.store.claim(job.id) as claim:
        folder = cloud.store.folder_of(job.id)
        context = StepContext(cloud.store.get(job.id), folder, Event(), ignore_progress)
        assert submitting.admit(context) is None
        cloud.store.record(job.id, JobState.STARTING, claim=claim)
    assert cloud.run(job.id).state is JobState.DONE
    charges = [entry.charge.is_sure for entry in cloud.store.ledger.entries(job.id)]
    assert charges == [False, True]


def test_who_lost_the_job_to_another_process_sends_nothing(cloud, sandbox, music, monkeypatch):
    client, before = cloud.client(), len(sandbox.ledger())
    job, submit = cloud.plan_job(music, {"stems": 2}), client.submit

    def submit_after_a_long_sleep(*arguments, **options):
        with cloud.store._database.writing() as connection:
            connection.execute("UPDATE claims SET pid = 1, process_started = 'another'")
        return submit(*arguments, **options)

    monkeypatch.setattr(client, "submit", submit_after_a_long_sleep)
    with pytest.raises(JobBusy):
        cloud.run(job.id)
    assert len(sandbox.ledger()) == before
    assert not Journal(cloud.store.folder_of(job.id)).may_have_been_sent


def test_a_signed_link_of_the_user_does_not_lie_beside_the_music(cloud, sandbox, music):
    url = f"{sandbox.upload(music)}?signature=s3cr3t"
    done = cloud.run(cloud.plan_job(music, {"stems": 2, "input_url": url}).id)
    told = (placed_of(done.outcomes).folder / "job.json").read_text()
    assert "[hidden]" in told
    assert "s3cr3t" not in told
    shown = json.dumps(details_of(done, (), (), None))
    assert "s3cr3t" not in shown


def test_forgetting_a_job_deletes_what_it_left_in_the_storage(cloud, sandbox, refused):
    before = n_uploads(sandbox)
    assert cloud.cleaner.jobs(timedelta(), set(JobState))
    assert n_uploads(sandbox) == before - 1


def test_what_another_job_has_got_meanwhile_is_not_paid_again(cloud, sandbox, refused, music):
    other = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    before, uploads_before = len(sandbox.ledger()), n_uploads(sandbox)
    done = cloud.run(refused.id)
    assert (done.state, other.state) == (JobState.DONE, JobState.DONE)
    assert len(sandbox.ledger()) == before
    assert n_uploads(sandbox) == uploads_before - 1
    assert not cloud.store.ledger.entries(refused.id)


def test_an_upload_that_could_not_be_deleted_is_told_and_deleted_with_the_job(
    cloud, sandbox, music
):
    sandbox.fault("403@delete")
    before = n_uploads(sandbox)
    done = cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    (warning,) = placed_of(done.outcomes).warnings
    assert warning.startswith("the upload could not be deleted (")
    assert f"Delete it yourself: {done.id}-" in warning
    assert n_uploads(sandbox) == before + 1
    assert cloud.cleaner.jobs(timedelta(), {JobState.DONE})
    assert n_uploads(sandbox) == before


def test_an_upload_of_a_task_that_failed_is_deleted_or_told(cloud, sandbox, music):
    before = n_uploads(sandbox)
    sandbox.fault("task_failure@separate")
    with pytest.raises(RemoteJobFailed):
        cloud.run(cloud.plan_job(music, {"stems": 2}).id)
    assert n_uploads(sandbox) == before
    sandbox.fault("task_failure@separate")
    sandbox.fault("403@delete")
    job = cloud.plan_job(music, {"stems": 2})
    with pytest.raises(RemoteJobFailed) as failure:
        cloud.run(job.id)
    assert "Delete it yourself" in failure.value.hint
    told = []
    sandbox.fault("403@delete")
    assert cloud.cleaner.jobs(timedelta(), {JobState.FAILED}, warn=told.append)
    assert len(told) == 1
