"""Gives the app the connection itself, so that it can be cut, and written to by the byte."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "transport"


class OpenProtocol(H11Protocol):
    """uvicorn's protocol; its requests know their transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Keep the transport where requests find it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


def transport_of(request: Request) -> asyncio.Transport:
    """The connection that a request came over."""
    transport: asyncio.Transport = request.scope["state"][_TRANSPORT]
    return transport


async def cut(request: Request, *, after_sending: bool = False) -> None:
    """End the connection, now or when what was written has left; any answer is dropped."""
    transport = transport_of(request)
    if after_sending:
        transport.close()
    else:
        transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
