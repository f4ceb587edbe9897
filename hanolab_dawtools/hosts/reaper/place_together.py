"""Results of several jobs put into an open project together: one tick, one step of its undo.

One look at the project serves all of them. What an earlier call has placed is found again; a result
whose items were changed since they were captured is refused alone.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hanolab_dawtools.errors import HanolabError, HostCallFailed
from hanolab_dawtools.hosts.project.identity import stem_ids
from hanolab_dawtools.hosts.project.shelves import Result, Shelf, lay_out
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.cut_parts import CutParts, Parts
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, timeline_of
from hanolab_dawtools.hosts.reaper.place import (
    NOT_SAVED,
    PLACING_SECONDS,
    READING_SECONDS,
    changed_since,
    cut_warnings,
    place_of,
    placed_of,
    stem_files,
)
from hanolab_dawtools.hosts.reaper.place_plan import Ground, Plan, is_inside, make_plan
from hanolab_dawtools.hosts.reaper.standing import LiveStanding
from hanolab_dawtools.placement import Placed, PlacedTrack, Placement

_COMMAND = "place_many"
_LAYERED = "it overlaps another result on its tracks, so it lies muted on tracks of its own"
_SECOND = "its folder is muted: another result stands for the same music already"

Landing = tuple[Placement, Sequence[PlacedTrack]]  # and where each of its stems is and will stay
Outcome = Placed | HanolabError


def place_together(channel: Channel, landings: Sequence[Landing], label: str) -> list[Outcome]:
    """Put results into the tab that their selections name; a second call changes nothing.

    Parameters
    ----------
    label
        What REAPER calls the step that takes all of it back.

    Returns
    -------
    list[Placed | HanolabError]
        For each of `landings` what was made of it, or why this one was left out.

    Raises
    ------
    HostError
        Nothing was changed.
    """
    results, outcomes = _read_stems(landings)
    if not results:
        return [outcomes[number] for number in range(len(landings))]
    where = place_of(landings[0][0])
    asked = {"tab": where["tab"]}
    live = timeline_of(channel.call("timeline", asked, timeout_seconds=READING_SECONDS))
    table = _Table(live, list(results.values()), label)
    plans: dict[int, Plan] = {}
    for number, result in results.items():
        try:
            plans[number] = table.plan(result)
        except HanolabError as error:
            outcomes[number] = error
    made: Sequence[Mapping[str, Any]] = ()
    if plans:
        request = {**where, "packed": packed(plans.values()), "label": label}
        answer = channel.call(_COMMAND, request, timeout_seconds=PLACING_SECONDS)
        made = answer["placed"]
    for (number, plan), facts in zip(plans.items(), made, strict=True):
        outcomes[number] = table.outcome(results[number], plan, facts)
    return _told_once([outcomes[number] for number in range(len(landings))])


def packed(plans: Iterable[Plan]) -> list[str]:
    """Plans as the scripts take many: pieces of one zlib stream, in base64, one for each."""
    packer = zlib.compressobj()
    pieces = []
    for plan in plans:
        text = json.dumps(plan, separators=(",", ":")).encode("ascii")
        piece = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
        pieces.append(base64.b64encode(piece).decode("ascii"))
    return pieces


def _read_stems(
    landings: Sequence[Landing],
) -> tuple[dict[int, Result], dict[int, Outcome]]:
    """The results by their numbers, and those that cannot be read, with the reason."""
    results: dict[int, Result] = {}
    outcomes: dict[int, Outcome] = {}
    for number, (placement, files) in enumerate(landings):
        try:
            results[number] = Result(placement, tuple(stem_files(placement, files)))
        except HanolabError as error:
            outcomes[number] = error
    return results, outcomes


class _Table:
    """What a project and the results for it come to: the plan of each, and what became of it."""

    def __init__(self, live: LiveTimeline, results: Sequence[Result], label: str) -> None:
        self._live = live
        self._label = label
        self._parts: dict[str, Parts] = {}
        self._stale: dict[str, str] = {}
        self._compare(CutParts(live), results)
        standing = LiveStanding(live, self._parts)
        new = [
            result
            for result in results
            if result.placement.job_id not in self._stale
            and not is_inside(result.placement)
            and not any(standing.has_item(id_) for id_ in _item_ids(result))
        ]
        self._shelves: dict[str, Shelf] = {
            result.placement.job_id: shelf
            for shelf in lay_out(new, standing)
            for result in shelf.results
        }

    def _compare(self, cut_parts: CutParts, results: Sequence[Result]) -> None:
        for result in results:
            placement, capture = result.placement, result.placement.capture
            if capture is None or not capture.fingerprint:
                continue
            parts = cut_parts.of_capture(capture)
            if parts is None:
                self._stale[placement.job_id] = changed_since(placement)
            else:
                self._parts[placement.job_id] = parts

    def plan(self, result: Result) -> Plan:
        """The plan of a result; raises as `make_plan`."""
        job_id = result.placement.job_id
        ground = Ground(
            live=self._live if job_id in self._parts else None,
            parts=self._parts.get(job_id, {}),
            shelf=self._shelves.get(job_id),
            step=self._label,
            stale=self._stale.get(job_id, ""),
        )
        return make_plan(result.placement, result.stems, ground)

    def outcome(self, result: Result, plan: Plan, facts: Mapping[str, Any]) -> Outcome:
        """What the scripts made of a plan."""
        if "error" in facts:
            error = facts["error"]
            return HostCallFailed(
                f"REAPER did not place: {error['message']}",
                command=_COMMAND,
                code=error["code"],
                hint=error["hint"],
            )
        placed = placed_of(result.placement, result.stems, facts)
        if facts["already"]:
            return placed
        warnings = [*placed.warnings]
        if plan["mute"] or plan["takes"]:
            parts = self._parts.get(result.placement.job_id, {})
            warnings += cut_warnings(result.placement, self._live, parts)
        shelf = self._shelves.get(result.placement.job_id)
        if shelf is not None and any(one is result for one in shelf.layered):
            warnings.append(_LAYERED)
        elif shelf is not None and shelf.is_second and not shelf.is_there:
            warnings.append(_SECOND)
        return replace(placed, warnings=tuple(warnings))


def _item_ids(result: Result) -> list[str]:
    return [ids.item for ids in stem_ids(result.placement.job_id, result.stems)]


def _told_once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What concerns the project as a whole is told with the first result that changed it."""
    told: list[Outcome] = []
    is_told = False
    for outcome in outcomes:
        if isinstance(outcome, HanolabError) or NOT_SAVED not in outcome.changes:
            told.append(outcome)
            continue
        own = tuple(one for one in outcome.changes if one != NOT_SAVED or not is_told)
        told.append(replace(outcome, changes=own))
        is_told = True
    return told
