from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.clock import FakeClock
from fakes.job_steps import whole_jobs

from hanolab_dawtools.errors import InvalidTransition, JobBusy, JobError, JobNotFound, NotWritable
from hanolab_dawtools.jobs.model import Failure, JobState, next_states
from hanolab_dawtools.jobs.store import JobStore

PLAN = {"stems": 2, "source": "/música/\udcff.wav", "gain": -0.1, "nested": [{"a": None}]}
ENDS = (JobState.FAILED, JobState.CANCELLED)
PAIRS = [
    (old, new) for old, new in itertools.product(JobState, JobState) if old is not JobState.DONE
]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timed(folder: Path, clock: FakeClock) -> Iterator[JobStore]:
    with JobStore(folder, clock=clock) as store:
        yield store


def put_in_state(store: JobStore, job_id: str, state: JobState, good_state: JobState) -> None:
    with store._database.writing() as connection:
        connection.execute(
            "UPDATE jobs SET state = ?, good_state = ? WHERE id = ?", (state, good_state, job_id)
        )


def test_created_job_is_planned_and_has_an_empty_folder(store: JobStore) -> None:
    job = store.create("separate", "Song · chorus", PLAN)
    assert (job.state, job.good_state, job.failure) == (JobState.PLANNED, JobState.PLANNED, None)
    assert (job.kind, job.title, job.plan, job.outcomes) == ("separate", "Song · chorus", PLAN, {})
    assert list(store.folder_of(job.id).iterdir()) == []
    assert [event.state for event in store.events(job.id)] == [JobState.PLANNED]


def test_job_is_the_same_in_a_new_process_that_opens_the_store(folder: Path) -> None:
    with JobStore(folder) as store:
        job = store.create("separate", "title", PLAN)
    with JobStore(folder) as store:
        assert store.get(job.id) == job
        assert whole_jobs(store) == [job]


def test_ids_are_short_unique_and_have_no_letters_that_look_alike(store: JobStore) -> None:
    ids = [store.create("separate", "", {}).id for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(re.fullmatch("[2-9a-hj-km-np-z]{8}", job_id) for job_id in ids)


def test_job_is_found_by_a_prefix_that_no_other_has(store: JobStore) -> None:
    for job_id in ("abcd", "abxy", "ab"):
        store.create("separate", job_id, {}, job_id=job_id)
    assert store.get("ABC").id == "abcd"
    assert store.get("ab").id == "ab"
    with pytest.raises(JobNotFound, match="3 jobs start with 'a': ab, abxy, abcd"):
        store.get("a")


@pytest.mark.parametrize("wanted", ["", "  ", "zz", "%", "_", "ab'"])
def test_unknown_job_is_not_found(store: JobStore, wanted: str) -> None:
    store.create("separate", "", {}, job_id="abcd")
    with pytest.raises(JobNotFound):
        store.get(wanted)


def test_taken_id_is_refused_and_the_job_that_has_it_stays(store: JobStore) -> None:
    job = store.create("separate", "first", {}, job_id="abcd")
    (store.folder_of("abcd") / "capture.wav").write_bytes(b"audio")
    with pytest.raises(JobError, match="there is a job abcd already"):
        store.create("separate", "second", {}, job_id="abcd")
    assert store.get("abcd") == job
    assert (store.folder_of("abcd") / "capture.wav").read_bytes() == b"audio"


@pytest.mark.parametrize("job_id", ["../abc", "", "a/b", "ABC", ".x", "x" * 80, "a"])
def test_id_that_is_no_folder_name_is_a_mistake(store: JobStore, job_id: str) -> None:
    with pytest.raises(ValueError, match="cannot be a job's id"):
        store.create("separate", "", {}, job_id=job_id)


def test_plan_that_is_no_json_leaves_nothing_behind(store: JobStore, folder: Path) -> None:
    with pytest.raises(TypeError):
        store.create("separate", "", {"path": Path("x")}, job_id="abcd")
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.create("separate", "", {"null_db": -float("inf")}, job_id="abcd")
    assert store.list() == []
    assert not store.folder_of("abcd").exists()


@pytest.fixture(scope="module")
def shared_store(memory_folder: Path) -> Iterator[JobStore]:
    with JobStore(memory_folder / "shared") as store:
        yield store


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=[f"{old}-{new}" for old, new in PAIRS])
def test_store_moves_a_job_only_along_the_table(
    shared_store: JobStore, old: JobState, new: JobState
) -> None:
    store = shared_store
    job_id = store.create("separate", "", {}).id
    good_state = JobState.ALIGNED if old in ENDS else old
    put_in_state(store, job_id, old, good_state)
    before, history = store.get(job_id), store.events(job_id)
    claim = store.claim(job_id)
    if new in next_states(old, good_state):
        job = store.record(job_id, new, claim=claim, outcome=("step", {"n": 1}), note="n")
        assert (job.state, job.outcomes) == (new, {"step": {"n": 1}})
        assert job.good_state == (good_state if new in ENDS else new)
        assert [(event.state, event.note) for event in store.events(job_id)[1:]] == [(new, "n")]
    else:
        with pytest.raises(InvalidTransition, match=f"cannot go from {old} to {new}"):
            store.record(job_id, new, claim=claim, outcome=("step", {"n": 1}))
        assert (store.get(job_id), store.events(job_id)) == (before, history)


def test_failure_is_kept_until_the_job_goes_on(store: JobStore) -> None:
    failure = Failure("capture", "no file \udcff", "Choose another.", 3, can_resume=True)
    job_id = store.create("separate", "", {}).id
    with store.claim(job_id) as claim:
        job = store.record(job_id, JobState.FAILED, claim=claim, failure=failure)
        assert (job.failure, store.get(job_id).failure) == (failure, failure)
        assert store.record(job_id, JobState.PLANNED, claim=claim).failure is None


def test_outcome_of_a_repeated_step_replaces_the_older_one(store: JobStore) -> None:
    job_id = store.create("separate", "", {}).id
    with store.claim(job_id) as claim:
        store.record(job_id, JobState.CAPTURED, claim=claim, outcome=("capture", {"try": 1}))
        store.record(job_id, JobState.FAILED, claim=claim, resume_from=JobState.PLANNED)
        store.record(job_id, JobState.PLANNED, claim=claim)
        job = store.record(job_id, JobState.CAPTURED, claim=claim, outcome=("capture", {"try": 2}))
    assert job.outcomes == {"capture": {"try": 2}}


def test_list_is_newest_first_by_state_and_limited(store: JobStore) -> None:
    for job_id in ("one", "two", "three"):
        store.create("separate", "", {}, job_id=job_id)
    store.request_cancel("two")
    assert [job.id for job in store.list()] == ["three", "two", "one"]
    assert [job.id for job in store.list([JobState.PLANNED])] == ["three", "one"]
    assert [job.id for job in store.list({JobState.CANCELLED, JobState.DONE})] == ["two"]
    assert [job.id for job in store.list(limit=1)] == ["three"]
    assert store.list([]) == []


def test_cancelling_a_job_that_nobody_works_on_is_immediate(store: JobStore) -> None:
    job_id = store.create("separate", "", {}).id
    assert store.request_cancel(job_id).state is JobState.CANCELLED
    assert store.request_cancel(job_id).state is JobState.CANCELLED
    assert not store.cancel_requested(job_id)


def test_cancelling_a_claimed_job_only_asks(store: JobStore) -> None:
    job_id = store.create("separate", "", {}).id
    with store.claim(job_id) as claim:
        assert store.request_cancel(job_id).state is JobState.PLANNED
        assert store.cancel_requested(job_id)
        assert claim.stop.wait(5.0)
    with store.claim(job_id) as claim:
        assert not store.cancel_requested(job_id)


def test_done_job_cannot_be_cancelled(store: JobStore) -> None:
    job_id = store.create("separate", "", {}).id
    put_in_state(store, job_id, JobState.DONE, JobState.DONE)
    with pytest.raises(InvalidTransition, match="from done to cancelled"):
        store.request_cancel(job_id)


def test_doubt_about_a_start_survives_a_cancel(store: JobStore) -> None:
    job_id = store.create("separate", "", {}).id
    put_in_state(store, job_id, JobState.STARTING, JobState.STARTING)
    assert store.request_cancel(job_id).good_state is JobState.STARTING


def test_removed_job_is_gone_with_its_files_and_its_id_is_free(store: JobStore) -> None:
    store.create("separate", "", {}, job_id="abcd")
    (store.folder_of("abcd") / "stems").mkdir()
    store.remove("abcd")
    assert not store.folder_of("abcd").exists()
    with pytest.raises(JobNotFound):
        store.events("abcd")
    assert store.create("separate", "", {}, job_id="abcd").outcomes == {}


def test_claimed_job_is_not_removed(store: JobStore) -> None:
    job_id = store.create("separate", "", {}).id
    with store.claim(job_id):
        with pytest.raises(JobBusy, match="worked on by process"):
            store.remove(job_id)
        assert store.clean(timedelta(0), list(JobState)) == []
    assert store.folder_of(job_id).is_dir()


def test_clean_removes_what_rested_long_enough_in_the_asked_states(
    timed: JobStore, clock: FakeClock
) -> None:
    for job_id in ("old", "old-planned"):
        timed.create("separate", "", {}, job_id=job_id)
    timed.request_cancel("old")
    clock.move(3600.0)
    timed.create("separate", "", {}, job_id="young")
    timed.request_cancel("young")
    clock.move(1800.0)
    removed = timed.clean(timedelta(hours=1), [JobState.CANCELLED])
    assert [job.id for job in removed] == ["old"]
    assert [job.id for job in timed.list()] == ["young", "old-planned"]


def test_removal_that_was_cut_short_is_finished_later(store: JobStore) -> None:
    store.create("separate", "", {}, job_id="abcd")
    with store._database.writing() as connection:
        connection.execute("INSERT INTO removed (job_id) VALUES ('abcd')")
        connection.execute("DELETE FROM jobs WHERE id = 'abcd'")
    with pytest.raises(JobError, match="there is a job abcd already"):
        store.create("separate", "", {}, job_id="abcd")
    store.clean(timedelta(0), [])
    assert not store.folder_of("abcd").exists()


def test_empty_folder_of_a_job_that_never_came_to_be_is_swept(
    store: JobStore, folder: Path
) -> None:
    store.create("separate", "", {}, job_id="kept")
    for name in ("orphan", "with-files", ".hidden", "NO-ID"):
        (folder / name).mkdir()
    (folder / "with-files" / "capture.wav").write_bytes(b"audio")
    store.clean(timedelta(0), [])
    left = {path.name for path in folder.iterdir() if path.is_dir()}
    assert left == {"kept", "with-files", ".hidden", "NO-ID"}


def test_threads_share_a_store(store: JobStore) -> None:
    def work(number: int) -> None:
        for part in range(10):
            store.create("separate", "", {}, job_id=f"job-{number}-{part}")
            store.list()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.list()) == 40


def test_folder_that_is_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("mine")
    with pytest.raises(NotWritable, match="cannot write"):
        JobStore(tmp_path / "jobs")
    assert (tmp_path / "jobs").read_text() == "mine"
