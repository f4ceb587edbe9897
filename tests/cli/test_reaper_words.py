"""Actions in REAPER: what names a preset, which jobs are gone on with unasked, what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hanolab_dawtools.cli.reaper_jobs import why_not
from hanolab_dawtools.cli.reaper_presets import named_place
from hanolab_dawtools.cli.reaper_words import summary_of_reports
from hanolab_dawtools.jobs.model import Failure, JobState, JobSummary

NAMES = ["Karaoke", "Octave down", "Octave up", "Vocals", "Vocals forward", "2 voices"]


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("1", 0),
        ("6", 5),
        ("karaoke", 0),
        (" KARA ", 0),
        ("octave u", 2),
        ("vocals", 3),  # a whole name beats the beginning of another
        ("vocals f", 4),
        ("2 v", 5),
        ("2", 1),  # a number beats the beginning of a name
    ],
)
def test_a_number_a_name_or_its_beginning_names_a_preset(answer: str, place: int) -> None:
    assert named_place(answer, NAMES) == place


@pytest.mark.parametrize("answer", ["", "  ", "0", "7", "-1", "99999999999999", "octave", "x", "²"])
def test_what_names_no_preset_or_several_names_none(answer: str) -> None:
    assert named_place(answer, NAMES) is None


def job(engine: str, state: JobState, good: JobState, **more: object) -> JobSummary:
    now = datetime.now(UTC)
    plan = {"engine": engine, "kind": "separate", **more}
    return JobSummary("abc", "a title", "separate", state, good, now, now, plan)


S = JobState


@pytest.mark.parametrize(
    ("engine", "state", "good"),
    [
        ("local", S.PLANNED, S.PLANNED),
        ("local", S.STARTED, S.STARTED),
        ("none", S.POLISHED, S.POLISHED),
        ("local", S.FAILED, S.CAPTURED),
        ("hanolab", S.STARTED, S.STARTED),
        ("hanolab", S.POLISHED, S.POLISHED),
        ("hanolab", S.CANCELLED, S.STARTED),
        ("local", S.CANCELLED, S.FINISHED),
    ],
)
def test_what_costs_nothing_new_is_gone_on_with(engine: str, state: S, good: S) -> None:
    assert not why_not(job(engine, state, good))


@pytest.mark.parametrize(
    ("engine", "state", "good", "reason"),
    [
        ("hanolab", S.PLANNED, S.PLANNED, "may cost credits"),
        ("hanolab", S.WAITING, S.WAITING, "may cost credits"),
        ("hanolab", S.STARTING, S.STARTING, "may cost credits"),
        ("hanolab", S.FAILED, S.PREPARED, "may cost credits"),
        ("hanolab", S.UNSURE, S.UNSURE, "nobody knows"),
        ("hanolab", S.CANCELLED, S.UNSURE, "nobody knows"),
        ("local", S.CANCELLED, S.CAPTURED, "was cancelled"),
        ("local", S.CANCELLED, S.STARTED, "was cancelled"),
        ("hanolab", S.CANCELLED, S.PREPARED, "was cancelled"),
    ],
)
def test_what_may_cost_or_was_stopped_is_left(engine: str, state: S, good: S, reason: str) -> None:
    assert reason in why_not(job(engine, state, good))


def test_a_job_with_one_paid_part_may_cost() -> None:
    parts = [{"engine": "local"}, {"engine": "hanolab"}]
    assert "may cost" in why_not(job("local", S.CAPTURED, S.CAPTURED, parts=parts))
    free = [{"engine": "local"}, {"engine": "local"}]
    assert not why_not(job("local", S.CAPTURED, S.CAPTURED, parts=free))


def test_what_failed_for_good_is_left_with_its_reason() -> None:
    failure = Failure("finish", "the work failed there", "", 4, can_resume=False)
    failed = replace(job("hanolab", S.FAILED, S.STARTED), failure=failure)
    assert "the work failed there" in why_not(failed)


def test_a_separation_is_told_in_one_line() -> None:
    alignment = {"lag_frames": 0.0, "length_ratio": 1.0, "polarity": 1, "confidence": 1.0}
    report = {
        "title": "separate into 2 stems: Chorus (song.rpp)",
        "alignment": {**alignment, "null_db": -150.0, "steps": [], "repairs": []},
        "placed": {"tracks": [{"name": "Vocals"}, {"name": "Rest"}], "warnings": []},
    }
    assert summary_of_reports([report]) == (
        "separate into 2 stems: Chorus (song.rpp): done; Vocals, Rest; "
        "alignment on the frame (confidence 1.00); null -150.0 dB"
    )


def test_several_jobs_are_counted() -> None:
    assert summary_of_reports([{}, {}]) == "2 of 2 done"
    assert summary_of_reports([{}, {"error": {}}]) == "1 of 2 done, 1 failed: see the console"
