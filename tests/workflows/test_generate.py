"""Music from words, from the plan to the project or folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.cloud_engines import MusicEngine
from fakes.placements import timeline_of
from fakes.projects import ProjectText
from fakes.services import ShareServices
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.errors import InputError, NotWritable, ProjectFileError, UsageError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp import project_file
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.model import HostName, RequestKind
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.generate import NAME_CHARACTERS, make_generate_plan, prompt_name
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.road import placed_of

PROMPT = "slow piano, rain, 70 bpm"


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "song.rpp"
    path.write_bytes(ProjectText().content())
    return path


def plan_for(
    services: Services, target: Path, *, prompt: str = PROMPT, at: float = 0.0, **parameters: object
) -> RunPlan:
    return make_generate_plan(
        prompt,
        parameters,
        host=services.music_host(target),
        engine=services.engine("music"),
        at_seconds=at,
    )


def run(services: Services, plan: RunPlan) -> Job:
    job = services.create_job(plan)
    return services.run_job(job.id, stop=NeverStop(), progress=ignore_progress)


def test_a_plan_says_where_the_music_goes_and_what_is_asked(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home", MusicEngine()) as services:
        plan = plan_for(services, project, at=12.5, tier="draft", duration=30.0)
    assert (plan.kind, plan.engine) == (RequestKind.GENERATE, "music")
    assert plan.parameters == {"prompt": PROMPT, "tier": "draft", "duration": 30.0}
    spot = plan.selection
    assert (spot.host, spot.start_seconds, spot.end_seconds) == (HostName.RPP, 12.5, 42.5)
    assert plan.title == f"generate: {PROMPT} (song.rpp)"


def test_the_engine_is_asked_by_words_alone(tmp_path: Path, project: Path) -> None:
    engine = MusicEngine()
    with ShareServices(tmp_path / "home", engine) as services:
        run(services, plan_for(services, project))
    assert engine.asked
    for request in engine.asked:
        assert (request.input_path, request.n_frames) == (Path(), 0)


@pytest.mark.parametrize("suffix", ["mp3", "wav", "flac"])
def test_a_piece_becomes_a_track_with_the_file_as_it_came(
    tmp_path: Path, project: Path, suffix: str
) -> None:
    before = project.read_bytes()
    with ShareServices(tmp_path / "home", MusicEngine(suffix=suffix)) as services:
        job = run(services, plan_for(services, project, at=1.25, duration=2.0))
        placed = placed_of(job.outcomes)
        assert job.state is JobState.DONE
        assert list(services.store.folder_of(job.id).rglob(f"*.{suffix}")) == []
        track = timeline_of(project.read_bytes()).tracks[-1]
        assert (track.name, track.items[0].position_seconds) == (PROMPT, 1.25)
        assert track.items[0].length_seconds == pytest.approx(2.0, abs=0.06)
        assert placed.tracks[0].path.name == f"{PROMPT}.{suffix}"
        assert probe(placed.tracks[0].path).sample_rate == 44_100
        assert placed.warnings == ()
        assert services.undo_job(job.id).is_restored
    assert project.read_bytes() == before


def test_a_piece_of_another_length_is_told_and_stays_as_it_is(
    tmp_path: Path, project: Path
) -> None:
    with ShareServices(tmp_path / "home", MusicEngine(suffix="wav")) as services:
        job = run(services, plan_for(services, project, duration=5.0))
    placed = placed_of(job.outcomes)
    assert placed.warnings == ("the music is 0:02.000 long; 0:05.000 was asked for",)
    assert timeline_of(project.read_bytes()).tracks[-1].items[0].length_seconds == 2.0


def test_two_pieces_become_two_tracks(tmp_path: Path, project: Path) -> None:
    with ShareServices(tmp_path / "home", MusicEngine(n_pieces=2)) as services:
        run(services, plan_for(services, project))
    assert [track.name for track in timeline_of(project.read_bytes()).tracks][1:] == [PROMPT] * 2


def test_a_piece_goes_into_a_folder_with_its_origin(tmp_path: Path) -> None:
    target = tmp_path / "ideas"
    with ShareServices(tmp_path / "home", MusicEngine()) as services:
        job = run(services, plan_for(services, target, lyrics="la"))
    assert placed_of(job.outcomes).project is None
    assert sorted(path.name for path in target.iterdir()) == [
        f"{PROMPT}.job.json",
        f"{PROMPT}.mp3",
    ]
    facts = json.loads((target / f"{PROMPT}.job.json").read_text("utf-8"))
    assert facts["parameters"] == {"prompt": PROMPT, "lyrics": "la"}
    assert facts["stems"][0]["file"] == f"{PROMPT}.mp3"


@pytest.mark.parametrize(
    "prompt",
    [
        'a "quoted"\nlist\tof `things`',
        "雨の\u2028ピアノ " * 30,
        "x" * 5000,
        "a/b\\c:*?",
        "\x00\x07 bell",
    ],
)
def test_any_prompt_ends_in_a_track_and_is_asked_as_it_is(
    tmp_path: Path, project: Path, prompt: str
) -> None:
    with ShareServices(tmp_path / "home", MusicEngine()) as services:
        plan = plan_for(services, project, prompt=prompt)
        job = run(services, plan)
    assert plan.parameters["prompt"] == prompt
    assert timeline_of(project.read_bytes()).tracks[-1].name == prompt_name(prompt)
    assert placed_of(job.outcomes).tracks[0].path.is_file()


@given(st.text())
def test_a_name_is_one_short_line_or_the_prompt_is_refused(prompt: str) -> None:
    try:
        name = prompt_name(prompt)
    except UsageError:
        assert not any(character.isprintable() and character != " " for character in prompt)
        return
    assert name == name.strip()
    assert name.isprintable()
    assert 0 < len(name) <= NAME_CHARACTERS


def test_a_name_ends_behind_a_word() -> None:
    assert prompt_name("one two  three " * 9).endswith(" three one…")
    assert prompt_name("x" * 99) == "x" * (NAME_CHARACTERS - 1) + "…"


@pytest.mark.parametrize("prompt", ["", " \n\t"])
def test_an_empty_prompt_is_refused(tmp_path: Path, project: Path, prompt: str) -> None:
    services = ShareServices(tmp_path / "home", MusicEngine())
    with services, pytest.raises(UsageError, match="prompt is empty"):
        plan_for(services, project, prompt=prompt)


@pytest.mark.parametrize("at", [-1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(tmp_path: Path, project: Path, at: float) -> None:
    services = ShareServices(tmp_path / "home", MusicEngine())
    with services, pytest.raises(UsageError, match="--at"):
        plan_for(services, project, at=at)


def test_what_cannot_take_the_music_is_refused_before_there_is_a_job(tmp_path: Path) -> None:
    damaged, sound = tmp_path / "damaged.rpp", tmp_path / "song.wav"
    backup = tmp_path / "song.rpp-bak"
    damaged.write_bytes(b"<REAPER_PROJECT 0.1\n")
    backup.write_bytes(ProjectText().content())
    sound.write_bytes(b"x")
    with ShareServices(tmp_path / "home", MusicEngine()) as services:
        for target, error in (
            (damaged, ProjectFileError),
            (tmp_path / "missing.rpp", InputError),
            (sound, UsageError),
            (backup, UsageError),
        ):
            with pytest.raises(error):
                plan_for(services, target)
        with pytest.raises((NotWritable, UsageError)):
            plan_for(services, sound / "sub")
        assert services.store.list() == []
