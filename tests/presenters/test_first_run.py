"""What is set up is not offered, what is not can be left out, and no secret is shown."""

import pytest
from fakes.acts import Acts
from fakes.sandbox import SandboxProcess
from fakes.services import ShareServices

from hanolab_dawtools.logs import configure_logging
from hanolab_dawtools.presenters.first_run import FirstRunPresenter, StepName
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.report import TAIL_BYTES, log_tail, report_text
from hanolab_dawtools.presenters.working import Workers


@pytest.fixture
def acts():
    return Acts()


@pytest.fixture
def services(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HANOLAB_API_KEY", raising=False)
    return ShareServices(tmp_path)


@pytest.fixture
def presenter(services, acts):
    workers = Workers(acts)
    yield FirstRunPresenter(services, workers, MessagesPresenter())
    workers.close()


def names(presenter):
    return [step.name for step in presenter.view.steps]


def test_what_is_missing_is_offered_and_no_reaper_means_no_step_for_it(presenter, acts):
    presenter.refresh()
    acts.run_until(lambda: presenter.view.steps)
    assert names(presenter) == [StepName.WEIGHTS, StepName.ACCOUNT]


def test_a_reaper_without_our_actions_is_offered_and_served(presenter, acts, services, tmp_path):
    resource = tmp_path / "home" / ".config" / "REAPER"
    resource.mkdir(parents=True)
    (resource / "reaper.ini").write_bytes(b"[REAPER]\n")
    presenter.refresh()
    acts.run_until(lambda: StepName.REAPER in names(presenter))
    presenter.install_into_reaper()
    acts.run_until(lambda: StepName.REAPER not in names(presenter))
    assert (resource / "Scripts" / "HanoLab" / "HanoLab_show_status.py").is_file()


def test_not_now_is_remembered(presenter, acts, services):
    presenter.refresh()
    acts.run_until(lambda: presenter.view.steps)
    presenter.hide()
    assert presenter.view.steps == ()
    acts.run_next()
    presenter.refresh()
    acts.run_next()
    assert presenter.view.steps == ()


def test_an_empty_key_is_told_and_the_step_stays(presenter, acts):
    presenter.refresh()
    acts.run_until(lambda: presenter.view.steps)
    presenter.log_in("https://api.example.org", "  ")
    account = presenter.view.steps[1]
    assert account.is_busy
    acts.run_until(lambda: presenter._messages.view.current)
    assert presenter._messages.view.current.severity is Severity.FAILED
    assert not presenter.view.steps[1].is_busy


def test_a_right_key_is_kept_and_a_wrong_one_is_not(presenter, acts, tmp_path, monkeypatch):
    kept = {}
    monkeypatch.setattr("hanolab_dawtools.cloud.credentials.check_keychain", lambda: None)
    monkeypatch.setattr(
        "hanolab_dawtools.cloud.credentials.store_key", lambda url, key: kept.update({url: key})
    )
    monkeypatch.setenv("HANOLAB_CONFIG_DIR", str(tmp_path / "config"))
    presenter.refresh()
    acts.run_until(lambda: presenter.view.steps)
    with SandboxProcess(tmp_path / "sandbox") as sandbox:
        presenter.log_in(sandbox.base_url, "hlk_wrong")
        acts.run_until(lambda: presenter._messages.view.current)
        assert kept == {}
        presenter.log_in(sandbox.base_url, f" {sandbox.key}\n")
        acts.run_until(lambda: presenter._messages.view.current.severity is Severity.OK)
    assert list(kept.values()) == [sandbox.key]
    assert "base_url" in (tmp_path / "config" / "settings.toml").read_text()


def test_weights_are_fetched_with_progress(presenter, acts, monkeypatch):
    from hanolab_dawtools.engines.local.weights import WeightsStore
    from hanolab_dawtools.events import Progress

    def fetch(self, *, stop, progress):
        progress(Progress("fetching", 0.5))

    monkeypatch.setattr(WeightsStore, "fetch", fetch)
    presenter.refresh()
    acts.run_until(lambda: presenter.view.steps)
    seen = []
    presenter.changed.connect(lambda: seen.append(presenter.view.steps[0].activity))
    presenter.fetch_weights()
    acts.run_until(lambda: presenter._messages.view.current)
    assert "fetching 50 %" in seen


def test_the_report_holds_checks_and_log_and_no_secret(services, tmp_path):
    path = configure_logging("info", services.folders.logs)
    import logging

    logging.getLogger("hanolab_dawtools.test").info("the key=hlk_12345678 was used")
    assert path is not None
    assert "was used" in log_tail(services)
    text = report_text(services, ("a message",))
    assert "Python" in text
    assert "a message" in text
    assert "hlk_12345678" not in text


def test_without_a_log_the_tail_is_empty(services):
    assert log_tail(services) == ""


def test_a_long_log_is_cut_at_a_line(services):
    log = services.folders.logs / "hanolab.log"
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"line {number} {'x' * 90}\n" for number in range(2000)))
    tail = log_tail(services)
    assert tail.startswith("line ")
    assert tail.endswith("\n")
    assert "line 1999" in tail
    assert len(tail) <= TAIL_BYTES
