"""Chains on the road: nothing moves, what is compared is what the engine got, tails are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.engines import VOCAL_SHARE, ShareEngine
from fakes.services import ShareServices

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.engines.through import ThroughEngine
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import RequestKind, StemRole, Wanted
from hanolab_dawtools.placement import Arrangement
from hanolab_dawtools.workflows.outcomes import alignment_of, placed_of
from hanolab_dawtools.workflows.planning import Asked, make_plans

RATE = 44_100
SPAN = (2.0, 4.0)
CLICK = round(0.75 * RATE)  # in the selection
CEILING = EffectSpec("ceiling", {"ceiling_db": -1.0, "lookahead_ms": 5.0})  # has a latency
HALF = EffectSpec("gain", {"gain_db": -6.020599913279624})
ECHO = EffectSpec("delay", {"delay_seconds": 0.25, "feedback": 0.0, "mix": 0.5})


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Soft noise, and a click in the selection; loud noise behind it."""
    samples = np.random.default_rng(2).normal(0, 0.01, (2, 6 * RATE)).astype(np.float32)
    samples[:, round(SPAN[0] * RATE) + CLICK] = 0.8
    samples[:, round(SPAN[1] * RATE) :] *= 20
    path = tmp_path / "music.wav"
    write_audio(path, AudioBuffer(samples, RATE))
    return path


def run(services: ShareServices, music: Path, kind: RequestKind, **asked: object) -> Job:
    parameters = {"stems": 2} if kind is RequestKind.SEPARATE else {}
    request = Asked(kind, "share", Wanted(range_seconds=SPAN), parameters, **asked)  # type: ignore[arg-type]
    (plan,) = make_plans(request, services.host(music), services.engine("share"))
    return services.run_job(
        services.create_job(plan).id, stop=NeverStop(), progress=ignore_progress
    )


def sounds(job: Job) -> dict[StemRole, np.ndarray]:
    return {track.role: read_audio(track.path).samples for track in placed_of(job.outcomes).tracks}


def selection(music: Path) -> np.ndarray:
    start, end = (round(seconds * RATE) for seconds in SPAN)
    return read_audio(music).samples[:, start:end]


def test_a_latency_before_and_behind_the_engine_moves_nothing(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        job = run(
            services,
            music,
            RequestKind.SEPARATE,
            before=(CEILING, CEILING),
            after={StemRole.VOCALS: (CEILING,)},
        )
    for sound in sounds(job).values():
        assert sound.shape == (2, 2 * RATE)
        assert np.abs(sound).argmax(axis=1).tolist() == [CLICK, CLICK]
    assert alignment_of(job.outcomes).lag_frames == pytest.approx(0.0, abs=0.01)


def test_stems_null_against_what_the_engine_received(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        job = run(services, music, RequestKind.SEPARATE, before=(HALF,))
    assert alignment_of(job.outcomes).null_db < -140
    np.testing.assert_allclose(sum(sounds(job).values()), selection(music) * 0.5, atol=1e-7)


def test_a_chain_behind_acts_on_its_role_alone(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home") as services:
        job = run(services, music, RequestKind.SEPARATE, after={StemRole.VOCALS: (HALF,)})
    made, source = sounds(job), selection(music)
    np.testing.assert_allclose(made[StemRole.VOCALS], source * VOCAL_SHARE * 0.5, atol=1e-7)
    np.testing.assert_allclose(made[StemRole.ACCOMPANIMENT], source * (1 - VOCAL_SHARE), atol=1e-7)


def test_another_chain_before_is_another_request_to_the_engine(tmp_path: Path, music: Path) -> None:
    engine = ShareEngine()
    with ShareServices(tmp_path / "home", engine) as services:
        for before in ((), (HALF,), (HALF,), (CEILING,), ()):
            run(services, music, RequestKind.SEPARATE, before=before)
    assert engine.n_finished == 3


def test_effects_alone_hear_what_was_before_and_are_cut_at_the_end(
    tmp_path: Path, music: Path
) -> None:
    with ShareServices(tmp_path / "home", ThroughEngine()) as services:
        made = sounds(run(services, music, RequestKind.PROCESS, before=(ECHO,)))
    (sound,) = made.values()
    whole = read_audio(music).samples
    start, delay = round(SPAN[0] * RATE), RATE // 4
    echoed = (whole[:, start : start + 2 * RATE] + whole[:, start - delay :][:, : 2 * RATE]) / 2
    np.testing.assert_allclose(sound, echoed, atol=1e-6)


def test_a_tail_holds_the_echo_and_nothing_of_what_follows(tmp_path: Path, music: Path) -> None:
    with ShareServices(tmp_path / "home", ThroughEngine()) as services:
        job = run(services, music, RequestKind.PROCESS, before=(ECHO,), has_tail=True)
    (sound,) = sounds(job).values()
    delay = RATE // 4
    assert abs(sound.shape[1] - 2 * RATE - delay) <= 2  # noise may end on a soft frame
    tail = sound[:, 2 * RATE :]
    source = selection(music)[:, -delay:][:, : tail.shape[1]]
    np.testing.assert_allclose(tail, source / 2, atol=1e-6)


def test_only_the_wanted_stems_are_placed_under_the_names_of_the_pattern(
    tmp_path: Path, music: Path
) -> None:
    arrangement = Arrangement(names="$project: $stem", roles=(StemRole.VOCALS,))
    with ShareServices(tmp_path / "home", ShareEngine(lost_share=0.25)) as services:
        job = run(services, music, RequestKind.SEPARATE, arrangement=arrangement)
    (track,) = placed_of(job.outcomes).tracks
    assert track.role is StemRole.VOCALS
    assert track.path.name == "music_ Vocals.wav"
    assert [path.name for path in track.path.parent.glob("*.wav")] == [track.path.name]


@pytest.mark.parametrize(("is_wanted", "n_tracks"), [(True, 3), (False, 2)])
def test_a_residual_is_placed_unless_it_is_not_wanted(
    tmp_path: Path, music: Path, is_wanted: bool, n_tracks: int
) -> None:
    arrangement = Arrangement(has_residual=is_wanted)
    with ShareServices(tmp_path / "home", ShareEngine(lost_share=0.25)) as services:
        job = run(services, music, RequestKind.SEPARATE, arrangement=arrangement)
    assert len(placed_of(job.outcomes).tracks) == n_tracks
