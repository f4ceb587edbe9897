"""The strings of tracks, items and takes: GUID, P_NAME and P_EXT:anything."""

from __future__ import annotations

import re
from typing import Any

GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


def get_set_string(
    thing: Any, key: str, text: str, *, is_set: bool, more: tuple[str, ...] = ()
) -> tuple[bool, str | None]:
    """What a GetSet…Info_String does: (whether it worked, the text); `more` keys are kept too."""
    if key == "GUID":
        return _get_set_guid(thing, text, is_set=is_set)
    if key == "P_NAME":
        if not hasattr(thing, "name"):
            return False, None
        if is_set:
            thing.name = text
            thing.project.touch()
        return True, thing.name
    if not key.startswith("P_EXT:") and key not in more:
        return False, None
    if is_set:
        thing.strings.pop(key, None)
        if text:
            thing.strings[key] = text
        thing.project.touch()
        return True, None
    return key in thing.strings or key in more, thing.strings.get(key, "")


def _get_set_guid(thing: Any, text: str, *, is_set: bool) -> tuple[bool, str | None]:
    host = thing.project.host
    if not is_set:
        return True, thing.guid
    if host.has("no_set_guid") or not GUID.fullmatch(text):
        return False, None
    if not host.has("set_guid_ignored"):
        thing.guid = text.upper()
        thing.project.touch()
    return True, None
