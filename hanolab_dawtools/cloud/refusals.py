"""What an HTTP status means: one table from status to class, and a sentence for a producer."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from hanolab_dawtools.cloud.answers import error_text, plain, shortened
from hanolab_dawtools.cloud.http import HttpAnswer
from hanolab_dawtools.cloud.retry import retry_after_seconds
from hanolab_dawtools.errors import (
    AuthFailed,
    BadRequest,
    Capped,
    CloudError,
    CloudProtocolError,
    CloudServerError,
    InsufficientCredits,
    PlanRequired,
    RemoteNotFound,
)

# Worth another try when nothing is billed. Of these only 500 says of a submission that it came to
# nothing; the others may come from a machine between us and a server that accepted it.
TRANSIENT_STATUSES = frozenset({429, 500, 502, 503, 504})
CAPPED_SECONDS = 60.0  # when a 429 does not say how long

_PLAN_CODE = "plan_tier_required"
_CODE_FIELDS = ("error", "code", "type")
_SAID_FIELDS = ("error", "message", "detail")
_KEY_HINT = "Make a new key in your HanoLab account, then run: hanolab login"


def refusal(answer: HttpAnswer, *, what: str, key: str, now: float) -> CloudError:
    """The error for an answer that is no success.

    Parameters
    ----------
    what
        What was asked for, to begin the sentence with.
    key
        Never to be shown, even when the server repeats it.
    now
        Seconds since 1970.
    """
    body = answer.body.replace(key.encode(), b"[key]") if key else answer.body
    fate = "failed at HanoLab" if answer.status >= 500 else "was refused"
    sentence = f"{what} {fate} ({answer.status}{_said(body)})"
    return _MAKERS.get(answer.status, _other)(_Case(answer, body, sentence, now))


def is_refused_for_sure(status: int) -> bool:
    """Whether an answer of this status proves that a submission came to nothing.

    408 does not: it may be a gateway's that gave up on a server at work. Of the redirects those
    that ask for the same request elsewhere do; the others are what follows an accepted form.
    """
    return status in {307, 308, 500} or (400 <= status < 500 and status != 408)


class _Case:
    """What a maker needs to know."""

    def __init__(self, answer: HttpAnswer, body: bytes, sentence: str, now: float) -> None:
        self.answer = answer
        self.sentence = sentence
        self.now = now
        self.value = _json(body)

    @property
    def codes(self) -> set[str]:
        holders = [self.value, *(self.value.get(name) for name in _CODE_FIELDS)]
        return {
            holder[name]
            for holder in holders
            if isinstance(holder, Mapping)
            for name in _CODE_FIELDS
            if isinstance(holder.get(name), str)
        }


def _bad_request(case: _Case) -> CloudError:
    return BadRequest(case.sentence, hint="Check the values; nothing was billed.")


def _auth_failed(case: _Case) -> CloudError:
    return AuthFailed(f"{case.sentence}: the key is missing, malformed or revoked", hint=_KEY_HINT)


def _insufficient(case: _Case) -> CloudError:
    required = _number(case.value)
    needs = "" if required is None else f": it takes {required:g} credits"
    return InsufficientCredits(
        f"{case.sentence}{needs}",
        required=required,
        hint="Wait for the monthly reset or top up, then resume; or use a shorter selection.",
    )


def _forbidden(case: _Case) -> CloudError:
    if _PLAN_CODE in case.codes:
        return PlanRequired(
            f"{case.sentence}: the account's plan has no API access",
            hint="HanoLab's API needs the Creator or the Pro plan.",
        )
    return AuthFailed(f"{case.sentence}: the key does not allow this", hint=_KEY_HINT)


def _not_found(case: _Case) -> CloudError:
    return RemoteNotFound(case.sentence, hint="Check the id and the base URL.")


def _capped(case: _Case) -> CloudError:
    seconds = retry_after_seconds(case.answer.headers.get("retry-after"), case.now)
    seconds = CAPPED_SECONDS if seconds is None else max(seconds, 1.0)
    return Capped(
        f"{case.sentence}: too much at once, or in this hour",
        retry_at=case.now + seconds,
        hint="Resume later; nothing was billed.",
    )


def _other(case: _Case) -> CloudError:
    status = case.answer.status
    if 400 <= status < 500:
        return _bad_request(case)
    if 500 <= status < 600:
        return CloudServerError(case.sentence, status=status, hint="Try again in a few minutes.")
    place = plain(case.answer.headers.get("location", ""))
    if 300 <= status < 400 and place:
        return CloudProtocolError(
            f"{case.sentence}: it leads to {place}",
            hint="The base URL is likely another one; run: hanolab login",
        )
    return CloudProtocolError(case.sentence, hint="Check the base URL; run: hanolab login")


_MAKERS: dict[int, Callable[[_Case], CloudError]] = {
    400: _bad_request,
    401: _auth_failed,
    402: _insufficient,
    403: _forbidden,
    404: _not_found,
    429: _capped,
}


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _said(body: bytes) -> str:
    """What the server wrote, to go behind the status."""
    value = _json(body)
    parts = [error_text(value.get(name)) for name in _SAID_FIELDS]
    said = ": ".join(dict.fromkeys(filter(None, parts))) or error_text(value) or shortened(body)
    return f": {plain(said)}" if said else ""


def _number(value: Mapping[str, Any]) -> float | None:
    """The credits that a 402 names."""
    for holder in (value, value.get("error"), value.get("detail")):
        if not isinstance(holder, Mapping):
            continue
        required = holder.get("required")
        if isinstance(required, bool) or not isinstance(required, int | float | str):
            continue
        try:
            number = float(required)
        except (ValueError, OverflowError):
            continue
        if math.isfinite(number) and number >= 0:
            return number
    return None
