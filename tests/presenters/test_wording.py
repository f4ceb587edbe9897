from __future__ import annotations

import pytest

from hanolab_dawtools.audio import drift
from hanolab_dawtools.audio.align import CONFIDENT
from hanolab_dawtools.model import Alignment
from hanolab_dawtools.presenters.wording import (
    SURE_CONFIDENCE,
    SURE_VOICE_CONFIDENCE,
    alignment_text,
    channels_text,
    null_text,
    rate_text,
    size_text,
    speed_text,
)


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (78_614_080, "78.6 MB"), (2e9, "2 GB")],
)
def test_sizes_carry_their_unit(n_bytes: int, text: str) -> None:
    assert size_text(int(n_bytes)) == text


@pytest.mark.parametrize(
    ("null_db", "text"),
    [(None, "not measured"), (-300.0, "exact (no difference at all)"), (-153.24, "-153.2 dB")],
)
def test_a_null_is_told_in_db(null_db: float | None, text: str) -> None:
    assert null_text(null_db) == text


@pytest.mark.parametrize(
    ("lag_frames", "confidence", "text"),
    [
        (0.0, 1.0, "on the frame (confidence 1.00)"),
        (2.5, 0.9, "2.50 frames late (confidence 0.90)"),
        (-1.0, 0.9, "1.00 frames early (confidence 0.90)"),
        (40.0, 0.1, "not sure (confidence 0.10); nothing was changed"),
    ],
)
def test_an_alignment_is_one_line(lag_frames: float, confidence: float, text: str) -> None:
    assert alignment_text(Alignment(lag_frames, 1.0, 1, confidence)) == text


def test_a_repair_is_mentioned() -> None:
    repaired = Alignment(3.0, 1.0, 1, 1.0, repairs=("moved by 3 frames",))
    assert alignment_text(repaired).endswith("; repaired")


def test_a_voice_is_believed_from_its_own_confidence_on_and_its_level_is_no_repair() -> None:
    raised = Alignment(2.0, 1.0, 1, 0.6, repairs=("raised by 2 dB",))
    assert alignment_text(raised, is_voice=True) == "2.00 frames late (confidence 0.60)"
    unsure = Alignment(2.0, 1.0, 1, 0.4, repairs=("raised by 2 dB",))
    assert alignment_text(unsure, is_voice=True).endswith("its time was not changed")


def test_speed_is_left_out_when_nothing_was_measured() -> None:
    assert speed_text(0.0, 1.0) == ""
    assert speed_text(60.0, 2.0) == "30x real time"


def test_rates_and_channels_read_as_people_say_them() -> None:
    assert (rate_text(44_100), rate_text(192_000)) == ("44.1 kHz", "192 kHz")
    assert [channels_text(n) for n in (1, 2, 6)] == ["mono", "stereo", "6 channels"]


def test_what_is_called_sure_is_what_alignment_acts_on() -> None:
    assert SURE_CONFIDENCE == CONFIDENT
    assert SURE_VOICE_CONFIDENCE == drift.CONFIDENT
