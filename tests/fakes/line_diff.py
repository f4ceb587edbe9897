"""What really differs between two projects, found without the code that made the difference."""

from __future__ import annotations

import re

from hanolab_dawtools.hosts.rpp.tokens import Token, split_tokens


def listed_lines(changes: tuple[str, ...]) -> list[int]:
    """The 0-based lines that `Placed.changes` names."""
    found = [re.match(r"line (\d+): ", change) for change in changes]
    assert all(found), "each change names its line"
    return [int(match[1]) - 1 for match in found if match]


def difference(old: bytes, new: bytes, changes: tuple[str, ...]) -> tuple[int, int]:
    """Lines inserted and tokens changed, when nothing else differs but the listed lines.

    The old lines must be found in the new ones in order: each the same byte for byte, but for the
    listed ones, in which only texts of tokens may differ.
    """
    listed = listed_lines(changes)
    assert len(set(listed)) == len(listed), "a line is listed once"
    old_lines, new_lines = old.split(b"\n"), new.split(b"\n")
    place = n_inserted = n_tokens = 0
    for line in new_lines:
        expected = old_lines[place] if place < len(old_lines) else None
        if expected is None:
            n_inserted += 1
        elif place in listed:
            differing = _tokens_that_differ(expected, line)
            n_tokens += differing or 0
            n_inserted += differing is None
            place += differing is not None
        elif line == expected:
            place += 1
        else:
            n_inserted += 1
    assert place == len(old_lines), f"line {place + 1} of the original is gone or was changed"
    return n_inserted, n_tokens


def _tokens_that_differ(before: bytes, after: bytes) -> int | None:
    """In how many tokens two lines differ; None when anything else does.

    The one token that is ever taken away is the SEL of a take that plays no more. Tokens that a
    damaged line lacks are added at its end, each behind one space.
    """
    if before != after and before.replace(b" SEL", b"") == after:
        return before.count(b" SEL")
    old, new = split_tokens(before), split_tokens(after)
    added = new[len(old) :]
    if old and added and all(token.start == at + 1 for at, token in _ends(new, len(old))):
        shorter = after[: new[len(old) - 1].stop] + before[old[-1].stop :]
        same = _tokens_that_differ(before, shorter)
        return None if same is None else same + len(added)
    if not old or not new or old[0].text != new[0].text or _gaps(before) != _gaps(after):
        return None
    return sum(a.text != b.text for a, b in zip(old, new, strict=True))


def _ends(tokens: list[Token], start: int) -> list[tuple[int, Token]]:
    """Tokens from an index on, each with where the one before it ends."""
    return [
        (before.stop, one) for before, one in zip(tokens[start - 1 :], tokens[start:], strict=False)
    ]


def _gaps(line: bytes) -> list[bytes]:
    edges = [0, *(edge for token in split_tokens(line) for edge in (token.start, token.stop))]
    edges.append(len(line))
    return [line[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
