"""What a run may cost: the limit holds for all its jobs together, whatever number it is."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import SpendingLimit
from hanolab_dawtools.model import HostName, Quote, RequestKind, Selection
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.spending import check_limit, with_limits

AMOUNTS = st.floats(0.0, 1e6)


def plan() -> RunPlan:
    selection = Selection(HostName.AUDIO_FILE, Path("/music.wav"), "music", 0.0, 1.0, "all")
    return RunPlan(selection, RequestKind.SEPARATE, "hanolab")


@pytest.mark.parametrize("limit", [-1.0, 0.0, 4.9, math.nan, -math.inf])
def test_what_is_not_surely_within_the_limit_is_refused(limit):
    quote = Quote(5.0, 1.0)
    with pytest.raises(SpendingLimit):
        check_limit(quote, limit)
    with pytest.raises(SpendingLimit):
        with_limits([plan()], [quote], limit)


@given(st.lists(AMOUNTS, min_size=1, max_size=9), AMOUNTS)
def test_the_parts_of_a_limit_cover_each_quote_and_never_exceed_it(prices, spare):
    quotes = [Quote(price, 1.0) for price in prices]
    limit = sum(prices) + spare
    parts = with_limits([plan()] * len(prices), quotes, limit)
    limits = [part.max_credits or 0.0 for part in parts]
    assert all(limit >= quote.credits for limit, quote in zip(limits, quotes, strict=True))
    assert sum(limits) == pytest.approx(limit)


def test_without_a_limit_plans_stay_as_they_are():
    plans = [plan(), replace(plan(), preset="x")]
    assert with_limits(plans, [Quote(None, 1.0)] * 2, None) == plans
