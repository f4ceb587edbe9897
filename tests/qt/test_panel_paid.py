"""The whole window with the cloud: agreed, converted, placed; and all that may stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.cloud_services import CloudServices
from fakes.panel_sources import tone
from fakes.panel_window import OpenPanel, panel_services
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.services import Services
from hanolab_dawtools.settings_fields import StorageSettings

DEAD_URL = "http://127.0.0.1:9"  # nobody listens on the discard port


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox"), n_per_hour=1000) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxProcess, monkeypatch) -> SandboxProcess:
    running.clear()
    running.change(plan="creator", credits=800)
    monkeypatch.setenv("HANOLAB_API_KEY", running.key)
    monkeypatch.setattr(Services, "client", CloudServices.client)  # asks more often than users do
    return running


def cloud_panel(home: Path, base_url: str, qtbot) -> OpenPanel:
    settings = {"base_url": base_url, "storage": StorageSettings(kind="sandbox")}
    return OpenPanel(panel_services(home, **settings), qtbot)


@pytest.fixture
def panel(tmp_path: Path, sandbox: SandboxProcess, qtbot) -> Iterator[OpenPanel]:
    panel = cloud_panel(tmp_path / "home", sandbox.base_url, qtbot)
    yield panel
    panel.close()


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return tone(tmp_path / "song.wav", 2.0)


def convert(panel: OpenPanel, song: Path) -> None:
    panel.choose(job_kind="convert")
    panel.choose(job_engine="hanolab", job_voice={"id": "vm_warm", "name": "Warm"})
    panel.panel.source.open(song)
    panel.start()


def test_voice_is_converted_once_agreed_and_placed_without_paying_again(
    panel, sandbox, song
) -> None:
    n_before = len(sandbox.ledger("convert"))
    convert(panel, song)
    panel.agree()
    panel.until_shown()
    assert panel.lanes == ["Original", "Converted"]
    assert panel.panel.listening.view.can_compare
    placed = panel.services.store.get(panel.place())
    assert placed.outcomes["prepare"]["cached"]
    assert (song.parent / "song_hanolab" / "converted.wav").is_file()
    assert len(sandbox.ledger("convert")) == n_before + 1


def test_who_declines_sends_nothing(panel, sandbox, song) -> None:
    n_before = len(sandbox.ledger())
    convert(panel, song)
    panel.until(lambda: panel.panel.cost.view.question)
    panel.click(panel.window.cost.decline)
    panel.until(lambda: panel.panel.running.view.can_start)
    assert panel.services.store.list() == []
    assert len(sandbox.ledger()) == n_before


def test_changed_music_is_not_paid_again_by_placing(panel, sandbox, song) -> None:
    convert(panel, song)
    panel.agree()
    panel.until_shown()
    n_before = len(sandbox.ledger("convert"))
    tone(song, 2.0, seed=9)
    panel.window.side.setCurrentIndex(2)
    panel.click(panel.window.placing.place_button)
    panel.until(lambda: not panel.panel.placing.view.is_placing)
    assert "credits may be spent" in panel.message
    assert len(sandbox.ledger("convert")) == n_before


def test_job_without_credits_fails_and_says_what_to_do(panel, sandbox, song) -> None:
    sandbox.change(credits=0)
    convert(panel, song)
    panel.agree()
    panel.until_phase("failed")
    panel.until(lambda: "credits" in panel.message)
    assert panel.panel.messages.view.current.hint
    assert not panel.panel.results.view.job_id


def test_plan_without_the_api_is_told_before_any_job(panel, sandbox, song) -> None:
    sandbox.change(plan="free")
    convert(panel, song)
    panel.until(lambda: "Creator or the Pro plan" in panel.message)
    assert panel.services.store.list() == []
    assert panel.panel.running.view.can_start


def test_failed_job_goes_on_once_it_can_be_paid(panel, sandbox, song) -> None:
    sandbox.change(credits=0)
    convert(panel, song)
    panel.agree()
    panel.until_phase("failed")
    sandbox.change(credits=800)
    job_id = panel.panel.queue.view.rows[0].id
    panel.panel.queue.resume(job_id)
    panel.until_phase("done")
    panel.panel.queue.place_again(job_id)
    assert panel.until_shown() == job_id


def test_slow_server_leaves_the_window_free(panel, sandbox, song) -> None:
    sandbox.change(delay_seconds=1.0)
    try:
        convert(panel, song)
        panel.agree()
        panel.until_phase("running")
        panel.window.side.setCurrentIndex(1)  # it can be used meanwhile
        panel.until_shown()
    finally:
        sandbox.change(delay_seconds=0.0)


def test_without_a_network_it_is_said_and_nothing_is_lost(tmp_path, sandbox, song, qtbot) -> None:
    panel = cloud_panel(tmp_path / "offline", DEAD_URL, qtbot)
    try:
        convert(panel, song)
        panel.until(lambda: panel.message or panel.panel.cost.view.question)
        if panel.panel.cost.view.question:
            panel.agree()
        panel.until(lambda: "127.0.0.1" in panel.message)
        assert panel.panel.messages.view.current.hint
    finally:
        panel.close()


def test_without_a_key_the_next_step_is_to_log_in(
    tmp_path, sandbox, song, qtbot, monkeypatch
) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("HANOLAB_API_KEY", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    panel = cloud_panel(tmp_path / "no key", sandbox.base_url, qtbot)
    try:
        panel.choose(job_kind="convert")
        panel.choose(job_engine="hanolab", job_voice={"id": "vm_warm", "name": "Warm"})
        panel.panel.source.open(song)
        panel.until(lambda: panel.panel.running.view.can_start or panel.panel.running.view.problem)
        if panel.panel.running.view.can_start:
            panel.start()
        panel.until(lambda: "hanolab login" in f"{panel.message} {panel.panel.running.view.hint}")
    finally:
        panel.close()


def test_window_closed_over_a_paid_job_goes_on_with_it_and_pays_once(
    tmp_path, sandbox, song, qtbot
) -> None:
    sandbox.change(delay_seconds=60.0)
    n_before = len(sandbox.ledger("convert"))
    first = cloud_panel(tmp_path / "home", sandbox.base_url, qtbot)
    convert(first, song)
    first.agree()
    first.until(lambda: len(sandbox.ledger("convert")) == n_before + 1)
    first.close()
    sandbox.change(delay_seconds=0.0)
    second = cloud_panel(tmp_path / "home", sandbox.base_url, qtbot)
    try:
        second.until(lambda: second.panel.queue.view.n_interrupted)
        second.panel.queue.resume_all()
        second.until_phase("done")
        assert len(sandbox.ledger("convert")) == n_before + 1
    finally:
        second.close()
