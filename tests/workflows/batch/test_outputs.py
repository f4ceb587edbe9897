"""Where results of a batch go."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.workflows.batch.outputs import parse_output, places_apart

VALUES = {
    "source": "Song: A/B",
    "folder": "Disc 1/Side..",
    "region": "Verse",
    "track": "",
    "preset": "Karaoke",
}


@pytest.mark.parametrize(
    ("text", "has_presets", "place"),
    [
        ("out", False, "out/Disc 1/Side/Song_ A_B/Verse"),
        ("out/", True, "out/Disc 1/Side/Song_ A_B/Verse/Karaoke"),
        ("out/$preset/$region-$source", True, "out/Karaoke/Verse-Song_ A_B"),
        ("$preset", True, "./Karaoke"),
        ("a/b$track/$track/c", False, "a/b/c"),
        ("/x/$folder-$preset", False, "/x/Disc 1 Side..-Karaoke"),
        ("s3://takes", False, "s3://takes/Disc 1/Side/Song_ A_B/Verse"),
        ("s3://takes/2026/$source", True, "s3://takes/2026/Song_ A_B"),
        ("out$", False, "out$/Disc 1/Side/Song_ A_B/Verse"),
    ],
)
def test_place_follows_the_pattern(text: str, has_presets: bool, place: str) -> None:
    output = parse_output(text, has_presets=has_presets)
    assert output.place(output.steps(VALUES)) == place


def test_folder_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_output("out/$preset", has_presets=True).folder(("x",)) == tmp_path / "out" / "x"


@pytest.mark.parametrize(
    ("text", "word"), [("out/$trck", r"\$track"), ("out/$x", r"\$source"), ("s3://$preset/x", "")]
)
def test_unknown_wildcard_is_refused_with_what_there_is(text: str, word: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_output(text, has_presets=False)
    assert not word or word.strip("\\") in refused.value.hint


_names = st.sampled_from(["a", "A", "b", "a-2", "a-2-2"])
_places = st.lists(st.lists(_names, min_size=1, max_size=3).map(tuple), max_size=30)


@given(_places)
def test_no_two_cells_get_one_place_and_none_lies_in_anothers(wanted) -> None:
    apart = places_apart(wanted)
    keys = [tuple(step.casefold() for step in steps) for steps in apart]
    assert len(set(keys)) == len(keys) == len(wanted)
    assert not {key[:n] for key in keys for n in range(1, len(key))} & set(keys)
    assert [steps[:-1] for steps in apart] == [steps[:-1] for steps in wanted]


@given(_places.filter(lambda wanted: len(wanted) == 1))
def test_what_collides_with_nothing_stays(wanted) -> None:
    assert places_apart(wanted) == wanted


def test_many_cells_of_one_place_are_numbered_in_their_order() -> None:
    assert places_apart([("out", "x")] * 3) == [("out", "x"), ("out", "x-2"), ("out", "x-3")]


def test_ten_thousand_cells_of_one_place_take_no_time() -> None:
    assert len(set(places_apart([("x",)] * 10_000))) == 10_000


@pytest.mark.parametrize("text", ["ftp://host/out", "S3://takes/out"])
def test_url_of_no_bucket_is_refused_as_output(text: str) -> None:
    with pytest.raises(UsageError, match="in no bucket"):
        parse_output(text, has_presets=False)
