"""Words of users among names and numbers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.project.patterns import as_read, fitting

NAMES = ("Verse", "verse", "Verse 2", "Gtr [DI]", "Gtr D", "2", "Señal", "日本語", "")
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Verse", ["Verse"]),  # the whole name before one in another case
        ("VERSE", ["Verse", "verse"]),
        ("ver*", ["Verse", "verse", "Verse 2"]),
        ("Verse ?", ["Verse 2"]),
        ("Gtr [DI]", ["Gtr [DI]"]),  # a whole name before what a pattern would mean
        ("gtr [DX]", ["Gtr D"]),
        ("gtr [DI]*", ["Gtr D"]),
        ("*[DI]", ["Gtr D"]),
        ("Gtr [?I]", ["Gtr [DI]"]),  # fits nothing as a set, so the brackets stand for themselves
        ("2", ["2"]),  # a name before a number
        ("#2", ["verse"]),
        ("3", ["Verse 2"]),
        ("SEN\u0303AL", ["Señal"]),
        ("日本?", ["日本語"]),
        ("Bridge", []),
        ("99", []),
    ],
)
def test_text_means(text: str, found: list[str]) -> None:
    assert [NAMES[at] for at in fitting(text, NAMES, NUMBERS).places] == found


def test_star_means_all() -> None:
    assert len(fitting("*", NAMES, NUMBERS).places) == len(NAMES)


def test_only_a_whole_name_is_one() -> None:
    assert fitting("verse 2", NAMES, NUMBERS).is_name
    assert not fitting("Verse *", NAMES, NUMBERS).is_name
    assert not fitting("3", NAMES, NUMBERS).is_name


@given(st.text(max_size=12))
def test_every_name_means_itself_however_it_is_encoded(name: str) -> None:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, name)
        fits = fitting(written, [name], [1])
        assert fits.places == (0,)


@given(st.text(max_size=12))
def test_what_is_read_is_read_once(name: str) -> None:
    assert as_read(as_read(name)) == as_read(name)
