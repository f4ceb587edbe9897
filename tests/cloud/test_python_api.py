"""docs/python-api.md, run as it stands against the real sandbox in its own process."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes.sandbox import SandboxProcess

from hanolab_dawtools import errors
from hanolab_dawtools.cloud import HanoLab
from hanolab_dawtools.cloud.client import HanoLabClient
from hanolab_dawtools.cloud.models import Output
from hanolab_dawtools.cloud.polling import PollSchedule
from hanolab_dawtools.cloud.sdk import _stem_of, _suffix_of

PAGE = Path(__file__).parents[2] / "docs" / "python-api.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
SONG_SECONDS = 3.0
QUICK = PollSchedule(first_seconds=0.1, longest_seconds=0.1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def song_url(sandbox, tmp_path):
    times = np.arange(int(44100 * SONG_SECONDS)) / 44100
    path = tmp_path / "song.wav"
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * 220 * times), 44100, subtype="FLOAT")
    return sandbox.upload(path)


@pytest.fixture
def account(sandbox, monkeypatch):
    monkeypatch.setenv("HANOLAB_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("HANOLAB_API_KEY", sandbox.key)
    sandbox.change(credits=100_000, plan="pro")
    client = HanoLabClient(sandbox.base_url, sandbox.key, polling=QUICK)
    with HanoLab(client=client) as hanolab:
        yield hanolab
    sandbox.clear()
    sandbox.change(delay_seconds=0)


def test_the_examples_run_one_after_the_other(account, sandbox, song_url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    before = len(sandbox.ledger())
    for example in EXAMPLES:
        text = example.replace("https://files.example.com/song.wav", song_url)
        exec(compile(text, str(PAGE), "exec"), names)  # the page's own code
    assert len(EXAMPLES) == 4
    assert len(sandbox.ledger()) - before == 4
    assert len(list((tmp_path / "stems").iterdir())) == 2
    assert len(list((tmp_path / "results").iterdir())) == 3
    for path in tmp_path.glob("*/*.wav"):
        assert soundfile.info(path).frames > 0


@pytest.mark.parametrize(("mode", "n_stems"), [("2stem", 2), ("4stem", 4), ("6stem", 6)])
def test_every_separation_gives_its_stems_with_names(account, song_url, tmp_path, mode, n_stems):
    paths = account.separate(song_url, mode).download(tmp_path)
    assert len({path.name for path in paths}) == n_stems


def test_urls_that_expired_are_asked_for_again(account, sandbox, song_url, tmp_path):
    sandbox.fault("expired_urls", times=1)
    assert len(account.separate(song_url).download(tmp_path)) == 2


@pytest.mark.parametrize("shape", ["list", "names"])
def test_files_are_called_as_the_server_calls_them(account, sandbox, song_url, tmp_path, shape):
    sandbox.fault("shape", value=shape, times=0)
    job = account.separate(song_url)
    first, again = job.download(tmp_path), job.download(tmp_path)
    assert {path.name for path in first} == {"vocals.wav", "accompaniment.wav"}
    assert {path.name for path in again} == {"vocals-2.wav", "accompaniment-2.wav"}
    assert len(list(tmp_path.glob("*"))) == 4 + 1  # the song itself


@pytest.mark.parametrize(
    ("name", "url", "stem"),
    [
        ("", "https://x.test/a/No%20Vocals.mp3?sig=1", "No Vocals"),
        ("", "https://x.test/..%2f..%2fetc%2fpasswd", "_.._etc_passwd"),
        ("", "https://x.test/", "result-3"),
        ("CON", "https://x.test/a.wav", "_CON"),
        ("take.2", "https://x.test/a.wav", "take.2"),
    ],
)
def test_a_name_of_the_server_is_made_safe(name, url, stem):
    assert _stem_of(Output(name, url), 2) == stem


@pytest.mark.parametrize(
    ("head", "suffix"),
    [(b"fLaC\0\0\0\x22", ".flac"), (b"\0\0\0\x20ftyp", ".m4a"), (b"ID3\4\0\0\0\0", ".mp3")],
)
def test_the_ending_is_that_of_the_content(head, suffix):
    assert _suffix_of(head) == suffix


@pytest.mark.parametrize("shape", ["list", "unnamed", "names", "objects"])
def test_every_shape_of_the_answer_is_understood(account, sandbox, song_url, tmp_path, shape):
    sandbox.fault("shape", value=shape, times=0)
    assert len(account.separate(song_url).download(tmp_path)) == 2


@pytest.mark.parametrize("fault", ["lost_answer", "cut_answer", "unreadable", "no_id", "502_after"])
def test_an_answer_that_was_lost_is_unsure_and_paid_once(account, sandbox, song_url, fault):
    before = len(sandbox.ledger())
    sandbox.fault(fault, times=1)
    with pytest.raises(errors.SubmissionUnsure):
        account.separate(song_url)
    assert len(sandbox.ledger()) == before + 1


def test_a_500_is_sent_again_and_paid_once(account, sandbox, song_url):
    before = len(sandbox.ledger())
    sandbox.fault("500", where="submit", times=2)
    account.separate(song_url)
    assert len(sandbox.ledger()) == before + 1


def test_a_task_that_fails_there_is_told_with_its_reason(account, sandbox, song_url):
    sandbox.fault("task_failure", value="the model crashed", times=1)
    job = account.separate(song_url)
    with pytest.raises(errors.RemoteJobFailed, match="the model crashed"):
        job.wait()


def test_the_key_of_the_variable_is_used_and_a_wrong_one_is_refused(account, sandbox, monkeypatch):
    assert HanoLab().voice_models() == account.voice_models() != []
    monkeypatch.setenv("HANOLAB_API_KEY", "hl_not_this_one_0000")
    with pytest.raises(errors.AuthFailed) as caught:
        HanoLab().voice_models()
    assert "hl_not_this_one" not in str(caught.value)


def test_a_plan_without_access_and_an_empty_balance_are_told(account, sandbox, song_url):
    sandbox.change(credits=0)
    with pytest.raises(errors.InsufficientCredits) as caught:
        account.separate(song_url)
    assert caught.value.required
    sandbox.change(plan="free")
    with pytest.raises(errors.PlanRequired):
        account.separate(song_url)


def test_without_base_url_or_key_the_next_step_is_told(monkeypatch):
    monkeypatch.delenv("HANOLAB_BASE_URL", raising=False)
    monkeypatch.delenv("HANOLAB_API_KEY", raising=False)
    monkeypatch.setattr("hanolab_dawtools.cloud.sdk.load_key", lambda base_url: None)
    with pytest.raises(errors.NotLoggedIn, match="base URL"):
        HanoLab()
    with pytest.raises(errors.NotLoggedIn, match=r"no key for https://api\.example\.com is known"):
        HanoLab("https://api.example.com/api/v1")


def test_a_wait_ends_with_its_time_and_can_be_taken_up_again(sandbox, account, song_url):
    sandbox.change(delay_seconds=3600)
    job = account.separate(song_url)
    with pytest.raises(errors.PollTimeout) as caught:
        job.wait(timeout=0)
    assert caught.value.task_id == job.id
    assert not account.task(job.id).status().is_completed


def test_closing_ends_a_wait(sandbox, song_url, account):
    sandbox.change(delay_seconds=3600)
    job = account.separate(song_url)
    with pytest.raises(errors.JobCancelled):
        job.wait(progress=lambda _: account.close())
