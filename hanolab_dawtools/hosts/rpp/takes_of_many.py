"""Takes that several results give to the same items: each result's takes behind those before it.

The first result's first take plays, and what was given by an earlier call goes on playing. An item
gets the takes of a result whole: where another result cuts it in between, the later one by its job
is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.hosts.project.naming import item_label
from hanolab_dawtools.hosts.project.shelves import Result
from hanolab_dawtools.hosts.project.timeline import Item, Track
from hanolab_dawtools.hosts.rpp import chunks
from hanolab_dawtools.hosts.rpp.cutting import Change, Cutter
from hanolab_dawtools.hosts.rpp.item_parts import ItemChange
from hanolab_dawtools.hosts.rpp.provenance import has_takes, takes_line
from hanolab_dawtools.hosts.rpp.sources import Span
from hanolab_dawtools.hosts.rpp.standing import ProjectStanding, sources_of
from hanolab_dawtools.hosts.rpp.takes import (
    add_provenance,
    find_item,
    let_nothing_act_twice,
    media_tokens,
    placed_take,
    take_texts,
    warnings_of_fades,
)
from hanolab_dawtools.placement import PlacedTrack


@dataclass
class _Given:
    """What one span of an item gets."""

    track: Track
    item: Item
    span: Span
    results: list[Result] = field(default_factory=list)

    def is_at(self, item: Item, span: Span) -> bool:
        """Whether it is this span of this item."""
        return self.item.id == item.id and all(
            abs(one - other) <= span.tolerance_seconds
            for one, other in (
                (self.span.start_seconds, span.start_seconds),
                (self.span.end_seconds, span.end_seconds),
            )
        )


@dataclass
class TakesOfMany:
    """Collects takes for a cutter; afterwards, by job, what was refused and what is to be told."""

    cutter: Cutter
    standing: ProjectStanding
    target: Path
    refused: dict[str, HanolabError] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    _given: list[_Given] = field(default_factory=list)

    def collect(self, results: Sequence[Result]) -> None:
        """Collect the takes of results, in the order of their jobs; all else is cut already."""
        for result in results:
            try:
                self._collect(result)
            except HanolabError as error:
                self.refused[result.placement.job_id] = error
        for given in self._given:
            change = self._change(given)
            root = self.standing.pieces.root_of(given.item)
            self.cutter.give_takes(given.track, given.item, root, given.span, change)

    def tracks(self) -> dict[str, list[PlacedTrack]]:
        """What became of the stems, by job, once the cutter has finished."""
        found = {}
        for given in self._given:
            item_id = self.cutter.takes_in[given.item.id, given.span.start_seconds]
            for result in given.results:
                found[result.placement.job_id] = [
                    placed_take(stem, given.track.id, item_id) for stem in result.stems
                ]
        return found

    def _collect(self, result: Result) -> None:
        capture = result.placement.capture
        if capture is None:
            raise AssertionError("takes are made of an item")
        span = Span.of_capture(capture)
        here = [item.id for _, item in self.standing.items_of(result)]
        wanted = here if len(capture.sources) == 1 and here else list(sources_of(result))
        track, item = find_item(self.standing.document, self.standing.timeline, span, wanted)
        for given in self._given:
            if given.is_at(item, span):
                given.results.append(result)
                break
            starts_before = given.span.start_seconds < span.end_seconds - span.tolerance_seconds
            ends_behind = given.span.end_seconds > span.start_seconds + span.tolerance_seconds
            if given.item.id == item.id and starts_before and ends_behind:
                raise self._is_cut(track, item)
        else:
            if self.cutter.edges_inside(item, span):
                raise self._is_cut(track, item)
            self._given.append(_Given(track, item, span, [result]))
        told = (
            []
            if _has_some(self.standing, item)
            else warnings_of_fades(self.standing.timeline, track, item, span)
        )
        self.warnings[result.placement.job_id] = told

    def _is_cut(self, track: Track, item: Item) -> UsageError:
        return UsageError(
            f"{item_label(track, item)} cannot get takes of this selection: another result of the "
            "same batch cuts the item inside of it",
            hint="Use regions that do not overlap, or leave --takes out.",
        )

    def _change(self, given: _Given) -> Change:
        windows = chunks.is_windows(self.standing.timeline.version)
        item, has_some = given.item, _has_some(self.standing, given.item)
        lines: list[str] = []
        texts: list[str] = []
        for result in given.results:
            media = media_tokens(result.stems, self.target, windows=windows)
            is_active = not has_some and not texts
            texts += take_texts(
                *(result.placement, item, given.span, result.stems, media), is_active=is_active
            )
            lines.append(takes_line(result.placement, list(result.stems)))

        def change(part: ItemChange) -> None:
            let_nothing_act_twice(part, has_new_active=not has_some)
            add_provenance(part, lines)
            part.add(item.lines.stop - 2, texts)

        return change


def _has_some(standing: ProjectStanding, item: Item) -> bool:
    """Whether an earlier job has given takes to an item."""
    return has_takes(standing.document, item)
