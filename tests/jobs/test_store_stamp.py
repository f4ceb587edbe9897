from pathlib import Path

from hanolab_dawtools.jobs.model import JobState
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
