"""One thing is said at a time, in a user's words."""

import pytest

from hanolab_dawtools.errors import InputError, JobCancelled
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity


def test_an_error_is_told_as_sentence_and_next_step():
    messages = MessagesPresenter()
    messages.tell(InputError("no such file", hint="Choose another."))
    current = messages.view.current
    assert (current.sentence, current.hint) == ("no such file", "Choose another.")
    assert current.severity is Severity.FAILED
    assert "InputError" in current.details


def test_what_the_user_stopped_is_no_failure():
    messages = MessagesPresenter()
    messages.tell(JobCancelled("stopped"))
    assert messages.view.current.severity is Severity.NOTE


@pytest.mark.parametrize("n", [1, 5, 250])
def test_earlier_ones_can_be_looked_up_to_a_bound(n):
    messages = MessagesPresenter()
    for number in range(n):
        messages.tell(f"number {number}")
    assert messages.view.current.sentence == f"number {n - 1}"
    assert messages.view.n_earlier == min(n, messages.KEPT) - 1
    messages.dismiss()
    assert messages.view.current is None
    assert messages.view.n_earlier == min(n, messages.KEPT)


def test_news_takes_the_place_of_news_alone():
    messages = MessagesPresenter()
    messages.mention("the file was changed")
    assert messages.view.current.sentence == "the file was changed"
    messages.tell("done: song", severity=Severity.OK)
    messages.mention("the file was changed again")
    assert messages.view.current.sentence == "done: song"
    assert messages.view.history[-1].sentence == "the file was changed again"
    messages.mention(InputError("the file is gone"))
    assert messages.view.current.sentence == "the file is gone"
