"""All that a running sandbox knows, joined: account, ledger, tasks, uploads, faults, worker."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hanolab_dawtools.sandbox.accounts import Accounts
from hanolab_dawtools.sandbox.faults import FaultBox, Operation, Phase
from hanolab_dawtools.sandbox.ledger import Entry, Ledger
from hanolab_dawtools.sandbox.options import Plan, SandboxOptions
from hanolab_dawtools.sandbox.submissions import price
from hanolab_dawtools.sandbox.tasks import ENDED, Tasks
from hanolab_dawtools.sandbox.uploads import Uploads
from hanolab_dawtools.sandbox.worker import Worker

_IN_FLIGHT_RETRY_SECONDS = 2


class Refused(Exception):
    """A submission is not accepted: `status`, and `facts` for the answer."""

    def __init__(self, status: int, message: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.facts = facts


class Sandbox:
    """One sandbox's state in `options.folder`. Used by the server's one thread.

    Raises
    ------
    UsageError
        The folder holds something else, or a fault is wrong.
    DiskFull, NotWritable
    """

    def __init__(self, options: SandboxOptions) -> None:
        self.options = options
        self.faults = FaultBox(options.faults)
        self.ledger = Ledger(options.folder / "ledger.jsonl")
        self.accounts = Accounts(options.folder / "account.json", self.ledger, plan=options.plan)
        self.change(plan=options.plan, n_credits=options.credits)
        self.uploads = Uploads(options.folder / "uploads")
        entries = self.ledger.entries()
        self.tasks = Tasks(options.folder / "tasks", entries, options.delay_seconds)
        self._worker = Worker(options, self.tasks)
        for entry in self.tasks.open_entries():
            self._worker.submit(entry)

    def close(self) -> None:
        """Stop the work; open tasks go on at the next start."""
        self._worker.close()

    def change(
        self,
        *,
        plan: Plan | None = None,
        n_credits: int | None = None,
        delay_seconds: float | None = None,
        url_seconds: float | None = None,
    ) -> None:
        """Change what is not None; see `SandboxOptions`."""
        if plan is not None:
            self.accounts.change_plan(plan)
        if n_credits is not None:
            self.accounts.set_credits(n_credits)
        if delay_seconds is not None:
            self.tasks.set_delay(delay_seconds)
        if url_seconds is not None:
            self.options = replace(self.options, url_seconds=url_seconds)

    def accept(self, operation: Operation, key_id: str, fields: Mapping[str, Any]) -> Entry:
        """Take on a checked submission; when this returns, it is in the ledger for good.

        Raises
        ------
        Refused
            402 or 429.
        DiskFull, NotWritable
        """
        now = time.time()
        if operation is Operation.GENERATE:
            self._check_cap(key_id, now)
        cost = price(operation, fields)
        if cost > self.accounts.credits:
            raise Refused(402, required=cost)
        entry = Entry(
            task_id=f"task_{secrets.token_hex(12)}",
            kind=operation.value,
            accepted_at=now,
            key_id=key_id,
            credits=cost,
            request=fields,
            faults=self._ordered_faults(operation),
        )
        self.ledger.add(entry)
        self.tasks.add(entry)
        self._worker.submit(entry)
        return entry

    def _ordered_faults(self, operation: Operation) -> dict[str, Any]:
        """What faults want of the work; kept, so that a restart changes nothing."""
        ordered: dict[str, Any] = {}
        if fault := self.faults.take(operation, Phase.CONTENT, "task_failure"):
            ordered["failure"] = fault.value
        if fault := self.faults.take(operation, Phase.CONTENT, "wrong_length"):
            ordered["longer_seconds"] = fault.seconds
        return ordered

    def _check_cap(self, key_id: str, now: float) -> None:
        options = self.options
        views = self.tasks.of_kind(Operation.GENERATE, key_id, now)
        if sum(view.status not in ENDED for view in views) >= options.n_in_flight:
            raise Refused(
                *(429, "one song at a time for each key"),
                retry_seconds=_IN_FLIGHT_RETRY_SECONDS,
            )
        recent = [
            view.entry.accepted_at
            for view in views
            if view.entry.accepted_at > now - options.hour_seconds
        ]
        if len(recent) >= options.n_per_hour:
            free_at = sorted(recent)[-options.n_per_hour] + options.hour_seconds
            raise Refused(
                *(429, f"{options.n_per_hour} songs per rolling hour for each key"),
                retry_seconds=max(1, math.ceil(free_at - now)),
            )
