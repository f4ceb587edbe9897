from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.cloud.retry import (
    LONGEST_RETRY_AFTER_SECONDS,
    RetryPolicy,
    retry_after_seconds,
)

POLICY = RetryPolicy(n_attempts=10, first_seconds=1.0, longest_seconds=6.0, total_seconds=100.0)


def delay(n_failed: int, **options: float | None) -> float | None:
    given_options = {"elapsed_seconds": 0.0, "retry_after": None, "chance": 1.0, **options}
    return POLICY.delay(n_failed, **given_options)


def test_waits_double_up_to_the_longest():
    assert [delay(n) for n in range(1, 6)] == [1.0, 2.0, 4.0, 6.0, 6.0]


def test_chance_takes_up_to_half_of_a_wait():
    assert delay(2, chance=0.0) == 1.0
    assert delay(2, chance=0.5) == 1.5


def test_tries_are_counted():
    assert delay(9) is not None
    assert delay(10) is None


def test_no_wait_begins_that_would_end_too_late():
    assert delay(1, elapsed_seconds=99.0) == 1.0
    assert delay(1, elapsed_seconds=99.1) is None


def test_a_servers_wish_is_never_cut_short():
    assert delay(1, retry_after=50.0) == 50.0
    assert delay(3, retry_after=0.0) == 4.0
    assert delay(1, retry_after=101.0) is None


@given(st.integers(1, 2000), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_a_wait_is_within_its_bounds(n_failed, chance, wish):
    seconds = RetryPolicy(n_attempts=10**6).delay(
        min(n_failed, 1000), elapsed_seconds=0.0, retry_after=wish, chance=chance
    )
    assert seconds is None or 0.25 <= seconds <= 60.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("12", 12.0),
        (" 12 ", 12.0),
        ("-5", 0.0),
        ("inf", LONGEST_RETRY_AFTER_SECONDS),
        (formatdate(1000.0 + 90, usegmt=True), 90.0),
        (formatdate(1000.0 - 90, usegmt=True), 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER_SECONDS),
        ("Fri, 99 Foo 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(text, seconds):
    assert retry_after_seconds(text, 1000.0) == seconds


@given(st.text())
def test_any_retry_after_is_bounded_or_nothing(text):
    seconds = retry_after_seconds(text, 1000.0)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER_SECONDS
