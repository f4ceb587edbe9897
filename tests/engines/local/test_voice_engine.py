import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.known_voices import RATE, sung, written

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.engines.base import Journal
from hanolab_dawtools.engines.local.engine import LocalEngine
from hanolab_dawtools.errors import AudioFileError, EngineCannot, ExtraMissing
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.model import Request, RequestKind, StemRole, Ticket


@pytest.fixture
def engine(tmp_path: Path) -> LocalEngine:
    return LocalEngine(tmp_path / "no weights", n_threads=2)


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    path = written(tmp_path / "voice.wav", sung(150.0, 0.5))
    return Request(RequestKind.CONVERT, path, RATE, 1, RATE // 2, {"pitch_shift": 3})


def _start(engine: LocalEngine, request: Request) -> Ticket:
    journal = Journal(request.input_path.parent)
    return engine.start(request, "", journal, NeverStop(), ignore_progress)


def test_a_conversion_needs_no_weights_and_gives_one_file(
    engine: LocalEngine, request_: Request, tmp_path: Path
) -> None:
    ticket = _start(engine, request_)
    (stem,) = engine.finish(ticket, tmp_path / "out", NeverStop(), ignore_progress)
    assert (stem.role, stem.path.name) == (StemRole.CONVERTED, "converted.wav")
    assert stem.name == "Voice preview"
    assert probe(stem.path).n_frames == request_.n_frames


def test_another_engine_ends_in_the_same_bytes(
    engine: LocalEngine, request_: Request, tmp_path: Path
) -> None:
    ticket = _start(engine, request_)
    other = LocalEngine(tmp_path / "nowhere", n_threads=1)
    (first,) = engine.finish(ticket, tmp_path / "a", NeverStop(), ignore_progress)
    (second,) = other.finish(ticket, tmp_path / "b", NeverStop(), ignore_progress)
    assert first.path.read_bytes() == second.path.read_bytes()


def test_it_is_free_and_called_a_preview(engine: LocalEngine, request_: Request) -> None:
    quote = engine.quote(request_)
    assert quote.credits == 0.0
    assert quote.remark.startswith("voice preview: ")
    assert "RVC" not in quote.remark


def test_a_new_preview_voids_no_separation(engine: LocalEngine) -> None:
    capabilities = engine.capabilities()
    assert capabilities.version_of(RequestKind.SEPARATE) == capabilities.version
    assert capabilities.version_of(RequestKind.CONVERT).startswith("voice-preview-")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": RequestKind.CONVERT_FLASH, "parameters": {"voice": "anna"}},
        {"kind": RequestKind.GENERATE},
        {"parameters": {"voice": "anna"}},
        {"parameters": {"full_song": True}},
    ],
)
def test_what_only_the_cloud_can_is_refused_with_the_way_there(
    engine: LocalEngine, request_: Request, change: dict[str, Any]
) -> None:
    with pytest.raises(EngineCannot) as caught:
        _start(engine, replace(request_, **change))
    assert "--engine hanolab" in caught.value.hint


def test_nothing_is_taken_on_without_the_libraries(
    engine: LocalEngine, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyworld", None)
    with pytest.raises(ExtraMissing, match="pyworld"):
        _start(engine, request_)


def test_nothing_is_taken_on_without_the_reference(engine: LocalEngine, request_: Request) -> None:
    with pytest.raises(AudioFileError, match="no such file"):
        _start(engine, replace(request_, parameters={"reference": "/nowhere/clip.wav"}))


def test_an_input_that_was_changed_meanwhile_is_refused(
    engine: LocalEngine, request_: Request, tmp_path: Path
) -> None:
    ticket = _start(engine, request_)
    written(request_.input_path, sung(150.0, 0.3))
    with pytest.raises(AudioFileError, match="4800 frames"):
        engine.finish(ticket, tmp_path / "out", NeverStop(), ignore_progress)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": "voice-preview-0"}, "version voice-preview-0"),
        ({"kind": "dance"}, "cannot read"),
    ],
)
def test_a_ticket_that_cannot_be_finished_is_refused(
    engine: LocalEngine, request_: Request, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    text = json.dumps(json.loads(_start(engine, request_).text) | change)
    with pytest.raises(EngineCannot, match=message):
        engine.finish(Ticket("local", text), tmp_path, NeverStop(), ignore_progress)
