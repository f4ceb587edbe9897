"""Stored batches from the command line: one row each, gone on with, cancelled and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.batches import write_music

from hanolab_dawtools.jobs.batches import NewJob
from hanolab_dawtools.jobs.model import Charge, Failure, JobState
from hanolab_dawtools.jobs.store import JobStore

FACTS = {"source": "song", "region": "", "track": "", "preset": "p", "seconds": 1.0}
PLAN = {"engine": "none", "selection": {"host": "audio_file", "source": "/music/song.wav"}}


@pytest.fixture
def store(hanolab) -> JobStore:
    with JobStore(Path(hanolab.environment["HANOLAB_DATA_DIR"]) / "jobs") as store:
        yield store


@pytest.fixture
def batch(store):
    cells = [NewJob(n, "process", f"cell {n}", PLAN) for n in (1, 2, 3)]
    facts = [{"number": n, "title": f"song {n}", **FACTS} for n in (1, 2, 3)]
    return store.batches.create("a project", {"asked": {"presets": ["p"]}, "cells": facts}, cells)


def fail(store: JobStore, job_id: str, message: str) -> None:
    with store.claim(job_id) as claim:
        failure = Failure("capture", message, "mend it", 3, can_resume=True)
        store.record(job_id, JobState.FAILED, claim=claim, failure=failure)


def charge(store: JobStore, job_id: str, n_credits: float) -> None:
    with store.claim(job_id) as claim:
        for state in (JobState.CAPTURED, JobState.PREPARED, JobState.STARTING):
            store.record(job_id, state, claim=claim)
        paid = Charge("hanolab", "separate/4stem", 3.0, n_credits, "t", is_sure=True)
        store.record(job_id, JobState.STARTED, claim=claim, charge=paid)


def test_list_has_a_row_for_a_batch_and_its_cells_only_when_asked(hanolab, store, batch) -> None:
    single = store.create("separate", "alone", PLAN)
    rows = [line.split("\t") for line in hanolab("jobs", "list").out.splitlines()]
    assert [row[0] for row in rows] == [single.id, batch.id]
    assert rows[1][1] == "planned"
    assert rows[1][-1] == "a project (0 of 3 done, 3 to go)"
    with_cells = hanolab("jobs", "list", "--cells").out.splitlines()
    assert [line.split("\t")[0] for line in with_cells[1:]] == [
        batch.id,
        *(f"{batch.id}-{n}" for n in (1, 2, 3)),
    ]
    document = hanolab("jobs", "list", "--json").document
    assert [job["job"] for job in document["jobs"]] == [single.id]
    assert [(one["batch"], one["counts"]) for one in document["batches"]] == [
        (batch.id, {"planned": 3})
    ]


def test_limit_counts_jobs_and_batches_together(hanolab, store, batch) -> None:
    newest = store.create("separate", "alone", PLAN)
    lines = hanolab("jobs", "list", "--limit", "1").out.splitlines()
    assert [line.split("\t")[0] for line in lines] == [newest.id]


def test_show_tells_what_failed_and_what_to_do(hanolab, store, batch) -> None:
    for number in (1, 3):
        fail(store, f"{batch.id}-{number}", "the file is gone")
    shown = hanolab("jobs", "show", batch.id[:5])
    assert shown.code == 0
    assert "0 of 3 done, 2 failed, 1 to go" in shown.out
    assert f"{batch.id}-1 song 1; {batch.id}-3 song 3: the file is gone" in shown.out
    assert f"hanolab jobs resume {batch.id} --only-failed" in shown.out
    document = hanolab("jobs", "show", batch.id, "--json").document
    assert [cell["state"] for cell in document["cells"]] == ["failed", "stopped", "failed"]
    assert document["cells"][0]["error"]["hint"] == "mend it"
    cell = hanolab("jobs", "show", f"{batch.id}-3")
    assert f"batch      {batch.id}, cell 3" in cell.out


def test_cancel_stops_what_is_left_and_resume_of_nothing_is_refused(hanolab, store, batch) -> None:
    fail(store, f"{batch.id}-1", "no")
    cancelled = hanolab("jobs", "cancel", batch.id, "--json")
    assert cancelled.document == {"batch": batch.id, "goes_on_there": False}
    assert store.batches.counts(batch.id) == {JobState.FAILED: 1, JobState.CANCELLED: 2}
    again = hanolab("jobs", "cancel", batch.id)
    assert again.code == 2
    assert "there is nothing to cancel" in again.err
    bare = hanolab("jobs", "resume")
    assert "No job was interrupted" in bare.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resume", "--only-failed"), "--only-failed goes with a batch"),
        (("resume", "BATCH", "--only-failed"), "no cell of batch"),
        (("undo", "BATCH"), "has put nothing into a project"),
        (("resolve", "BATCH", "--abandon"), "is a batch of jobs, and no single one"),
    ],
)
def test_what_makes_no_sense_is_refused(hanolab, store, batch, arguments, message) -> None:
    outcome = hanolab("jobs", *(batch.id if one == "BATCH" else one for one in arguments))
    assert outcome.code in {2, 7}
    assert message in " ".join(outcome.err.split())
    assert store.batches.counts(batch.id) == {JobState.PLANNED: 3}


def test_spent_has_a_row_for_a_batch_also_when_it_is_gone(hanolab, store, batch) -> None:
    for number, n_credits in ((1, 2.0), (2, 3.0)):
        charge(store, f"{batch.id}-{number}", n_credits)
    assert "5 credits" in hanolab("jobs", "list").out
    store.batches.remove(batch.id)
    (row, total) = hanolab("jobs", "spent").out.splitlines()
    assert row.split("\t")[1:] == [batch.id, "2 x separate/4stem", "6 s", "5 credits", "-"]
    assert total == "total: 5 credits"
    assert len(hanolab("jobs", "spent", "--cells").out.splitlines()) == 3
    entries = hanolab("jobs", "spent", "--json").document["entries"]
    assert [entry["batch"] for entry in entries] == [batch.id, batch.id]


def test_clean_forgets_a_batch_as_a_whole(hanolab, store, batch) -> None:
    kept = hanolab("jobs", "clean", "--older-than", "0")
    assert "0 jobs forgotten" in kept.out
    cleaned = hanolab("jobs", "clean", "--older-than", "0", "--unfinished", "--json")
    assert cleaned.document == {"removed": [], "batches": [batch.id]}
    assert store.batches.list() == []
    assert [path for path in store.folder_of("").iterdir() if path.is_dir()] == []


def test_bare_resume_goes_on_with_jobs_and_batches_and_tells_of_all_in_one_document(
    hanolab, store, tmp_path
) -> None:
    music = write_music(tmp_path / "music", 1)[0]
    ended = hanolab(
        *("batch", music, "-p", "Telephone", "-p", "Podcast voice", "-o", tmp_path / "out"),
        *("--jobs", "1", "--json", "-q"),
    )
    assert ended.code == 0, ended.err
    (stored,) = store.batches.list()
    (cell, *_) = store.batches.cells(stored.id)
    store.create("process", "alone", {**cell.plan, "folder": str(tmp_path / "single")})
    plan = {"asked": {}, "cells": [{"number": 1, "title": "one", **FACTS}]}
    again = NewJob(1, "process", "one", {**cell.plan, "folder": str(tmp_path / "again")})
    interrupted = store.batches.create("left", plan, [again])
    resumed = hanolab("jobs", "resume", "--jobs", "1", "--json", "-q")
    assert resumed.code == 0, resumed.err
    assert len(resumed.document["jobs"]) == 1
    assert [(one["batch"], one["state"]) for one in resumed.document["batches"]] == [
        (interrupted.id, "done")
    ]
    assert store.batches.get(interrupted.id).counts == {JobState.DONE: 1}
