"""`hanolab batch` with the sandbox as the cloud: what it costs, and what a refusal does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.batch_songs import write_noise
from fakes.sandbox import SandboxProcess

PRICED = '\n[pricing]\n"separate/2stem" = { per_call = 2 }\n'
PAID = ("--preset", "separate", "--engine", "hanolab")


@pytest.fixture
def sent(sandbox: SandboxProcess) -> Callable[[], int]:
    """How many submissions the sandbox has accepted in this test."""
    before = len(sandbox.ledger())
    return lambda: len(sandbox.ledger()) - before


@pytest.fixture
def priced(in_cloud):
    """The command of somebody who knows what a separation costs."""
    with in_cloud.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(PRICED)
    return in_cloud


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """A folder with four files of noise, new ones for each test."""
    for number in range(4):
        seed = abs(hash((tmp_path.name, number))) % 2**32
        write_noise(tmp_path / "music" / f"take {number}.wav", 1.0, seed=seed)
    return tmp_path / "music"


def test_the_whole_cost_is_told_and_asked_about_before_anything_is_sent(
    priced, sent, music: Path, tmp_path: Path
) -> None:
    arguments = ("batch", music, *PAID, "-o", tmp_path / "out")
    dry = priced(*arguments, "--dry-run", "--json").document["matrix"]
    assert dry["totals"]["credits"] == 8.0
    nobody = priced(*arguments)
    assert nobody.code == 130
    assert "costs      4 cells of HanoLab: 8 credits" in nobody.err
    assert "sends      4 s of audio as FLAC to your storage (sandbox)" in nobody.err
    assert "nothing was sent" in nobody.err
    code, shown = priced.at_terminal(*arguments, dialogue=[("Pay for this?", "n\n")])
    assert code == 130, shown
    assert priced(*arguments, "--max-credits", 7.5, "--yes").code == 77
    assert sent() == 0
    assert not (tmp_path / "out").exists()
    assert priced("jobs", "list", "--json").document == {"jobs": [], "batches": []}


def test_an_unknown_price_is_said_and_asked_about(in_cloud, sent, music: Path) -> None:
    in_cloud.set("ask_above_credits = 1000.0")
    outcome = in_cloud("batch", music, *PAID)
    assert outcome.code == 130
    assert "4 cells of unknown price" in outcome.err
    dry = in_cloud("batch", music, *PAID, "--dry-run", "--json").document["matrix"]
    assert dry["totals"]["credits"] is None
    assert dry["totals"]["unknown_prices"] == 4
    assert {one["credits"] for one in dry["cells"]} == {None}
    assert sent() == 0


@pytest.mark.soak
def test_when_the_credits_end_paid_cells_are_held_and_go_on_later_and_none_is_paid_twice(
    priced, sandbox: SandboxProcess, sent, music: Path, tmp_path: Path
) -> None:
    sandbox.change(credits=3)  # each takes one or more
    arguments = ("batch", music, *PAID, "--preset", "telephone", "-o", tmp_path / "out", "--yes")
    outcome = priced(*arguments, "--json", "-q")
    assert outcome.code == 1, outcome.err
    cells = outcome.document["cells"]
    local = [one for one in cells if one["preset"] == "Telephone"]
    paid = [one for one in cells if one["preset"] == "Separate"]
    assert {one["state"] for one in local} == {"done"}
    states = {one["state"] for one in paid}
    assert "failed" in states
    assert states <= {"failed", "held", "done"}
    n_before = sent()
    assert n_before == sum(one["state"] == "done" for one in paid)
    assert {one["error"]["exit_code"] for one in paid if one["state"] == "failed"} == {77}
    sandbox.change(credits=800)
    resumed = priced("jobs", "resume", outcome.document["batch"], "--json", "-q")
    assert resumed.code == 0, resumed.err
    assert {one["state"] for one in resumed.document["cells"]} == {"done"}
    assert sent() == 4
    again = priced(*arguments, "--json", "-q")
    assert again.document["totals"]["done_before"] == 8
    assert sent() == 4


@pytest.mark.soak
def test_a_key_that_is_refused_holds_what_is_paid_and_nothing_else(
    priced, sandbox: SandboxProcess, sent, music: Path, tmp_path: Path
) -> None:
    sandbox.fault("401@separate*0")
    outcome = priced(
        *("batch", music, *PAID, "--preset", "telephone", "-o", tmp_path / "out"),
        *("--yes", "--json", "-q"),
    )
    assert outcome.code == 1
    states = [one["state"] for one in outcome.document["cells"] if one["preset"] == "Separate"]
    assert set(states) <= {"failed", "held"}
    assert outcome.document["totals"]["done"] == 4
    assert sent() == 0
    assert "hanolab login" in outcome.err


@pytest.mark.soak
def test_a_full_cap_is_waited_for_or_left_with_75(
    priced, sandbox: SandboxProcess, sent, music: Path, tmp_path: Path
) -> None:
    sandbox.fault("429=1@separate")
    arguments = ("batch", music, *PAID, "-o", tmp_path / "out", "--yes", "--json", "-q")
    left = priced(*arguments, "--no-wait")
    assert left.code == 75, left.err
    totals = left.document["totals"]
    assert (totals["waiting"], totals["done"]) == (1, 3)
    (waiting,) = [one for one in left.document["cells"] if one["state"] == "waiting"]
    assert waiting["error"] is None
    assert left.document["state"] == "waiting"
    assert f"hanolab jobs resume {left.document['batch']}" in left.err
    resumed = priced("jobs", "resume", left.document["batch"], "--json", "-q")
    assert resumed.code == 0, resumed.err
    assert sent() == 4


@pytest.mark.soak
def test_what_the_cache_knows_is_told_apart_and_costs_nothing(
    priced, sent, music: Path, tmp_path: Path
) -> None:
    assert priced("batch", music, *PAID, "-o", tmp_path / "a", "--yes", "-q").code == 0
    assert sent() == 4
    write_noise(music / "take 4.wav", 1.0, seed=99)
    arguments = ("batch", music, *PAID, "-o", tmp_path / "b")
    totals = priced(*arguments, "--dry-run", "--json").document["matrix"]["totals"]
    assert (totals["cached"], totals["credits"]) == (4, 2.0)
    outcome = priced(*arguments, "--yes")
    assert outcome.code == 0, outcome.err
    assert "2 credits; nothing for 4 cells from the cache" in outcome.err
    assert "5 of 5 cells done (4 from the cache)" in outcome.out
    assert "paid       2 credits" in outcome.out
    assert sent() == 5
