"""What was accepted survives any end of the sandbox: exactly once in the ledger, and done."""

import json

import pytest
import requests
from fakes.sandbox import SandboxProcess
from fakes.sandbox_calls import call, ended, submit

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.sandbox.accounts import Accounts
from hanolab_dawtools.sandbox.ledger import Entry, Ledger
from hanolab_dawtools.sandbox.tasks import Outcome, Status, Tasks

ENTRY = Entry("task_1", "separate", 1000.0, "abc", 5, {"mode": "2stem"}, {})


@pytest.fixture
def sandbox(tmp_path):
    with SandboxProcess(tmp_path / "sandbox", n_in_flight=100) as process:
        yield process


def test_a_killed_sandbox_goes_on_with_every_accepted_task(sandbox):
    ids = [submit(sandbox, "generate", duration=10).json()["id"] for _ in range(4)]
    sandbox.restart()
    tasks = [ended(sandbox, task_id) for task_id in ids]
    assert {task["status"] for task in tasks} == {"completed"}
    for task in tasks:
        content = requests.get(task["output_urls"][0], timeout=30).content
        assert len(content) >= 10 * 44_100 * 4
    assert [entry["task_id"] for entry in sandbox.ledger()] == ids


def test_a_sandbox_that_dies_after_acceptance_has_the_task_and_its_cost(sandbox):
    sandbox.fault("crash")
    with pytest.raises(requests.ConnectionError):
        submit(sandbox, "generate")
    sandbox.restart()
    (entry,) = sandbox.ledger()
    assert ended(sandbox, entry["task_id"])["status"] == "completed"
    assert sandbox.state()["credits"] == 800 - entry["credits"]


def test_keys_plan_uploads_and_urls_survive(sandbox, tmp_path):
    (tmp_path / "bytes").write_bytes(b"123")
    upload, key = sandbox.upload(tmp_path / "bytes"), sandbox.new_key()
    url = ended(sandbox, submit(sandbox, "generate").json()["id"])["output_urls"][0]
    sandbox.change(plan="pro", credits=77)
    assert sandbox.terminate() == 0
    sandbox.start()
    state = sandbox.state()
    assert (state["plan"], state["credits"]) == ("pro", 77)
    assert call(sandbox, "GET", "/voice/models", key=key).status_code == 200
    assert requests.get(upload, timeout=30).content == b"123"
    assert requests.get(url, timeout=30).status_code == 200


def test_a_new_account_has_the_credits_of_its_plan(tmp_path):
    with SandboxProcess(tmp_path / "sandbox", plan="pro") as sandbox:
        assert sandbox.state()["credits"] == 1800


@pytest.mark.parametrize("n_bytes", [1, 20, -1])
def test_a_last_line_that_a_crash_cut_off_does_not_count(tmp_path, n_bytes):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.add(ENTRY)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:n_bytes])
    again = Ledger(path)
    assert again.entries() == [ENTRY]
    again.add(ENTRY)
    assert Ledger(path).entries() == [ENTRY, ENTRY]


@pytest.mark.parametrize("text", ["{}", "nonsense", "[]", '{"plan": "gold"}', "\udcff"])
def test_a_folder_that_holds_something_else_is_refused(tmp_path, text):
    for name in ("account.json", "ledger.jsonl"):
        (tmp_path / name).write_bytes((text + "\n").encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"ledger\.jsonl is no ledger"):
        Ledger(tmp_path / "ledger.jsonl")
    with pytest.raises(UsageError, match=r"account\.json is no account"):
        Accounts(tmp_path / "account.json", Ledger(tmp_path / "none.jsonl"))


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"outputs": 3})])
def test_a_damaged_outcome_is_work_that_is_done_again(tmp_path, text):
    tasks = Tasks(tmp_path, [ENTRY], 0.0)
    tasks.end(ENTRY.task_id, Outcome(("vocals.wav",), "note"))
    assert Tasks(tmp_path, [ENTRY], 0.0).open_entries() == []
    (tmp_path / ENTRY.task_id / "task.json").write_text(text, encoding="utf-8")
    assert Tasks(tmp_path, [ENTRY], 0.0).open_entries() == [ENTRY]


def test_a_task_is_shown_as_done_only_after_its_delay(tmp_path):
    tasks = Tasks(tmp_path, [ENTRY], 8.0)
    shown = [tasks.view("task_1", 1001.0).status]
    tasks.begin("task_1")
    shown += [tasks.view("task_1", now).status for now in (1001.0, 1002.0, 1009.0)]
    tasks.end("task_1", Outcome(("a.wav",)))
    shown += [tasks.view("task_1", now).status for now in (1007.9, 1008.0)]
    assert shown == [
        *(Status.QUEUED, Status.QUEUED, Status.PROCESSING, Status.PROCESSING),
        *(Status.PROCESSING, Status.COMPLETED),
    ]
    assert tasks.view("task_2", 1001.0) is None
