"""A damaged store: one sentence, the file kept as it was, nothing silently dropped."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.job_steps import whole_jobs
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.errors import HanolabError, StoreCorrupt
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.store import DATABASE_NAME, JobStore

PAGE_BYTES = 4096
N_JOBS = 3


def fill(folder: Path, n_jobs: int = N_JOBS) -> Sequence[Job]:
    with JobStore(folder) as store:
        for number in range(n_jobs):
            job_id = f"job-{number}"
            store.create("separate", "", {"text": "plan " * 2000}, job_id=job_id)
            with store.claim(job_id) as claim:
                outcome = ("capture", {"text": "outcome " * 1000})
                store.record(job_id, JobState.CAPTURED, claim=claim, outcome=outcome)
        return whole_jobs(store)


def read_all(folder: Path) -> Sequence[Job]:
    with JobStore(folder) as store:
        jobs = whole_jobs(store)
        for job in jobs:
            assert [event.state for event in store.events(job.id)] == ["planned", "captured"]
        store.check()
        return jobs


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Sequence[Job]]:
    """The bytes of a store's database, and the jobs that are in it."""
    folder = tmp_path_factory.mktemp("sound")
    jobs = fill(folder)
    return (folder / DATABASE_NAME).read_bytes(), jobs


def damaged_store(folder: Path, content: bytes) -> Path:
    for number in range(N_JOBS):
        (folder / f"job-{number}").mkdir(parents=True, exist_ok=True)
    (folder / DATABASE_NAME).write_bytes(content)
    return folder


def assert_kept_aside(folder: Path, content: bytes, error: StoreCorrupt) -> None:
    (aside,) = folder.glob("jobs.damaged-*.sqlite3")
    assert aside.read_bytes() == content
    assert str(aside) in str(error)
    assert len(list(folder.glob("job-*"))) == N_JOBS
    with JobStore(folder) as store:
        assert store.list() == []
        store.create("separate", "after", {})


@pytest.mark.parametrize("n_bytes", [0, 1, 50, 100, PAGE_BYTES - 1, PAGE_BYTES, 5 * PAGE_BYTES + 7])
def test_truncated_database_is_told_and_kept_aside(
    folder: Path, sound: tuple[bytes, Sequence[Job]], n_bytes: int
) -> None:
    content = sound[0][:n_bytes]
    damaged_store(folder, content)
    with pytest.raises(StoreCorrupt, match="is damaged") as caught:
        read_all(folder)
    assert_kept_aside(folder, content, caught.value)


def test_file_that_is_no_database_is_told_and_kept_aside(folder: Path) -> None:
    content = os.urandom(3 * PAGE_BYTES)
    damaged_store(folder, content)
    with pytest.raises(StoreCorrupt, match="not a database") as caught:
        JobStore(folder)
    assert_kept_aside(folder, content, caught.value)


def test_database_of_another_program_is_told_and_kept_aside(folder: Path) -> None:
    damaged_store(folder, b"")
    (folder / DATABASE_NAME).unlink()
    other = sqlite3.connect(folder / DATABASE_NAME)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    content = (folder / DATABASE_NAME).read_bytes()
    with pytest.raises(StoreCorrupt, match="it is not a job store") as caught:
        JobStore(folder)
    assert_kept_aside(folder, content, caught.value)


def test_no_zeroed_page_goes_unnoticed_or_changes_what_is_read(
    memory_folder: Path, sound: tuple[bytes, Sequence[Job]]
) -> None:
    content, jobs = sound
    n_noticed, n_pages = 0, len(content) // PAGE_BYTES
    for page in range(n_pages):
        folder = memory_folder / f"zeroed-{page}"
        start = page * PAGE_BYTES
        broken = content[:start] + bytes(PAGE_BYTES) + content[start + PAGE_BYTES :]
        damaged_store(folder, broken)
        try:
            assert read_all(folder) == jobs  # the page was free
        except StoreCorrupt as error:
            n_noticed += 1
            assert_kept_aside(folder, broken, error)
    assert n_noticed >= n_pages - 2


PATCHES = st.lists(
    st.tuples(st.floats(0.0, 1.0, exclude_max=True), st.binary(min_size=1, max_size=64)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(patches=PATCHES)
def test_changed_bytes_never_lead_to_a_foreign_error(
    memory_folder: Path, sound: tuple[bytes, Sequence[Job]], patches: list[tuple[float, bytes]]
) -> None:
    content = bytearray(sound[0])
    for place, patch in patches:
        start = int(place * (len(content) - len(patch)))
        content[start : start + len(patch)] = patch
    with tempfile.TemporaryDirectory(dir=memory_folder) as name:
        damaged_store(Path(name), bytes(content))
        with suppress(HanolabError), JobStore(Path(name)) as store:
            for job in store.list():
                store.events(job.id)
                store.request_cancel(job.id)
            store.create("separate", "", {})
            store.check()


@pytest.mark.parametrize("text", [" ", "{", "[" * 100_000, '{"a": ' + "1" * 5000 + "}"])
@pytest.mark.parametrize("column", ["jobs SET plan", "jobs SET failure", "outcomes SET value"])
def test_value_that_is_no_json_is_damage(folder: Path, column: str, text: str) -> None:
    fill(folder)
    with JobStore(folder) as store:
        with store._database.writing() as connection:
            connection.execute(f"UPDATE {column} = ?", (text,))
        with pytest.raises(StoreCorrupt, match="job job-0"):
            store.get("job-0")


def test_use_after_closing_is_a_mistake_and_no_damage(folder: Path) -> None:
    with JobStore(folder) as store:
        job = store.create("separate", "", {})
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        store.get(job.id)
    with JobStore(folder) as store:
        assert store.get(job.id) == job


def test_database_that_another_process_replaced_is_not_moved_aside(folder: Path) -> None:
    fill(folder)
    with JobStore(folder) as store:
        (folder / DATABASE_NAME).rename(folder / "by-another-process")
        for companion in ("-wal", "-shm"):
            (folder / (DATABASE_NAME + companion)).unlink()
        with JobStore(folder) as fresh:
            job = fresh.create("separate", "new", {})
        with pytest.raises(StoreCorrupt, match="replaced meanwhile"):
            raise store._database.damaged("a test")
    with JobStore(folder) as fresh:
        assert whole_jobs(fresh) == [job]


def test_damage_is_told_again_by_every_later_use(folder: Path) -> None:
    fill(folder)
    with JobStore(folder) as store:
        first = store._database.damaged("a test")
        for use in (store.list, store.check, lambda: store.create("separate", "", {})):
            with pytest.raises(StoreCorrupt) as caught:
                use()
            assert str(caught.value) == str(first)
    assert len(list(folder.glob("*.damaged-*.sqlite3"))) == 1
