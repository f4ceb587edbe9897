"""What is taken out of texts before they are shown, sent on or lie beside somebody's music."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
# The query of a URL; its first group is kept. A signature in it opens the file to anybody.
QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]{1,15}://[^\s?#\"'<>]{0,2000}\?)[^\s\"'<>]+", re.IGNORECASE)


def without_queries(text: str) -> str:
    """`text` with the query strings of URLs taken out."""
    return QUERY.sub(rf"\1{HIDDEN}", text)


def without_signatures(value: Any) -> Any:
    """JSON values with the query strings of all URLs taken out."""
    if isinstance(value, str):
        return without_queries(value)
    if isinstance(value, Mapping):
        return {name: without_signatures(inner) for name, inner in value.items()}
    return [without_signatures(inner) for inner in value] if isinstance(value, list) else value
