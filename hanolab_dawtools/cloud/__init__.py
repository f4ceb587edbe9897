"""The HanoLab cloud: its API, the storage it fetches audio from, the files that come back.

`HanoLab` is the interface for other programs; see docs/python-api.md. It is imported when it is
first asked for, so that the parts of this package can be used without all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hanolab_dawtools.cloud.sdk import HanoLab

__all__ = ["HanoLab"]


def __getattr__(name: str) -> Any:
    if name == "HanoLab":
        from hanolab_dawtools.cloud.sdk import HanoLab  # noqa: PLC0415 - only who asks pays for it

        return HanoLab
    raise AttributeError(name)
