"""Our lines in `reaper-kb.ini`, where REAPER keeps the scripts of its action list.

    SCR 516 0 RS<40 hex> "Custom: HanoLab_show_status.py" HanoLab/HanoLab_show_status.py

is how a script is called when it runs already, the list's section (0: Main), the action's name,
what the list shows (with "Script: " for "Custom: "), and the path below `Scripts`. Everything
here is bytes to bytes: other lines stay as they are, whatever their encoding and ends. REAPER
must not run, as it writes the file from memory.

REAPER's own name of an action is the SHA-1 of that path in capitals, with slashes also on
Windows (so in every line of published files that was tried), and so is ours: a shortcut or a
toolbar button stays on its action when REAPER itself, or a second install, registers it again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hanolab_dawtools.hosts.reaper.ini_files import ended, newline_of

FILE_NAME = "reaper-kb.ini"
MAIN_SECTION = 0
# 4 asks in a dialog what to do when the script runs already, 260 ends the running one, 516 starts
# another: the only one with which triggering an action twice neither asks nor breaks the bridge,
# since a second bridge ends by itself and an action only starts its process.
NEW_INSTANCE = 516

_TEXT = rb'"[^"]*"|\'[^\']*\'|`[^`]*`|\S+'
_LINE = re.compile(
    rb"\s*SCR[ \t]+(?P<flags>\d+)[ \t]+(?P<section>\d+)[ \t]+(?P<id>" + _TEXT + rb")[ \t]+"
    rb"(?P<title>" + _TEXT + rb")[ \t]+(?P<path>" + _TEXT + rb")[ \t]*\r?\n?"
)


@dataclass(frozen=True)
class Registration:
    """A script in the action list; `script` is its path as the file has it, slashes only."""

    flags: int
    section: int
    action_id: str
    script: str


def action_id(script: str) -> str:
    """REAPER's name of the action of a script in the main section ("RS…").

    `script` is the path below `Scripts`, with slashes. ASCII.
    """
    path = script.upper().encode("ascii")
    return f"RS{hashlib.sha1(path, usedforsecurity=False).hexdigest()}"


def registrations(content: bytes) -> list[Registration]:
    """Every script that the file registers, in its order."""
    return [found for line in _lines(content) if (found := _registration(line))]


def with_scripts(content: bytes, scripts: Iterable[str], *, newline: bytes) -> bytes:
    """The file with lines for those of the scripts that the main section lacks, at its end.

    `newline` ends lines when the file has none to follow.
    """
    present = {_key(each.script) for each in registrations(content) if each.section == MAIN_SECTION}
    missing = [script for script in scripts if _key(script) not in present]
    if not missing:
        return content
    newline = newline_of(content, newline)
    return ended(content, newline) + b"".join(_line(script) + newline for script in missing)


def without_scripts(content: bytes, scripts: Iterable[str]) -> bytes:
    """The file without the lines of these scripts, in any section."""
    unwanted = {_key(script) for script in scripts}

    def is_kept(line: bytes) -> bool:
        found = _registration(line)
        return found is None or _key(found.script) not in unwanted

    return b"".join(line for line in _lines(content) if is_kept(line))


def restored(
    content: bytes, backup: bytes | None, scripts: Iterable[str], *, newline: bytes
) -> bytes | None:
    """The file as it was before the scripts were registered; None when there was none.

    What others changed since then stays: then only the lines of the scripts are taken out.
    """
    scripts = tuple(scripts)
    left = without_scripts(content, scripts)
    if backup is None:
        return left or None
    before = without_scripts(backup, scripts)
    return before if left == ended(before, newline_of(before, newline)) else left


def _lines(content: bytes) -> Iterator[bytes]:
    """Lines with their ends; only a line feed ends one, as in REAPER's own reader."""
    return (line for line in re.split(rb"(?<=\n)", content) if line)


def _registration(line: bytes) -> Registration | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    return Registration(
        flags=int(found["flags"]),
        section=int(found["section"]),
        action_id=_unquoted(found["id"]),
        script=_unquoted(found["path"]).replace("\\", "/"),
    )


def _unquoted(token: bytes) -> str:
    text = token.decode("utf-8", "surrogateescape")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`" else text


def _key(script: str) -> str:
    """What is one script to REAPER: names of actions do not tell capitals apart."""
    return script.upper()


def _line(script: str) -> bytes:
    title = script.rpartition("/")[2]
    path = f'"{script}"' if " " in script else script
    text = f'SCR {NEW_INSTANCE} {MAIN_SECTION} {action_id(script)} "Custom: {title}" {path}'
    return text.encode("ascii")
