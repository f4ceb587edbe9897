"""Tokens of one line of a project file: REAPER's quoting rules, for reading and for writing.

Lines are bytes, because nothing in a project says its encoding; a token's text is decoded as
UTF-8, and bytes that are none survive as surrogates (`surrogateescape`). Only space and TAB
separate tokens. A token that starts with a double quote, a single quote or a backtick runs to
the next such character; nothing is escaped. An unquoted token that starts with `#` or `;` starts
a comment to the end of the line, and a line with an unterminated quote says nothing at all.

Source
------
Cockos WDL, `lineparse.h` (`LineParserInt::parseDestroyBuffer`) and `projectcontext.cpp`
(`getConfigStringQuoteChar`, `makeEscapedConfigString`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

ENCODING = "utf-8"
ERRORS = "surrogateescape"
MAX_LINE_BYTES = 4095  # REAPER reads lines into `char linebuf[4096]` (WDL projectcontext.cpp)
MAX_NUMBER = 1e12  # nothing in a project is larger; keeps infinity and NaN out of sums

Fields = tuple[str, ...]

_LINE_ENDS = b"\r\n"
# Beyond quotes and comments: what `str.split` takes for space and REAPER does not, and non-ASCII.
_NEEDS_CARE = re.compile(rb"""["'`#;\x0b\x0c\r\n\x1c-\x1f\x80-\xff]""")
_TOKEN = re.compile(
    rb"""[ \t]*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|`(?P<tick>[^`]*)`"""
    rb"""|(?P<broken>["'`])|(?P<comment>[#;])|(?P<bare>[^ \t]+))"""
)


@dataclass(frozen=True)
class Token:
    """A token's text, and the half-open range of bytes of its line that it fills, quotes too."""

    text: str
    start: int
    stop: int


def decode(raw: bytes) -> str:
    """Text of bytes of a project file; bytes that are not UTF-8 survive as surrogates."""
    return raw.decode(ENCODING, ERRORS)


def encode(text: str) -> bytes:
    """Bytes of a text for a project file; the inverse of `decode`."""
    return text.encode(ENCODING, ERRORS)


@lru_cache(maxsize=8192)  # most lines of a project say the same as some line before
def split_fields(line: bytes) -> Fields:
    """Texts of a line's tokens; empty for a blank line, a comment or an unterminated quote."""
    body = line.rstrip(_LINE_ENDS)
    if _NEEDS_CARE.search(body) is None:
        return tuple(body.decode("ascii").split())
    return tuple(token.text for token in split_tokens(body))


def split_tokens(line: bytes) -> list[Token]:
    """A line's tokens with their places in it; empty as for `split_fields`."""
    end = len(line.rstrip(_LINE_ENDS))
    found: list[Token] = []
    place = 0
    while (match := _TOKEN.match(line, place, end)) is not None:
        kind = match.lastgroup
        if kind == "broken":
            return []
        if kind == "comment":
            break
        assert kind is not None
        text = decode(match[kind])
        quotes = 0 if kind == "bare" else 1
        found.append(Token(text, match.start(kind) - quotes, match.end(kind) + quotes))
        place = match.end()
    return found


def keyword(line: bytes) -> bytes:
    """First word of a line as it stands, quotes and all; empty for a blank line."""
    words = line.split(None, 1)
    return words[0] if words else b""


def number_or_none(text: str) -> float | None:
    """The number a token holds, or None.

    As REAPER reads: `,` may stand for the decimal point and `0x` starts a hexadecimal integer.
    Infinity, NaN and numbers beyond `MAX_NUMBER` are none.
    """
    try:
        number = float(text)
    except ValueError:
        try:
            if text.lower().startswith("0x"):
                number = float(int(text, 16))
            else:
                number = float(text.replace(",", "."))
        except (ValueError, OverflowError):
            return None
    return number if -MAX_NUMBER < number < MAX_NUMBER else None


def number_at(fields: Sequence[str], index: int, default: float = 0.0) -> float:
    """The number at `index`, or the default when it is missing or no number."""
    if index >= len(fields):
        return default
    number = number_or_none(fields[index])
    return default if number is None else number


def integer_at(fields: Sequence[str], index: int, default: int = 0) -> int:
    """The number at `index` cut to an integer, or the default when missing or no number."""
    return int(number_at(fields, index, float(default)))


def text_at(fields: Sequence[str], index: int, default: str = "") -> str:
    """The text at `index`, or the default when it is missing."""
    return fields[index] if index < len(fields) else default


def needs_name_block(text: str) -> bool:
    """Whether a name holds all three quote characters, so that no quoting can keep it."""
    return all(quote in text for quote in "\"'`")


def is_writable(text: str) -> bool:
    """Whether a token can hold a text exactly: a path must come back as it is."""
    if needs_name_block(text) or text != _one_line(text):
        return False
    try:
        encode(text)
    except UnicodeEncodeError:  # half a character, which Windows allows in names
        return False
    return True


def quoted(text: str, *, always: bool = False) -> str:
    """A token as REAPER writes it; `always` puts quotes also where none are needed.

    Line breaks become spaces. A text with all three quote characters loses its backticks; a name
    is then kept whole by a NAME block (`needs_name_block`).
    """
    text = _one_line(text)
    is_bare = text and text[0] not in "\"'`#;" and " " not in text and "\t" not in text
    if is_bare and not always:
        return text
    for quote in "\"'`":
        if quote not in text:
            return f"{quote}{text}{quote}"
    return "`{}`".format(text.replace("`", "'"))


def name_lines(name: str, *, max_bytes: int = 1024) -> list[str]:
    """The line, or lines, that give a track or take its name; a longer one is cut short.

    1024 bytes are far more than REAPER shows and leave room in a line of `MAX_LINE_BYTES`.
    """
    name = _cut(_one_line(name), max_bytes)
    lines = [f"NAME {quoted(name)}"]
    if needs_name_block(name):
        lines += ["<NAME", f"  |{name}", ">"]
    return lines


def number_text(number: float) -> str:
    """A number in plain decimals, as many as reading it back to the same float needs."""
    text = format(Decimal(repr(float(number))), "f")
    return text.removesuffix(".0")


def _cut(text: str, max_bytes: int) -> str:
    raw = encode(text)
    if len(raw) <= max_bytes:
        return text
    end = max_bytes
    while end > 0 and raw[end] & 0xC0 == 0x80:  # inside a UTF-8 character
        end -= 1
    return decode(raw[:end])


def _one_line(text: str) -> str:
    return text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\0", "")
