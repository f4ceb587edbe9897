"""The sandbox's account: its plan, its credits, its keys. Keys are kept as SHA-256 only."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.sandbox.ledger import Ledger
from hanolab_dawtools.sandbox.options import Plan

KEY_PREFIX = "hl_sandbox_"
KEY_ID_DIGITS = 12  # of the SHA-256, in ledger and listings


@dataclass(frozen=True)
class _Account:
    plan: Plan
    granted_credits: int  # those spent are in the ledger
    key_hashes: tuple[str, ...]
    url_secret: str

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> _Account:
        return cls(
            Plan(fields["plan"]),
            fields["granted_credits"],
            tuple(fields["key_hashes"]),
            fields["url_secret"],
        )


class Accounts:
    """The one account of a sandbox, in the file `path`; what it spent is in the ledger.

    A new one has `plan` (a creator's unless said) and the plan's monthly credits.

    Raises
    ------
    UsageError
        The file is none of a sandbox.
    DiskFull, NotWritable
        From any method that changes something, too.
    """

    def __init__(self, path: Path, ledger: Ledger, *, plan: Plan | None = None) -> None:
        self._path = path
        self._ledger = ledger
        try:
            self._account = _Account.of(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            first_plan = plan or Plan.CREATOR
            granted = first_plan.monthly_credits + ledger.spent()
            self._keep(_Account(first_plan, granted, (), secrets.token_hex(32)))
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{path} is no account of a sandbox", hint="Name another folder, or an empty one."
            ) from error

    @property
    def plan(self) -> Plan:
        """The account's plan."""
        return self._account.plan

    @property
    def credits(self) -> int:
        """Credits that are left."""
        return self._account.granted_credits - self._ledger.spent()

    @property
    def url_secret(self) -> bytes:
        """What URLs of results are signed with; the same over restarts."""
        return self._account.url_secret.encode("ascii")

    @property
    def key_ids(self) -> list[str]:
        """Which keys are valid, oldest first."""
        return [key_hash[:KEY_ID_DIGITS] for key_hash in self._account.key_hashes]

    def change_plan(self, plan: Plan) -> None:
        """Change the plan; keys and credits stay."""
        self._keep(replace(self._account, plan=plan))

    def set_credits(self, n_credits: int) -> None:
        """Change the credits that are left."""
        granted = max(0, n_credits) + self._ledger.spent()
        self._keep(replace(self._account, granted_credits=granted))

    def add_key(self, key: str | None = None) -> str:
        """Accept a key; without one, make one. It is told here, and never again.

        Raises
        ------
        UsageError
            No header can carry it.
        """
        key = key or KEY_PREFIX + secrets.token_hex(20)
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise UsageError("a key is written in plain ASCII, without spaces")
        hashes = dict.fromkeys([*self._account.key_hashes, _hash(key)])
        self._keep(replace(self._account, key_hashes=tuple(hashes)))
        return key

    def revoke_key(self, key: str) -> None:
        """Accept a key no more."""
        hashes = tuple(known for known in self._account.key_hashes if known != _hash(key))
        self._keep(replace(self._account, key_hashes=hashes))

    def key_id(self, key: str) -> str | None:
        """The id of a valid key, None for any other."""
        key_hash = _hash(key)
        return key_hash[:KEY_ID_DIGITS] if key_hash in self._account.key_hashes else None

    def _keep(self, account: _Account) -> None:
        durable.write_text(self._path, json.dumps(asdict(account), indent=1))
        self._account = account


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
