"""The safe face of REAPER with an API whose n-th call within the undo block fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fakes.live_captures import DirectChannel, scripts


class FailingApi:
    """Passes calls on; the n-th between Undo_BeginBlock2 and its end raises instead, once.

    `after` lets that call happen before it raises. `n_calls` is how many there were.
    """

    def __init__(self, api: Any, n: int, *, after: bool, code: str) -> None:
        self._api = api
        self._n = n
        self._after = after
        self._code = code
        self._is_counting = False
        self.n_calls = 0
        self.failed = ""

    def address(self, name: str) -> int:
        return self._api.address(name)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._api, name)

        def call(*arguments: Any, **options: Any) -> Any:
            if name == "Undo_EndBlock2":
                self._is_counting = False
            self.n_calls += self._is_counting
            is_it = self._is_counting and self.n_calls == self._n and not self.failed
            result = None
            if not is_it or self._after:
                result = function(*arguments, **options)
            if name == "Undo_BeginBlock2":
                self._is_counting = True
            if is_it:
                self.failed = name
                raise scripts()[1].HostFault(self._code, f"call {self._n}, {name}, failed")
            return result

        return call


@contextmanager
def failing(
    channel: DirectChannel, n: int, *, after: bool = False, code: str = "internal"
) -> Iterator[FailingApi]:
    """Let the n-th call of REAPER within a block fail with a code; 0 lets none."""
    before = channel.face.api
    channel.face.api = made = FailingApi(before, n, after=after, code=code)
    try:
        yield made
    finally:
        channel.face.api = before
