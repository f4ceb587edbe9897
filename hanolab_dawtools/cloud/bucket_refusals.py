"""What a bucket's refusal means, and what to change.

S3, Google and Azure answer a refused request with XML that holds a code; those of S3 are used by
everything compatible. A clock that is wrong shows in many codes, but always in the `Date` header.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from hanolab_dawtools.cloud.wire import Answer
from hanolab_dawtools.errors import HanolabError, StorageFailed, TransferFailed

CLOCK_TOLERANCE_SECONDS = 300.0  # S3 refuses beyond 15 minutes, signed URLs may end earlier

_CODE = re.compile(rb"<Code>\s*(\w{1,60})\s*</Code>")
_SETUP = "Correct it with: hanolab storage setup."
_WRONG_SECRET = ("the secret does not fit the key id", f"Copy both again. {_SETUP}")
_WRONG_ID = ("it does not know the access key id", f"Copy the key id again. {_SETUP}")
_NO_BUCKET = ("there is no such bucket", f"Make the bucket, or correct its name. {_SETUP}")
_WRONG_REGION = ("the bucket is in another region", f"Set the bucket's region. {_SETUP}")
_ENDED = ("the session has ended", "Sign in there again, or set up a lasting key.")
_NOT_ALLOWED = (
    "the key may not do that",
    "Give the key the right to read, write and delete objects in this bucket.",
)
_MEANINGS = {
    "SignatureDoesNotMatch": _WRONG_SECRET,
    "AuthenticationFailed": _WRONG_SECRET,
    "InvalidAccessKeyId": _WRONG_ID,
    "InvalidClientTokenId": _WRONG_ID,
    "InvalidToken": _ENDED,
    "ExpiredToken": _ENDED,
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": _NO_BUCKET,
    "ContainerNotFound": _NO_BUCKET,
    "PermanentRedirect": _WRONG_REGION,
    "TemporaryRedirect": _WRONG_REGION,
    "AuthorizationHeaderMalformed": _WRONG_REGION,
    "AuthorizationQueryParametersError": _WRONG_REGION,
    "IllegalLocationConstraintException": _WRONG_REGION,
    "AccessDenied": _NOT_ALLOWED,
    "AuthorizationPermissionMismatch": _NOT_ALLOWED,
    "QuotaExceeded": ("it is full", "Free some room there."),
    "EntityTooLarge": ("the file is too large for it", "Choose a shorter region."),
}
_BY_STATUS = {
    301: _WRONG_REGION,
    307: _WRONG_REGION,
    401: _WRONG_SECRET,
    403: _NOT_ALLOWED,
    404: _NO_BUCKET,
}


def explain(
    place: str, what: str, answer: Answer, *, now: Callable[[], float] = time.time
) -> HanolabError:
    """The error to raise for an answer to a signed request.

    Parameters
    ----------
    place, what
        "s3://…" and what it does not do ("take the file").
    now
        This machine's clock, seconds since 1970.
    """
    skew_seconds = _skew_seconds(answer, now())
    if abs(skew_seconds) > CLOCK_TOLERANCE_SECONDS:
        direction = "behind" if skew_seconds > 0 else "ahead"
        return StorageFailed(
            f"{place} does not {what}: this computer's clock is"
            f" {abs(skew_seconds) / 60:.0f} minutes {direction}",
            hint="Set the clock; switch on setting it by the network.",
        )
    found = _CODE.search(answer.body)
    code = found[1].decode() if found else ""
    meaning = _MEANINGS.get(code) or _BY_STATUS.get(answer.status)
    if meaning:
        return StorageFailed(f"{place} does not {what}: {meaning[0]}", hint=meaning[1])
    if answer.status >= 500 or answer.status == 429 or answer.status < 300:
        return TransferFailed(
            f"{place} does not {what} at the moment",
            status=answer.status,
            hint="Resume the job later.",
        )
    return StorageFailed(
        f"{place} does not {what}: it answered {answer.status} {code}".rstrip(),
        hint="Try: hanolab storage check.",
    )


def first_line(error: Exception) -> str:
    """What a library says, without its details: those may hold URLs and keys."""
    return str(error).partition("\n")[0][:120]


def _skew_seconds(answer: Answer, now: float) -> float:
    """How far the server's clock is ahead of ours; 0 when it tells no time."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).timestamp() - now
    except (KeyError, ValueError):
        return 0.0
