"""The cap for generation: so many in flight and so many in a rolling hour, for each key."""

import pytest
from fakes.sandbox import SandboxProcess
from fakes.sandbox_calls import ended, submit


@pytest.fixture
def sandbox(tmp_path):
    with SandboxProcess(tmp_path / "sandbox", n_per_hour=3) as process:
        yield process


def test_one_song_at_a_time_for_each_key(sandbox):
    sandbox.change(delay_seconds=3600)
    task_id = submit(sandbox, "generate").json()["id"]
    answer = submit(sandbox, "generate")
    assert (answer.status_code, answer.json()["error"]) == (429, "rate_limited")
    assert int(answer.headers["Retry-After"]) > 0
    assert submit(sandbox, "generate", key=sandbox.new_key()).status_code == 202
    assert submit(sandbox, "separate").status_code == 202
    sandbox.change(delay_seconds=0)
    ended(sandbox, task_id)
    assert submit(sandbox, "generate").status_code == 202


def test_so_many_in_an_hour_also_over_a_restart(sandbox):
    for _ in range(3):
        ended(sandbox, submit(sandbox, "generate").json()["id"])
    sandbox.restart()
    answer = submit(sandbox, "generate")
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert len(sandbox.ledger("generate")) == 3
