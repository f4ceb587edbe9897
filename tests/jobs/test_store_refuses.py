"""A store that is full, locked, read-only, older or newer: one sentence, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.clock import FakeClock
from fakes.full_disk import files_at_most
from fakes.job_steps import STEP_NAMES, whole_jobs

from hanolab_dawtools.errors import (
    DiskFull,
    JobBusy,
    JobError,
    NotWritable,
    OutputError,
    StoreLocked,
)
from hanolab_dawtools.jobs import schema
from hanolab_dawtools.jobs.batches import NewJob
from hanolab_dawtools.jobs.model import Charge, JobState, LearntPrice, Wait
from hanolab_dawtools.jobs.store import DATABASE_NAME, JobStore
from hanolab_dawtools.model import Cap

NOBODY = 65534
TODAY = len(schema.UPGRADES)
LARGE_PLAN = {"text": "x" * 200_000}
DATA = Path(__file__).parents[1] / "data"


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root may write everywhere, so a test that runs as root becomes somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder on a path that every user may walk."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_new_store_in_a_read_only_folder_is_refused(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with as_an_ordinary_user(), pytest.raises(NotWritable, match="cannot write"):
        JobStore(open_folder)
    assert list(open_folder.iterdir()) == []


def test_store_that_became_read_only_is_refused_and_unchanged(open_folder: Path) -> None:
    with JobStore(open_folder) as store:
        job = store.create("separate", "", {})
    before = (open_folder / DATABASE_NAME).read_bytes()
    (open_folder / DATABASE_NAME).chmod(0o444)
    open_folder.chmod(0o555)
    with as_an_ordinary_user(), pytest.raises(NotWritable), JobStore(open_folder) as store:
        store.create("separate", "", {})
    assert (open_folder / DATABASE_NAME).read_bytes() == before
    with JobStore(open_folder) as store:
        assert whole_jobs(store) == [job]


def test_store_that_may_not_be_read_is_refused(open_folder: Path) -> None:
    (open_folder / "jobs").mkdir(mode=0o700)
    with as_an_ordinary_user(), pytest.raises(NotWritable):
        JobStore(open_folder / "jobs")


def test_write_that_the_system_refuses_changes_nothing(folder: Path) -> None:
    with JobStore(folder) as store:
        job = store.create("separate", "", {})
        with files_at_most(100_000), pytest.raises(OutputError, match="cannot write"):
            store.create("separate", "", LARGE_PLAN)
        assert whole_jobs(store) == [job]
        assert [path.name for path in folder.iterdir() if path.is_dir()] == [job.id]
        assert store.create("separate", "", LARGE_PLAN).plan == LARGE_PLAN
        store.check()


def test_full_database_is_a_full_disk_and_changes_nothing(store: JobStore) -> None:
    job = store.create("separate", "", {})
    with store._database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(DiskFull, match="the disk is full"):
        store.create("separate", "", LARGE_PLAN)
    with store.claim(job.id) as claim, pytest.raises(DiskFull):
        store.record(job.id, JobState.CAPTURED, claim=claim, outcome=("capture", LARGE_PLAN))
    assert whole_jobs(store) == [job]


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.create("separate", "", {}),
        lambda store: store.request_cancel("job"),
        lambda store: store.claim("job"),
        lambda store: store.remove("job"),
    ],
)
def test_store_that_stays_locked_is_told(folder: Path, use: Callable[[JobStore], object]) -> None:
    with JobStore(folder, busy_seconds=0.02) as store:
        job = store.create("separate", "", {}, job_id="job")
        with closing(sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert whole_jobs(store) == [job]  # reading goes on
            with pytest.raises(StoreLocked, match="stayed locked"):
                use(store)
        assert whole_jobs(store) == [job]
        assert [path.name for path in folder.iterdir() if path.is_dir()] == ["job"]


def test_opening_waits_for_a_locked_store_and_gives_up(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreLocked):
            JobStore(folder, busy_seconds=0.1)


def test_store_of_version_1_is_read(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(DATA / "jobs-v1.sqlite3", folder / DATABASE_NAME)
    with JobStore(folder) as store:
        store.check()
        failed, done = whole_jobs(store)
        assert (done.id, done.title, done.state) == ("abcd2345", "Song · chorus", JobState.DONE)
        assert done.plan == {"stems": 2, "source": "/música/\udcff.wav"}
        assert tuple(done.outcomes) == STEP_NAMES
        assert failed.failure is not None
        assert (failed.state, failed.failure.exit_code) == (JobState.FAILED, 3)
        assert len(store.events(done.id)) == 10
        assert (done.wait, store.ledger.entries()) == (None, [])


def test_store_of_version_2_is_read(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(DATA / "jobs-v2.sqlite3", folder / DATABASE_NAME)
    with JobStore(folder, clock=FakeClock(1_790_000_100.0)) as store:
        store.check()
        waiting, unsure, finished = whole_jobs(store)
        assert (waiting.state, unsure.state) == (JobState.WAITING, JobState.UNSURE)
        until = datetime.fromtimestamp(1_790_003_608.0, UTC)
        assert waiting.wait == Wait(until, "10 of 10 per hour used")
        charges = [(entry.job_id, entry.charge) for entry in store.ledger.entries()]
        assert charges == [
            (finished.id, Charge("hanolab", "generate/draft", 30.0, 5.0, "task-1", is_sure=True)),
            (unsure.id, Charge("hanolab", "generate/draft", 30.0, None, "", is_sure=False)),
        ]
        assert store.ledger.learnt("hanolab", "generate/draft") == [LearntPrice(30.0, 5.0)]
        with store.claim(waiting.id):
            wait = store.caps.acquire(waiting.id, Cap("hanolab generate", 1, 10))
        assert wait == Wait(None, "1 of 1 in flight")


@pytest.mark.parametrize("version", [1, 2])
def test_store_of_before_batches_takes_one(folder: Path, version: int) -> None:
    folder.mkdir()
    shutil.copy(DATA / f"jobs-v{version}.sqlite3", folder / DATABASE_NAME)
    with JobStore(folder) as store:
        singles = [job.id for job in store.list()]
        batch = store.batches.create("a project", {}, [NewJob(1, "separate", "a cell", {})])
        with store.batches.claim(batch.id), store.claim(f"{batch.id}-1"):
            pass
    with JobStore(folder) as store:
        store.check()
        assert [job.id for job in store.list()] == singles
        assert [one.id for one in store.batches.list()] == [batch.id]


def test_claim_in_an_older_store_still_counts(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    newest = schema.UPGRADES
    monkeypatch.setattr(schema, "UPGRADES", newest[:2])
    folder.mkdir()
    with closing(sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)) as older:
        schema.upgrade(older)
        older.execute(
            "INSERT INTO jobs (id, kind, title, state, good_state, created_at, updated_at, plan)"
            " VALUES ('abcd', 'separate', '', 'planned', 'planned', ?, ?, '{}')",
            [datetime.now(UTC).isoformat()] * 2,
        )
        older.execute("INSERT INTO claims VALUES ('abcd', 't', 'elsewhere', 1, '', 1e12)")
    monkeypatch.setattr(schema, "UPGRADES", newest)
    with JobStore(folder) as store, pytest.raises(JobBusy, match="by process 1 on elsewhere"):
        store.claim("abcd")


def upgraded(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *statements: str
) -> Callable[[], JobStore]:
    """A store of today, and the way a program with one more upgrade would open it."""
    with JobStore(folder) as store:
        store.create("separate", "kept", {}, job_id="old-job")
    monkeypatch.setattr(schema, "UPGRADES", (*schema.UPGRADES, statements))
    return lambda: JobStore(folder)


def test_older_store_is_upgraded_with_all_it_holds(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    statement = "ALTER TABLE jobs ADD COLUMN tempo REAL NOT NULL DEFAULT 0"
    open_upgraded = upgraded(monkeypatch, folder, statement)
    for _ in range(2):
        with open_upgraded() as store:
            assert store.get("old-job").title == "kept"
            with store._database.reading() as connection:
                assert schema.version_of(connection) == TODAY + 1
                assert connection.execute("SELECT tempo FROM jobs").fetchall() == [(0.0,)]
            store.check()


def test_upgrade_that_fails_leaves_the_old_store(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    statements = ("ALTER TABLE jobs ADD COLUMN tempo REAL", "ALTER TABLE absent ADD COLUMN x")
    open_upgraded = upgraded(monkeypatch, folder, *statements)
    with pytest.raises(sqlite3.OperationalError, match="no such table: absent"):
        open_upgraded()
    monkeypatch.undo()
    with JobStore(folder) as store:
        assert store.get("old-job").title == "kept"
        store.check()


def test_newer_store_is_refused_and_unchanged(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    upgraded(monkeypatch, folder, "CREATE TABLE later (x)")().close()
    before = (folder / DATABASE_NAME).read_bytes()
    monkeypatch.undo()
    with pytest.raises(
        JobError, match=rf"newer version .*format {TODAY + 1}; .* knows up to {TODAY}"
    ):
        JobStore(folder)
    assert (folder / DATABASE_NAME).read_bytes() == before
