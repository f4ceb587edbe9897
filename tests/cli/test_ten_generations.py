"""The cap on generation holds among processes that know nothing of each other but the store."""

from pathlib import Path

import pytest
from fakes.sandbox import SandboxProcess

N_PROCESSES = 10


@pytest.mark.soak
def test_ten_processes_at_once_take_turns_and_are_never_refused(in_cloud, tmp_path: Path) -> None:
    """The sandbox counts too: one more at a time, or in the hour, and it would answer 429."""
    with SandboxProcess(tmp_path / "own", delay_seconds=0.2) as sandbox:
        in_cloud.environment["HANOLAB_BASE_URL"] = sandbox.base_url
        running = [
            in_cloud.start(
                *("generate", f"piece {number}", "--tier", "draft", "--duration", "2", "--yes"),
                *("--engine", "hanolab", "-o", tmp_path / f"music-{number}", "--quiet"),
            )
            for number in range(N_PROCESSES)
        ]
        errors = [process.communicate(timeout=300)[1] for process in running]
        assert [process.returncode for process in running] == [0] * N_PROCESSES, errors
        entries = sandbox.ledger()
        assert len(entries) == N_PROCESSES
        assert len(list(tmp_path.glob("music-*/*.wav"))) == N_PROCESSES
    for job in in_cloud("jobs", "--json").document["jobs"]:
        history = in_cloud("jobs", "show", job["job"], "--json").document["history"]
        states = [event["state"] for event in history]
        assert states[states.index("starting") + 1] == "started", "it was sent and refused"
        assert states[-1] == "done"
