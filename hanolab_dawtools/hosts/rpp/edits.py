"""Changes to a document that leave every other byte as it is: whole new lines, single tokens.

Changes are collected first and applied at once, so that line numbers always mean the lines of
the document that was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.tokens import MAX_LINE_BYTES, encode, quoted, split_tokens


@dataclass(eq=False)
class Edits:
    """Changes to one document.

    Attributes
    ----------
    changes
        One sentence, in a user's words, for each line whose tokens are changed.
    lines_inserted, tokens_changed
        What `apply` will have done, exactly.
    """

    document: Document
    changes: list[str] = field(default_factory=list)
    lines_inserted: int = 0
    tokens_changed: int = 0
    _insertions: dict[int, list[bytes]] = field(default_factory=dict)
    _tokens: dict[int, dict[int, str | None]] = field(default_factory=dict)

    def set_tokens(self, number: int, values: Mapping[int, str | None], why: str) -> None:
        """Give tokens of a line, by their index, new texts; those that are equal stay untouched.

        A token that is missing at the line's end is added there; None takes one away. A line is
        changed only once.
        """
        assert number not in self._tokens, "a line is changed by one owner only"
        tokens = self.document.tokens(number)
        changed = {
            index: text
            for index, text in values.items()
            if index >= len(tokens) or tokens[index].text != text
        }
        if not changed:
            return
        assert max(changed) <= len(tokens) + len(changed) - 1, "tokens are added without a gap"
        self._tokens[number] = changed
        self.tokens_changed += len(changed)
        self.changes.append(f"line {number + 1}: {why}")

    def insert(self, before: int, lines: Iterable[bytes]) -> None:
        """Insert whole lines, line ends included, in front of a line; later calls go behind."""
        new = list(lines)
        for line in new:
            self._check_length(line, before)
        self._insertions.setdefault(before, []).extend(new)
        self.lines_inserted += len(new)

    def insert_text(self, before: int, texts: Iterable[str], *, level: int) -> None:
        """Insert lines given as texts; `level` counts the blocks around the outermost of them.

        Two leading spaces of a text mean one level more; the file's own indent is used.
        """
        document = self.document
        raw = []
        for text in texts:
            body = text.lstrip(" ")
            depth = level + (len(text) - len(body)) // 2
            raw.append(document.indent * depth + encode(body) + document.eol)
        self.insert(before, raw)

    def changed_line(self, number: int) -> bytes:
        """A line of the document as it will be."""
        line = self.document.lines[number]
        values = self._tokens.get(number)
        return line if values is None else with_tokens(line, values)

    def apply(self) -> bytes:
        """The new content of the file.

        Raises
        ------
        ProjectFileError
            A line became longer than REAPER reads.
        """
        parts: list[bytes] = []
        lines = self.document.lines
        place = 0
        for number in sorted(self._insertions.keys() | self._tokens.keys()):
            parts += lines[place:number]
            parts += self._insertions.get(number, ())
            place = number
            if number in self._tokens:
                line = self.changed_line(number)
                self._check_length(line, number)
                parts.append(line)
                place += 1
        parts += lines[place:]
        return b"".join(parts)

    def _check_length(self, line: bytes, number: int) -> None:
        if len(line.rstrip(b"\r\n")) > MAX_LINE_BYTES:
            reason = f"a changed line would be longer than the {MAX_LINE_BYTES} bytes REAPER reads"
            raise ProjectFileError(
                self.document.path, reason, line=number + 1, hint="Choose a shorter folder name."
            )


def with_tokens(line: bytes, values: Mapping[int, str | None]) -> bytes:
    """A line with tokens replaced by index, or added behind its last; all else byte for byte.

    A token that becomes None goes, with the space in front of it.
    """
    tokens = split_tokens(line)
    parts: list[bytes] = []
    place = 0
    for index, token in enumerate(tokens):
        if index not in values:
            continue
        text = values[index]
        # "a""b" are two tokens, a"b" is one
        touches_next = line[token.stop : token.stop + 1].strip(b" \t\r\n") != b""
        if text is None:
            parts.append(line[place : token.start].rstrip(b"" if touches_next else b" \t"))
        else:
            parts += [line[place : token.start], encode(quoted(text, always=touches_next))]
        place = token.stop
    end = tokens[-1].stop
    added = [text for index, text in sorted(values.items()) if index >= len(tokens) and text]
    parts.append(line[place:end])
    parts += [b" " + encode(quoted(text)) for text in added]
    parts.append(line[end:])
    return b"".join(parts)
