"""Reports of jobs in one line, as it fits beside the mouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hanolab_dawtools.model import Alignment
from hanolab_dawtools.presenters.wording import alignment_text, null_text


def summary_of_reports(reports: Sequence[Mapping[str, Any]]) -> str:
    """What came of one job, or how many of several were done; of `results.report_of`."""
    done = [report for report in reports if "error" not in report]
    if len(reports) == 1 and done:
        return _summary(done[0])
    failed = len(reports) - len(done)
    text = f"{len(done)} of {len(reports)} done"
    return f"{text}, {failed} failed: see the console" if failed else text


def _summary(report: Mapping[str, Any]) -> str:
    from hanolab_dawtools.workflows.stored import from_json

    placed = report["placed"]
    names = ", ".join(track["name"] for track in placed["tracks"])
    words = [f"{report['title']}: done", names]
    if report["alignment"] is not None:
        alignment = from_json(Alignment, report["alignment"])
        is_voice = alignment.null_db is None  # a separation has one
        words.append(f"alignment {alignment_text(alignment, is_voice=is_voice)}")
        if not is_voice:
            words.append(f"null {null_text(alignment.null_db)}")
    if placed["warnings"]:
        words.append("remarks in the console")
    return "; ".join(filter(None, words))
