"""URLs that are valid for a while: the path and the time of their end, signed."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import quote


def signed_path(path: str, secret: bytes, expires_at: int) -> str:
    """`path` with its expiry (seconds since 1970) and signature."""
    signature = _signature(path, secret, str(expires_at))
    return f"{quote(path)}?expires={expires_at}&signature={signature}"


def is_signed(path: str, secret: bytes, expires: str, signature: str) -> bool:
    """Whether the signature was made here for this path and expiry."""
    wanted = _signature(path, secret, expires)
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "surrogateescape"))


def _signature(path: str, secret: bytes, expires: str) -> str:
    text = f"{path}\n{expires}".encode("utf-8", "surrogateescape")
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
