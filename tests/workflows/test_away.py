"""Cells whose files stayed with a far worker: cut short anywhere, they end in the same bytes."""

import shutil
import threading

import pytest
import soundfile

from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.cloud.objects import ObjectStores
from hanolab_dawtools.engines.through import ThroughEngine
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.host_choice import HostChoice
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.runner import Runner
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import RequestKind, Wanted
from hanolab_dawtools.workers.base import WorkDone
from hanolab_dawtools.workflows.away import is_away, labours_again, marked_away
from hanolab_dawtools.workflows.local_work import LocalWork
from hanolab_dawtools.workflows.orders import OrderedWork, do_order
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.road import Road
from hanolab_dawtools.workflows.stored import to_json


class NearWorker:
    """Does orders in the calling thread."""

    n_workers = 1

    def __init__(self, doer):
        self.doer = doer

    def do(self, order, *, stop, progress):
        return self.doer(order, stop, progress)

    def close(self):
        pass


class FarWorker(NearWorker):
    """Does orders here, and keeps the files of all steps but the last, as a far one does."""

    def __init__(self, doer):
        super().__init__(doer)
        self.orders = []

    def do(self, order, *, stop, progress):
        self.orders.append(order.steps)
        done = super().do(order, stop=stop, progress=progress)
        for folder in ("stems", "aligned"):
            shutil.rmtree(order.folder / folder, ignore_errors=True)
        return WorkDone(done.outcomes, done.failure, "far", 0.0, order.steps[:-1])


class Shop:
    def __init__(self, tmp_path):
        self.source = tmp_path / "take.wav"
        samples = [[0.1 * (n % 7), -0.1] for n in range(4800)]
        soundfile.write(self.source, samples, 48_000, subtype="FLOAT")
        self.store = JobStore(tmp_path / "jobs")
        hosts = HostChoice(tmp_path / "reaper")
        engine, rack = ThroughEngine(), PluginRack(())
        self.local = LocalWork(hosts.of, lambda _: engine, rack)
        self.far = FarWorker(lambda *given: do_order(self.local, *given))
        self.cache = ResultCache(tmp_path / "cache", 10**9)
        self._ends = (hosts.of, lambda _: engine, self.cache, lambda: self.store, rack)
        host = hosts.at(self.source)
        (selection,) = host.selections(Wanted())
        plan = RunPlan(selection, RequestKind.PROCESS, "none", folder=tmp_path / "out")
        self.job = self.store.create("process", "t", to_json(plan))

    def run(self, labour, until=JobState.DONE):
        runner = Runner(self.store, Road(*self._ends, labour, lambda: ObjectStores(None)).steps())
        return runner.run(
            self.job.id, stop=threading.Event(), progress=ignore_progress, until=until
        )

    def ordered(self):
        return OrderedWork(self.local, NearWorker(self.far.doer), self.far)


@pytest.fixture
def shop(tmp_path):
    with_store = Shop(tmp_path)
    yield with_store
    with_store.store.close()


def made(job):
    return [track["path"] for track in job.outcomes["place"]["placed"]["tracks"]]


def test_a_cell_is_one_order_and_its_steps_say_what_is_away(shop):
    job = shop.run(shop.ordered(), until=JobState.POLISHED)
    assert shop.far.orders == [("work", "align", "polish")]
    assert is_away(job.outcomes["finish"])
    assert is_away(job.outcomes["align"])
    assert not is_away(job.outcomes["polish"])
    samples, _ = soundfile.read(shop.source)
    (path,) = made(shop.run(shop.ordered()))
    assert (soundfile.read(path)[0] == samples).all()


@pytest.mark.parametrize("state", [JobState.FINISHED, JobState.ALIGNED])
@pytest.mark.parametrize("is_local", [False, True])
def test_a_new_process_makes_again_what_is_away(shop, state, is_local):
    shop.run(shop.ordered(), until=state)  # what was polished beforehand is forgotten with it
    shop.far.orders.clear()
    job = shop.run(shop.local if is_local else shop.ordered())
    assert job.state is JobState.DONE
    assert shop.far.orders == ([] if is_local else [("work", "align", "polish")])
    samples, _ = soundfile.read(shop.source)
    assert (soundfile.read(made(job)[0])[0] == samples).all()


def outcomes(*, finish_away=False, align_away=False, is_cached=False):
    left = {"stems": []}
    return {
        "prepare": {"stems": []} if is_cached else {},
        "finish": marked_away(left) if finish_away else left,
        "align": marked_away(left) if align_away else left,
    }


@pytest.mark.parametrize(
    ("name", "left", "again"),
    [
        ("polish", outcomes(finish_away=True, align_away=True), ("work", "align")),
        ("polish", outcomes(align_away=True), ("align",)),
        ("polish", outcomes(align_away=True, finish_away=True, is_cached=True), ("align",)),
        ("polish", outcomes(finish_away=True), ()),
        ("align", outcomes(finish_away=True), ("work",)),
        ("align", outcomes(finish_away=True, is_cached=True), ()),
        ("work", outcomes(finish_away=True, align_away=True), ()),
        ("receive", {}, ()),
    ],
)
def test_only_what_is_needed_is_made_again(name, left, again):
    assert labours_again(name, left) == again
