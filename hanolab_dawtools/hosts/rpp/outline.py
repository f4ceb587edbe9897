"""What can be chosen in a project file, and what a choice would capture."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.hosts.outline import Meaning, Outline, RegionLine, TrackLine
from hanolab_dawtools.hosts.project.selecting import find_selections
from hanolab_dawtools.hosts.project.timeline import Track
from hanolab_dawtools.hosts.rpp.chunks import colour_text, is_windows
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.planning import Plan, plan_capture, project_media
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.tokens import integer_at, keyword
from hanolab_dawtools.model import Grouping, Selection, Wanted


class ProjectReading:
    """A project file as it was when it was read; implements `hosts.outline.Reading`.

    Raises
    ------
    ProjectFileError
        It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        document = Document.read(path.absolute())
        self._timeline = read_timeline(document)
        self._digest = document.stamp.digest
        self._finder = project_media(self._timeline)
        self._one_at_a_time = threading.Lock()  # the finder keeps what it has found
        self.outline = self._outline(document)

    def meaning(self, wanted: Wanted) -> Meaning:
        """What a choice would capture; media are looked for and their headers read.

        Raises
        ------
        UsageError, SelectionError
            See `project.selecting.find_selections` and `planning.plan_capture`.
        """
        if self.outline.end_seconds <= 0:
            raise SelectionError(
                f"{self.outline.title} holds no items",
                hint="Record or import something in REAPER, and save it.",
            )
        selections = find_selections(self._timeline, wanted)
        together = replace(wanted, grouping=Grouping.SELECTION)
        mix = selections[0] if len(selections) == 1 else self._mix(together)
        with self._one_at_a_time:
            plan = plan_capture(self._timeline, mix, 0.0, self._finder)
        return Meaning(
            tuple(selections),
            mix,
            plan.sample_rate,
            plan.n_channels,
            content=_digest([self._digest, mix.point, *mix.track_ids, "items", *mix.item_ids]),
            media=_digest(_stamp(path) for path in sorted({voice.path for voice in plan.voices})),
            remarks=tuple(_remarks(plan)),
        )

    def _mix(self, wanted: Wanted) -> Selection:
        return find_selections(self._timeline, wanted)[0]

    def _outline(self, document: Document) -> Outline:
        timeline = self._timeline
        windows = is_windows(timeline.version)
        return Outline(
            title=timeline.path.name,
            end_seconds=timeline.end_seconds,
            regions=tuple(
                RegionLine(one.number, one.name, one.start_seconds, one.end_seconds)
                for one in timeline.regions
            ),
            tracks=tuple(
                TrackLine(
                    track.id,
                    track.number,
                    track.name,
                    track.depth,
                    colour_text(_own_colour(document, track), windows=windows),
                    len(track.items),
                )
                for track in timeline.tracks
            ),
            time_selection=timeline.time_selection,
            tempo_bpm=timeline.tempo_bpm,
        )


def _own_colour(document: Document, track: Track) -> int:
    """PEAKCOL of a track; 0 where it has none."""
    for number, child in document.entries(document.blocks[track.lines.start]):
        if child is None and keyword(document.lines[number]) == b"PEAKCOL":
            return integer_at(document.fields(number), 1)
    return 0


def _remarks(plan: Plan) -> Iterable[str]:
    if plan.skipped:
        yield f"{_items(plan.skipped)} cannot be captured: {plan.skipped[0].reason}"
    if plan.approximate:
        yield f"{_items(plan.approximate)} will not be exact: {plan.approximate[0].reason}"
    if plan.unheard_effects:
        yield f"without the effects {', '.join(plan.unheard_effects)}"


def _items(notes: Sequence[object]) -> str:
    return f"{len(notes)} item{'' if len(notes) == 1 else 's'}"


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:  # gone since; the capture will say so
        return str(path)
    return f"{path} {found.st_size} {found.st_mtime_ns}"


def _digest(texts: Iterable[str]) -> str:
    whole = "\0".join(texts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(whole).hexdigest()
