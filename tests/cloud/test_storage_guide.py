"""The guide tells every refusal that the program tells."""

from pathlib import Path

import pytest

from hanolab_dawtools.cloud import bucket_refusals, put_target
from hanolab_dawtools.cloud.storage import STORAGE_KINDS

GUIDE = (Path(__file__).parents[2] / "docs" / "storage.md").read_text("utf-8")
REASONS = {
    why
    for table in (bucket_refusals._MEANINGS, bucket_refusals._BY_STATUS, put_target._REASONS)
    for why, _ in table.values()
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_the_guide_says_what_to_do_about(reason):
    assert reason in GUIDE


@pytest.mark.parametrize("kind", STORAGE_KINDS)
def test_the_guide_names_every_kind(kind):
    assert f"`{kind}`" in GUIDE
