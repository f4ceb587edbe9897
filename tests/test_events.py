import threading

import pytest

from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import NeverStop, Progress, Stop, ignore_progress, raise_if_stopped


def test_an_event_of_threading_is_a_stop_flag():
    flag: Stop = threading.Event()
    raise_if_stopped(flag)
    flag.set()
    with pytest.raises(JobCancelled, match="stopped") as caught:
        raise_if_stopped(flag)
    assert caught.value.exit_code == 130


def test_never_stop_never_stops():
    raise_if_stopped(NeverStop())
    assert not NeverStop().is_set()


def test_never_stop_does_not_let_anybody_sleep_for_ever():
    with pytest.raises(AssertionError, match=r"2\.5 s"):
        NeverStop().wait(2.5)


def test_progress_without_a_known_share_says_so():
    ignore_progress(Progress("separating"))
    assert Progress("separating").fraction is None
