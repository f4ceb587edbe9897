"""Results are shown as lanes, placed after listening at no cost, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.engines import ShareEngine
from fakes.panel_jobs import PanelJobs, share_panel, write_music
from fakes.panel_sources import song

from hanolab_dawtools.model import Grouping, HostName, StemRole, Wanted
from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.placing import PlacingPresenter
from hanolab_dawtools.presenters.placing_choices import Target
from hanolab_dawtools.presenters.results import ResultsPresenter
from hanolab_dawtools.presenters.source_view import PreviewAudio
from hanolab_dawtools.presets.schema import Preset, SeparateJob


class KeptEngine(ShareEngine):
    """Its answers are kept in the result cache, and it is never asked twice for the same."""

    def capabilities(self):
        return replace(super().capabilities(), is_kept=True)


class SilentSink:
    sample_rate = 48_000
    device = ""

    def devices(self):
        return []

    def start(self, pull) -> None: ...

    def choose(self, device: str) -> None: ...

    def close(self) -> None: ...


class Placing:
    """Everything between a finished job and its place."""

    def __init__(self, home: Path, engine: ShareEngine) -> None:
        self.engine = engine
        self.jobs: PanelJobs = share_panel(home, engine)
        workers, messages = self.jobs.workers, self.jobs.messages
        self.waveforms = WaveformPresenter(workers, home / "peaks")
        self.listening = ListeningPresenter(workers, SilentSink())
        self.results = ResultsPresenter(
            self.jobs.services, workers, self.waveforms, self.listening, messages
        )
        self.placing = PlacingPresenter(
            self.jobs.services,
            workers,
            self.jobs.queue,
            self.results,
            messages=messages,
            edit=self.edit,
        )
        self.preset = Preset(name="Two", job=SeparateJob())
        self.placing.set_preset(self.preset)

    def edit(self, policy) -> None:
        self.preset = self.preset.model_copy(update={"import_": policy})
        self.placing.set_preset(self.preset)

    def open(self, source: Path, host: HostName, **wanted) -> None:
        self.placing.set_source(source, host)
        self.wish = self.placing.wish(source, Wanted(**wanted), self.preset, "none")

    def run(self) -> str:
        """Do what is wished; the finished job's id."""
        running = self.jobs.running
        running.want(self.wish)
        self.jobs.until(lambda: running.view.can_start)
        running.start()
        self.jobs.until(lambda: self.jobs.queue.last_finished)
        return self.jobs.queue.last_finished

    def show(self, job_id: str) -> None:
        self.results.show_job(job_id)
        self.jobs.until(lambda: self.results.view.job_id == job_id)

    def place(self) -> None:
        before = self.results.view.job_id
        self.placing.place()
        self.jobs.until(
            lambda: not self.placing.view.is_placing and self.results.view.job_id != before
        )

    @property
    def message(self) -> str:
        return str(self.jobs.messages.view.current)


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Placing]:
    placing = Placing(tmp_path / "home", KeptEngine())
    yield placing
    placing.jobs.close()
    placing.listening.close()
    placing.waveforms.close()


def test_results_lie_below_the_original_with_their_figures(panel, tmp_path) -> None:
    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    panel.show(panel.run())
    panel.jobs.until(lambda: "peak" in panel.waveforms.view.lanes[0].source.figure)
    lanes = [lane.source for lane in panel.waveforms.view.lanes]
    assert [lane.name for lane in lanes] == ["Original", "Vocals", "Accompaniment"]
    assert lanes[0].path == tmp_path / "take.wav"
    assert lanes[0].figure.startswith("null -1")
    assert all(lane.figure.startswith("peak -") for lane in lanes[1:])
    assert panel.listening.view.can_compare
    assert panel.results.view.is_to_place
    assert {fact.name for fact in panel.results.view.facts} == {"Null", "Time"}


def test_music_of_a_project_is_compared_with_what_was_captured(panel, tmp_path) -> None:
    panel.open(song(tmp_path / "song"), HostName.RPP, region="Chorus")
    panel.show(panel.run())
    original, vocals = (lane.source for lane in panel.waveforms.view.lanes[:2])
    assert (original.name, original.start_seconds) == ("Original", 2.0)
    assert vocals.start_seconds == 2.0
    assert panel.listening.view.end_seconds == pytest.approx(4.0, abs=1e-4)
    assert original.path.is_relative_to(tmp_path / "home")


def test_marks_stand_where_something_was_mended_on_the_time_line(tmp_path) -> None:
    from hanolab_dawtools.model import Alignment, AlignmentStep, Capture, CapturePoint
    from hanolab_dawtools.presenters.result_reading import _marks

    capture = Capture(Path(), 100, 2, 400, 50, 50, 1_000, "", CapturePoint.ITEM)
    steps = (
        AlignmentStep(150, 3, repaired=True),
        AlignmentStep(200, 3, repaired=False),
        AlignmentStep(20, 3, repaired=True),
    )
    alignment = Alignment(0.0, 1.0, 1, 1.0, steps=steps)
    assert _marks(alignment, capture) == (11.0,)


def test_what_was_listened_to_is_placed_without_asking_the_engine_again(panel, tmp_path) -> None:
    project = song(tmp_path / "song")
    before = project.read_bytes()
    panel.open(project, HostName.RPP, region="Chorus")
    panel.show(panel.run())
    assert project.read_bytes() == before
    assert panel.placing.view.verb == "Place"
    panel.place()
    assert panel.engine.n_finished == 1
    assert project.read_bytes() != before
    assert panel.results.view.where == "In song.rpp, as tracks: Vocals, Accompaniment"
    panel.placing.undo()
    panel.jobs.until(lambda: "Taken out" in panel.results.view.where)
    assert project.read_bytes() == before
    assert not panel.results.view.can_undo


def test_only_chosen_stems_are_placed_though_all_were_heard(panel, tmp_path) -> None:
    panel.placing.choose_stem(StemRole.VOCALS, False)
    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    panel.placing.choose_stem(StemRole.ACCOMPANIMENT, False)
    panel.wish = panel.placing.wish(tmp_path / "take.wav", Wanted(), panel.preset, "none")
    panel.show(panel.run())
    assert panel.results.view.roles == (StemRole.VOCALS, StemRole.ACCOMPANIMENT)
    panel.placing.set_target(Target.FOLDER, tmp_path / "stems")
    panel.place()
    assert [path.name for path in (tmp_path / "stems").glob("*.wav")] == ["vocals.wav"]


def test_last_stem_stays_chosen_and_it_is_said(panel, tmp_path) -> None:
    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    panel.placing.choose_stem(StemRole.VOCALS, False)
    panel.placing.choose_stem(StemRole.ACCOMPANIMENT, False)
    assert [stem.is_chosen for stem in panel.placing.view.stems] == [False, True]
    assert "one stem at least" in panel.message


def test_without_listening_results_go_where_they_belong_at_once(panel, tmp_path) -> None:
    project = song(tmp_path / "song")
    panel.placing.set_source(project, HostName.RPP)
    panel.placing.set_listens_first(False)
    panel.placing.set_target(Target.PROJECT, tmp_path / "new.rpp")
    panel.open(project, HostName.RPP, region="Chorus")
    panel.show(panel.run())
    assert (tmp_path / "new.rpp").exists()
    assert not panel.results.view.is_to_place
    assert panel.placing.view.verb == "Place again"


def test_start_pressed_while_the_newest_choice_is_still_planned_is_not_lost(
    panel, tmp_path
) -> None:
    running = panel.jobs.running
    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    running.want(panel.wish)
    panel.jobs.until(lambda: running.view.can_start)
    for end in (0.5, 0.75):
        panel.open(tmp_path / "take.wav", HostName.AUDIO_FILE, range_seconds=(0.0, end))
        running.want(panel.wish)
    running.start()
    panel.jobs.until(lambda: panel.jobs.queue.last_finished)
    panel.show(panel.jobs.queue.last_finished)
    assert panel.listening.view.end_seconds == pytest.approx(1.0)  # the whole file is on top
    assert [lane.source.name for lane in panel.waveforms.view.lanes][1:] == [
        "Vocals",
        "Accompaniment",
    ]
    selection = panel.jobs.services.store.get(panel.results.view.job_id).plan["selection"]
    assert selection["end_seconds"] == pytest.approx(0.75)


def test_takes_are_prepared_by_doing_each_item_alone(panel, tmp_path) -> None:
    panel.placing.set_layout("takes")
    panel.open(song(tmp_path / "song"), HostName.RPP)
    assert panel.wish.beside.wanted.grouping is Grouping.ITEM
    assert panel.wish.beside.folder is not None


def test_target_of_another_project_is_not_kept(panel, tmp_path) -> None:
    panel.open(song(tmp_path / "song"), HostName.RPP)
    panel.placing.set_target(Target.PROJECT, tmp_path / "new.rpp")
    panel.open(song(tmp_path / "other"), HostName.RPP)
    assert panel.placing.view.target is Target.HOST


def test_refused_place_is_told_and_can_be_tried_elsewhere(panel, tmp_path) -> None:
    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    panel.show(panel.run())
    (tmp_path / "taken").write_text("a file")
    panel.placing.set_target(Target.FOLDER, tmp_path / "taken")
    panel.placing.place()
    panel.jobs.until(lambda: not panel.placing.view.is_placing)
    assert "is a file" in panel.message
    assert panel.placing.view.can_place


def test_source_is_shown_again_when_something_else_is_selected(panel, tmp_path) -> None:
    music = write_music(tmp_path / "take.wav")
    preview = PreviewAudio(music, 0.0, 44_100, 2, 1.0)
    panel.results.show_source(preview, "take.wav")
    panel.open(music, HostName.AUDIO_FILE)
    panel.show(panel.run())
    panel.results.show_source(replace(preview, path=tmp_path / "same.wav"), "take.wav")
    assert panel.results.view.job_id
    panel.results.show_source(replace(preview, start_seconds=0.5), "take.wav")
    assert not panel.results.view.job_id
    assert [lane.source.name for lane in panel.waveforms.view.lanes] == ["take.wav"]


def test_file_that_is_gone_is_shown_as_gone_and_not_played(panel, tmp_path) -> None:
    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    job_id = panel.run()
    next((tmp_path / "home" / "cache" / "listening").rglob("vocals.wav")).unlink()
    panel.show(job_id)
    panel.jobs.until(lambda: panel.waveforms.view.lanes[1].problem)
    assert [sound.name for sound in panel.listening.view.lanes] == ["Original", "Accompaniment"]


def test_what_was_heard_goes_with_its_job(panel, tmp_path) -> None:
    from hanolab_dawtools.presenters.listened import tidy

    panel.open(write_music(tmp_path / "take.wav"), HostName.AUDIO_FILE)
    job_id = panel.run()
    folder = tmp_path / "home" / "cache" / "listening"
    stranger = folder / "of a job that is gone"
    stranger.mkdir()
    (stranger / "job.json").write_text(json.dumps({"job_id": "gone"}))
    (folder / "whatever").mkdir()
    tidy(folder, {job_id})
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["CACHEDIR.TAG", f"take-{job_id}", "whatever"]
