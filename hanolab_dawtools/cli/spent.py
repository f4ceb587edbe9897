"""`hanolab jobs spent`: what paid work has cost, entry by entry and in total."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.jobs.model import Spent
from hanolab_dawtools.presenters.job_words import charges_text, spent_text
from hanolab_dawtools.presenters.wording import charge_text

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import LedgerEntry

HEADINGS = ["when", "job", "what", "length", "credits", "task"]
MAX_DAYS = 36_500  # a century; much more is no date any more
_UNITS = {"h": 1 / 24, "d": 1, "w": 7}
_SPAN = re.compile(r"(\d{1,6})\s*([hdw])")

Since = Annotated[
    str | None,
    typer.Option(metavar="DATE|7d", help="Only from a day on (2026-11-01), or the last 7d, 12h."),
]

WithCells = Annotated[
    bool, typer.Option("--cells", help="Each cell of a batch, not their sum alone.")
]


def spent(since: Since = None, cells: WithCells = False, as_json: options.Json = False) -> None:
    """Show what paid work has cost, the oldest first. It is kept also when jobs are cleaned."""
    start = parse_since(since)
    screen = Screen(as_json=as_json)
    with open_session(screen) as session:
        entries = [
            entry
            for entry in session.services.store.ledger.entries()
            if start is None or entry.at >= start
        ]
        total = Spent.on(entry.charge for entry in entries)
        if not entries:
            screen.say("Nothing was paid for" + ("" if start is None else " since then") + ".")
        else:
            rows = [_row(e) for e in entries] if cells else _rows(entries)
            screen.table(HEADINGS, rows, below=("task", "what"))
            screen.say(f"total: {spent_text(total)}")
        screen.document(
            {
                "entries": [_document(entry) for entry in entries],
                "total": {
                    "credits": total.credits,
                    "unsure_credits": total.unsure_credits,
                    "unknown_prices": total.n_unknown,
                },
            }
        )


def parse_since(text: str | None) -> datetime | None:
    """The moment that a day, or a stretch of time before now, means.

    Raises
    ------
    UsageError
        It is neither.
    """
    if text is None:
        return None
    span = _SPAN.fullmatch(text.strip())
    if span is not None:
        days = int(span[1]) * _UNITS[span[2]]
        if days <= MAX_DAYS:
            return datetime.now(UTC) - timedelta(days=days)
    else:
        try:
            return datetime.fromisoformat(text.strip()).astimezone()
        except (ValueError, OverflowError):
            pass
    raise UsageError(
        f"--since {text!r} is no day and no time", hint="Write --since 2026-11-01 or --since 7d."
    )


def _rows(entries: Sequence[LedgerEntry]) -> list[list[str]]:
    """A row for each charge; those of one batch are one, where its first stands."""
    groups: dict[str, list[LedgerEntry]] = {}
    for number, entry in enumerate(entries):
        groups.setdefault(entry.batch_id or str(number), []).append(entry)
    return [_row(its[0]) if len(its) == 1 else _batch_row(its) for its in groups.values()]


def _batch_row(entries: Sequence[LedgerEntry]) -> list[str]:
    charges = [entry.charge for entry in entries]
    actions = ", ".join(dict.fromkeys(charge.action for charge in charges))
    return [
        f"{entries[0].at.astimezone():%Y-%m-%d %H:%M}",
        entries[0].batch_id,
        f"{len(charges):,} x {actions}",
        f"{sum(charge.billed_seconds for charge in charges):g} s",
        charges_text(charges),
        "-",
    ]


def _row(entry: LedgerEntry) -> list[str]:
    charge = entry.charge
    return [
        f"{entry.at.astimezone():%Y-%m-%d %H:%M}",
        entry.job_id,
        charge.action,
        f"{charge.billed_seconds:g} s",
        charge_text(charge.credits, is_sure=charge.is_sure),
        charge.task_id or "-",
    ]


def _document(entry: LedgerEntry) -> dict[str, Any]:
    charge = entry.charge
    return {
        "at": entry.at.isoformat(),
        "job": entry.job_id,
        "batch": entry.batch_id or None,
        "title": entry.title,
        "engine": charge.engine,
        "action": charge.action,
        "billed_seconds": charge.billed_seconds,
        "credits": charge.credits,
        "task_id": charge.task_id,
        "is_sure": charge.is_sure,
    }
