"""A task as the API shows it, in one of the shapes that a client must cope with."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from hanolab_dawtools.sandbox.faults import Operation, Phase
from hanolab_dawtools.sandbox.signing import signed_path
from hanolab_dawtools.sandbox.state import Sandbox
from hanolab_dawtools.sandbox.tasks import Status, TaskView


def task_fields(sandbox: Sandbox, base_url: str, view: TaskView, is_asked: bool) -> dict[str, Any]:
    """The task object; faults about it count only when the task `is_asked` for."""
    entry = view.entry
    fields: dict[str, Any] = {
        "id": entry.task_id,
        "type": entry.kind,
        "status": view.status.value,
        "created_at": datetime.fromtimestamp(entry.accepted_at, UTC).isoformat(),
        "credits": entry.credits,
    }
    if view.outcome.note:
        fields["note"] = view.outcome.note
    if view.status is Status.FAILED:
        fields["error"] = view.outcome.error
    shape, is_expired = "list", False
    if is_asked:
        if fault := sandbox.faults.take(Operation.TASK, Phase.CONTENT, "unknown_status"):
            fields["status"] = fault.value
            return fields
        if view.status is Status.COMPLETED:
            if fault := sandbox.faults.take(Operation.TASK, Phase.CONTENT, "shape"):
                shape = fault.value
            if sandbox.faults.take(Operation.TASK, Phase.CONTENT, "expired_urls"):
                is_expired = True
    if view.status is Status.COMPLETED:
        expires_at = int(time.time() + (-60 if is_expired else sandbox.options.url_seconds))
        urls = {
            PurePath(name).stem: base_url
            + signed_path(
                f"/outputs/{entry.task_id}/{f'{n}.wav' if shape == 'unnamed' else name}",
                *(sandbox.accounts.url_secret, expires_at),
            )
            for n, name in enumerate(view.outcome.outputs, 1)
        }
        if shape != "none":
            fields["output_urls"] = _shaped(urls, shape)
    return fields


def _shaped(urls: dict[str, str], shape: str) -> Any:
    if shape == "names":
        return urls
    if shape == "objects":
        return [{"name": name, "url": url} for name, url in urls.items()]
    if shape == "single":
        return next(iter(urls.values()))
    return list(urls.values()) if shape == "list" else list(urls.values())[::-1]
