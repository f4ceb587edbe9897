"""What the user has chosen in a source, what that asks of its host, and what it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hanolab_dawtools.hosts.outline import Meaning, Outline, RegionLine, track_word
from hanolab_dawtools.model import CapturePoint, Grouping, HostName, Wanted
from hanolab_dawtools.presenters.source_view import (
    GroupingChoice,
    PointChoice,
    SourceKind,
    TrackChoice,
)
from hanolab_dawtools.presenters.wording import channels_text, length_text, rate_text

ONLY_LIVE = "Only a running REAPER plays the effects of tracks: open the project there."
ONE_SIGNAL = "An audio file has one signal."


@dataclass(frozen=True)
class Choice:
    """A region, a range or all of it, else the host's own selection; and what narrows it.

    Where the host has no selection of its own, all of it stands for that.
    `before_range` is what counts again when the range is dropped.
    """

    region: str | None = None
    range_seconds: tuple[float, float] | None = None
    is_whole: bool = False
    track_ids: tuple[str, ...] = ()
    grouping: Grouping | None = None
    point: CapturePoint | None = None
    before_range: tuple[str | None, bool] = (None, False)

    def with_span(
        self,
        *,
        region: str | None = None,
        range_seconds: tuple[float, float] | None = None,
        is_whole: bool = False,
    ) -> Choice:
        """The same tracks of another stretch; the host's own when none is named."""
        before = self.before_range
        if range_seconds is not None and self.range_seconds is None:
            before = (self.region, self.is_whole)
        return replace(
            self,
            region=region,
            range_seconds=range_seconds,
            is_whole=is_whole,
            before_range=before,
        )

    def without_range(self) -> Choice:
        """What was chosen before the range was."""
        region, is_whole = self.before_range
        return self.with_span(region=region, is_whole=is_whole)

    def within(self, outline: Outline) -> Choice:
        """Without the tracks that are gone."""
        ids = {track.id for track in outline.tracks}
        return replace(self, track_ids=tuple(one for one in self.track_ids if one in ids))

    def means_whole(self, outline: Outline, kind: SourceKind) -> bool:
        """Whether it is all of the source, said or not."""
        is_own = self.region is None and self.range_seconds is None
        return self.is_whole or (is_own and not has_own_selection(outline, kind))

    def wanted(self, outline: Outline, kind: SourceKind) -> Wanted:
        """What it asks of a host."""
        if kind is SourceKind.FILE:
            return Wanted(range_seconds=self.range_seconds)
        is_whole = self.means_whole(outline, kind)
        span = (0.0, outline.end_seconds) if is_whole else self.range_seconds
        chosen = [track for track in outline.tracks if track.id in self.track_ids]
        return Wanted(
            region=None if span else self.region,
            range_seconds=span,
            tracks=tuple(track_word(track, outline.tracks) for track in chosen),
            grouping=self.grouping,
            point=self.point or CapturePoint.ITEM,
        )


def has_own_selection(outline: Outline, kind: SourceKind) -> bool:
    """Whether the host says itself what is selected."""
    return kind is SourceKind.REAPER or outline.time_selection is not None


def region_word(region: RegionLine) -> str:
    """How `Wanted.region` names this region and no other."""
    return f"#{region.number}"


def track_choices(outline: Outline, choice: Choice) -> tuple[TrackChoice, ...]:
    """The tracks, and which of them are chosen."""
    return tuple(
        TrackChoice(
            track.id,
            track.number,
            track.name,
            track.depth,
            track.colour,
            track.n_items,
            track.id in choice.track_ids,
        )
        for track in outline.tracks
    )


def point_choices(kind: SourceKind, choice: Choice) -> tuple[PointChoice, ...]:
    """Where the signal can be taken, by the rules of the hosts."""
    track = master = ""
    if kind is not SourceKind.REAPER:
        track = master = ONE_SIGNAL if kind is SourceKind.FILE else ONLY_LIVE
    else:
        if choice.track_ids:
            master = "The master is all that sounds: choose no tracks for it."
        elif choice.grouping in (Grouping.TRACK, Grouping.ITEM):
            master = "The master cannot be taken for each track or item."
        if choice.grouping is Grouping.ITEM:
            track = "A track holds more than each item."
    return (
        PointChoice(CapturePoint.ITEM),
        PointChoice(CapturePoint.TRACK, track),
        PointChoice(CapturePoint.MASTER, master),
    )


def grouping_choices(kind: SourceKind, choice: Choice) -> tuple[GroupingChoice, ...]:
    """What can become one job, by the rules of the hosts."""
    track = item = ""
    if kind is SourceKind.FILE:
        track = item = ONE_SIGNAL
    elif choice.point is CapturePoint.MASTER:
        track = item = "The master is taken in one."
    elif choice.point is CapturePoint.TRACK:
        item = "A track is taken as a whole, not each of its items."
    return (
        GroupingChoice(Grouping.SELECTION),
        GroupingChoice(Grouping.TRACK, track),
        GroupingChoice(Grouping.ITEM, item),
    )


def selection_text(meaning: Meaning, *, is_whole: bool) -> str:
    """What is meant and why, and how many jobs that makes."""
    selections = meaning.selections
    first, mix = selections[0], meaning.mix
    is_file = mix.host is HostName.AUDIO_FILE
    parts = ["all of it" if is_whole and not is_file else first.reason]
    name = "" if mix.name.startswith(mix.source.stem) else mix.name  # that only says when
    if name:
        parts.append(name)
    tracks = tuple(dict.fromkeys(name for one in selections for name in one.track_names))
    if tracks and tracks[0] not in name:
        parts.append(_few(tracks))
    if len(selections) > 1:
        parts.append(f"{len(selections)} jobs")
    return ", ".join(parts)


def facts_text(meaning: Meaning) -> str:
    """Length, rate and channels."""
    start, end = meaning.span
    return ", ".join(
        (
            length_text(end - start),
            rate_text(meaning.sample_rate),
            channels_text(meaning.n_channels),
        )
    )


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} tracks"
