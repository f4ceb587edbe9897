"""Lets the help of commands wrap at the terminal's width instead of where the source wraps."""

from __future__ import annotations

import inspect

import typer


def unwrap(app: typer.Typer) -> None:
    """Make each paragraph of the help of an app's commands one line, also in its groups.

    Typer does that for the first paragraph alone; the others would break twice on a terminal
    that is narrower than the source.
    """
    for command in app.registered_commands:
        text = inspect.cleandoc(command.help or inspect.getdoc(command.callback) or "")
        command.help = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
    for group in app.registered_groups:
        if group.typer_instance is not None:
            unwrap(group.typer_instance)
