"""Jobs in doubt, jobs that wait, and what was spent: told, settled by the user, resumed."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.sandbox import SandboxProcess

PRICED = '\n[pricing]\n"generate/draft" = { per_call = 5 }\n'


def music(name: str, folder: Path) -> tuple:
    words = ("generate", name, "--tier", "draft", "--duration", 2, "--engine", "hanolab")
    return (*words, "-o", folder / name, "--yes", "-q")


@pytest.fixture
def unsure(in_cloud, sandbox: SandboxProcess, tmp_path: Path) -> str:
    """A job whose request was accepted, without its task's id in the answer."""
    with in_cloud.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(PRICED)
    sandbox.fault("no_id@generate")
    outcome = in_cloud(*music("doubt", tmp_path))
    assert outcome.code == 75, outcome.err
    (job,) = in_cloud("jobs", "--json").document["jobs"]
    assert job["state"] == "unsure"
    return job["job"]


def test_a_doubt_is_told_with_the_raw_answer_and_the_ways_out(in_cloud, unsure: str) -> None:
    shown = in_cloud("jobs", "show", unsure)
    assert "answer     202: " in shown.out
    for way in ("--task T", "--resend", "--abandon"):
        assert f"hanolab jobs resolve {unsure} {way}" in shown.out
    answer = in_cloud("jobs", "show", unsure, "--json").document["answer"]
    assert answer["status"] == 202
    assert in_cloud("jobs", "resume", unsure).code == 75
    assert in_cloud("jobs", "cancel", unsure).code == 2


def test_a_found_task_is_taken_over_and_its_result_fetched(
    in_cloud, sandbox: SandboxProcess, unsure: str, tmp_path: Path
) -> None:
    task_id = sandbox.ledger()[-1]["task_id"]
    assert in_cloud("jobs", "resolve", unsure, "--task", "nobody").code == 4
    outcome = in_cloud("jobs", "resolve", unsure, "--task", task_id, "-q")
    assert outcome.code == 0, outcome.err
    assert list((tmp_path / "doubt").glob("*.wav"))
    assert sandbox.ledger()[-1]["task_id"] == task_id  # nothing was sent again
    (entry,) = in_cloud("jobs", "spent", "--json").document["entries"]
    assert (entry["task_id"], entry["is_sure"], entry["credits"]) == (task_id, True, 5)


def test_sending_again_is_asked_because_it_may_be_billed_twice(
    in_cloud, sandbox: SandboxProcess, unsure: str
) -> None:
    before = len(sandbox.ledger())
    refused = in_cloud("jobs", "resolve", unsure, "--resend")
    assert refused.code == 130
    assert "--yes" in refused.err
    assert len(sandbox.ledger()) == before
    assert in_cloud("jobs", "resolve", unsure, "--resend", "--yes", "-q").code == 0
    assert len(sandbox.ledger()) == before + 1
    assert "perhaps 5 credits more (unsure)" in in_cloud("jobs", "--spent").out


def test_an_abandoned_job_is_left_and_its_doubt_stays_in_the_books(in_cloud, unsure: str) -> None:
    assert in_cloud("jobs", "resolve", unsure, "--abandon").code == 0
    (entry,) = in_cloud("jobs", "spent", "--since", "1h", "--json").document["entries"]
    assert entry["is_sure"] is False
    row = in_cloud("jobs").out.split("\t")
    assert row[:2] + row[3:6] == [unsure, "cancelled", "hanolab", "5 (unsure)", "-"]


def test_a_failure_behind_a_paid_request_names_the_resume_that_pays_nothing(
    in_cloud, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    sandbox.fault("wrong_type@output")
    outcome = in_cloud(*music("page", tmp_path))
    (job,) = in_cloud("jobs", "--json").document["jobs"]
    way = f"hanolab jobs resume {job['job']} (the task is kept, and not paid again)"
    assert (outcome.code, way in outcome.err) == (4, True), outcome.err
    before = len(sandbox.ledger())
    assert in_cloud("jobs", "resume", job["job"], "-q").code == 0
    assert len(sandbox.ledger()) == before


@pytest.mark.parametrize("ways", [(), ("--resend", "--abandon"), ("--task", "t", "--roles", "a=b")])
def test_a_doubt_is_settled_in_exactly_one_way(in_cloud, unsure: str, ways: tuple) -> None:
    outcome = in_cloud("jobs", "resolve", unsure, *ways)
    assert (outcome.code, "exactly one" in outcome.err) == (2, True)


def test_roles_that_were_guessed_wrongly_are_put_right_for_free(
    in_cloud, sandbox: SandboxProcess, song: Path
) -> None:
    run = in_cloud(
        *("separate", song, "--region", 1, "--engine", "hanolab", "--yes", "--json", "-q")
    )
    (job,) = run.document["jobs"]
    paths = {track["role"]: Path(track["path"]) for track in job["placed"]["tracks"]}
    wrong, right = sorted(set(paths) - {"residual"})
    content, before = paths[wrong].read_bytes(), len(sandbox.ledger())
    outcome = in_cloud(
        *("jobs", "resolve", job["job"], "--roles", f"{wrong}={right},{right}={wrong}"),
        *("--json", "-q"),
    )
    assert outcome.code == 0, outcome.err
    (corrected,) = outcome.document["jobs"]
    tracks = {track["role"]: Path(track["path"]) for track in corrected["placed"]["tracks"]}
    assert tracks[right].read_bytes()[-1000:] == content[-1000:]
    assert len(sandbox.ledger()) == before
    assert in_cloud("jobs", "resolve", job["job"], "--roles", "vocals=horn").code == 2


def test_a_full_cap_ends_with_the_next_slot_or_is_waited_for(
    in_cloud, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    sandbox.change(delay_seconds=4.0)
    try:
        with in_cloud.start(*music("first", tmp_path)[:-1]) as first:
            for line in first.stderr:
                if line.startswith("waiting for HanoLab"):
                    break
            capped = in_cloud(*music("second", tmp_path), "--no-wait")
            assert capped.code == 75, capped.err
            job_id = in_cloud("jobs").out.split("\t")[0]
            assert f"hanolab jobs resume {job_id}" in capped.err
            shown = in_cloud("jobs", "show", job_id).out
            assert "waits      until" in shown
            resumed = in_cloud("jobs", "resume", job_id)
            assert resumed.code == 0, resumed.err
            assert "waiting until" in resumed.err
            first.communicate()
        assert first.returncode == 0
    finally:
        sandbox.change(delay_seconds=0.0)


def test_ctrl_c_says_that_the_task_goes_on_and_a_resume_fetches_it(
    in_cloud, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    sandbox.change(delay_seconds=3.0)
    before = len(sandbox.ledger())
    try:
        code, shown = in_cloud.at_terminal(
            *music("cut", tmp_path)[:-1], dialogue=[("waiting for HanoLab", "\x03")]
        )
    finally:
        sandbox.change(delay_seconds=0.0)
    assert code == 130, shown
    assert "cannot cancel" in shown
    job_id = in_cloud("jobs").out.split("\t")[0]
    assert "cannot cancel" in in_cloud("jobs", "cancel", job_id).out
    assert in_cloud("jobs", "resume", job_id, "-q").code == 0
    assert list((tmp_path / "cut").glob("*.wav"))
    assert len(sandbox.ledger()) == before + 1


def test_nothing_spent_is_said_so_and_a_wrong_day_is_refused(hanolab) -> None:
    assert hanolab("jobs", "spent").out == "Nothing was paid for.\n"
    assert hanolab("jobs", "spent", "--json").document["total"]["credits"] == 0
    for text in ("yesterday", "2026-13-01", "9999999999d", "999999w"):
        outcome = hanolab("jobs", "spent", "--since", text)
        assert (outcome.code, text in outcome.err) == (2, True)
