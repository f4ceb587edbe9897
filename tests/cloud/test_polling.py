import threading
from collections.abc import Iterable

import pytest
from fakes.patience import MovedTime

from hanolab_dawtools.cloud.answers import Output, Task
from hanolab_dawtools.cloud.polling import Poller, PollSchedule, schedule_for
from hanolab_dawtools.cloud.retry import Transient
from hanolab_dawtools.errors import (
    AuthFailed,
    CloudServerError,
    CloudUnreachable,
    JobCancelled,
    PollTimeout,
    RemoteJobFailed,
    RemoteNotFound,
)
from hanolab_dawtools.events import Progress

RUNNING = Task("t1", "processing")
DONE = Task("t1", "completed", (Output("vocals", "https://cdn.example.com/v.wav"),))
MISSING = RemoteNotFound("not found")


class Answers:
    """Answers from a list, the last one for ever; notes when it was asked."""

    def __init__(self, time: MovedTime, answers: Iterable[object]) -> None:
        self.time = time
        self.answers = list(answers)
        self.asked_at: list[float] = []

    def __call__(self, task_id: str, stop: object) -> Task:
        self.asked_at.append(self.time.now)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def failing(retry_after: float | None = None) -> Transient:
    return Transient(CloudServerError("it is down", status=503), retry_after)


def wait(answers, time=None, schedule=None, progress=lambda _: None, **options):
    time = time or MovedTime()
    ask = Answers(time, answers)
    poller = Poller(ask, schedule or PollSchedule(), monotonic=time)
    return poller.wait("t1", stop=time, progress=progress, **options), ask


def test_a_task_that_is_ready_costs_no_wait():
    time = MovedTime()
    found, _ = wait([DONE], time)
    assert found == DONE
    assert time.waits == []


def test_waits_grow_from_two_seconds_to_five_and_no_further():
    time = MovedTime()
    wait([RUNNING] * 12 + [DONE], time)
    assert time.waits[0] == 2.0
    assert time.waits[-1] == 5.0
    assert time.waits == sorted(time.waits)
    assert all(2.0 <= seconds <= 5.0 for seconds in time.waits)


def test_a_task_that_failed_is_told_with_the_servers_words():
    with pytest.raises(RemoteJobFailed, match="no voice in it"):
        wait([RUNNING, Task("t1", "failed", error="no voice in it")])
    with pytest.raises(RemoteJobFailed, match="without saying why"):
        wait([Task("t1", "cancelled")])


def test_waiting_is_given_up_without_giving_up_the_task():
    time = MovedTime()
    with pytest.raises(PollTimeout) as caught:
        wait([RUNNING], time, give_up_seconds=60.0)
    assert caught.value.task_id == "t1"
    assert sum(time.waits) <= 60.0


def test_a_task_that_is_not_there_yet_is_waited_for():
    found, _ = wait([MISSING, MISSING, RUNNING, DONE])
    assert found == DONE


def test_a_task_that_stays_away_is_told_after_half_a_minute():
    time = MovedTime()
    with pytest.raises(RemoteNotFound):
        wait([MISSING], time)
    assert 30.0 <= sum(time.waits) <= 36.0


def test_a_server_that_fails_for_a_while_is_borne():
    time = MovedTime()
    found, _ = wait([RUNNING] + [failing()] * 100 + [DONE], time)
    assert found == DONE
    assert sum(time.waits) > 400.0


@pytest.mark.parametrize("error", [CloudServerError("it is down"), CloudUnreachable("no network")])
def test_a_server_that_keeps_failing_is_told_in_the_end(error):
    time = MovedTime()
    with pytest.raises(type(error)):
        wait([RUNNING, Transient(error)], time)
    assert 600.0 <= sum(time.waits) <= 610.0


def test_an_answer_in_between_renews_the_patience():
    found, _ = wait(([failing()] * 100 + [RUNNING]) * 3 + [DONE])
    assert found == DONE


def test_what_cannot_pass_is_told_at_once():
    time = MovedTime()
    with pytest.raises(AuthFailed):
        wait([RUNNING, AuthFailed("revoked")], time)
    assert len(time.waits) == 1


@pytest.mark.parametrize(("wish", "waited"), [(None, 2.0), (1.0, 2.0), (30.0, 30.0), (9e9, 120.0)])
def test_a_failing_servers_wish_to_wait_is_heeded_within_bounds(wish, waited):
    time = MovedTime()
    wait([failing(wish), DONE], time)
    assert time.waits == [waited]


def test_a_stop_wakes_the_waiter():
    time = MovedTime(stop_after=3)
    with pytest.raises(JobCancelled):
        wait([RUNNING], time)
    assert len(time.waits) == 3


def test_progress_tells_the_servers_word_and_the_time():
    told: list[Progress] = []
    wait([RUNNING, RUNNING, DONE], progress=told.append)
    assert [progress.fraction for progress in told] == [None, None]
    assert "processing" in told[0].step
    assert "2 s" in told[1].step


def test_questions_of_one_process_are_kept_apart():
    time = MovedTime()
    ask = Answers(time, [RUNNING, RUNNING, DONE])
    poller = Poller(ask, PollSchedule(apart_seconds=0.5), monotonic=time)
    for _ in range(3):
        poller.wait("t1", stop=time, progress=lambda _: None)
    gaps = [later - one for one, later in zip(ask.asked_at, ask.asked_at[1:], strict=False)]
    assert all(gap >= 0.5 for gap in gaps)
    assert len(gaps) == 4


def test_many_waiters_each_get_their_own_answer():
    asked: list[str] = []

    def ask(task_id, stop):
        asked.append(task_id)
        return Task(task_id, "completed" if asked.count(task_id) == 3 else "processing")

    schedule = PollSchedule(first_seconds=0.01, longest_seconds=0.01, apart_seconds=0.0)
    poller = Poller(ask, schedule)
    stop, found = threading.Event(), {}

    def wait_for(task_id):
        found[task_id] = poller.wait(task_id, stop=stop, progress=lambda _: None).id

    threads = [threading.Thread(target=wait_for, args=(f"t{number}",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20.0)
    assert found == {f"t{number}": f"t{number}" for number in range(20)}


@pytest.mark.parametrize("base_url", ["https://api.example.org", "http://10.0.0.1:8000"])
def test_the_api_is_asked_every_2_to_5_seconds(base_url):
    schedule = schedule_for(base_url)
    assert (schedule.first_seconds, schedule.longest_seconds) == (2.0, 5.0)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8787", "http://[::1]:80/x"])
def test_an_api_on_this_machine_is_asked_sooner(base_url):
    assert schedule_for(base_url).first_seconds < 1.0
