"""The sandbox's endpoints: the reference's, and the upload area beside them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hanolab_dawtools.errors import OutputError
from hanolab_dawtools.sandbox.admin import Admin
from hanolab_dawtools.sandbox.answers import (
    capped,
    error,
    spoil,
    status_fault,
    wait_unless_gone,
)
from hanolab_dawtools.sandbox.faults import SUBMISSIONS, Fault, Operation, Phase
from hanolab_dawtools.sandbox.options import API
from hanolab_dawtools.sandbox.protocol import cut
from hanolab_dawtools.sandbox.signing import is_signed
from hanolab_dawtools.sandbox.state import Refused, Sandbox
from hanolab_dawtools.sandbox.submissions import Malformed, parse_submission, price
from hanolab_dawtools.sandbox.task_answer import task_fields
from hanolab_dawtools.sandbox.uploads import NAME, TooLarge
from hanolab_dawtools.sandbox.voices import VOICES

MAX_BODY_BYTES = 1_000_000
_NO_UPLOAD = "there is no such upload"

Handler = Callable[[Request], Awaitable[Response]]


class Api:
    """The endpoints of one sandbox, reached at `base_url`."""

    def __init__(self, sandbox: Sandbox, base_url: str) -> None:
        self._sandbox = sandbox
        self._base_url = base_url

    def app(self) -> Starlette:
        """The application to serve."""
        submissions = {
            "/music/generate": Operation.GENERATE,
            "/voice/convert": Operation.CONVERT,
            "/voice/convert-flash": Operation.FLASH,
            "/audio/separate": Operation.SEPARATE,
        }
        routes = [
            *(
                self._route(API + path, "POST", operation, self._submission(operation))
                for path, operation in submissions.items()
            ),
            self._route(f"{API}/voice/models", "GET", Operation.MODELS, self._models),
            self._route(f"{API}/tasks/{{task_id}}", "GET", Operation.TASK, self._task),
            self._route("/outputs/{task_id}/{name}", "GET", Operation.OUTPUT, self._output),
            Route(
                f"{API}/uploads/{{name}}",
                self._by_method(
                    PUT=self._with_faults(Operation.PUT, self._put),
                    GET=self._with_faults(Operation.UPLOAD, self._upload),
                    DELETE=self._with_faults(Operation.DELETE, self._delete),
                ),
                methods=["PUT", "GET", "DELETE"],
            ),
            *Admin(self._sandbox, self._base_url).routes(),
        ]
        return Starlette(
            routes=routes, exception_handlers={HTTPException: _on_http_error, OutputError: _on_full}
        )

    def _route(self, path: str, method: str, operation: Operation, handler: Handler) -> Route:
        return Route(path, self._with_faults(operation, handler), methods=[method])

    @staticmethod
    def _by_method(**handlers: Handler) -> Handler:
        async def endpoint(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await handlers[method](request)

        return endpoint

    def _with_faults(self, operation: Operation, handler: Handler) -> Handler:
        async def endpoint(request: Request) -> Response:
            fault = self._sandbox.faults.take(operation, Phase.BEFORE)
            if fault is not None and (instead := await _before(request, operation, fault)):
                return instead
            try:
                answer = await handler(request)
            except ClientDisconnect:
                return error(400, "the request was cut off")
            except Malformed as wrong:
                return error(400, str(wrong))
            except Refused as refusal:
                return _refusal(refusal)
            if answer.status_code < 300:
                spoiler = self._sandbox.faults.take(operation, Phase.AFTER)
                if spoiler is not None:
                    return await spoil(request, answer, spoiler)
            return answer

        return endpoint

    def _key_id(self, request: Request) -> str:
        """The key that a request bears; raises `Refused` with 401 or 403."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key_id = self._sandbox.accounts.key_id(key.strip()) if scheme.lower() == "bearer" else None
        if key_id is None:
            raise Refused(401, "a valid bearer token is needed")
        if not self._sandbox.accounts.plan.has_api:
            raise Refused(403, "API access is part of the Creator and Pro plans")
        return key_id

    def _submission(self, operation: Operation) -> Handler:
        async def submit(request: Request) -> Response:
            key_id = self._key_id(request)
            fields = parse_submission(operation, await _body(request))
            if "voice_model_id" in fields and fields["voice_model_id"] not in VOICES:
                return error(404, "there is no such voice model")
            entry = self._sandbox.accept(operation, key_id, fields)
            request.state.credits = entry.credits
            return JSONResponse(self._shown(entry.task_id), 202)

        return submit

    async def _models(self, request: Request) -> Response:
        self._key_id(request)
        return JSONResponse(
            {"items": [{"id": id_, "name": voice.name} for id_, voice in VOICES.items()]}
        )

    async def _task(self, request: Request) -> Response:
        self._key_id(request)
        fields = self._shown(request.path_params["task_id"], is_asked=True)
        return JSONResponse(fields) if fields else error(404, "there is no such task")

    def _shown(self, task_id: str, *, is_asked: bool = False) -> dict[str, Any]:
        """A task as JSON, empty when there is none."""
        view = self._sandbox.tasks.view(task_id, time.time())
        return task_fields(self._sandbox, self._base_url, view, is_asked) if view else {}

    async def _output(self, request: Request) -> Response:
        expires = request.query_params.get("expires", "")
        signature = request.query_params.get("signature", "")
        task_id, name = request.path_params["task_id"], request.path_params["name"]
        path = f"/outputs/{task_id}/{name}"
        if not is_signed(path, self._sandbox.accounts.url_secret, expires, signature):
            return error(403, "the URL is not signed by this sandbox")
        if int(expires) <= time.time():
            return error(403, "the URL has expired; ask the task again")
        file = self._sandbox.tasks.output(task_id, name)
        return _file(file, "audio/wav") if file else error(404, "there is no such file")

    async def _put(self, request: Request) -> Response:
        self._key_id(request)
        name = request.path_params["name"]
        if not NAME.fullmatch(name):
            return error(
                400, "a name has letters, digits and . _ -, and begins with a letter or digit"
            )
        max_bytes = self._sandbox.options.max_input_bytes
        try:
            await self._sandbox.uploads.put(name, request.stream(), max_bytes)
        except TooLarge:
            return error(413, f"the sandbox takes at most {max_bytes} bytes")
        return JSONResponse({"input_url": f"{self._base_url}{API}/uploads/{name}"}, 201)

    async def _upload(self, request: Request) -> Response:
        path = self._sandbox.uploads.find(request.path_params["name"])
        return _file(path, "application/octet-stream") if path else error(404, _NO_UPLOAD)

    async def _delete(self, request: Request) -> Response:
        self._key_id(request)
        found = self._sandbox.uploads.remove(request.path_params["name"])
        return Response(status_code=204) if found else error(404, _NO_UPLOAD)


async def _before(request: Request, operation: Operation, fault: Fault) -> Response | None:
    """What a fault answers instead of the work; None to go on with it."""
    if fault.status is not None:
        return status_fault(fault, fault.status, await _required(request, operation))
    if fault.kind == "stall":
        await wait_unless_gone(request, fault.seconds)
        return None
    if fault.kind == "redirect":
        return RedirectResponse(fault.value, 302)
    if fault.kind == "late_404":
        return error(404, "there is no such task")
    await cut(request)
    return error(500)  # to nobody


def _file(path: Path, media_type: str) -> FileResponse:
    """A file with all its headers, so that a spoilt answer has them too; Range is obeyed."""
    return FileResponse(path, media_type=media_type, stat_result=path.stat())


async def _required(request: Request, operation: Operation) -> int:
    """What a request would cost, at least 1; read to its end in any case.

    A client that is still sending would not read the answer.
    """
    body = b""
    async for block in request.stream():
        body = (body + block)[:MAX_BODY_BYTES]
    if operation in SUBMISSIONS:
        with suppress(Malformed):
            return price(operation, parse_submission(operation, body))
    return 1


async def _body(request: Request) -> bytes:
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MAX_BODY_BYTES:
            raise Malformed(f"the body has more than {MAX_BODY_BYTES} bytes")
    return body


def _refusal(refusal: Refused) -> Response:
    if refusal.status == 429:
        return capped(refusal.message, refusal.facts["retry_seconds"])
    return error(refusal.status, refusal.message, **refusal.facts)


async def _on_http_error(_: Request, raised: Exception) -> Response:
    status = raised.status_code if isinstance(raised, HTTPException) else 500
    headers = raised.headers if isinstance(raised, HTTPException) else None
    answer = error(status)
    answer.headers.update(headers or {})
    return answer


async def _on_full(_: Request, raised: Exception) -> Response:
    return error(500, str(raised))
