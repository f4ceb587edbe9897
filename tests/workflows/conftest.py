"""The cloud's services against the real sandbox, for tests of the road through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.cloud_services import CloudServices
from fakes.sandbox import KEY, SandboxProcess


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    """The sandbox without faults, with credits enough."""
    monkeypatch.setenv("HANOLAB_API_KEY", KEY)
    sandbox_process.clear()
    sandbox_process.change(credits=800)
    return sandbox_process


@pytest.fixture
def cloud(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[CloudServices]:
    with CloudServices(tmp_path / "home", sandbox.base_url) as services:
        yield services
