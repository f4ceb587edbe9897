"""Stems that end too early or do not add up are told as warnings, with what to do."""

from pathlib import Path

import pytest

from hanolab_dawtools.audio.repair import Repaired
from hanolab_dawtools.model import Alignment, StemRole
from hanolab_dawtools.workflows.doubts import doubts_about, doubts_of

RATE = 48_000
ROLES = (StemRole.VOCALS, StemRole.ACCOMPANIMENT)


def doubts(*, missing_frames=(0, 0), null_db=-120.0):
    alignment = Alignment(0.0, 1.0, 1, 1.0, null_db)
    return doubts_about(ROLES, Repaired((Path(), Path()), (), alignment, missing_frames), RATE)


@pytest.mark.parametrize(
    ("missing_frames", "told"),
    [
        ((24_000, 0), "vocals is 500 ms shorter than what was sent"),
        ((0, 480), "accompaniment is 10 ms shorter than what was sent"),
        ((-72_000, 0), "vocals was 1.50 s longer than what was sent"),
    ],
)
def test_a_length_that_is_off_is_a_doubt_that_names_the_stem(missing_frames, told):
    (sentence,) = doubts(missing_frames=missing_frames)
    assert sentence.startswith(told)
    assert "ask for a new separation" in sentence


@pytest.mark.parametrize("missing_frames", [0, 240, -240, -2400])
def test_what_encoders_add_or_an_alignment_leaves_over_is_no_doubt(missing_frames):
    assert doubts(missing_frames=(missing_frames, 0)) == ()


@pytest.mark.parametrize(("null_db", "n_doubts"), [(-3.0, 1), (-39.9, 1), (-40.1, 0), (None, 0)])
def test_stems_that_do_not_add_up_are_a_doubt(null_db, n_doubts):
    assert len(doubts(null_db=null_db)) == n_doubts


def test_doubts_of_parts_are_those_of_the_whole_each_once():
    outcomes = {
        "prepare": {"parts": [{"doubts": ["a", "b"]}, {"doubts": ["b"]}, {}]},
        "align": {"alignment": None},
    }
    assert doubts_of(outcomes) == ("a", "b")
