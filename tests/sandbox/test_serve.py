"""Starting and ending a sandbox: where it listens, what it refuses, how it stops."""

import contextlib
import socket
import sys
import threading

import pytest
import requests
from fakes.sandbox import SandboxProcess
from fakes.sandbox_calls import call

from hanolab_dawtools.errors import ExtraMissing, NotWritable, UsageError
from hanolab_dawtools.sandbox.options import Plan, SandboxOptions
from hanolab_dawtools.sandbox.serve import run_sandbox


def run(folder, **options):
    """Run it in this thread until it has told where it is; what it told."""
    told, stop = [], threading.Event()

    def announce(running):
        told.append(running)
        stop.set()

    run_sandbox(SandboxOptions(folder, **{"port": 0, **options}), stop=stop, announce=announce)
    (running,) = told
    return running


def test_it_tells_where_it_is_and_ends_when_it_is_stopped(tmp_path):
    running = run(tmp_path / "sandbox", plan=Plan.PRO)
    assert running.base_url.startswith("http://127.0.0.1:")
    assert (running.plan, running.credits) == ("pro", 1800)
    assert any("no weights" in note for note in running.notes)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(running.base_url.rpartition(":")[2]))) != 0


def test_each_start_without_a_key_makes_a_new_one_and_keeps_the_old(tmp_path):
    first, second = run(tmp_path).key, run(tmp_path).key
    assert first != second
    with SandboxProcess(tmp_path) as sandbox:
        for key in (first, second, sandbox.key):
            assert call(sandbox, "GET", "/voice/models", key=key).status_code == 200


def test_it_listens_on_the_other_loopback_too(tmp_path):
    assert run(tmp_path, host="::1").base_url.startswith("http://[::1]:")
    assert run(tmp_path, host="localhost").base_url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", "", "::"])
def test_it_serves_this_machine_only(tmp_path, host):
    with pytest.raises(UsageError, match="this machine only"):
        run(tmp_path, host=host)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_told_in_one_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1 is in use") as caught:
            run(tmp_path, port=port)
    assert "another port" in caught.value.hint


@pytest.mark.parametrize("port", [-1, 65_536])
def test_an_impossible_port_is_refused(tmp_path, port):
    with pytest.raises(UsageError, match="cannot be used"):
        run(tmp_path, port=port)


def test_two_sandboxes_do_not_share_a_folder(tmp_path):
    with SandboxProcess(tmp_path), pytest.raises(UsageError, match="another sandbox uses"):
        run(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable):
        run(tmp_path / "file" / "sandbox")


@pytest.mark.parametrize("key", ["two words", "schlüssel", "line\n"])
def test_a_key_that_no_header_carries_is_refused(tmp_path, key):
    with pytest.raises(UsageError, match="plain ASCII"):
        run(tmp_path, key=key)


def test_without_its_libraries_it_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "hanolab_dawtools.sandbox.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ExtraMissing, match="uvicorn") as caught:
        run(tmp_path)
    assert "[sandbox]" in caught.value.hint


def test_it_ends_in_good_order_with_an_answer_under_way(tmp_path):
    with SandboxProcess(tmp_path) as sandbox:
        sandbox.fault("stall=60@models")
        asking = threading.Thread(target=_ask_in_vain, args=(sandbox,))
        asking.start()
        while sandbox.state()["faults"]:
            pass
        assert sandbox.terminate() == 0
        asking.join(30)
        assert not asking.is_alive()


def _ask_in_vain(sandbox):
    with contextlib.suppress(requests.ConnectionError):
        call(sandbox, "GET", "/voice/models")
