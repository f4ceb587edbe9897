from pathlib import Path

from hanolab_dawtools.jobs.model import JobState, Wait
from hanolab_dawtools.jobs.store import JobStore


def test_stamp_stays_while_nothing_is_changed(store: JobStore) -> None:
    store.create("separate", "a song", {})
    before = store.stamp()
    store.list()
    store.ledger.entries()
    assert store.stamp() == before


def test_every_change_gives_another_stamp(store: JobStore) -> None:
    stamps = [store.stamp()]
    job = store.create("separate", "a song", {})
    stamps.append(store.stamp())
    with store.claim(job.id) as claim:
        stamps.append(store.stamp())
        store.record(job.id, JobState.CAPTURED, claim=claim)
        stamps.append(store.stamp())
    stamps.append(store.stamp())
    store.remove(job.id)
    stamps.append(store.stamp())
    assert len(set(stamps)) == len(stamps)


def test_what_another_process_changes_gives_another_stamp(store: JobStore, folder: Path) -> None:
    before = store.stamp()
    with JobStore(folder) as other:
        other.create("separate", "a song", {})
    assert store.stamp() != before


def test_mark_of_a_job_is_another_one_only_when_that_job_has_changed(store: JobStore) -> None:
    old, new = (store.create("separate", title, {}) for title in ("old", "new"))
    before = store.marks()
    assert list(before) == [new.id, old.id]
    with store.claim(old.id) as claim:
        store.record(old.id, JobState.CAPTURED, claim=claim)
        store.record(old.id, JobState.PREPARED, claim=claim)
        moved = store.marks()
        store.wait(old.id, Wait(None, "2 of 2 in flight"), claim=claim)
        waiting = store.marks()
        store.wait(old.id, Wait(None, "1 of 2 in flight"), claim=claim)
    marks = [one[old.id] for one in (before, moved, waiting, store.marks())]
    assert len(set(marks)) == 4
    assert store.marks()[new.id] == before[new.id]


def test_some_jobs_are_those_that_are_there(store: JobStore) -> None:
    jobs = [store.create("separate", title, {"stems": 2}) for title in "abc"]
    found = store.some([jobs[2].id, "gone", jobs[0].id])
    assert {job.title for job in found} == {"a", "c"}
    assert store.some([]) == []
