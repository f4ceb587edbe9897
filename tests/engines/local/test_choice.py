from itertools import chain, combinations

import pytest

from hanolab_dawtools.engines.local.choice import StemChoice
from hanolab_dawtools.errors import EngineCannot, UsageError
from hanolab_dawtools.model import StemRole

FOUR = ("vocals", "drums", "bass", "other")
SUBSETS = list(chain.from_iterable(combinations(FOUR, n) for n in (1, 2, 3, 4)))


@pytest.mark.parametrize(
    ("parameters", "roles"),
    [
        ({}, ("vocals", "accompaniment")),
        ({"stems": 2}, ("vocals", "accompaniment")),
        ({"stems": 4}, FOUR),
        ({"stems": 4, "only": ["vocals"]}, ("vocals", "accompaniment")),
        ({"stems": 4, "only": ["bass", "drums"]}, ("drums", "bass", "rest")),
        ({"stems": 4, "only": ["drums", "drums"]}, ("drums", "rest")),
        ({"stems": 4, "only": ["vocals", "other"]}, ("vocals", "other", "rest")),
        ({"stems": 4, "only": ["drums", "bass", "other"]}, FOUR),
        ({"stems": 4, "only": list(FOUR)}, FOUR),
    ],
)
def test_a_request_names_its_stems(parameters: dict, roles: tuple[str, ...]) -> None:
    assert StemChoice.of(parameters).roles == roles


@pytest.mark.parametrize("only", SUBSETS)
def test_what_is_chosen_comes_and_more_than_one_file_comes(only: tuple[str, ...]) -> None:
    roles = StemChoice.of({"stems": 4, "only": list(only)}).roles
    assert set(only) <= set(roles)
    assert 2 <= len(roles) <= 4


@pytest.mark.parametrize(
    ("role", "is_draft"),
    [("vocals", 0), ("accompaniment", 0), ("drums", 1), ("bass", 1), ("other", 1), ("rest", 1)],
)
def test_only_what_the_networks_were_trained_for_is_no_draft(role: str, is_draft: int) -> None:
    assert StemChoice.of({}).is_draft(StemRole(role)) == bool(is_draft)


@pytest.mark.parametrize("stems", [0, 1, 3, 5, 6, "4", None])
def test_other_numbers_of_stems_are_refused_with_the_way_to_get_them(stems: object) -> None:
    with pytest.raises(EngineCannot, match=f"{stems} stems") as caught:
        StemChoice.of({"stems": stems})
    assert "cloud" in caught.value.hint


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"stems": 4, "only": ["guitar"]}, "'guitar' is no stem"),
        ({"stems": 4, "only": ["drums", "rest"]}, "'rest' is no stem"),
        ({"stems": 4, "only": []}, "no stem is chosen"),
        ({"stems": 4, "only": "all"}, "'all' is no stem"),
        ({"stems": 4, "only": 3}, "'3' is no stem"),
        ({"stems": 4, "only": [["drums"]]}, "is no stem"),
        ({"stems": 2, "only": ["vocals"]}, "nothing to choose"),
        ({"only": ["vocals"]}, "nothing to choose"),
        ({"shine": 1}, "no parameter 'shine'"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(parameters: dict, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        StemChoice.of(parameters)
