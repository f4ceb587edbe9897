"""Writes the pages of the documentation that are made from tables of the program.

`make docs` runs it; a test holds the committed pages against it.
"""  # noqa: INP001 - a script beside the pages that it writes

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hanolab_dawtools.hosts.rpp.rules import RENDERED, RULES, Rule, Verdict
from hanolab_dawtools.model import CapturePoint

PAGE = Path(__file__).parent / "what-is-rendered.md"

TEXT = """\
# What is rendered, what is approximated, what is refused

This page is written from the table that captures obey (`hosts/rpp/rules.py`), by `make docs`.
It is about project files (`.rpp`). `hanolab doctor song.rpp` says for each region of a project
what of all this it holds, item by item, before anything is captured.

## Rendered

Sample for sample as REAPER plays it, but for curved fades of up to 50 ms:

{rendered}

Media at another rate than the capture is resampled. The capture has the project's own sample rate
where that is switched on, else the highest among the media of its items. It is mono when all of
them are, else it has as many channels as the widest.

## Approximated

Heard, but not sample for sample as REAPER plays it. The result names each item with the reason:

{approximated}

A file that was not where the project says, but was found by its name beside the project or in its
recording folder, is taken, and the result says so.

## Refused

Not heard, while all the rest is. The result names each item with the reason:

{refused}

Media that is missing is refused, too, with every place where it was looked for: as the project
writes it, with backslashes as separators, in another letter case or Unicode form, and by its bare
name beside the project and in its recording folder. So is media that cannot be decoded, and media
without a single frame. When nothing at all is left, there is no capture, and the error gives the
reasons.

## Where the signal is taken

{points}

At point `item` effects of tracks and takes are not heard; the result lists them by name. Fader,
pan, envelopes and sends of the track are not in the capture either. When the stems come from one
track, the folder that holds them gets copies of all these, so that their sum sounds as before.
"""

POINTS = {
    CapturePoint.ITEM: "items as they sound before the effects of their track; the default",
    CapturePoint.TRACK: "behind the effects of the track and before its fader; needs REAPER itself",
    CapturePoint.MASTER: "as heard; needs REAPER itself",
}


def page() -> str:
    """The page on what is rendered, as Markdown."""
    return TEXT.format(
        rendered=_bullets(RENDERED),
        approximated=_table(rule for rule in RULES if rule.verdict is Verdict.APPROXIMATED),
        refused=_table(rule for rule in RULES if rule.verdict is Verdict.REFUSED),
        points=_bullets(f"`{point.value}`: {POINTS[point]}" for point in CapturePoint),
    )


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _table(rules: Iterable[Rule]) -> str:
    rows = [f"| {_cell(rule.kind)} | {_cell(rule.sentence)} |" for rule in rules]
    return "\n".join(["| what | what is told |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
