"""Where results of a batch go: a folder or URL with wildcards, and one place for each cell.

`$source $folder $region $track $preset`; `$folder` is where a source lies below the folder that
was named. Without wildcards they are added by themselves. No two cells get one place, and none
gets a place within another's: the later one gets a number.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hanolab_dawtools.durable import safe_name
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.workflows.objects import is_url

WILDCARDS = ("source", "folder", "region", "track", "preset")
_WILDCARD = re.compile(r"\$([a-z]+)")

Steps = tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """A folder or URL, and the pattern of what comes below it.

    `base` holds no wildcard; `pattern` are the names below it.
    """

    base: str
    pattern: Steps

    @property
    def is_remote(self) -> bool:
        """Whether it is in a bucket."""
        return is_url(self.base)

    def steps(self, values: Mapping[str, str]) -> Steps:
        """The names below the base for these values of the wildcards; names that are empty go."""
        steps: list[str] = []
        for name in self.pattern:
            if name == "$folder":
                steps += [_safe(part) for part in values["folder"].split("/") if part]
            elif text := _WILDCARD.sub(lambda match: _plain(values, match[1]), name).strip():
                steps.append(_safe(text))
        return tuple(steps)

    def place(self, steps: Steps) -> str:
        """The whole path or URL of a place."""
        return "/".join((self.base.rstrip("/"), *steps)) if steps else self.base

    def folder(self, steps: Steps) -> Path:
        """The same as an absolute path."""
        return Path(self.base).expanduser().absolute().joinpath(*steps)


def parse_output(text: str, *, has_presets: bool) -> Output:
    """What the user named as output; `has_presets`: there is more than one.

    Raises
    ------
    UsageError
        A wildcard is not known, or stands in the name of a bucket; a URL is of no bucket.
    """
    if "://" in text and not is_url(text):
        raise UsageError(
            f"--output {text} is in no bucket that can be written",
            hint="Name a folder, or s3://, gs:// or az:// with a bucket and a folder.",
        )
    for name in _WILDCARD.findall(text):
        if name not in WILDCARDS:
            close = difflib.get_close_matches(name, WILDCARDS, n=1)
            known = ", ".join(f"${each}" for each in WILDCARDS)
            raise UsageError(
                f"--output {text}: there is no wildcard ${name}",
                hint=f"Did you mean ${close[0]}?" if close else f"There are: {known}.",
            )
    found = _WILDCARD.search(text)
    if found is None:
        last = ("$preset",) if has_presets else ()
        return Output(text, ("$folder", "$source", "$region", "$track", *last))
    start = max(
        text.rfind("/", 0, found.start()),
        text.rfind("\\", 0, found.start()) if not is_url(text) else -1,
    )
    base, below = text[: start + 1], text[start + 1 :]
    if is_url(text) and base.count("/") < 3:
        raise UsageError(f"--output {text}: a bucket's name has no wildcards", hint="Name one.")
    return Output(base or ".", tuple(filter(None, below.replace(os.sep, "/").split("/"))))


def places_apart(wanted: Sequence[Steps]) -> list[Steps]:
    """These places, with a number behind those that another has, or that hold another's."""
    inner = {key[:n] for key in map(_key, wanted) for n in range(1, len(key))}
    taken: set[Steps] = set()
    next_number: dict[Steps, int] = {}
    apart = []
    for steps in wanted:
        place, key = steps, _key(steps)
        number = next_number.get(key, 2)
        while steps and (_key(place) in taken or _key(place) in inner):
            place = (*steps[:-1], f"{steps[-1]}-{number}")
            number += 1
        next_number[key] = number
        taken.add(_key(place))
        apart.append(place)
    return apart


def _key(steps: Steps) -> Steps:
    """What file systems that know no case take for the same."""
    return tuple(step.casefold() for step in steps)


def _plain(values: Mapping[str, str], name: str) -> str:
    return values[name].replace("/", " ") if name == "folder" else values[name]


@lru_cache(maxsize=4096)
def _safe(name: str) -> str:
    return safe_name(name)
