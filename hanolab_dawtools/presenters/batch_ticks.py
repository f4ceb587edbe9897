"""Lines to be ticked: what a batch may run over, of which the user takes some, all or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

EVERYTHING = "*"


@dataclass(frozen=True)
class Tick:
    """A line.

    Attributes
    ----------
    word
        How `BatchAsked` names it; stands for the line.
    note
        What is to be known beside its name.
    depth
        How many folders are around it.
    problem
        Why it cannot be ticked; empty when it can.
    """

    word: str
    name: str
    note: str = ""
    depth: int = 0
    problem: str = ""
    is_ticked: bool = False


@dataclass(frozen=True)
class TickList:
    """All lines of one kind, and the words that narrow down which of them are shown."""

    lines: tuple[Tick, ...] = ()
    search: str = ""

    @property
    def shown(self) -> tuple[Tick, ...]:
        """The lines in which all words of the search are."""
        words = self.search.casefold().split()
        if not words:
            return self.lines
        return tuple(
            line
            for line in self.lines
            if all(word in f"{line.name} {line.note}".casefold() for word in words)
        )

    @property
    def n_ticked(self) -> int:
        """How many are ticked, shown or not."""
        return sum(line.is_ticked for line in self.lines)

    @property
    def ticked(self) -> tuple[str, ...]:
        """The words of the ticked lines, in order."""
        return tuple(line.word for line in self.lines if line.is_ticked)

    @property
    def pattern(self) -> tuple[str, ...]:
        """The ticked words; one pattern for all of them, so that what comes later is in it."""
        is_all = bool(self.lines) and self.n_ticked == len(self.lines)
        return (EVERYTHING,) if is_all else self.ticked

    def with_tick(self, word: str, *, is_ticked: bool) -> TickList:
        """With one line ticked, or not."""
        return self._ticking({word}, is_ticked)

    def with_shown(self, *, are_ticked: bool) -> TickList:
        """With every line that is shown ticked, or not."""
        return self._ticking({line.word for line in self.shown}, are_ticked)

    def with_lines(self, lines: Sequence[Tick]) -> TickList:
        """With other lines; those that were there keep their ticks."""
        before = {line.word: line.is_ticked for line in self.lines}
        kept = [replace(one, is_ticked=before.get(one.word, one.is_ticked)) for one in lines]
        return replace(self, lines=tuple(kept))

    def with_ticks(self, words: Iterable[str]) -> TickList:
        """With exactly these lines ticked."""
        wanted = set(words)
        return replace(
            self,
            lines=tuple(
                replace(line, is_ticked=line.word in wanted and not line.problem)
                for line in self.lines
            ),
        )

    def _ticking(self, words: set[str], is_ticked: bool) -> TickList:
        return replace(
            self,
            lines=tuple(
                replace(line, is_ticked=is_ticked and not line.problem)
                if line.word in words
                else line
                for line in self.lines
            ),
        )
