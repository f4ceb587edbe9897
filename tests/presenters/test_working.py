"""Presenters are told when their view is another one, and work comes back on one thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from fakes.acts import Acts

from hanolab_dawtools.errors import HanolabError, InputError
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.working import INTERNAL, Workers

DEADLINE_SECONDS = 10


@contextmanager
def workers(acts: Acts, **options: object) -> Iterator[Workers]:
    made = Workers(acts, **options)
    try:
        yield made
    finally:
        made.close()


@dataclass(frozen=True)
class Count:
    n: int = 0


class Counter(Presenter[Count]):
    def count_to(self, n: int) -> None:
        self._show(Count(n))


def test_an_equal_view_tells_nobody():
    counter, told = Counter(Count()), []
    counter.changed.connect(lambda: told.append(counter.view.n))
    for n in (0, 1, 1, 2):
        counter.count_to(n)
    assert told == [1, 2]


def test_an_observer_that_left_is_told_nothing_more():
    event, told = Event(), []
    leave = event.connect(lambda: told.append("first"))
    event.connect(lambda: (told.append("second"), leave()))
    event.emit()
    event.emit()
    leave()
    assert told == ["first", "second", "second"]


def test_work_is_done_elsewhere_and_its_outcome_told_here():
    acts, told = Acts(), []
    with workers(acts) as pool:
        pool.run(
            "key",
            lambda stop: threading.current_thread(),
            done=lambda worker: told.append((worker, threading.current_thread())),
            failed=told.append,
        )
        acts.run_next()
    (worker, teller), *rest = told
    assert worker is not threading.main_thread()
    assert teller is threading.main_thread()
    assert not rest


def test_a_failure_is_told_as_it_was_raised():
    acts, told, error = Acts(), [], InputError("no such file")

    def fail(stop: threading.Event) -> None:
        raise error

    with workers(acts) as pool:
        pool.run("key", fail, done=pytest.fail, failed=told.append)
        acts.run_next()
    assert told == [error]


def test_newer_work_stops_the_older_and_drops_its_outcome():
    acts, told = Acts(), []
    with workers(acts) as pool:
        old = pool.run(
            "key", lambda stop: stop.wait(DEADLINE_SECONDS), done=told.append, failed=told.append
        )
        new = pool.run("key", lambda stop: "new", done=told.append, failed=told.append)
        acts.run_next()
        acts.run_next()
    assert old.is_set()
    assert not new.is_set()
    assert told == ["new"]


def test_a_mistake_of_the_program_is_told_once_and_breaks_nothing():
    acts, told, internal = Acts(), [], []
    with workers(acts, on_internal_error=internal.append) as pool:
        pool.run("key", lambda stop: 1 // 0, done=pytest.fail, failed=told.append)
        acts.run_next()
        pool.run("key", lambda stop: "well", done=told.append, failed=pytest.fail)
        acts.run_next()
    error, outcome = told
    assert isinstance(error, HanolabError)
    assert internal == [INTERNAL]
    assert outcome == "well"


def test_closing_stops_what_runs_and_tells_nothing():
    acts, told = Acts(), []
    pool = Workers(acts)
    stop = pool.run(
        "key", lambda stop: stop.wait(DEADLINE_SECONDS), done=told.append, failed=told.append
    )
    pool.close()
    assert stop.is_set()
    while not acts.is_empty:
        acts.run_next()
    assert told == []
