"""Voice models of an account: listed by the sandbox, missing, offline, refused."""

import pytest
from fakes.acts import Acts
from fakes.cloud_services import CloudServices
from fakes.sandbox import KEY, SandboxProcess

from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.voices import VoicesPresenter, VoicesState
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def acts():
    return Acts()


@pytest.fixture
def voices_of(acts, monkeypatch):
    """Make a presenter for services; the preset converts."""
    pools = []
    monkeypatch.setenv("HANOLAB_API_KEY", KEY)

    def make(services):
        pools.append(Workers(acts))
        presets = PresetPresenter(services.presets, pools[-1], MessagesPresenter())
        presets.edit({"job.kind": "convert"})
        return VoicesPresenter(presets, services, pools[-1]), presets

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def listed(voices_of, acts, sandbox, tmp_path):
    sandbox.clear()
    voices, presets = voices_of(CloudServices(tmp_path, sandbox.base_url))
    voices.refresh()
    acts.run_until(lambda: voices.view.state is not VoicesState.LOADING)
    return voices, presets


def test_nothing_is_asked_before_the_user_wants_it(voices_of, tmp_path):
    voices, _ = voices_of(CloudServices(tmp_path, "http://127.0.0.1:9"))
    assert voices.view.state is VoicesState.NOT_ASKED
    assert not voices.view.needs_care


def test_the_accounts_voices_are_listed_and_one_can_be_chosen(listed):
    voices, presets = listed
    assert voices.view.state is VoicesState.LISTED
    first = voices.view.rows[0]
    voices.choose(first.id)
    assert presets.current.job.voice.id == first.id
    assert presets.current.job.voice.name == first.name
    assert voices.view.rows[0].is_chosen
    assert voices.view.chosen == first.name
    voices.choose("")
    assert presets.current.job.voice is None
    assert voices.view.chosen_id == ""


def test_a_voice_of_another_account_is_found_by_its_name(listed):
    voices, presets = listed
    first = voices.view.rows[0]
    presets.edit({"job.voice": {"id": "elsewhere", "name": first.name.upper()}})
    assert voices.view.chosen_id == first.id


def test_a_voice_that_is_not_in_the_account_is_told_with_the_next_step(listed):
    voices, presets = listed
    presets.edit({"job.voice": {"id": "vm_lost", "name": "Lost & found"}})
    assert "'Lost & found' is not in this account" in voices.view.sentence
    assert voices.view.next_step
    assert voices.view.needs_care


def test_without_a_key_the_next_step_is_told(voices_of, acts, tmp_path):
    where = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    voices, _ = voices_of(Services(Settings(), where))
    voices.refresh()
    acts.run_until(lambda: voices.view.state is VoicesState.NO_KEY)
    assert "base URL" in voices.view.sentence
    assert "login" in voices.view.next_step


def test_offline_says_so_and_keeps_the_list_from_before(listed, acts, sandbox, monkeypatch):
    voices, _ = listed
    rows = voices.view.rows
    monkeypatch.setattr(voices, "_services", CloudServices(sandbox.folder, "http://127.0.0.1:9"))
    voices.refresh()
    acts.run_until(lambda: voices.view.state is VoicesState.OFFLINE)
    assert voices.view.rows == rows
    assert "from before" in voices.view.sentence
    assert voices.view.next_step


@pytest.mark.parametrize("status", [402, 403, 404])
def test_a_refusal_is_told_in_its_own_words(voices_of, acts, sandbox, tmp_path, status):
    sandbox.clear()
    sandbox.fault(str(status), where="models", times=0)
    voices, _ = voices_of(CloudServices(tmp_path, sandbox.base_url))
    voices.refresh()
    acts.run_until(lambda: voices.view.state is VoicesState.FAILED)
    assert voices.view.sentence
    sandbox.clear()
