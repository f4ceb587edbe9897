"""Which cell is run next, and that every one is given out exactly as often as it must be."""

import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.workflows.batch.agenda import MOST_ASIDE, Agenda, Line, Task

LINES = st.sampled_from(list(Line))


def tasks_of(lines):
    return [Task(f"b-{number}", line) for number, line in enumerate(lines, 1)]


def run_all(agenda, line, runs):
    """What a thread of the batch does; `runs` decides what comes of each cell."""
    taken = []
    while (task := agenda.take(line, threading.Event())) is not None:
        taken.append(task.job_id)
        runs(task)
    return taken


@given(st.lists(LINES, max_size=30))
def test_each_cell_is_given_out_once_in_the_order_of_its_line(lines):
    tasks = tasks_of(lines)
    agenda = Agenda(tasks)
    for line in Line:
        expected = [task.job_id for task in tasks if task.line is line]
        assert run_all(agenda, line, agenda.done) == expected


def test_a_cell_that_was_put_aside_comes_back_when_its_time_has_come_and_not_before():
    agenda = Agenda(tasks_of([Line.PAID, Line.PAID]))
    ready_at, taken_at = time.time() + 0.3, []

    def runs(task):
        taken_at.append(time.time())
        if len(taken_at) == 1:
            agenda.put_aside(task, ready_at)
        else:
            agenda.done(task)

    assert run_all(agenda, Line.PAID, runs) == ["b-1", "b-2", "b-1"]
    assert taken_at[1] < ready_at <= taken_at[2]


def test_when_the_account_is_refused_no_paid_cell_is_given_out_any_more_and_the_others_are():
    agenda = Agenda(tasks_of([Line.PAID, Line.PAID, Line.LOCAL, Line.PAID]))
    task = agenda.take(Line.PAID, threading.Event())
    assert [held.job_id for held in agenda.hold_paid()] == ["b-2", "b-4"]
    agenda.done(task)
    assert run_all(agenda, Line.PAID, agenda.done) == []
    assert run_all(agenda, Line.LOCAL, agenda.done) == ["b-3"]


def test_a_paid_cell_that_had_to_wait_when_the_account_was_refused_is_held_back_too():
    agenda = Agenda(tasks_of([Line.PAID, Line.PAID]))
    first = agenda.take(Line.PAID, threading.Event())
    second = agenda.take(Line.PAID, threading.Event())
    assert agenda.hold_paid() == []
    assert agenda.put_aside(first, time.time()) is False
    agenda.done(first)
    agenda.done(second)
    assert run_all(agenda, Line.PAID, agenda.done) == []


def test_a_thread_waits_for_cells_that_others_may_still_put_back():
    agenda = Agenda(tasks_of([Line.PAID]))
    task = agenda.take(Line.PAID, threading.Event())
    found = []
    waits = threading.Thread(target=lambda: found.extend(run_all(agenda, Line.PAID, agenda.done)))
    waits.start()
    assert agenda.put_aside(task, time.time()) is True
    waits.join(10)
    assert found == ["b-1"]


def test_a_stop_ends_the_waiting():
    agenda = Agenda(tasks_of([Line.PAID]))
    agenda.put_aside(agenda.take(Line.PAID, threading.Event()), time.time() + 3600)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert agenda.take(Line.PAID, stop) is None


def test_behind_cells_that_wait_for_the_service_no_others_are_begun_and_they_come_first():
    tasks = tasks_of([Line.PAID] * (MOST_ASIDE + 5))
    agenda, ready_at, runs_of = Agenda(tasks), time.time() + 0.3, []

    def runs(task):
        runs_of.append((task.job_id, time.time() >= ready_at))
        if time.time() < ready_at:
            agenda.put_aside(task, ready_at)
        else:
            agenda.done(task)

    run_all(agenda, Line.PAID, runs)
    first = [task.job_id for task in tasks[:MOST_ASIDE]]
    assert [job_id for job_id, is_late in runs_of if not is_late] == first
    assert [job_id for job_id, is_late in runs_of if is_late] == [task.job_id for task in tasks]


def test_a_line_that_waits_keeps_no_other_waiting():
    agenda = Agenda(tasks_of([Line.PAID] * (MOST_ASIDE + 1) + [Line.LOCAL]))
    for _ in range(MOST_ASIDE):
        agenda.put_aside(agenda.take(Line.PAID, threading.Event()), time.time() + 3600)
    assert run_all(agenda, Line.LOCAL, agenda.done) == [f"b-{MOST_ASIDE + 2}"]


def test_after_a_mistake_nobody_waits_for_the_cell_that_never_ends():
    agenda = Agenda(tasks_of([Line.LOCAL, Line.LOCAL]))
    agenda.take(Line.LOCAL, threading.Event())
    agenda.end()
    assert run_all(agenda, Line.LOCAL, agenda.done) == []
