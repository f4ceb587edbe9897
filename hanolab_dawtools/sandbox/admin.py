"""The endpoints below /sandbox, beside the API: ledger, faults, account. For tests and tools.

They answer this machine only, and change something only for JSON, which no web page of another
origin can send without being asked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.sandbox.answers import error
from hanolab_dawtools.sandbox.options import Plan
from hanolab_dawtools.sandbox.state import Refused, Sandbox

Change = Callable[[dict[str, Any]], dict[str, Any]]


class Admin:
    """The endpoints below /sandbox of one sandbox."""

    def __init__(self, sandbox: Sandbox, base_url: str) -> None:
        self._sandbox = sandbox
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """To be added to the API's."""
        return [
            Route("/sandbox", self._shows(self._state), methods=["GET"]),
            Route("/sandbox/ledger", self._shows(self._ledger), methods=["GET"]),
            Route("/sandbox/account", self._changes(self._change), methods=["PATCH"]),
            Route("/sandbox/keys", self._changes(self._new_key), methods=["POST"]),
            Route("/sandbox/keys/revoke", self._changes(self._revoke), methods=["POST"]),
            Route("/sandbox/faults", self._changes(self._add_fault), methods=["POST"]),
            Route("/sandbox/faults/clear", self._changes(self._clear), methods=["POST"]),
        ]

    @staticmethod
    def _shows(read: Callable[[], dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(_: Request) -> Response:
            return JSONResponse(read())

        return endpoint

    @staticmethod
    def _changes(change: Change) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0] != "application/json":
                return error(400, "send JSON, and say so in Content-Type")
            try:
                fields = json.loads(await request.body())
                return JSONResponse(change(fields))
            except Refused as refusal:
                return error(refusal.status, refusal.message)
            except UsageError as wrong:
                return error(400, str(wrong))
            except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as wrong:
                return error(400, f"not understood: {wrong}")

        return endpoint

    def _state(self) -> dict[str, Any]:
        accounts = self._sandbox.accounts
        return {
            "base_url": self._base_url,
            "plan": accounts.plan.value,
            "credits": accounts.credits,
            "key_ids": accounts.key_ids,
            "n_uploads": self._sandbox.uploads.count(),
            "faults": [fault.to_json() for fault in self._sandbox.faults.pending()],
        }

    def _ledger(self) -> dict[str, Any]:
        return {"entries": [asdict(entry) for entry in self._sandbox.ledger.entries()]}

    def _change(self, fields: dict[str, Any]) -> dict[str, Any]:
        plan, n_credits = fields.get("plan"), fields.get("credits")
        self._sandbox.change(
            plan=None if plan is None else Plan(plan),
            n_credits=None if n_credits is None else int(n_credits),
            delay_seconds=_seconds(fields.get("delay_seconds")),
            url_seconds=_seconds(fields.get("url_seconds")),
        )
        return self._state()

    def _new_key(self, fields: dict[str, Any]) -> dict[str, Any]:
        if not self._sandbox.accounts.plan.has_api:
            raise Refused(403, "keys are part of the Creator and Pro plans")
        return {"key": self._sandbox.accounts.add_key(fields.get("key"))}

    def _revoke(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._sandbox.accounts.revoke_key(str(fields["key"]))
        return self._state()

    def _add_fault(self, fields: dict[str, Any]) -> dict[str, Any]:
        return self._sandbox.faults.add(str(fields["fault"])).to_json()

    def _clear(self, _: dict[str, Any]) -> dict[str, Any]:
        self._sandbox.faults.clear()
        return self._state()


def _seconds(value: object) -> float | None:
    """A time that was given; raises `ValueError` or `TypeError` for what is none."""
    if value is None:
        return None
    if isinstance(value, int | float) and 0 <= value < math.inf:
        return float(value)
    raise ValueError(f"{value!r} is no time in seconds")
