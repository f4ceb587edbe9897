"""Every fault on demand does over the wire what it says, as often and where it says."""

import contextlib
import time
from pathlib import Path

import pytest
import requests
from fakes.sandbox import SandboxProcess
from fakes.sandbox_calls import call, ended, submit
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.sandbox.faults import (
    KINDS,
    SUBMISSIONS,
    FaultBox,
    Operation,
    Phase,
    parse_fault,
)

CUT = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults") / "sandbox"
    with SandboxProcess(folder, n_in_flight=1000, n_per_hour=1000, credits=100_000) as process:
        yield process


@pytest.fixture
def sandbox(running):
    yield running
    running.clear()


@pytest.fixture
def song(sandbox):
    """The id of a completed task with one result."""
    task_id = submit(sandbox, "generate").json()["id"]
    ended(sandbox, task_id)
    return task_id


def output_url(sandbox, task_id):
    return call(sandbox, "GET", f"/tasks/{task_id}").json()["output_urls"][0]


def accepted(sandbox, fault, **options):
    """What a submission gives under a fault, and how many were accepted of it."""
    n_before = len(sandbox.ledger())
    sandbox.fault(fault, **options)
    try:
        answer = submit(sandbox, "generate")
    except CUT:
        answer = None
    return answer, len(sandbox.ledger()) - n_before


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500, 502, 503, 504])
def test_a_status_comes_instead_of_the_work(sandbox, status):
    answer, n_accepted = accepted(sandbox, str(status), value=7)
    assert (answer.status_code, n_accepted) == (status, 0)
    assert answer.headers["Retry-After"] == "7"
    is_json = answer.headers["content-type"] == "application/json"
    assert is_json == (status <= 500)


@pytest.mark.parametrize("fault", ["402", "402_after"])
def test_a_missing_balance_names_what_the_action_costs_here(sandbox, fault):
    accepted(sandbox, "lost_answer")
    credits_ = sandbox.ledger()[-1]["credits"]
    answer, _ = accepted(sandbox, fault)
    assert answer.json() == {"error": "insufficient_credits", "required": credits_}


def test_a_status_comes_also_for_a_body_that_makes_no_sense(sandbox):
    sandbox.fault("402")
    answer = submit(sandbox, "generate", tier="best")
    assert (answer.status_code, answer.json()["required"]) == (402, 1)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_status_may_come_although_the_work_was_accepted(sandbox, status):
    answer, n_accepted = accepted(sandbox, f"{status}_after")
    assert (answer.status_code, n_accepted) == (status, 1)


@pytest.mark.parametrize(("kind", "n"), [("cut_before", 0), ("lost_answer", 1), ("cut_answer", 1)])
def test_a_connection_is_cut_before_or_after_the_work_was_accepted(sandbox, kind, n):
    assert accepted(sandbox, kind) == (None, n)


def test_an_accepted_submission_may_be_answered_by_a_page(sandbox):
    answer, n_accepted = accepted(sandbox, "unreadable")
    assert (answer.status_code, n_accepted) == (202, 1)
    assert answer.text.startswith("<html>")


def test_an_accepted_submission_may_name_no_id_or_another_field(sandbox):
    answer, n_accepted = accepted(sandbox, "no_id")
    assert (answer.status_code, n_accepted) == (202, 1)
    assert sandbox.ledger()[-1]["task_id"] not in answer.text
    for name, found in (
        ("task_id", lambda body: body["task_id"]),
        ("task.uid", lambda body: body["task"]["uid"]),
        ("status.id", lambda body: body["status"]["id"]),
    ):
        answer, _ = accepted(sandbox, "id_field", value=name)
        assert found(answer.json()) == sandbox.ledger()[-1]["task_id"]


@pytest.mark.parametrize("kind", ["stall", "late_answer"])
def test_an_answer_comes_late(sandbox, kind):
    begun = time.monotonic()
    answer, n_accepted = accepted(sandbox, kind, value=0.5)
    assert (answer.status_code, n_accepted) == (202, 1)
    assert time.monotonic() - begun >= 0.45


def test_a_task_may_be_unknown_for_a_while(sandbox, song):
    sandbox.fault("late_404", times=2)
    statuses = [call(sandbox, "GET", f"/tasks/{song}").status_code for _ in range(3)]
    assert statuses == [404, 404, 200]


def test_a_task_may_have_a_status_that_nobody_named(sandbox, song):
    sandbox.fault("unknown_status", value="mixing down")
    assert call(sandbox, "GET", f"/tasks/{song}").json()["status"] == "mixing down"
    assert call(sandbox, "GET", f"/tasks/{song}").json()["status"] == "completed"


@pytest.mark.parametrize(
    ("shape", "form"),
    [("list", list), ("names", dict), ("single", str), ("unnamed", list), ("none", type(None))],
)
def test_output_urls_have_many_shapes(sandbox, song, shape, form):
    sandbox.fault("shape", value=shape)
    urls = call(sandbox, "GET", f"/tasks/{song}").json().get("output_urls")
    assert isinstance(urls, form)
    assert ("song" in str(urls)) == (shape not in {"unnamed", "none"})


def test_results_without_names_in_their_urls_can_be_fetched(sandbox, song):
    sandbox.fault("shape", value="unnamed")
    url = output_url(sandbox, song)
    assert (
        requests.get(url, timeout=30).content
        == requests.get(output_url(sandbox, song), timeout=30).content
    )


def test_a_task_may_give_urls_that_are_expired_already(sandbox, song):
    sandbox.fault("expired_urls")
    assert requests.get(output_url(sandbox, song), timeout=30).status_code == 403
    assert requests.get(output_url(sandbox, song), timeout=30).status_code == 200


def test_a_task_may_fail(sandbox):
    answer, n_accepted = accepted(sandbox, "task_failure", value="out of memory")
    task = ended(sandbox, answer.json()["id"])
    assert (task["status"], task["error"], n_accepted) == ("failed", "out of memory", 1)


@pytest.mark.parametrize("seconds", [-0.5, 0.25])
def test_a_result_may_have_another_length(sandbox, seconds):
    usual = submit(sandbox, "generate").json()["id"]
    answer, _ = accepted(sandbox, "wrong_length", value=seconds)
    lengths = []
    for task_id in (usual, answer.json()["id"]):
        ended(sandbox, task_id)
        lengths.append(len(requests.get(output_url(sandbox, task_id), timeout=30).content))
    assert lengths[1] - lengths[0] == seconds * 44_100 * 4


def test_a_result_may_be_cut_off_in_the_middle_and_resumed(sandbox, song):
    url = output_url(sandbox, song)
    sandbox.fault("short_body")
    answer = requests.get(url, stream=True, timeout=30)
    blocks = []
    with pytest.raises(CUT):
        blocks.extend(answer.iter_content(1000))
    got = b"".join(blocks)
    whole = requests.get(url, timeout=30)
    assert 0.4 * len(whole.content) < len(got) < 0.6 * len(whole.content)
    rest_headers = {"Range": f"bytes={len(got)}-", "If-Range": answer.headers["etag"]}
    rest = requests.get(url, headers=rest_headers, timeout=30)
    assert rest.status_code == 206
    assert got + rest.content == whole.content


def test_a_result_may_drip(sandbox, song):
    sandbox.fault("slow", value=1)
    begun = time.monotonic()
    content = requests.get(output_url(sandbox, song), timeout=30).content
    assert time.monotonic() - begun > 0.9
    assert content == requests.get(output_url(sandbox, song), timeout=30).content


def test_a_result_may_be_a_page_or_lead_elsewhere(sandbox, song):
    sandbox.fault("wrong_type")
    assert "<html>" in requests.get(output_url(sandbox, song), timeout=30).text
    sandbox.fault("redirect", value="http://localhost:9/elsewhere")
    answer = requests.get(output_url(sandbox, song), timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://localhost:9/elsewhere")


def test_faults_from_the_command_line_hold_from_the_start(tmp_path):
    with SandboxProcess(tmp_path / "sandbox", faults=["503@models*2"]) as sandbox:
        statuses = [call(sandbox, "GET", "/voice/models").status_code for _ in range(3)]
    assert statuses == [503, 503, 200]


@pytest.mark.parametrize(
    "text",
    [
        *("", "600", "200", "nonsense", "502@nowhere", "slow=long", "slow=nan", "shape=round"),
        *("stall=", "502*x", "502 ", "unknown_status=\n", "502@@task", "redirect=", "slow=-1"),
        *("no_id@output", "shape@submit", "502*1234567", "wrong_length=1e9", "٥٠٢"),
    ],
)
def test_what_is_no_fault_is_refused_with_the_known_ones(text):
    with pytest.raises(UsageError):
        parse_fault(text)


@given(st.text() | st.from_regex(r"(5\d\d|slow|shape)(=.*)?(@\S*)?(\*\d*)?", fullmatch=True))
def test_any_text_is_a_fault_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        fault = parse_fault(text)
        assert fault.times >= 0
        assert fault.kind in text


@given(
    st.sampled_from([*KINDS, "429", "502_after"]),
    st.sampled_from([*Operation, "submit", "any"]),
    st.integers(1, 5),
)
def test_a_fault_happens_so_often_there_and_nowhere_else(kind, where, times):
    value = "=http://127.0.0.1/" if kind == "redirect" else ""
    text = f"{kind}{value}@{where}*{times}"
    if kind in KINDS and KINDS[kind].is_bound and not common(where, KINDS[kind].where):
        with pytest.raises(UsageError, match="cannot happen"):
            parse_fault(text)
        return
    box = FaultBox([text])
    met = {}
    for operation in Operation:
        taken = [box.take(operation, phase) for phase in Phase for _ in range(times + 1)]
        met[operation] = sum(fault is not None for fault in taken)
    assert sum(met.values()) == times
    assert where in {"submit", "any"} or met[Operation(where)] == times
    assert box.pending() == []


def common(where, other):
    """Whether two places have an operation in common."""
    covered = {"any": set(Operation), "submit": set(SUBMISSIONS)}
    return covered.get(where, {where}) & covered.get(other, {other})


def test_zero_times_is_until_the_faults_are_cleared():
    box = FaultBox(["500@task*0"])
    assert all(box.take(Operation.TASK, Phase.BEFORE) for _ in range(10))
    box.clear()
    assert box.take(Operation.TASK, Phase.BEFORE) is None


def test_the_page_on_the_sandbox_tells_every_fault_as_it_is():
    page = Path(__file__).parents[2] / "docs" / "sandbox.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    for name, kind in KINDS.items():
        where = f"{kind.where} only" if kind.is_bound else kind.where
        cells = [f"`{name}`", where, kind.value, kind.meaning]
        assert "| " + " | ".join(cells).replace("|  |", "| |") + " |" in lines
