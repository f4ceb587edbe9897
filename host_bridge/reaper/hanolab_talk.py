"""Commands by which the program outside talks with the user in REAPER, and remembers things."""

from __future__ import annotations


def ping(face, arguments):
    """Answer, to show that somebody is there."""
    return {}


COMMANDS = {"ping": ping}
