"""A project file as lines and blocks, without loss: the bytes that came in can go out again.

Line numbers are 0-based inside the program and 1-based in messages. A line keeps its bytes and
its line end. One pass finds the blocks; lines between them (base64, texts, settings) are never
looked into before somebody asks for their tokens.

What is no single, complete and balanced project is refused with the line to blame: such a file
is better opened and saved by REAPER than guessed at and written by us.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hanolab_dawtools.durable import FileStamp
from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.rpp.tokens import Fields, Token, decode, split_fields, split_tokens

MAX_PROJECT_BYTES = 128 << 20  # ten times the largest sessions; takes up to 1 GB of memory
MAX_DEPTH = 64  # the deepest block in 572 public projects is the 6th

_ROOT = b"REAPER_PROJECT"
_BRACKET = re.compile(rb"\n[ \t]*([<>])([^ \t\r\n]*)")
_START = re.compile(rb"[ \t\r\n]*<([^ \t\r\n]*)")
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_SAVE_AGAIN = "Open it in REAPER and save it again, or go back to its .rpp-bak backup."


@dataclass(eq=False)
class Block:
    """A block: `lines` from its `<` line to just past its `>` line, 0-based and half-open."""

    name: str
    start: int
    stop: int = 0
    children: list[Block] = field(default_factory=list)

    @property
    def lines(self) -> range:
        """Numbers of the block's lines, brackets and inner blocks included."""
        return range(self.start, self.stop)

    def named(self, name: str) -> Iterator[Block]:
        """Direct children with a name, in file order."""
        return (child for child in self.children if child.name == name)


@dataclass(frozen=True, eq=False)
class Document:
    """A project file that was read.

    `lines` keep their line ends, so that joined they are `content`. `eol` is the line end that
    most lines have; `indent` what one level adds. `blocks` finds a block by its first line.
    """

    path: Path
    content: bytes
    lines: list[bytes]
    root: Block
    blocks: dict[int, Block]
    stamp: FileStamp
    eol: bytes
    indent: bytes

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read and check a project file.

        Raises
        ------
        ProjectFileError
            It cannot be opened, is larger than `MAX_PROJECT_BYTES`, or fails `parse`.
        """
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
                raise ProjectFileError(path, "it is not a file that can be read as a whole")
            size = found.st_size
            content = b"" if size > MAX_PROJECT_BYTES else path.read_bytes()
        except OSError as error:
            raise ProjectFileError(path, error.strerror or str(error)) from error
        if size > MAX_PROJECT_BYTES:
            raise _too_large(path, size)
        return cls.parse(content, path)

    @classmethod
    def parse(cls, content: bytes, path: Path) -> Document:
        """Check the bytes of a project file and find its blocks; `path` is for messages.

        Raises
        ------
        ProjectFileError
            Not a REAPER project, or a truncated, unbalanced, too large or too deep one.
        """
        if len(content) > MAX_PROJECT_BYTES:
            raise _too_large(path, len(content))
        first = _find_root(content, path)
        blocks = _find_blocks(content, path, first)
        root = next(iter(blocks.values()))
        lines = [line + b"\n" for line in content.split(b"\n")]
        lines[-1] = lines[-1][:-1]
        if not lines[-1]:
            lines.pop()
        _check_ending(content, lines, root, path)
        n_ends = content.count(b"\n")
        eol = b"\r\n" if 2 * content.count(b"\r\n") > n_ends else b"\n"
        return cls(
            path=path,
            content=content,
            lines=lines,
            root=root,
            blocks=blocks,
            stamp=FileStamp.of_content(path, content),
            eol=eol,
            indent=_indent_of(lines, root),
        )

    def fields(self, number: int) -> Fields:
        """Texts of a line's tokens."""
        return split_fields(self.lines[number])

    def tokens(self, number: int) -> list[Token]:
        """A line's tokens with their places in it."""
        return split_tokens(self.lines[number])

    def entries(self, block: Block) -> Iterator[tuple[int, Block | None]]:
        """What stands directly in a block, in order: lines (None) and inner blocks."""
        number = block.start + 1
        for child in block.children:
            for line in range(number, child.start):
                yield line, None
            yield child.start, child
            number = child.stop
        for line in range(number, block.stop - 1):
            yield line, None

    def find_line(self, block: Block, keyword: str) -> int | None:
        """Number of the first line directly in a block that starts with a keyword."""
        for number, child in self.entries(block):
            if child is None and self.fields(number)[:1] == (keyword,):
                return number
        return None

    def text_block(self, block: Block) -> str:
        """Text of a block of `|` lines, joined by line feeds."""
        texts = []
        for number in range(block.start + 1, block.stop - 1):
            line = decode(self.lines[number].strip(b"\r\n")).lstrip(" \t")
            texts.append(line.partition("|")[2])
        return "\n".join(texts)


def _find_root(content: bytes, path: Path) -> re.Match[bytes]:
    for mark, name in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            reason = f"it starts with a {name} byte order mark, which REAPER never writes"
            raise ProjectFileError(path, reason, line=1, hint=_SAVE_AGAIN)
    if not content.strip(b" \t\r\n\0"):
        raise ProjectFileError(path, "it is empty", hint=_SAVE_AGAIN)
    match = _START.match(content)
    if match is None or b"\0" in content[: match.end() + 1]:
        reason = "it is not a REAPER project (its first line must start with <REAPER_PROJECT)"
        raise ProjectFileError(path, reason, line=1)
    if match[1] != _ROOT:
        kind = "a track template" if match[1] == b"TRACK" else f"a {decode(match[1])[:40]} chunk"
        raise ProjectFileError(
            path,
            f"it is {kind}, not a REAPER project",
            line=1 + content.count(b"\n", 0, match.end()),
            hint="Insert it into a project in REAPER and give that project.",
        )
    return match


def _find_blocks(content: bytes, path: Path, first: re.Match[bytes]) -> dict[int, Block]:
    """All blocks by their first line, in file order; the root comes first."""
    number = content.count(b"\n", 0, first.end())
    place = first.end()
    root = Block(_ROOT.decode(), number)
    blocks = {number: root}
    open_blocks = [root]
    for match in _BRACKET.finditer(content, place):
        number += content.count(b"\n", place, match.end())
        place = match.end()
        if not open_blocks:
            raise _outside_root(path, number, match)
        if match[1] == b">":
            open_blocks.pop().stop = number + 1
            continue
        block = Block(decode(match[2]), number)
        blocks[number] = block
        open_blocks[-1].children.append(block)
        open_blocks.append(block)
        if len(open_blocks) > MAX_DEPTH:
            reason = f"its blocks are nested more than {MAX_DEPTH} deep"
            raise ProjectFileError(path, reason, line=number + 1)
    if open_blocks:
        block = open_blocks[-1]
        reason = f"it is cut short: the block <{block.name[:40]} is never closed"
        raise ProjectFileError(path, reason, line=block.start + 1, hint=_SAVE_AGAIN)
    return blocks


def _outside_root(path: Path, number: int, match: re.Match[bytes]) -> ProjectFileError:
    if match[1] == b">":
        reason = "its blocks are unbalanced: a > closes nothing"
    else:
        reason = f"a second root block, <{decode(match[2])[:40]}, follows the project"
    return ProjectFileError(path, reason, line=number + 1, hint=_SAVE_AGAIN)


def _check_ending(content: bytes, lines: list[bytes], root: Block, path: Path) -> None:
    """Refuse text behind the root, and NUL bytes anywhere but there (a disk's repair leaves them).

    One stray NUL at the very end is known from projects that REAPER itself reads.
    """
    for number in range(root.stop, len(lines)):
        if lines[number].strip(b" \t\r\n\0"):
            reason = "text follows the end of the project"
            raise ProjectFileError(path, reason, line=number + 1, hint=_SAVE_AGAIN)
    if (place := content.find(b"\0")) >= 0:
        number = content.count(b"\n", 0, place)
        if number < root.stop:
            reason = "it holds NUL bytes, so a part of it was overwritten or never written"
            raise ProjectFileError(path, reason, line=number + 1, hint=_SAVE_AGAIN)


def _indent_of(lines: list[bytes], root: Block) -> bytes:
    for number in range(root.start + 1, root.stop - 1):
        body = lines[number].lstrip(b" \t")
        if body.strip(b"\r\n"):
            return lines[number][: len(lines[number]) - len(body)]
    return b"  "


def _too_large(path: Path, n_bytes: int) -> ProjectFileError:
    megabytes = MAX_PROJECT_BYTES >> 20
    return ProjectFileError(
        path,
        f"it has {n_bytes >> 20} MB, and projects up to {megabytes} MB are read",
        hint="Save embedded data (samples in plug-ins, MIDI) outside the project.",
    )
