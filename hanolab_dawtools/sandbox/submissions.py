"""Reads the bodies of the four paid requests, as strictly as the reference is known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from hanolab_dawtools.sandbox.faults import Operation
from hanolab_dawtools.sandbox.options import (
    CONVERT_CREDITS,
    FLASH_CREDITS,
    FULL_SONG_CREDITS,
    GENERATE_CREDITS,
    SEPARATE_CREDITS,
    STEMS,
    TIERS,
    billed_units,
)

MAX_GENERATED_SECONDS = 600.0
MAX_DURATION_SECONDS = 7200.0
MAX_TEXT_CHARACTERS = 10_000
MAX_URL_CHARACTERS = 8000
MAX_SEMITONES = 24.0

_URL = re.compile(
    r"https?://([A-Za-z0-9][A-Za-z0-9._-]{0,200}|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][!-~]*)?"
)

Check = Callable[[Any], str | None]  # what is wrong with a value, if anything


class Malformed(ValueError):
    """A body is not what the endpoint takes; the text says why."""


def parse_submission(operation: Operation, body: bytes) -> dict[str, Any]:
    """The fields of a body, checked; fields that the reference does not name are left out.

    Raises
    ------
    Malformed
    """
    try:
        fields = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(fields, dict):
        raise Malformed("the body is not a JSON object")
    required, optional = _FIELDS[operation]
    for name in required:
        if name not in fields:
            raise Malformed(f"{name} is required")
    checks = {**required, **optional}
    for name, check in checks.items():
        if name in fields and (wrong := check(fields[name])):
            raise Malformed(f"{name} {wrong}")
    return {name: fields[name] for name in checks if name in fields}


def price(operation: Operation, fields: Mapping[str, Any]) -> int:
    """Credits that a checked request costs."""
    if operation is Operation.SEPARATE:
        return SEPARATE_CREDITS[fields["mode"]]
    seconds = float(fields["duration"])
    if operation is Operation.GENERATE:
        return GENERATE_CREDITS[fields["tier"]] * billed_units(seconds, 30.0)
    if operation is Operation.FLASH:
        return FLASH_CREDITS * billed_units(seconds, 60.0)
    rate = FULL_SONG_CREDITS if fields.get("full_song") else CONVERT_CREDITS
    return rate * billed_units(seconds, 60.0)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def _number(low: float, high: float, *, is_whole: bool = False) -> Check:
    what = "an integer" if is_whole else "a number"

    def check(value: Any) -> str | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and low <= value <= high and not (is_whole and value % 1):
            return None
        return f"must be {what} from {low:g} to {high:g}"

    return check


def _duration(most_seconds: float) -> Check:
    within = _number(0.0, most_seconds)
    return lambda value: within(value) or (None if value > 0 else "must be positive")


def _text(value: Any) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= MAX_TEXT_CHARACTERS:
        return None
    return f"must be a text of at most {MAX_TEXT_CHARACTERS} characters, and not empty"


def _lyrics(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= MAX_TEXT_CHARACTERS):
        return None
    return f"must be a text of at most {MAX_TEXT_CHARACTERS} characters"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _url(value: Any) -> str | None:
    wrong = "must be an http or https URL"
    if not isinstance(value, str) or len(value) > MAX_URL_CHARACTERS or not _URL.fullmatch(value):
        return wrong
    try:
        return wrong if urlsplit(value).port == 0 else None
    except ValueError:  # an address or a port that is none
        return wrong


_VOICE: dict[str, Check] = {
    "input_url": _url,
    "voice_model_id": _text,
    "duration": _duration(MAX_DURATION_SECONDS),
}

_FIELDS: dict[Operation, tuple[dict[str, Check], dict[str, Check]]] = {
    Operation.GENERATE: (
        {"tier": _one_of(*TIERS), "prompt": _text, "duration": _duration(MAX_GENERATED_SECONDS)},
        {"lyrics": _lyrics},
    ),
    Operation.CONVERT: (
        _VOICE,
        {
            "pitch_shift": _number(-MAX_SEMITONES, MAX_SEMITONES),
            "index_rate": _number(0.0, 1.0),
            "filter_radius": _number(0, 7, is_whole=True),
            "rms_mix_rate": _number(0.0, 1.0),
            "protect": _number(0.0, 0.5),
            "full_song": _flag,
        },
    ),
    Operation.FLASH: (_VOICE, {}),
    Operation.SEPARATE: ({"input_url": _url, "mode": _one_of(*STEMS)}, {}),
}
