"""What is open, and what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.hosts.outline import Meaning, Outline, Reading
from hanolab_dawtools.presenters.source_choice import (
    Choice,
    facts_text,
    grouping_choices,
    has_own_selection,
    point_choices,
    selection_text,
    track_choices,
)
from hanolab_dawtools.presenters.source_view import (
    PreviewState,
    ReaperChoice,
    SourceKind,
    SourceView,
)

if TYPE_CHECKING:
    from hanolab_dawtools.presenters.source_reading import Stamp

_EMPTY = Outline("", 0.0)
_ELSEWHERE = "Choose another region, range or tracks."
_IN_REAPER = "Select in REAPER (time selection, items, razor edit), or choose a region here."
_HOST_CHOICES = {
    SourceKind.PROJECT: "Saved time selection",
    SourceKind.REAPER: "As selected in REAPER",
}


@dataclass(frozen=True)
class OpenSource:
    """A source; `reading` None: it is being read, or cannot be. `stamp` is its file's then."""

    kind: SourceKind = SourceKind.NONE
    path: Path | None = None
    reading: Reading | None = None
    stamp: Stamp = None
    location: str = ""
    is_loading: bool = False
    is_reachable: bool = True

    @property
    def outline(self) -> Outline:
        """What can be chosen in it; nothing while it is not read."""
        return self.reading.outline if self.reading else _EMPTY

    @property
    def title(self) -> str:
        """What to call it."""
        if self.kind is SourceKind.REAPER:
            return self.outline.title or "REAPER"
        return self.outline.title or (self.path.name if self.path else "")


def view_of(
    source: OpenSource,
    choice: Choice,
    meaning: Meaning | None,
    *,
    problem: HanolabError | None,
    note: str,
    reapers: tuple[ReaperChoice, ...],
    pid: int | None,
    preview: tuple[PreviewState, float | None],
    recent: tuple[Path, ...],
) -> SourceView:
    """What the bar shows; `meaning` is None while nothing is meant or nobody knows yet."""
    outline, kind = source.outline, source.kind
    is_whole = choice.means_whole(outline, kind)
    own = _HOST_CHOICES.get(kind, "") if has_own_selection(outline, kind) else ""
    return SourceView(
        kind=kind,
        title=source.title,
        location=source.location,
        selection_text=selection_text(meaning, is_whole=is_whole) if meaning else "",
        facts_text=facts_text(meaning) if meaning else "",
        range_seconds=choice.range_seconds or (meaning.span if meaning else None),
        end_seconds=outline.end_seconds,
        regions=outline.regions,
        region=choice.region,
        is_range=choice.range_seconds is not None,
        is_whole=is_whole,
        host_choice=own,
        tracks=track_choices(outline, choice),
        grouping=choice.grouping,
        groupings=grouping_choices(kind, choice),
        point=choice.point,
        points=point_choices(kind, choice),
        sample_rate=meaning.sample_rate if meaning else outline.sample_rate,
        n_channels=meaning.n_channels if meaning else outline.n_channels,
        tempo_bpm=outline.tempo_bpm,
        n_jobs=len(meaning.selections) if meaning else 0,
        is_loading=source.is_loading,
        is_reachable=source.is_reachable,
        is_ready=meaning is not None,
        problem=str(problem) if problem else "",
        hint=_hint(source, problem),
        note=note or "; ".join(meaning.remarks if meaning else ()),
        reapers=reapers,
        pid=pid,
        preview_state=preview[0],
        preview_fraction=preview[1],
        recent=recent,
    )


def _hint(source: OpenSource, problem: HanolabError | None) -> str:
    """The next step, in the panel's words where it is a choice that went wrong."""
    if problem is None:
        return ""
    if source.reading is None or source.outline.end_seconds <= 0:
        return problem.hint
    return _IN_REAPER if source.kind is SourceKind.REAPER else _ELSEWHERE
