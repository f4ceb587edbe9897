"""The endpoints below /sandbox, beside the API: ledger, faults, account. For tests and tools.

They answer this machine only, and change something only for JSON, which no web page of another
origin can send without being asked.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.sandbox.answers import error
from hanolab_dawtools.sandbox.options import Plan
from hanolab_dawtools.sandbox.state import Sandbox

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
            except UsageError as wrong:
                return error(400, str(wrong))
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as wrong:
                return error(400, f"not understood: {wrong}")

        return endpoint

    def _state(self) -> dict[str, Any]:
        accounts = self._sandbox.accounts
        return {
            "base_url": self._base_url,
            "plan": accounts.plan.value,
            "credits": accounts.credits,
            "key_ids": accounts.key_ids,
            "n_uploads": self._sandbox.uploads.names(),
            "faults": [fault.to_json() for fault in self._sandbox.faults.pending()],
        }

    def _ledger(self) -> dict[str, Any]:
        return {"entries": [asdict(entry) for entry in self._sandbox.ledger.entries()]}

    def _change(self, fields: dict[str, Any]) -> dict[str, Any]:
        plan, left = fields.get("plan"), fields.get("credits")
        self._sandbox.accounts.change(
            plan=None if plan is None else Plan(plan),
            credits=None if left is None else int(left),
        )
        delay, lifetime = fields.get("delay_seconds"), fields.get("url_seconds")
        self._sandbox.change(
            delay_seconds=None if delay is None else float(delay),
            url_seconds=None if lifetime is None else float(lifetime),
        )
        return self._state()

    def _new_key(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {"key": self._sandbox.accounts.add_key(fields.get("key"))}

    def _revoke(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._sandbox.accounts.revoke_key(str(fields["key"]))
        return self._state()

    def _add_fault(self, fields: dict[str, Any]) -> dict[str, Any]:
        return self._sandbox.faults.add(str(fields["fault"])).to_json()

    def _clear(self, _: dict[str, Any]) -> dict[str, Any]:
        self._sandbox.faults.clear()
        return self._state()
