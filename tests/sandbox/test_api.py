"""The endpoints of the reference, over the wire: life cycle, account, errors, caps, uploads."""

import hashlib
from contextlib import suppress

import numpy as np
import pytest
import requests
from fakes.sandbox import SandboxProcess
from fakes.sandbox_calls import SUBMISSIONS, call, ended, submit

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio

LIMITS = {"n_in_flight": 100, "n_per_hour": 100}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (2, 22_050)).astype(np.float32)
    write_audio(folder / "in.wav", AudioBuffer(noise, 44_100))
    with SandboxProcess(folder / "sandbox", **LIMITS) as process:
        process.upload(folder / "in.wav")
        yield process


@pytest.fixture
def account(sandbox):
    yield sandbox
    sandbox.change(plan="creator", credits=800, delay_seconds=0, url_seconds=3600)


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_a_submission_is_accepted_done_and_its_results_can_be_fetched(sandbox, kind, tmp_path):
    accepted = submit(sandbox, kind)
    assert accepted.status_code == 202
    assert accepted.json()["status"] in {"queued", "processing"}
    task = ended(sandbox, accepted.json()["id"])
    assert task["status"] == "completed"
    assert "sandbox" in task["note"] or "by frequency" in task["note"]
    for url in task["output_urls"]:
        answer = requests.get(url, timeout=30)
        assert answer.headers["content-type"] == "audio/wav"
        (tmp_path / "result.wav").write_bytes(answer.content)
        assert read_audio(tmp_path / "result.wav").n_frames > 1000


def test_a_task_takes_its_delay(account):
    account.change(delay_seconds=3600)
    task_id = submit(account, "generate").json()["id"]
    assert call(account, "GET", f"/tasks/{task_id}").json()["status"] == "queued"
    account.change(delay_seconds=0)
    assert ended(account, task_id)["status"] == "completed"


def test_voice_models_have_the_ids_that_conversions_take(sandbox):
    items = call(sandbox, "GET", "/voice/models").json()["items"]
    assert len(items) >= 2
    assert submit(sandbox, "convert", voice_model_id=items[-1]["id"]).status_code == 202


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc", "Bearer é"])
def test_without_a_valid_key_the_answer_is_401(sandbox, header):
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    n_before = len(sandbox.ledger())
    for path in ("/tasks/x", "/voice/models"):
        answer = call(sandbox, "GET", path, key="", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
    answer = call(sandbox, "POST", "/audio/separate", key="", headers=headers, json={})
    assert (answer.status_code, len(sandbox.ledger())) == (401, n_before)


def test_a_revoked_key_is_refused_and_the_others_are_not(sandbox):
    key = sandbox.new_key()
    assert call(sandbox, "GET", "/voice/models", key=key).status_code == 200
    sandbox.revoke_key(key)
    assert call(sandbox, "GET", "/voice/models", key=key).status_code == 401
    assert call(sandbox, "GET", "/voice/models").status_code == 200


@pytest.mark.parametrize("plan", ["free", "starter"])
def test_a_plan_without_api_gets_403_and_no_key(account, plan):
    account.change(plan=plan)
    answer = submit(account, "separate")
    assert (answer.status_code, answer.json()["error"]) == (403, "plan_tier_required")
    with pytest.raises(OSError, match="403"):
        account.new_key()


def test_too_few_credits_are_402_with_what_is_required(account):
    account.change(credits=9)
    answer = submit(account, "separate", mode="4stem")
    assert (answer.status_code, answer.json()) == (
        402,
        {"error": "insufficient_credits", "required": 10},
    )
    assert submit(account, "separate", mode="2stem").status_code == 202
    assert account.state()["credits"] == 4


@pytest.mark.parametrize(
    ("kind", "fields", "cost"),
    [
        ("separate", {"mode": "6stem"}, 15),
        ("convert", {"duration": 60}, 10),
        ("convert", {"duration": 60.1, "full_song": True}, 40),
        ("convert-flash", {"duration": 61}, 10),
        ("generate", {"tier": "maestro", "duration": 31}, 80),
    ],
)
def test_an_action_costs_its_rate(account, kind, fields, cost):
    account.change(credits=800)
    assert submit(account, kind, **fields).status_code == 202
    assert account.state()["credits"] == 800 - cost
    assert account.ledger()[-1]["credits"] == cost


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("separate", {"mode": None}),
        ("separate", {"mode": "5stem"}),
        ("separate", {"input_url": None}),
        ("separate", {"input_url": "ftp://127.0.0.1/in.wav"}),
        ("separate", {"input_url": "file:///etc/hostname"}),
        ("separate", {"input_url": "http://[::1"}),
        ("separate", {"input_url": "http://[:::1]/in.wav"}),
        ("separate", {"input_url": "http://user:secret@127.0.0.1/in.wav"}),
        ("separate", {"input_url": "http://127.0.0.1/in.wav\n"}),
        ("separate", {"input_url": "http:///in.wav"}),
        ("separate", {"input_url": "http://127.0.0.1:99999/"}),
        ("convert", {"duration": 0}),
        ("convert", {"duration": True}),
        ("convert", {"protect": 0.51}),
        ("convert", {"filter_radius": 1.5}),
        ("convert", {"full_song": "yes"}),
        ("convert", {"voice_model_id": None}),
        ("convert-flash", {"duration": "30"}),
        ("generate", {"prompt": ""}),
        ("generate", {"tier": "demo"}),
        ("generate", {"lyrics": 3}),
    ],
)
def test_a_wrong_body_is_400_and_costs_nothing(sandbox, kind, fields):
    n_before = len(sandbox.ledger())
    answer = submit(sandbox, kind, **fields)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert next(iter(fields)) in answer.json()["message"]
    assert len(sandbox.ledger()) == n_before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"duration": NaN}', b"[" * 100_000, b" " * 1_100_000]
)
def test_a_body_that_is_no_json_object_is_400(sandbox, body):
    answer = call(sandbox, "POST", "/music/generate", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ["/tasks/task_nothing", "/nothing", "/uploads/nothing"])
def test_what_is_not_there_is_404(sandbox, path):
    answer = call(sandbox, "GET", path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_an_unknown_voice_model_is_404(sandbox):
    assert submit(sandbox, "convert", voice_model_id="vm_none").status_code == 404


def test_an_input_that_cannot_be_fetched_or_read_fails_the_task(sandbox, tmp_path):
    (tmp_path / "text.wav").write_text("no audio")
    for name, frames in (("empty.wav", 0), ("nan.wav", 100)):
        odd = np.full((1, frames), np.nan, np.float32)
        write_audio(tmp_path / name, AudioBuffer(odd, 44_100))
    urls = [sandbox.upload(path) for path in tmp_path.iterdir()]
    urls += [f"{sandbox.base_url}/api/v1/uploads/nothing", "http://127.0.0.1:1/in.wav"]
    for url in urls:
        task = ended(sandbox, submit(sandbox, "separate", input_url=url).json()["id"])
        assert task["status"] == "failed"
        assert "input" in task["error"]
        assert "output_urls" not in task
        assert str(sandbox.folder) not in task["error"]


def test_output_urls_expire_and_the_task_gives_fresh_ones(account):
    task_id = submit(account, "generate").json()["id"]
    ended(account, task_id)
    account.change(url_seconds=0)
    old = call(account, "GET", f"/tasks/{task_id}").json()["output_urls"][0]
    assert requests.get(old, timeout=30).status_code == 403
    account.change(url_seconds=60)
    new = call(account, "GET", f"/tasks/{task_id}").json()["output_urls"][0]
    assert requests.get(new, timeout=30).status_code == 200
    forged = new.replace("expires=1", "expires=2")
    assert forged != new
    assert requests.get(forged, timeout=30).status_code == 403


def test_results_and_uploads_can_be_resumed_with_range(account, tmp_path):
    (tmp_path / "bytes").write_bytes(bytes(range(200)))
    url = account.upload(tmp_path / "bytes")
    answer = requests.get(url, headers={"Range": "bytes=150-"}, timeout=30)
    assert (answer.status_code, answer.content) == (206, bytes(range(150, 200)))


def test_uploads_need_the_key_to_be_put_and_removed_but_not_to_be_read(sandbox):
    assert call(sandbox, "PUT", "/uploads/one.bin", data=b"1", key="").status_code == 401
    put = call(sandbox, "PUT", "/uploads/one.bin", data=b"1")
    assert put.status_code == 201
    assert requests.get(put.json()["input_url"], timeout=30).content == b"1"
    assert call(sandbox, "DELETE", "/uploads/one.bin", key="").status_code == 401
    assert call(sandbox, "DELETE", "/uploads/one.bin").status_code == 204
    assert requests.get(put.json()["input_url"], timeout=30).status_code == 404


@pytest.mark.parametrize("name", ["..%2Fledger.jsonl", ".hidden", "%00", "a" * 201, "b%5Cc"])
def test_an_upload_is_kept_under_a_plain_name_only(sandbox, name):
    assert call(sandbox, "PUT", f"/uploads/{name}", data=b"1").status_code in {400, 404}


def test_the_key_is_kept_as_its_sha_256_only(sandbox):
    text = (sandbox.folder / "account.json").read_text(encoding="utf-8")
    assert sandbox.key not in text
    assert hashlib.sha256(sandbox.key.encode()).hexdigest() in text
    for path in sandbox.folder.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # tasks of other tests come and go
            assert sandbox.key.encode() not in path.read_bytes(), path


def test_the_admin_endpoints_change_nothing_for_a_form(sandbox):
    url = f"{sandbox.base_url}/sandbox/faults"
    assert requests.post(url, data='{"fault": "500"}', timeout=30).status_code == 400
    assert sandbox.state()["faults"] == []


@pytest.mark.parametrize("body", ["[]", "{", "{}", '{"fault": "nonsense"}', "[" * 100_000])
def test_the_admin_endpoints_refuse_what_they_do_not_understand(sandbox, body):
    headers = {"Content-Type": "application/json"}
    url = f"{sandbox.base_url}/sandbox/faults"
    assert requests.post(url, body, headers=headers, timeout=30).status_code == 400
