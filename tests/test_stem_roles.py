"""What is said of stems by their roles."""

import pytest

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.stem_roles import STEM_COLOURS, STEMS_OF_COUNT


def test_every_role_that_a_separation_gives_has_a_colour_of_its_own() -> None:
    of_counts = {role for stems in STEMS_OF_COUNT.values() for role in stems}
    separated = of_counts | {StemRole.REST, StemRole.RESIDUAL}
    assert len({STEM_COLOURS[role] for role in separated}) == len(separated)


def test_a_converted_voice_has_the_colour_of_the_vocals_it_stands_for() -> None:
    assert STEM_COLOURS[StemRole.CONVERTED] == STEM_COLOURS[StemRole.VOCALS]


@pytest.mark.parametrize("count", STEMS_OF_COUNT)
def test_a_separation_gives_as_many_stems_as_it_says(count: int) -> None:
    assert len(set(STEMS_OF_COUNT[count])) == count
