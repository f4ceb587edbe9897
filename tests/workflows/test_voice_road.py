"""A region of a project as another voice: placed, muted, heard, by an independent mixer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from fakes.cloud_engines import VOICE_GAIN, VoiceEngine
from fakes.mixer import Mixer
from fakes.placements import timeline_of
from fakes.projects import ItemText, ProjectText, TrackText, block
from fakes.services import ShareServices

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import probe, read_audio, write_audio
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp import project_file
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import Grouping, RequestKind, StemRole, Wanted, Width
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.planning import Asked, make_plans
from hanolab_dawtools.workflows.road import placed_of

RATE = 48_000
MIX_RATE = 1_000  # of the mixer
SPAN = (1.0, 3.0)
ITEM = ItemText(0.5, 3.0, file="take.wav", offset="0.25", name="lead")


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: False)


def voice(seconds: float) -> np.ndarray:
    """Syllables of a low buzz, panned a little to the left: (2, n_frames)."""
    times = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 110 * n * times) / n for n in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * (1.7 + 0.9 * np.sin(times)) * times), 0, 1)
    return np.array([[0.2], [0.1]], dtype=np.float32) * (buzz * syllables).astype(np.float32)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_audio(tmp_path / "take.wav", AudioBuffer(voice(4.0), RATE))
    effect = block("FXCHAIN", "BYPASS 0 0", block("JS gain 0.5", "0"), "FXID {F}")
    path = tmp_path / "song.rpp"
    path.write_bytes(ProjectText((TrackText("Lead", items=(ITEM,), chunks=(effect,)),)).content())
    return path


def run(services: Services, project: Path, *, takes: bool = False, **asked: object) -> Job:
    grouping = Grouping.ITEM if takes else Grouping.TRACK
    wanted = Wanted(range_seconds=SPAN, grouping=grouping, as_takes=takes)
    parameters: Mapping[str, object] = asked.pop("parameters", {"voice": "vm_1"})  # type: ignore[assignment]
    request = Asked(RequestKind.CONVERT, "voice", wanted, parameters, **asked)  # type: ignore[arg-type]
    (plan,) = make_plans(request, services.host(project), services.engine("voice"))
    return services.run_job(
        services.create_job(plan).id, stop=NeverStop(), progress=ignore_progress
    )


def mixed(project: Path) -> np.ndarray:
    """What the master hears; media at the mixer's rate are every 48th frame of the files."""
    media = {
        path.name: read_audio(path).samples[:, :: RATE // MIX_RATE].astype(np.float64)
        for path in project.parent.rglob("*.wav")
    }
    text = re.sub(r'FILE ".*[\\/](\S+)"', r"FILE \1", project.read_text("utf-8"))
    return Mixer(text, media, 4 * MIX_RATE).outputs["master"]


def test_a_converted_region_is_one_track_at_its_place(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home", VoiceEngine()) as services:
        job = run(services, project)
    placed = placed_of(job.outcomes)
    (track,) = placed.tracks
    assert (track.role, track.name, track.path.name) == (
        StemRole.CONVERTED,
        "Converted",
        "converted.wav",
    )
    info = probe(track.path)
    assert (info.sample_rate, info.n_channels, info.n_frames) == (RATE, 2, 2 * RATE)
    folder, child = timeline_of(project.read_bytes()).tracks[1:]
    assert folder.name.startswith("CONVERTED: ")
    assert (child.depth, child.items[0].position_seconds) == (1, 1.0)
    assert b"PEAKCOL 16576" not in project.read_bytes().split(b"NAME Converted")[1]


def test_the_converted_voice_is_heard_instead_of_the_source_through_its_effects(
    tmp_path: Path, project: Path
) -> None:
    before = mixed(project)
    with ShareServices(tmp_path / "home", VoiceEngine(missing_seconds=0.0)) as services:
        run(services, project, width=Width.SOURCE)
    after = mixed(project)
    inside = slice(1_000, 3_000)
    np.testing.assert_allclose(after[:, :1_000], before[:, :1_000], atol=1e-9)
    np.testing.assert_allclose(after[:, 3_000:], before[:, 3_000:], atol=1e-9)
    # resampled to the model's rate and back; a lag of under a millisecond may be left
    level = np.sqrt(
        np.mean(after[:, inside] ** 2, axis=1) / np.mean(before[:, inside] ** 2, axis=1)
    )
    np.testing.assert_allclose(level, VOICE_GAIN, rtol=0.03)


def test_a_kept_source_plays_alone_beside_a_muted_folder(tmp_path: Path, project: Path) -> None:
    before = mixed(project)
    with ShareServices(tmp_path / "home", VoiceEngine()) as services:
        run(services, project, keep_source=True)
    np.testing.assert_allclose(mixed(project), before, atol=1e-12)
    assert [t.is_muted for t in timeline_of(project.read_bytes()).tracks] == [False, True, False]


def test_as_a_take_the_converted_voice_plays_and_the_original_stays_beside_it(
    tmp_path: Path, project: Path
) -> None:
    with ShareServices(tmp_path / "home", VoiceEngine()) as services:
        placed = placed_of(run(services, project, takes=True).outcomes)
    (track,) = timeline_of(project.read_bytes()).tracks
    item = next(item for item in track.items if len(item.takes) == 2)
    assert item.take is not None
    assert item.take is item.takes[1]
    assert item.take.source is not None
    assert item.take.source.file is not None
    assert item.take.source.file.endswith("converted.wav")
    assert placed.tracks[0].name == "Converted"
    assert (item.position_seconds, item.length_seconds) == (1.0, 2.0)


def test_a_whole_song_comes_back_as_a_mix_with_its_channels(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home", VoiceEngine(missing_seconds=0.0)) as services:
        job = run(services, project, parameters={"voice": "vm_1", "full_song": True})
    (track,) = placed_of(job.outcomes).tracks
    assert (track.role, track.name) == (StemRole.MIX, "Mix")
    samples = read_audio(track.path).samples
    levels = np.sqrt(np.mean(samples**2, axis=1))
    assert levels[0] / levels[1] == pytest.approx(2.0, rel=1e-3)


def test_undo_brings_the_project_back_byte_for_byte(tmp_path: Path, project: Path) -> None:
    before = project.read_bytes()
    with ShareServices(tmp_path / "home", VoiceEngine()) as services:
        job = run(services, project)
        assert project.read_bytes() != before
        services.undo_job(job.id)
    assert project.read_bytes() == before


def test_another_width_is_answered_from_the_cache(tmp_path: Path, project: Path) -> None:
    engine = VoiceEngine()
    with ShareServices(tmp_path / "home", engine) as services:
        run(services, project, keep_source=True)
        job = run(services, project, width=Width.SOURCE, match_level=True, keep_source=True)
    assert job.outcomes["prepare"]["cached"]
    assert engine.n_finished == 1
    assert any("LUFS" in said for said in job.outcomes["align"]["alignment"]["repairs"])
