"""Cells and reports of batches that never ran, for what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hanolab_dawtools.model import HostName, Quote, RequestKind, Selection
from hanolab_dawtools.workflows.batch.model import Cell, CellReport, Forecast
from hanolab_dawtools.workflows.plan import RunPlan

ENGINES = {"local": 0.0, "hanolab": 2.0, "none": 0.0}


def report(number: int = 1, state: str = "queued", **fields: Any) -> CellReport:
    """A cell of twelve seconds; facts are given beside the usual ones."""
    facts = {
        "source": "song",
        "region": "Chorus",
        "track": "Vox",
        "preset": "Karaoke",
        "seconds": 12.0,
        **fields.pop("facts", {}),
    }
    title = fields.pop("title", f"song · Chorus {number} · Vox")
    return CellReport(number, f"b-{number}", title, state, facts=facts, **fields)


def cell(
    number: int = 1,
    *,
    source: str = "song",
    preset: str = "Karaoke",
    engine: str = "local",
    price: float | None = 0.0,
    forecast: Forecast = Forecast.NEW,
    seconds: float = 12.0,
    **plan: Any,
) -> Cell:
    """A cell on one track of a project."""
    path = Path(f"/music/{source}.rpp")
    selection = Selection(HostName.RPP, path, "Chorus", 1.0, 1.0 + seconds, "region 1")
    parts: Sequence[RunPlan] = plan.pop("parts", ())
    run = RunPlan(selection, RequestKind.SEPARATE, engine, parts=tuple(parts), **plan)
    quote = Quote(price, seconds, "your price" if price else "")
    return Cell(number, run, quote, source, "Chorus", f"Track {number}", preset, forecast)
