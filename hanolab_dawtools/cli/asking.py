"""Questions with more answers than yes and no, to whoever sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.text import Text

from hanolab_dawtools.cli.answers import read_line, read_secret
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.errors import UsageError


def ask(question: str, *, default: str = "") -> str:
    """Ask for a line of text; an empty answer is the default.

    Raises
    ------
    JobCancelled
        The terminal was closed, or Ctrl-C was pressed.
    """
    shown = f"{question} [{default}]: " if default else f"{question}: "
    return read_line(shown) or default


def ask_secret(question: str) -> str:
    """Ask for a line that is not shown while it is typed; else as `ask`."""
    return read_secret(f"{question}: ")


def choose(screen: Screen, question: str, choices: Sequence[tuple[str, str]]) -> str:
    """Show numbered choices (name, explanation) and ask until one of them is named."""
    for number, (name, explanation) in enumerate(choices, 1):
        screen.err.print(Text(f"  {number}  {name:<9}{explanation}"))
    names = [name for name, _ in choices]
    while True:
        answer = ask(question).lower()
        if answer in names:
            return answer
        if answer.isascii() and answer.isdecimal() and 0 < int(answer[:3]) <= len(names):
            return names[int(answer[:3]) - 1]
        screen.err.print(Text(f"Answer with a number from 1 to {len(names)}."))


def read_piped_line(what: str, *, hint: str) -> str:
    """The first line of what is piped into the command.

    Raises
    ------
    UsageError
        Nothing is.
    """
    line = sys.stdin.readline().strip() if sys.stdin is not None else ""
    if not line:
        raise UsageError(f"there is nobody to ask for {what}, and nothing is piped in", hint=hint)
    return line
