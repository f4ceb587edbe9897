"""Plain HTTP calls to a sandbox, for tests of the sandbox itself."""

from __future__ import annotations

import time
from typing import Any

import requests
from fakes.sandbox import SandboxProcess

SUBMISSIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "generate": ("/music/generate", {"tier": "draft", "prompt": "waltz, 90 bpm", "duration": 1}),
    "convert": ("/voice/convert", {"voice_model_id": "vm_plain", "duration": 1}),
    "convert-flash": ("/voice/convert-flash", {"voice_model_id": "vm_plain", "duration": 1}),
    "separate": ("/audio/separate", {"mode": "2stem"}),
}
ENDS_WITHIN_SECONDS = 60.0


def call(sandbox: SandboxProcess, method: str, path: str, **options: Any) -> requests.Response:
    """One request below /api/v1, with the sandbox's key unless `key` says another (or "")."""
    key = options.pop("key", sandbox.key)
    headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **options.pop("headers", {})}
    url = f"{sandbox.base_url}/api/v1{path}"
    return requests.request(method, url, headers=headers, timeout=30, **options)


def submit(sandbox: SandboxProcess, kind: str, *, key: str | None = None, **fields: Any):
    """A valid submission of a kind; `fields` change its body, None takes one out."""
    path, body = SUBMISSIONS[kind]
    url = {} if kind == "generate" else {"input_url": f"{sandbox.base_url}/api/v1/uploads/in.wav"}
    given = {**body, **url, **fields}
    given = {name: value for name, value in given.items() if value is not None}
    return call(sandbox, "POST", path, json=given, key=sandbox.key if key is None else key)


def ended(sandbox: SandboxProcess, task_id: str) -> dict[str, Any]:
    """The task when it is completed or failed."""
    until = time.monotonic() + ENDS_WITHIN_SECONDS
    while time.monotonic() < until:
        task = call(sandbox, "GET", f"/tasks/{task_id}").json()
        if task["status"] in {"completed", "failed"}:
            return task
        time.sleep(0.05)
    raise AssertionError(f"{task_id} has not ended")
