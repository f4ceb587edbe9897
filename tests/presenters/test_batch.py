"""The page of batches over real services: put together, ticked, run, stopped, gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.acts import Acts
from fakes.cloud_services import CloudServices
from fakes.panel_sources import services_in, song
from fakes.sandbox import KEY

from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.presenters.batch import BatchPresenter
from hanolab_dawtools.presenters.batch_draft import Kind
from hanolab_dawtools.presenters.batch_progress import CellPhase
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.running import Stage
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.services import Services
from hanolab_dawtools.workflows.batch.model import BatchAsked

EFFECTS = "Telephone"  # a preset that needs neither weights nor the cloud


class Page:
    """A page with all that it needs, and a dispatcher that the test turns."""

    def __init__(self, make: Callable[[], Services]) -> None:
        self.services = make()
        self.acts = Acts()
        self.workers = Workers(self.acts)
        self.messages = MessagesPresenter()
        self.presets = PresetPresenter(self.services.presets, self.workers, self.messages)
        self.batch = BatchPresenter(
            self.services, self.workers, self.presets, self.messages, new_services=make
        )
        self.draft = self.batch.draft
        self.presets.refresh()
        self.batch.tick()
        self.acts.run_until(lambda: self.draft.form.presets.lines)

    def close(self) -> None:
        self.batch.close()
        self.workers.close()
        self.services.__exit__()

    def put_together(self, *sources: Path, preset: str = EFFECTS) -> None:
        self.draft.tick_shown(Kind.PRESETS, are_ticked=False)
        self.draft.tick(Kind.PRESETS, preset, is_ticked=True)
        self.draft.add_sources(map(str, sources))
        self.until_planned()

    def until_planned(self) -> None:
        settled = {Stage.READY, Stage.CANNOT}
        self.acts.run_until(
            lambda: not self.draft.form.is_reading and self.batch.starting.view.stage in settled
        )

    def until_idle(self) -> None:
        """Let the batch run, looked at as a window does."""
        self.acts.run_until(lambda: self.batch.is_running)
        self.acts.run_until(lambda: not self.batch.is_running)
        self.acts.run_until(lambda: self.batch.starting.view.stage is not Stage.PLANNING)


@pytest.fixture
def make(tmp_path: Path) -> Callable[[], Services]:
    return lambda: services_in(tmp_path / "home")


@pytest.fixture
def page(make: Callable[[], Services]) -> Iterator[Page]:
    page = Page(make)
    yield page
    page.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return song(tmp_path / "song")


def test_empty_page_says_what_to_choose(page: Page) -> None:
    assert page.batch.starting.view.stage is Stage.CANNOT
    assert "source" in page.batch.view.problem
    assert page.batch.view.hint


def test_regions_and_tracks_of_a_project_are_crossed_with_presets(page, project) -> None:
    page.put_together(project)
    assert [row.region for row in page.batch.view.rows] == ["Verse", "Chorus"]
    page.draft.tick_shown(Kind.TRACKS, are_ticked=True)
    page.draft.tick(Kind.PRESETS, "Effects only", is_ticked=True)
    page.draft.tick(Kind.REGIONS, "Verse", is_ticked=False)
    page.until_planned()
    assert page.batch.view.layout.columns == ("Effects only", EFFECTS)
    assert [line.name for line in page.batch.view.layout.lines] == ["Drums", "Bass"]
    assert page.batch.starting.view.what == "4 cells, 8 s of audio"
    assert page.batch.cost.view.quote == "free"


def test_source_that_cannot_be_read_is_named_with_the_next_step(page, project, tmp_path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no audio")
    page.put_together(project, tmp_path / "broken.wav")
    assert "broken.wav" in page.batch.view.problem
    assert page.batch.view.hint
    page.draft.remove_source(str(tmp_path / "broken.wav"))
    page.until_planned()
    assert page.batch.starting.view.can_start


def test_only_ticked_cells_are_made_and_run_to_their_ends(page, project, tmp_path) -> None:
    page.put_together(project)
    page.draft.change(replace(page.draft.form, output=str(tmp_path / "out")))
    page.until_planned()
    page.draft.tick_cells([1], are_ticked=False)
    assert page.batch.starting.view.n_jobs == 1
    page.batch.starting.start()
    page.until_idle()
    assert [row.region for row in page.batch.view.rows] == ["Verse"]
    assert [row.phase for row in page.batch.view.rows] == [CellPhase.DONE]
    assert page.messages.view.current.severity is Severity.OK
    assert page.batch.starting.view.stage is Stage.RESTING
    assert list((tmp_path / "out").rglob("*.wav"))
    page.batch.show_batch("")
    page.until_planned()
    assert [row.can_tick for row in page.batch.view.rows] == [False, True]


def test_unticked_cells_stay_so_when_the_plan_is_made_anew(page, project) -> None:
    page.put_together(project)
    page.draft.tick_cells([0], are_ticked=False)
    page.draft.tick(Kind.PRESETS, "Effects only", is_ticked=True)
    page.until_planned()
    left_out = [row.title for row in page.batch.view.rows if not row.is_ticked]
    assert left_out == [f"song · Verse · {EFFECTS}"]


def test_unfinished_batch_of_an_earlier_start_is_offered_to_be_gone_on_with(make, project) -> None:
    with make() as services:
        asked = BatchAsked((str(project),), (EFFECTS,), ("*",))
        matrix = services.batching.plan(asked, stop=NeverStop(), voices=dict)
        batch = services.batching.create(asked, matrix)
        with services.store.claim(f"{batch.id}-1") as claim:
            services.store.record(f"{batch.id}-1", JobState.CAPTURED, claim=claim)
    page = Page(make)
    try:
        page.acts.run_until(lambda: page.batch.view.batch_id == batch.id)
        page.acts.run_until(lambda: page.batch.view.rows)
        assert [row.state for row in page.batch.view.rows] == ["interrupted", "not begun"]
        assert page.batch.starting.view.verb == "Resume"
        assert page.batch.starting.view.can_start
    finally:
        page.close()


def test_failed_cells_are_told_and_can_be_run_again_after_a_restart(make, project) -> None:
    page = Page(make)
    page.put_together(project)
    media = [project.parent / name for name in ("drums.wav", "bass.wav")]
    sounds = [file.read_bytes() for file in media]
    for file in media:
        file.write_bytes(b"broken")
    page.draft.tick_cells([1], are_ticked=False)
    page.batch.starting.start()
    page.until_idle()
    (row,) = page.batch.view.rows
    assert row.phase is CellPhase.FAILED
    assert "drums" in row.message
    assert row.hint
    assert page.messages.view.current.severity is Severity.FAILED
    assert page.batch.starting.view.verb == "Run failed again"
    batch_id = page.batch.view.batch_id
    page.close()
    for file, sound in zip(media, sounds, strict=True):
        file.write_bytes(sound)
    page = Page(make)
    try:
        page.batch.show_batch(batch_id)
        page.acts.run_until(lambda: page.batch.starting.view.can_start)
        page.batch.starting.start()
        page.until_idle()
        assert [row.phase for row in page.batch.view.rows] == [CellPhase.DONE]
        assert project.read_bytes().count(b"<TRACK") > 2
    finally:
        page.close()


def test_new_batch_like_a_stored_one_has_its_ticks(page, project) -> None:
    asked = BatchAsked((str(project),), (EFFECTS,), ("chorus",), ("Ba*",))
    matrix = page.services.batching.plan(asked, stop=NeverStop(), voices=dict)
    page.batch.show_batch(page.services.batching.create(asked, matrix).id)
    page.acts.run_until(lambda: page.batch.view.rows)
    page.batch.start_like_shown()
    page.until_planned()
    assert page.draft.form.regions.ticked == ("Chorus",)
    assert page.draft.form.tracks.ticked == ("Bass",)
    assert [row.title for row in page.batch.view.rows] == [f"song · Chorus · Bass · {EFFECTS}"]


def test_paid_cells_are_agreed_to_together_and_nothing_is_made_before(
    tmp_path, project, monkeypatch
) -> None:
    monkeypatch.setenv("HANOLAB_API_KEY", KEY)
    page = Page(lambda: CloudServices(tmp_path / "home", "http://127.0.0.1:9"))
    try:
        page.put_together(project, preset="Separate")
        assert page.batch.cost.view.is_paid
        page.batch.starting.start()
        page.acts.run_until(lambda: page.batch.cost.view.question)
        text = "\n".join(page.batch.cost.view.question.lines)
        assert "2 cells" in text
        assert "Sent: 4 s of audio" in text
        assert KEY not in text
        page.batch.cost.decline()
        assert page.batch.starting.view.can_start
        assert page.services.store.list(frozenset(JobState)) == []
    finally:
        page.close()
