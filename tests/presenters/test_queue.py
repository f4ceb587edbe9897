"""The queue runs jobs in threads of its own and shows those of everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.engines import ShareEngine
from fakes.panel_jobs import GatedEngine, PanelJobs, share_panel, write_music

from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.model import Cap, StemRole
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.messages import Severity


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return write_music(tmp_path / "Gesang & Chor.wav")


@pytest.fixture
def engine() -> GatedEngine:
    return GatedEngine()


@pytest.fixture
def panel(tmp_path: Path, engine: GatedEngine) -> Iterator[PanelJobs]:
    panel = share_panel(tmp_path / "home", engine)
    yield panel
    engine.gate.set()
    panel.close()


def test_job_is_run_and_its_end_is_told_with_all_that_came_of_it(panel, engine, music) -> None:
    ended = []
    panel.queue.finished.connect(lambda: ended.append(panel.queue.last_finished))
    job_id = panel.plan(music)
    panel.queue.run([job_id])
    panel.until_phase(job_id, Phase.RUNNING)
    assert panel.queue.view.n_running == 1
    engine.gate.set()
    panel.until_phase(job_id, Phase.DONE)
    assert ended == [job_id]
    assert panel.queue.view.n_running == 0
    assert panel.messages.view.current.severity is Severity.OK
    details = panel.details(job_id)
    assert [line.role for line in details.files] == ["vocals", "accompaniment"]
    assert all(line.path.is_file() and line.path.parent == details.folder for line in details.files)
    facts = {fact.name: fact.value for fact in details.facts}
    assert facts["null"].endswith("dB (mix minus sum of stems)")
    assert facts["alignment"].startswith("on the frame")
    assert details.is_done


def test_progress_of_a_job_is_its_true_share(panel, engine, music) -> None:
    job_id = panel.plan(music)
    shares = []
    panel.queue.changed.connect(lambda: shares.append(getattr(panel.row(job_id), "fraction", None)))
    engine.gate.set()
    panel.queue.run([job_id])
    panel.until_phase(job_id, Phase.DONE)
    assert all(share is None or 0 <= share <= 1 for share in shares)


@pytest.mark.parametrize(("engine_name", "most_at_once"), [("local", 1), ("none", 2)])
def test_local_separations_take_turns_and_others_are_two_at_once(
    panel, engine, tmp_path, engine_name, most_at_once
) -> None:
    panel.lay_down_weights()
    files = [write_music(tmp_path / f"{n}.wav", seed=n) for n in range(4)]
    ids = [panel.plan(path, engine=engine_name) for path in files]
    panel.queue.run(ids)
    panel.until(lambda: engine.n_at_once == most_at_once)
    n_queued = sum(panel.row(job_id).phase is Phase.QUEUED for job_id in ids)
    assert n_queued == 4 - most_at_once
    engine.gate.set()
    for job_id in ids:
        panel.until_phase(job_id, Phase.DONE)
    assert engine.most_at_once == most_at_once


def test_local_separation_does_not_wait_for_others(panel, engine, tmp_path) -> None:
    panel.lay_down_weights()
    engines = ("none", "none", "none", "local")
    files = [write_music(tmp_path / f"{n}.wav", seed=n) for n in range(4)]
    panel.queue.run([panel.plan(path, engine=e) for path, e in zip(files, engines, strict=True)])
    panel.until(lambda: engine.n_at_once == 3)


def test_resume_without_weights_asks_for_them_first(panel, engine, music) -> None:
    job_id = panel.plan(music, engine="local")
    panel.queue.resume(job_id)
    panel.until(lambda: panel.cost.view.question)
    assert "weights" in panel.cost.view.question.title
    panel.cost.decline()
    panel.until_phase(job_id, Phase.INTERRUPTED)
    assert panel.cost.view.question is None
    assert panel.queue.running_ids == frozenset()


def test_cancelled_job_stops_and_can_be_resumed(panel, engine, music) -> None:
    job_id = panel.plan(music)
    panel.queue.run([job_id])
    panel.until(lambda: engine.n_at_once)
    panel.queue.cancel(job_id)
    panel.until_phase(job_id, Phase.CANCELLED)
    assert panel.row(job_id).can_resume
    assert panel.messages.view.current is None
    engine.gate.set()
    panel.queue.resume(job_id)
    panel.until_phase(job_id, Phase.DONE)


def test_job_that_is_cancelled_before_its_turn_is_never_begun(panel, engine, tmp_path) -> None:
    ids = [panel.plan(write_music(tmp_path / f"{n}.wav", seed=n)) for n in range(3)]
    panel.queue.run(ids)
    panel.until(lambda: engine.n_at_once == 2)
    last = next(job_id for job_id in ids if panel.row(job_id).phase is Phase.QUEUED)
    panel.queue.cancel(last)
    engine.gate.set()
    panel.until_phase(last, Phase.CANCELLED)
    for job_id in ids:
        panel.until(lambda job_id=job_id: not panel.row(job_id).phase.is_active)
    assert engine.n_finished == 2


def test_failure_is_told_with_the_next_step_and_a_resume_goes_on(tmp_path, music) -> None:
    panel = share_panel(tmp_path / "home", ShareEngine(failures=1))
    job_id = panel.plan(music)
    panel.queue.run([job_id])
    panel.until(lambda: panel.queue.last_finished == job_id)
    assert panel.messages.view.current.sentence == "the fake engine is tired"
    assert panel.messages.view.current.hint
    panel.until_phase(job_id, Phase.INTERRUPTED)  # it may be gone on with any time
    panel.queue.resume(job_id)
    panel.until_phase(job_id, Phase.DONE)
    panel.close()


def test_wrong_source_is_a_failure_with_its_sentence_in_the_details(panel, engine, music) -> None:
    engine.gate.set()
    job_id = panel.plan(music)
    music.write_bytes(b"no music")
    panel.queue.run([job_id])
    panel.until_phase(job_id, Phase.FAILED)
    assert panel.row(job_id).state.startswith("failed: ")
    details = panel.details(job_id)
    assert str(music) in details.problem
    assert details.history


def test_job_of_another_process_is_shown_as_running_there(panel, music) -> None:
    job_id = panel.plan(music)
    with panel.services.store.claim(job_id):
        panel.until_phase(job_id, Phase.ELSEWHERE)
        assert panel.row(job_id).state.startswith("in another process")
        assert panel.queue.view.n_running == 0
        assert not panel.row(job_id).can_resume
    panel.queue.look_now()
    panel.until_phase(job_id, Phase.INTERRUPTED)


def test_nothing_is_resumed_before_the_user_says_so_and_then_the_oldest_first(
    panel, engine, tmp_path
) -> None:
    ids = [panel.plan(write_music(tmp_path / f"{n}.wav", seed=n)) for n in range(3)]
    panel.until(lambda: panel.queue.view.n_interrupted == 3)
    assert panel.queue.running_ids == frozenset()
    panel.queue.resume_all()
    panel.until(lambda: engine.n_at_once == 2)
    assert panel.row(ids[2]).phase is Phase.QUEUED
    engine.gate.set()
    panel.until(lambda: {row.phase for row in panel.queue.view.rows} == {Phase.DONE})


def test_jobs_of_a_closed_panel_are_offered_by_the_next_one(panel, engine, music, tmp_path) -> None:
    job_id = panel.plan(music)
    cancelled = panel.plan(music)
    panel.queue.cancel(cancelled)
    panel.until_phase(cancelled, Phase.CANCELLED)
    panel.queue.run([job_id])
    panel.until(lambda: engine.n_at_once)
    panel.close()
    again = share_panel(tmp_path / "home")
    again.until(lambda: again.queue.view.is_loaded)
    assert again.queue.view.n_interrupted == 1
    assert again.row(job_id).phase is Phase.INTERRUPTED
    assert again.row(cancelled).phase is Phase.CANCELLED
    again.queue.resume_all()
    again.until_phase(job_id, Phase.DONE)
    again.close()
    third = share_panel(tmp_path / "home")
    third.until(lambda: third.queue.view.is_loaded)
    assert third.queue.view.n_interrupted == 0
    third.close()


def test_forgetting_asks_first_and_leaves_the_files(panel, engine, music) -> None:
    engine.gate.set()
    job_id = panel.plan(music)
    panel.queue.run([job_id])
    panel.until_phase(job_id, Phase.DONE)
    paths = [line.path for line in panel.details(job_id).files]
    panel.queue.ask_remove(job_id)
    assert panel.queue.view.removing == job_id
    panel.queue.ask_remove("")
    panel.queue.remove()
    panel.queue.ask_remove(job_id)
    panel.queue.remove()
    panel.until(lambda: panel.row(job_id) is None)
    assert all(path.is_file() for path in paths)


def test_running_job_cannot_be_forgotten(panel, engine, music) -> None:
    job_id = panel.plan(music)
    panel.queue.run([job_id])
    panel.until(lambda: engine.n_at_once)
    panel.queue.ask_remove(job_id)
    panel.queue.remove()
    panel.until(lambda: panel.messages.view.current)
    assert "being worked on" in panel.messages.view.current.sentence
    assert panel.row(job_id) is not None


def test_search_and_states_narrow_the_list_but_not_the_counts(panel, music, tmp_path) -> None:
    first = panel.plan(music)
    other = panel.plan(write_music(tmp_path / "Schlagzeug.wav"))
    panel.queue.cancel(other)
    panel.until_phase(other, Phase.CANCELLED)
    panel.queue.search("CHOR gesang")
    assert [row.id for row in panel.queue.view.rows] == [first]
    panel.queue.search("")
    panel.queue.show_phases(frozenset({Phase.CANCELLED}))
    assert [row.id for row in panel.queue.view.rows] == [other]
    assert (panel.queue.view.n_jobs, panel.queue.view.n_interrupted) == (2, 1)


def test_rows_that_are_the_same_stay_the_same_objects(panel, music) -> None:
    ids = [panel.plan(music) for _ in range(50)]
    panel.until(lambda: panel.queue.view.n_jobs == 50)
    before = {row.id: row for row in panel.queue.view.rows}
    panel.queue.cancel(ids[7])
    panel.until_phase(ids[7], Phase.CANCELLED)
    after = {row.id: row for row in panel.queue.view.rows}
    assert [job_id for job_id in ids if after[job_id] is not before[job_id]] == [ids[7]]


def test_job_that_has_no_slot_gives_its_thread_back_and_tells_when_it_is_asked_again(
    tmp_path, music
) -> None:
    class CappedEngine(ShareEngine):
        def cap(self, request):
            return Cap("share", n_in_flight=9, n_per_hour=1)

    panel = share_panel(tmp_path / "home", CappedEngine())
    ids = [
        panel.plan(write_music(tmp_path / f"{n}.wav", seed=n), engine="hanolab") for n in range(4)
    ]
    panel.queue.run(ids)
    panel.until(lambda: panel.queue.last_finished in ids)
    first = panel.queue.last_finished  # two run at once, and either may be given the slot
    others = [job_id for job_id in ids if job_id != first]
    for job_id in others:
        panel.until_phase(job_id, Phase.WAITING)
    assert "waiting until" in panel.row(others[0]).state
    assert panel.queue.view.n_running == 3
    panel.queue.cancel(others[0])
    panel.until_phase(others[0], Phase.CANCELLED)
    panel.close()
    with panel.new_services() as services:
        states = [services.store.get(job_id).state for job_id in (first, *others)]
    assert states == [JobState.DONE, JobState.CANCELLED, JobState.WAITING, JobState.WAITING]


def test_roles_that_were_guessed_wrongly_are_corrected_by_a_new_job(panel, engine, music) -> None:
    engine.gate.set()
    job_id = panel.plan(music)
    panel.queue.run([job_id])
    panel.until_phase(job_id, Phase.DONE)
    vocals, rest = StemRole.VOCALS, StemRole.ACCOMPANIMENT
    assert panel.details(job_id).roles == (vocals, rest)
    panel.queue.correct_roles(job_id, {vocals: rest, rest: vocals})
    panel.until(lambda: panel.queue.view.n_jobs == 2)
    panel.until_phase(panel.queue.view.rows[0].id, Phase.DONE)
    assert engine.n_finished == 1
    details = panel.details(panel.queue.view.rows[0].id)
    assert "from the result cache, free" in [fact.value for fact in details.facts]


def test_details_follow_a_job_while_it_goes_on(panel, engine, music) -> None:
    job_id = panel.plan(music)
    assert not panel.details(job_id).is_done
    engine.gate.set()
    panel.queue.run([job_id])
    panel.until(lambda: panel.queue.view.details.is_done)


def test_store_that_cannot_be_read_is_told_once(panel, music) -> None:
    panel.plan(music)
    panel.until(lambda: panel.queue.view.n_jobs == 1)
    with panel.services.store._database.writing() as connection:
        connection.execute("UPDATE jobs SET plan = 'no JSON', updated_at = 'later'")
    panel.queue.look_now()
    panel.until(lambda: panel.messages.view.current)
    for _ in range(3):
        panel.queue.look_now()
        looks_before = panel.queue._watch._next_look
        panel.until(lambda before=looks_before: panel.queue._watch._next_look != before)
    assert panel.messages.view.n_earlier == 0
