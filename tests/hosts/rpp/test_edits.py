from pathlib import Path

import pytest
from fakes.projects import ProjectText
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.edits import Edits, with_tokens
from hanolab_dawtools.hosts.rpp.tokens import split_fields


@pytest.fixture
def document() -> Document:
    return Document.parse(ProjectText().content(), Path("song.rpp"))


@pytest.mark.parametrize(
    ("line", "values", "expected"),
    [
        (b"  MUTE 0 0\r\n", {1: "1"}, b"  MUTE 1 0\r\n"),
        (b"\tMUTE  '0'   \"0\" \n", {1: "1"}, b'\tMUTE  1   "0" \n'),
        (b"MUTE 0", {1: "1", 2: "0"}, b"MUTE 1 0"),
        (b"FILE a.mp3 1\n", {1: "b c.mp3"}, b'FILE "b c.mp3" 1\n'),
        (b'X "a""b"\n', {1: "c"}, b'X "c""b"\n'),
        (b"MUTE 0 ;note\n", {2: "1"}, b"MUTE 0 1 ;note\n"),
    ],
)
def test_only_the_named_tokens_of_a_line_change(line, values, expected):
    assert with_tokens(line, values) == expected


@given(
    st.lists(st.sampled_from(["a", '"b c"', "'d'", "`e`", '""', 'f"g']), min_size=1),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0`")),
    st.data(),
)
def test_a_changed_token_is_read_back_and_the_others_are_as_before(tokens, text, data):
    line = " ".join(["KEY", *tokens]).encode()
    index = data.draw(st.integers(1, len(tokens)))
    fields = list(split_fields(line))
    fields[index] = text
    assert split_fields(with_tokens(line, {index: text})) == tuple(fields)


def test_without_edits_the_content_is_the_same(document):
    assert Edits(document).apply() == document.content


def test_a_token_that_is_equal_already_is_no_change(document):
    edits = Edits(document)
    edits.set_tokens(document.find_line(document.root, "ITEMMIX"), {1: "0"}, "same")
    assert (edits.apply(), edits.tokens_changed) == (document.content, 0)
    assert edits.changes == []


def test_insertions_at_one_place_keep_their_order_and_stand_before_a_changed_line(document):
    edits = Edits(document)
    number = document.find_line(document.root, "ITEMMIX")
    edits.insert_text(number, ["A 1", "  B 2"], level=1)
    edits.set_tokens(number, {1: "1"}, "changed")
    edits.insert_text(number, ["C 3"], level=0)
    expected = b"  A 1\r\n    B 2\r\nC 3\r\n  ITEMMIX 1\r\n"
    assert edits.apply() == document.content.replace(b"  ITEMMIX 0\r\n", expected)
    assert (edits.lines_inserted, edits.tokens_changed) == (3, 1)


def test_a_line_longer_than_reaper_reads_is_never_written(document):
    edits = Edits(document)
    with pytest.raises(ProjectFileError, match="4095"):
        edits.insert_text(1, ["x" * 4096], level=0)
    edits.set_tokens(document.find_line(document.root, "ITEMMIX"), {1: "x" * 4096}, "long")
    with pytest.raises(ProjectFileError, match="4095"):
        edits.apply()
