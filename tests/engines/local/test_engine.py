import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.engines.base import Engine, Journal
from hanolab_dawtools.engines.local.engine import LocalEngine
from hanolab_dawtools.engines.local.weights import WEIGHTS_DIGEST
from hanolab_dawtools.errors import (
    AudioFileError,
    EngineCannot,
    HanolabError,
    UsageError,
    WeightsMissing,
)
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.model import Request, RequestKind, StemRole, Ticket

RATE = 44_100


@pytest.fixture
def engine(weights_folder: Path) -> LocalEngine:
    return LocalEngine(weights_folder, n_threads=2)


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    path = tmp_path / "mix.wav"
    samples = np.random.default_rng(4).uniform(-0.3, 0.3, (2, RATE)).astype(np.float32)
    write_audio(path, AudioBuffer(samples, RATE))
    return Request(RequestKind.SEPARATE, path, RATE, 2, RATE, {"stems": 2})


def _start(engine: LocalEngine, request: Request) -> Ticket:
    journal = Journal(request.input_path.parent)
    return engine.start(request, "", journal, NeverStop(), ignore_progress)


def test_it_is_an_engine_that_costs_nothing(weights_folder: Path, request_: Request) -> None:
    engine: Engine = LocalEngine(weights_folder)
    assert not engine.capabilities().is_paid
    assert engine.quote(request_).credits == 0.0


def test_its_version_names_the_weights(engine: LocalEngine) -> None:
    assert WEIGHTS_DIGEST[:12] in engine.capabilities().version


def test_it_gives_vocals_and_accompaniment(
    engine: LocalEngine, request_: Request, tmp_path: Path
) -> None:
    stems = engine.finish(
        _start(engine, request_), tmp_path / "stems", NeverStop(), ignore_progress
    )
    assert [stem.role for stem in stems] == [StemRole.VOCALS, StemRole.ACCOMPANIMENT]
    total = sum(read_audio(stem.path).samples for stem in stems)
    np.testing.assert_allclose(total, read_audio(request_.input_path).samples, atol=1e-6)


def test_another_process_ends_in_the_same_bytes_over_half_written_files(
    engine: LocalEngine, request_: Request, tmp_path: Path, weights_folder: Path
) -> None:
    ticket = _start(engine, request_)
    here, there = tmp_path / "here", tmp_path / "there"
    engine.finish(ticket, here, NeverStop(), ignore_progress)
    there.mkdir()
    (there / "vocals.wav").write_bytes(b"from a run that was killed")
    program = (
        "import sys; from pathlib import Path\n"
        "from hanolab_dawtools.engines.local.engine import LocalEngine\n"
        "from hanolab_dawtools.events import NeverStop, ignore_progress\n"
        "from hanolab_dawtools.model import Ticket\n"
        "LocalEngine(Path(sys.argv[1]), n_threads=1).finish(\n"
        "    Ticket('local', sys.argv[2]), Path(sys.argv[3]), NeverStop(), ignore_progress)\n"
    )
    arguments = [str(weights_folder), ticket.text, str(there)]
    subprocess.run([sys.executable, "-c", program, *arguments], check=True)
    assert _digests(there) == _digests(here)


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"parameters": {"stems": 6}}, "cannot make 6 stems", id="6 stems"),
        pytest.param({"parameters": {"stems": "two"}}, "cannot make two stems", id="text"),
        pytest.param({"kind": RequestKind.CONVERT_FLASH}, "cannot convert-flash", id="flash"),
        pytest.param({"kind": RequestKind.GENERATE}, "cannot generate", id="generate"),
        pytest.param({"n_channels": 64}, "at most 16 channels", id="64 channels"),
    ],
)
def test_what_it_cannot_do_is_refused_with_the_way_to_get_it(
    engine: LocalEngine, request_: Request, change: dict[str, Any], message: str
) -> None:
    for ask in (engine.quote, lambda request: _start(engine, request)):
        with pytest.raises(EngineCannot, match=message) as caught:
            ask(replace(request_, **change))
        assert caught.value.hint


def test_a_parameter_it_does_not_know_is_named(engine: LocalEngine, request_: Request) -> None:
    with pytest.raises(UsageError, match="no parameter 'pitch'"):
        engine.quote(replace(request_, parameters={"stems": 2, "pitch": 3}))


def test_without_weights_nothing_is_taken_on(tmp_path: Path, request_: Request) -> None:
    with pytest.raises(WeightsMissing) as caught:
        _start(LocalEngine(tmp_path / "nowhere"), request_)
    assert "hanolab weights fetch" in caught.value.hint


def test_an_input_that_was_changed_meanwhile_is_refused(
    engine: LocalEngine, request_: Request, tmp_path: Path
) -> None:
    ticket = _start(engine, request_)
    write_audio(request_.input_path, AudioBuffer(np.zeros((2, 77), np.float32), RATE))
    with pytest.raises(AudioFileError, match="2 channels and 77 frames"):
        engine.finish(ticket, tmp_path / "stems", NeverStop(), ignore_progress)


def test_an_empty_input_is_refused(engine: LocalEngine, request_: Request) -> None:
    write_audio(request_.input_path, AudioBuffer(np.zeros((2, 0), np.float32), RATE))
    with pytest.raises(AudioFileError, match="holds no audio"):
        _start(engine, replace(request_, n_frames=0))


def test_a_lost_input_is_refused(engine: LocalEngine, request_: Request) -> None:
    request_.input_path.unlink()
    with pytest.raises(AudioFileError, match="no such file"):
        _start(engine, request_)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}'])
def test_a_damaged_ticket_is_refused(engine: LocalEngine, tmp_path: Path, text: str) -> None:
    with pytest.raises(EngineCannot, match="cannot read this ticket"):
        engine.finish(Ticket("local", text), tmp_path, NeverStop(), ignore_progress)


def test_a_ticket_of_another_version_is_refused(
    engine: LocalEngine, request_: Request, tmp_path: Path
) -> None:
    ticket = _start(engine, request_)
    older = json.dumps(json.loads(ticket.text) | {"version": "0+old"})
    with pytest.raises(HanolabError, match="version 0"):
        engine.finish(Ticket("local", older), tmp_path, NeverStop(), ignore_progress)


def test_a_network_that_is_kept_gives_the_same_bytes_without_the_weights(
    weights_folder: Path, request_: Request, tmp_path: Path
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(weights_folder, folder)
    warm = LocalEngine(folder, n_threads=1, keeps_network=True)
    ticket = _start(warm, request_)
    for name in ("cold", "warm"):
        warm.finish(ticket, tmp_path / name, NeverStop(), ignore_progress)
        shutil.rmtree(folder, ignore_errors=True)
    assert _digests(tmp_path / "warm") == _digests(tmp_path / "cold")
