"""Names of tracks and files, from patterns with wildcards as REAPER's render dialog has them.

`$track $stem` becomes "Lead Vocals". A dollar sign that no letter follows stays as it is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from hanolab_dawtools.errors import UsageError

WILDCARDS = ("project", "region", "track", "item", "stem", "preset", "voice")
OWN_NAME = "$stem"  # the pattern that leaves every stem its own name

_WILDCARD = re.compile(r"\$([a-z]+)")


def check_pattern(pattern: str) -> None:
    """Let a pattern pass whose wildcards are all known.

    Raises
    ------
    UsageError
        One is not; says which there are.
    """
    for name in _WILDCARD.findall(pattern):
        if name not in WILDCARDS:
            close = difflib.get_close_matches(name, WILDCARDS, n=1)
            known = ", ".join(f"${each}" for each in WILDCARDS)
            raise UsageError(
                f"there is no wildcard ${name}",
                hint=f"Did you mean ${close[0]}?" if close else f"There are: {known}.",
            )


def expanded(pattern: str, values: Mapping[str, str]) -> str:
    """A pattern with its wildcards filled in; single spaces between words, none at the ends."""
    text = _WILDCARD.sub(lambda match: values[match[1]], pattern)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
