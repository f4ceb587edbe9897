"""Four stems and choices among them, through the real networks, by the engine as it is used."""

import threading
from pathlib import Path

import numpy as np
import pytest

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.engines.base import Journal
from hanolab_dawtools.engines.local.draft_masks import DRAFT_GRID, DRAFT_RATE
from hanolab_dawtools.engines.local.engine import HANDLE_SECONDS, LocalEngine
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress
from hanolab_dawtools.model import Request, RequestKind, Stem, StemRole

RATE = 44_100
ROUNDING = 8 * 2.0**-24  # of float32, for up to eight sums and differences of values in -1..1


@pytest.fixture
def engine(weights_folder: Path) -> LocalEngine:
    return LocalEngine(weights_folder, n_threads=2)


@pytest.fixture
def mix(tmp_path: Path, music: AudioBuffer) -> Path:
    path = tmp_path / "mix.wav"
    write_audio(path, AudioBuffer(music.samples[:, 3 * RATE : 5 * RATE], RATE))
    return path


def _request(mix: Path, only: list[str] | None = None) -> Request:
    chosen = {} if only is None else {"only": only}
    return Request(RequestKind.SEPARATE, mix, RATE, 2, 2 * RATE, {"stems": 4} | chosen)


def _finish(engine: LocalEngine, request: Request, folder: Path) -> list[Stem]:
    journal = Journal(request.input_path.parent)
    ticket = engine.start(request, "", journal, NeverStop(), ignore_progress)
    return engine.finish(ticket, folder, NeverStop(), ignore_progress)


def _samples(stems: list[Stem]) -> dict[str, np.ndarray]:
    return {stem.role.value: read_audio(stem.path).samples for stem in stems}


def test_four_stems_add_up_and_all_but_the_vocals_are_drafts(
    engine: LocalEngine, mix: Path, tmp_path: Path
) -> None:
    stems = _finish(engine, _request(mix), tmp_path / "stems")
    assert [(stem.role, stem.is_draft) for stem in stems] == [
        (StemRole.VOCALS, False),
        (StemRole.DRUMS, True),
        (StemRole.BASS, True),
        (StemRole.OTHER, True),
    ]
    sounds = _samples(stems)
    assert all(sound.any() for sound in sounds.values())
    np.testing.assert_allclose(
        sum(sounds.values()), read_audio(mix).samples, atol=ROUNDING, strict=True
    )


@pytest.mark.parametrize(
    "only",
    [["drums", "bass"], ["other"], ["vocals", "drums"], ["vocals"], ["drums", "bass", "other"]],
)
def test_a_choice_gives_the_same_stems_and_one_file_for_the_others(
    engine: LocalEngine, mix: Path, tmp_path: Path, only: list[str]
) -> None:
    all_four = _samples(_finish(engine, _request(mix), tmp_path / "all"))
    stems = _finish(engine, _request(mix, only), tmp_path / "some")
    sounds = _samples(stems)
    for role in only:
        np.testing.assert_array_equal(sounds.pop(role), all_four.pop(role))
    (others,) = sounds.values()
    np.testing.assert_allclose(others, sum(all_four.values()), atol=ROUNDING, strict=True)
    assert {path.name for path in (tmp_path / "some").iterdir()} == {s.path.name for s in stems}


def test_the_work_begun_again_ends_in_the_same_files(
    engine: LocalEngine, mix: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    request = _request(mix, ["drums", "bass"])
    ticket = engine.start(request, "", Journal(tmp_path), NeverStop(), ignore_progress)

    def stop_before_the_split(progress: Progress) -> None:
        if progress.step == "separating" and progress.fraction == 1.0:
            stop.set()

    with pytest.raises(JobCancelled):
        engine.finish(ticket, tmp_path / "again", stop, stop_before_the_split)
    assert {path.name for path in (tmp_path / "again").iterdir()} > {"accompaniment.wav"}
    engine.finish(ticket, tmp_path / "again", NeverStop(), ignore_progress)
    engine.finish(ticket, tmp_path / "once", NeverStop(), ignore_progress)
    again, once = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("again", "once")
    )
    assert again == once
    assert sorted(once) == ["bass.wav", "drums.wav", "rest.wav"]


def test_the_handles_hold_all_that_a_moment_hears() -> None:
    reach_frames = DRAFT_GRID.context_frames + DRAFT_GRID.window_frames
    assert reach_frames / DRAFT_RATE < HANDLE_SECONDS


def test_a_user_is_told_of_a_draft_before_the_work(engine: LocalEngine, mix: Path) -> None:
    assert "draft" in engine.quote(_request(mix)).remark
    assert "draft" not in engine.quote(_request(mix, ["vocals"])).remark
