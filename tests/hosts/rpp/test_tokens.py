import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.rpp.tokens import (
    MAX_LINE_BYTES,
    decode,
    encode,
    name_lines,
    number_or_none,
    number_text,
    quoted,
    split_fields,
    split_tokens,
)

ALL_QUOTES = "\"'`"
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"))


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (b"    NAME 04-In.wav\r\n", ("NAME", "04-In.wav")),
        (b"\t NAME\t two   words ", ("NAME", "two", "words")),
        (b"NAME \"two words\" 'it is' `x y`\n", ("NAME", "two words", "it is", "x y")),
        (b'NAME "a""b"\n', ("NAME", "a", "b")),
        (b'NAME hel"lo wor`ld\n', ("NAME", 'hel"lo', "wor`ld")),
        (b'NAME "" end\n', ("NAME", "", "end")),
        (b"TRACK 1 #comment 2\n", ("TRACK", "1")),
        (b"TRACK 1 ;comment\n", ("TRACK", "1")),
        (b"NAME a#b c;d\n", ("NAME", "a#b", "c;d")),
        (b'NAME "#kick"\n', ("NAME", "#kick")),
        (b'NAME "never closed\n', ()),
        (b"\r\n", ()),
        ("NAME a\u00a0b c\u3000d\u0085e\n".encode(), ("NAME", "a\u00a0b", "c\u3000d\u0085e")),
        (b"NAME a\x0bb\x1cc\n", ("NAME", "a\x0bb\x1cc")),
    ],
)
def test_a_line_is_split_by_reapers_rules(line, fields):
    assert split_fields(line) == fields


@given(st.binary().filter(lambda raw: b"\n" not in raw))
def test_tokens_and_fields_of_any_bytes_agree(line):
    assert tuple(token.text for token in split_tokens(line)) == split_fields(line)


@given(st.binary())
def test_bytes_that_are_no_utf8_survive(raw):
    assert encode(decode(raw)) == raw


@given(_texts)
def test_a_written_token_is_read_back(text):
    if all(quote in text for quote in ALL_QUOTES):
        text = text.replace("`", "")
    assert split_fields(encode(f"NAME {quoted(text)} next")) == ("NAME", text, "next")


def test_a_text_with_all_quotes_loses_its_backticks_only():
    assert split_fields(encode(f"NAME {quoted(ALL_QUOTES)}")) == ("NAME", "\"''")


@pytest.mark.parametrize("text", ["a\r\nb", "a\nb", "a\rb"])
def test_a_line_break_in_a_token_becomes_a_space(text):
    assert quoted(text) == '"a b"'


def test_a_name_with_all_quotes_is_kept_whole_by_a_name_block():
    assert name_lines("'''```\"\"\"") == ["NAME `''''''\"\"\"`", "<NAME", "  |'''```\"\"\"", ">"]


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_long_name_never_makes_a_line_too_long_for_reaper(name):
    for line in name_lines(name * 2000):
        assert len(encode(line)) < MAX_LINE_BYTES


def test_a_name_is_cut_between_characters():
    assert name_lines("é" * 9, max_bytes=5) == ["NAME éé"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1.5", 1.5), ("1,5", 1.5), ("0x10", 16.0), ("-3", -3.0), ("1e3", 1000.0)],
)
def test_numbers_are_read_as_reaper_reads_them(text, number):
    assert number_or_none(text) == number


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "1e400", "1e300", "0xzz", "1,2,3"])
def test_what_is_no_usable_number_is_none(text):
    assert number_or_none(text) is None


@given(st.floats(-1e11, 1e11))
def test_a_number_is_read_back_to_the_same_float_and_never_has_an_exponent(number):
    text = number_text(number)
    assert "e" not in text.lower()
    assert float(text) == number
