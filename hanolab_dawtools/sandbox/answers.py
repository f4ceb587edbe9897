"""The sandbox's answers: errors exactly as the reference shows them, and every way to spoil one."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from hanolab_dawtools.sandbox.faults import Fault
from hanolab_dawtools.sandbox.protocol import cut, transport_of

CODES = {
    400: "invalid_request",
    401: "unauthorized",
    402: "insufficient_credits",
    403: "plan_tier_required",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "rate_limited",
    500: "internal_error",
}
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"
CRASH_EXIT_CODE = 70
_DRIPS_PER_SECOND = 10


def error(status: int, message: str = "", **facts: Any) -> JSONResponse:
    """An error in the reference's form; `facts` are further fields."""
    body = {"error": CODES[status], **({"message": message} if message else {}), **facts}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers)


def capped(message: str, retry_seconds: int) -> JSONResponse:
    """429 with the time to wait."""
    answer = error(429, message)
    answer.headers["Retry-After"] = str(retry_seconds)
    return answer


def status_fault(fault: Fault, status: int, required: int = 1) -> Response:
    """An error out of the blue; from 502 on as a proxy tells it, as a page.

    `required`: what a 402 says that is needed.
    """
    if status in CODES:
        answer: Response = error(status, required=required) if status == 402 else error(status)
    else:
        answer = Response(_PAGE.format(f"{status} from the proxy"), status, media_type="text/html")
    if fault.value:
        answer.headers["Retry-After"] = fault.value
    return answer


def page() -> Response:
    """A page of HTML where something else should be."""
    return Response(_PAGE.format("Please log in"), 200, media_type="text/html")


async def spoil(request: Request, answer: Response, fault: Fault) -> Response:
    """Do to an answer what a fault says."""
    status = fault.status
    if status is not None:
        return status_fault(fault, status, getattr(request.state, "credits", 1))
    if fault.kind == "crash":
        os._exit(CRASH_EXIT_CODE)
    if fault.kind == "lost_answer":
        await cut(request)
    elif fault.kind in {"cut_answer", "short_body"}:
        await _send_by_hand(request, answer, 0.0, share=0.5)
    elif fault.kind == "slow":
        await _send_by_hand(request, answer, fault.seconds)
    elif fault.kind == "late_answer":
        await wait_unless_gone(request, fault.seconds)
    elif fault.kind == "unreadable":
        return Response(_PAGE.format("Accepted"), answer.status_code, media_type="text/html")
    elif fault.kind == "wrong_type":
        return page()
    elif fault.kind in {"no_id", "id_field"}:
        return _with_other_id(answer, "" if fault.kind == "no_id" else fault.value)
    return answer


async def wait_unless_gone(request: Request, seconds: float) -> None:
    """Wait, but not for a client that has left."""
    transport = transport_of(request)
    for _ in range(round(seconds * _DRIPS_PER_SECOND)):
        if transport.is_closing():
            return
        await asyncio.sleep(1 / _DRIPS_PER_SECOND)


def _with_other_id(answer: Response, name: str) -> Response:
    """The task under another name, or none; `a.b` is the field b in the object a."""
    fields = json.loads(bytes(answer.body))
    task_id = fields.pop("id")
    if name:
        *outer, last = name.split(".")
        place = fields
        for key in outer:
            place[key] = place[key] if isinstance(place.get(key), dict) else {}
            place = place[key]
        place[last] = task_id
    return JSONResponse(fields, answer.status_code)


async def _send_by_hand(
    request: Request, answer: Response, seconds: float, *, share: float = 1.0
) -> None:
    """Send an answer in drips over some seconds, and only a share of its body; then cut."""
    body = await _body(answer)
    head = f"HTTP/1.1 {answer.status_code} OK\r\nConnection: close\r\n"
    headers = [(k, v) for k, v in answer.headers.items() if k != "content-length"]
    head += "".join(f"{name}: {value}\r\n" for name, value in headers)
    head += f"content-length: {len(body)}\r\n\r\n"
    part = body[: int(len(body) * share)]
    transport = transport_of(request)
    transport.write(head.encode("latin-1"))
    n_drips = max(1, round(seconds * _DRIPS_PER_SECOND))
    for drip in range(n_drips):
        if transport.is_closing():
            break
        start, end = (len(part) * n // n_drips for n in (drip, drip + 1))
        transport.write(part[start:end])
        if seconds:
            await asyncio.sleep(1 / _DRIPS_PER_SECOND)
    await cut(request, after_sending=True)


async def _body(answer: Response) -> bytes:
    if isinstance(answer, FileResponse):
        return await asyncio.to_thread(Path(answer.path).read_bytes)
    return bytes(answer.body)
