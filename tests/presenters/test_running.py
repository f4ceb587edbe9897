"""What is wanted becomes a quote, a question where it costs, and jobs; with a real sandbox."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.cloud_services import CloudServices
from fakes.panel_jobs import GatedEngine, PanelJobs, share_panel, write_music
from fakes.sandbox import KEY, SandboxProcess

from hanolab_dawtools.model import Wanted
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.running import Stage, Wish
from hanolab_dawtools.presets.schema import ConvertJob, Preset, SeparateJob, Voice
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.applying import Beside

STEMS = Preset(name="Two stems", job=SeparateJob(kind="separate", stems=2))


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> SandboxProcess:
    monkeypatch.setenv("HANOLAB_API_KEY", KEY)
    sandbox_process.clear()
    sandbox_process.change(credits=800, plan="pro")
    return sandbox_process


@pytest.fixture
def cloud(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[PanelJobs]:
    panel = PanelJobs(lambda: CloudServices(tmp_path / "home", sandbox.base_url))
    yield panel
    panel.close()


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[PanelJobs]:
    panel = share_panel(tmp_path / "home")
    yield panel
    panel.close()


@pytest.fixture
def music(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return write_music(tmp_path / "music.wav", 3.0, seed=zlib.crc32(request.node.name.encode()))


def ready(panel: PanelJobs, wish: Wish) -> None:
    panel.running.want(wish)
    panel.until(lambda: panel.running.view.stage in {Stage.READY, Stage.CANNOT})
    assert panel.running.view.stage is Stage.READY, panel.running.view


def started(panel: PanelJobs) -> str:
    panel.until(lambda: panel.running.started_jobs)
    return panel.running.started_jobs[0]


def test_nothing_is_wanted_at_first(panel) -> None:
    assert panel.running.view.stage is Stage.NOTHING
    panel.running.start()
    assert panel.running.view.stage is Stage.NOTHING


def test_free_work_is_quoted_and_begins_at_once(panel, music) -> None:
    ready(panel, Wish(music, STEMS, engine="none"))
    assert (panel.cost.view.quote, panel.cost.view.is_paid) == ("free", False)
    assert (panel.running.view.verb, panel.running.view.n_jobs) == ("Separate", 1)
    panel.running.start()
    job_id = started(panel)
    assert panel.cost.view.question is None
    assert panel.running.started_wish.source == music
    panel.until_phase(job_id, Phase.DONE)
    assert panel.running.view.can_start


def test_only_the_last_of_many_wishes_is_planned_in_the_end(panel, music) -> None:
    for end in range(1, 20):
        wanted = Wanted(range_seconds=(0.0, end / 10))
        panel.running.want(Wish(music, STEMS, Beside(wanted), engine="none"))
    panel.until(lambda: panel.running.view.what == "0:01.900")
    assert panel.running.view.can_start


def test_source_that_is_not_there_is_told_in_place_with_the_next_step(panel, tmp_path) -> None:
    panel.running.want(Wish(tmp_path / "gone.wav", STEMS, engine="none"))
    panel.until(lambda: panel.running.view.stage is Stage.CANNOT)
    assert "gone.wav" in panel.running.view.problem
    assert panel.messages.view.current is None
    panel.running.want(None)
    assert panel.running.view.stage is Stage.NOTHING


def test_preset_without_work_says_so(panel, music) -> None:
    panel.running.want(Wish(music, Preset(name="Empty")))
    assert panel.running.view.problem == "there is nothing to do"
    assert panel.running.view.hint


def test_paid_work_says_all_that_matters_and_sends_nothing_when_declined(cloud, sandbox, music):
    n_before = len(sandbox.ledger())
    ready(cloud, Wish(music, STEMS))
    assert cloud.cost.view.is_paid
    cloud.running.start()
    cloud.until(lambda: cloud.cost.view.question)
    question = cloud.cost.view.question
    text = "\n".join(question.lines)
    assert "music.wav" in text
    assert sandbox.base_url in text
    assert KEY not in text
    assert "Sent: 3 s of audio as FLAC" in text
    cloud.cost.decline()
    assert cloud.running.view.can_start
    assert cloud.services.store.list() == []
    assert len(sandbox.ledger()) == n_before


def test_paid_work_that_is_agreed_to_is_done_and_counted(cloud, sandbox, music) -> None:
    n_before = len(sandbox.ledger())
    ready(cloud, Wish(music, STEMS))
    cloud.running.start()
    cloud.until(lambda: cloud.cost.view.question)
    cloud.cost.agree()
    job_id = started(cloud)
    cloud.until_phase(job_id, Phase.DONE)
    assert len(sandbox.ledger()) == n_before + 1
    assert cloud.row(job_id).engine == "HanoLab"
    assert cloud.row(job_id).cost
    assert cloud.cost.view.spent.startswith("spent so far")
    names = {fact.name for fact in cloud.details(job_id).facts}
    assert {"task", "cost"} <= names


def test_question_is_withdrawn_when_something_else_is_chosen(cloud, music) -> None:
    ready(cloud, Wish(music, STEMS))
    cloud.running.start()
    cloud.until(lambda: cloud.cost.view.question)
    cloud.running.want(Wish(music, STEMS, Beside(Wanted(range_seconds=(0.0, 2.0)))))
    assert cloud.cost.view.question is None
    cloud.until(lambda: cloud.running.view.what == "0:02.000")
    assert cloud.running.started_jobs == ()


def test_without_a_key_the_quote_is_there_and_starting_says_what_to_do(
    tmp_path, music, monkeypatch
) -> None:
    monkeypatch.delenv("HANOLAB_API_KEY", raising=False)
    where = Folders(*(tmp_path / "home" / name for name in ("config", "data", "cache", "logs")))
    settings = Settings(engine="hanolab", base_url="https://hanolab.example")
    panel = PanelJobs(lambda: Services(settings, where))
    ready(panel, Wish(music, STEMS))
    panel.running.start()
    panel.until(lambda: panel.messages.view.current)
    assert "key" in panel.messages.view.current.sentence
    assert panel.messages.view.current.hint
    assert panel.services.store.list() == []
    assert panel.running.view.can_start
    panel.close()


@pytest.mark.parametrize(
    ("change", "word"), [({"credits": 0}, "credits"), ({"plan": "free"}, "plan")]
)
def test_refusal_of_the_account_is_told_and_the_job_can_be_resumed(
    cloud, sandbox, music, change, word
) -> None:
    sandbox.change(**change)
    ready(cloud, Wish(music, STEMS))
    cloud.running.start()
    cloud.until(lambda: cloud.cost.view.question)
    cloud.cost.agree()
    job_id = started(cloud)
    cloud.until_phase(job_id, Phase.FAILED)
    assert word in cloud.messages.view.current.sentence
    assert cloud.messages.view.current.hint
    sandbox.change(credits=800, plan="pro")
    cloud.queue.resume(job_id)
    cloud.until_phase(job_id, Phase.DONE)


def test_conversion_needs_a_voice_and_its_notice_is_told_once(cloud, music) -> None:
    preset = Preset(name="Voice", job=ConvertJob(kind="convert"))
    cloud.running.want(Wish(music, preset))
    assert cloud.running.view.problem == "no voice is chosen"
    with cloud.new_services() as services:
        model = services.client().voice_models(stop=GatedEngine().gate)[0]
    voiced = preset.model_copy(
        update={"job": ConvertJob(kind="convert", voice=Voice(id=model.id, name=model.name))}
    )
    for times, is_told in enumerate((True, False)):
        ready(cloud, Wish(music, voiced, Beside(Wanted(range_seconds=(0.0, 2.0 + times)))))
        cloud.running.start()
        cloud.until(lambda: cloud.cost.view.question)
        assert any("consent" in line for line in cloud.cost.view.question.lines) is is_told
        cloud.cost.agree()
        cloud.until(lambda times=times: len(cloud.services.store.list()) == times + 1)


def test_doubt_is_settled_by_the_user_in_each_way(cloud, sandbox, music) -> None:
    sandbox.fault("lost_answer@separate", times=3)
    ids = []
    for number in range(3):
        wanted = Wanted(range_seconds=(0.0, 2.0 + number / 4))
        ready(cloud, Wish(music, STEMS, Beside(wanted)))
        cloud.until(lambda n=number: cloud.running.view.what == f"0:0{2 + n / 4:.3f}")
        cloud.running.start()
        cloud.until(lambda: cloud.cost.view.question)
        cloud.running.started_jobs = ()
        cloud.cost.agree()
        ids.append(started(cloud))
        cloud.until_phase(ids[-1], Phase.UNSURE)
    details = cloud.details(ids[0])
    assert details.is_unsure
    assert not cloud.row(ids[0]).can_resume
    assert "account" in details.hint
    n_sent = len(sandbox.ledger())
    task = sandbox.ledger()[-3]["task_id"]
    cloud.queue.resolve_as_task(ids[0], f" {task}\n")
    cloud.until_phase(ids[0], Phase.DONE)
    assert len(sandbox.ledger()) == n_sent
    cloud.queue.resend(ids[1])
    cloud.until_phase(ids[1], Phase.DONE)
    assert len(sandbox.ledger()) == n_sent + 1
    cloud.queue.abandon(ids[2])
    cloud.until_phase(ids[2], Phase.CANCELLED)
    assert "(unsure)" in cloud.row(ids[2]).cost
