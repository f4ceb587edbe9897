"""The marks around a paid request: they survive crashes and full disks, and prove no more."""

from __future__ import annotations

import errno
import shutil

import pytest

from hanolab_dawtools import durable
from hanolab_dawtools.engines.base import Answer, Journal
from hanolab_dawtools.errors import DiskFull

ACCEPTED = Answer(202, b'{"task_id": "t1", "more": "\xff"}')


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path)


def fill_disk(monkeypatch):
    """No new file can be made any more; those that exist can be written over."""

    def full(path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable, "_sync_file", full)


def test_a_journal_knows_what_was_sent_and_answered(journal):
    assert not journal.may_have_been_sent
    journal.intend('{"key": "ü"}')
    assert journal.may_have_been_sent
    assert (journal.prepared, journal.answer) == ('{"key": "ü"}', None)
    journal.keep(ACCEPTED)
    assert journal.answer == ACCEPTED
    journal.clear()
    assert not journal.may_have_been_sent
    assert (journal.prepared, journal.answer) == ("", None)


def test_a_full_disk_does_not_lose_the_answer(journal, monkeypatch):
    journal.intend("it")
    fill_disk(monkeypatch)
    journal.keep(ACCEPTED)
    assert (journal.prepared, journal.answer) == ("it", ACCEPTED)
    assert journal.may_have_been_sent


def test_an_answer_without_room_is_told_and_leaves_the_mark(journal, monkeypatch):
    journal.intend("it")
    fill_disk(monkeypatch)
    with pytest.raises(DiskFull):
        journal.keep(Answer(202, b"x" * (1 << 17)))
    assert (journal.prepared, journal.answer) == ("it", None)


def test_a_full_disk_before_the_request_leaves_no_mark(journal, monkeypatch):
    fill_disk(monkeypatch)
    with pytest.raises(DiskFull):
        journal.intend("it")
    assert not journal.may_have_been_sent


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"prepared": "it", "ans'])
def test_a_mark_that_a_crash_cut_short_is_a_mark(journal, tmp_path, content):
    journal.intend("it")
    (tmp_path / "sent").write_bytes(content)
    assert journal.may_have_been_sent
    assert (journal.prepared, journal.answer) == ("", None)


def test_a_lost_folder_proves_nothing(tmp_path):
    shutil.rmtree(tmp_path)
    journal = Journal(tmp_path)
    assert journal.may_have_been_sent
    assert (journal.prepared, journal.answer) == ("", None)
