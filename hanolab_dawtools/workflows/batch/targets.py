"""Where the results of each cell go: onto shelves of a project, into folders, or into a bucket."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.base import HostCell
from hanolab_dawtools.model import HostName
from hanolab_dawtools.workflows.batch.columns import PROJECTS
from hanolab_dawtools.workflows.batch.model import BatchAsked
from hanolab_dawtools.workflows.batch.outputs import Steps, parse_output, places_apart
from hanolab_dawtools.workflows.batch.sources import Source
from hanolab_dawtools.workflows.objects import RESULTS
from hanolab_dawtools.workflows.plan import RunPlan

_TOKEN_BYTES = 4


@dataclass(frozen=True)
class Draft:
    """A cell to be, with what its place depends on."""

    plan: RunPlan
    source: Source
    cell: HostCell
    preset: str


def with_places(drafts: Sequence[Draft], asked: BatchAsked) -> list[RunPlan]:
    """The plans of these drafts, each with the place of its results.

    Raises
    ------
    UsageError
        The output's wildcards are wrong, or it is a file, or a source needs one.
    NotWritable, DiskFull
        Nothing can be written there.
    """
    if asked.output is not None:
        return _in_output(drafts, asked.output, has_presets=len(asked.presets) > 1)
    for draft in drafts:
        if draft.source.facts is not None:
            raise UsageError(
                f"where shall what is made of {draft.source.facts.url} go?",
                hint="Name a folder or a bucket: -o FOLDER, or -o s3://BUCKET/FOLDER.",
            )
    _check_written_beside(drafts)
    plans = _beside_files(drafts, has_presets=len(asked.presets) > 1)
    return _on_shelves([replace(d, plan=p) for d, p in zip(drafts, plans, strict=True)])


def _in_output(drafts: Sequence[Draft], text: str, *, has_presets: bool) -> list[RunPlan]:
    output = parse_output(text, has_presets=has_presets)
    wanted = [
        output.steps(
            {
                "source": draft.source.name,
                "folder": draft.source.folder,
                "region": draft.cell.region,
                "track": draft.cell.track,
                "preset": draft.preset,
            }
        )
        for draft in drafts
    ]
    places = places_apart(_below_something(wanted) if len(wanted) > 1 else wanted)
    if output.is_remote:
        return [
            replace(draft.plan, folder=Path(RESULTS), deliver_to=output.place(steps))
            for draft, steps in zip(drafts, places, strict=True)
        ]
    base = output.folder(())
    if base.exists() and not base.is_dir():
        raise UsageError(f"--output {base} is a file", hint="Name a folder.")
    durable.check_writable(base)
    return [
        replace(draft.plan, folder=base.joinpath(*steps))
        for draft, steps in zip(drafts, places, strict=True)
    ]


def _below_something(wanted: Sequence[Steps]) -> list[Steps]:
    """A cell whose wildcards are all empty is called after what it is, not left at the base."""
    return [steps or ("all",) for steps in wanted]


def _check_written_beside(drafts: Sequence[Draft]) -> None:
    files = {
        d.plan.selection.source for d in drafts if d.plan.selection.host is not HostName.REAPER
    }
    for folder in sorted({path.parent for path in files}):
        durable.check_writable(folder)


def _beside_files(drafts: Sequence[Draft], *, has_presets: bool) -> list[RunPlan]:
    """Results of audio files lie beside them; several presets each in a folder of its own there."""
    wanted: list[Steps] = []
    for draft in drafts:
        beside = draft.cell.beside
        if beside is None:
            wanted.append(())
        else:
            wanted.append((*beside.parts, *([durable.safe_name(draft.preset)] * has_presets)))
    apart = places_apart([steps or (f"project {at}",) for at, steps in enumerate(wanted)])
    plans = []
    for draft, steps, place in zip(drafts, wanted, apart, strict=True):
        is_usual = not steps or (not has_presets and steps == place)
        plans.append(draft.plan if is_usual else replace(draft.plan, folder=Path(*place)))
    return plans


def _on_shelves(drafts: Sequence[Draft]) -> list[RunPlan]:
    """Cells of one track (or the mix) and preset share their tracks, where there are several.

    The shelf is this matrix's own: another batch gets other tracks. Its first line is what its
    folder is called.
    """
    token = secrets.token_hex(_TOKEN_BYTES)
    shelves = [_shelf_of(draft) for draft in drafts]
    n_on = Counter(shelves)
    return [
        replace(draft.plan, shelf=f"{_shelf_title(draft)}\n{token} {' '.join(shelf[1:])}")
        if shelf and n_on[shelf] > 1
        else draft.plan
        for draft, shelf in zip(drafts, shelves, strict=True)
    ]


def _shelf_title(draft: Draft) -> str:
    title = f"{draft.cell.track or 'mix'}, {draft.preset}"
    return " ".join(title.split())  # one line, whatever a track is called


def _shelf_of(draft: Draft) -> Steps:
    plan = draft.plan
    has_one = plan.selection.host in PROJECTS and plan.folder is None
    if not has_one or plan.as_takes or plan.arrangement.lanes:
        return ()
    return (f"{plan.selection.source} {plan.selection.tab}", draft.cell.bench, draft.preset)
