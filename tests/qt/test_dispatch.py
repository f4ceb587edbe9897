"""What any thread posts runs on the GUI thread, in order, one fault apart from the next."""

import threading

from hanolab_dawtools.qt.dispatch import QtDispatcher


def test_acts_of_another_thread_run_here_in_their_order(qtbot):
    dispatcher, ran = QtDispatcher(), []

    def post() -> None:
        for number in range(100):
            dispatcher.post(lambda number=number: ran.append((number, threading.current_thread())))

    thread = threading.Thread(target=post)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(ran) == 100)
    assert ran == [(number, threading.main_thread()) for number in range(100)]


def test_an_act_that_fails_is_logged_and_the_next_one_runs(qtbot, caplog):
    dispatcher, ran = QtDispatcher(), []
    dispatcher.post(lambda: 1 // 0)
    dispatcher.post(lambda: ran.append("next"))
    qtbot.waitUntil(lambda: ran == ["next"])
    assert "failed" in caplog.text


def test_nothing_runs_behind_a_closed_door(qtbot):
    dispatcher, ran = QtDispatcher(), []
    dispatcher.post(lambda: ran.append("before"))
    dispatcher.close()
    dispatcher.post(lambda: ran.append("after"))
    QtDispatcher().post(lambda: None)
    qtbot.wait(20)
    assert ran == []
