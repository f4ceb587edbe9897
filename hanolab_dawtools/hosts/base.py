"""The protocol of a host: a place where music lives and where results go back to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Capture, CapturePoint, Grouping, Selection, Wanted
from hanolab_dawtools.placement import Placed, Placement


@dataclass(frozen=True)
class MatrixWanted:
    """What a batch asked a host to select: regions x tracks.

    Attributes
    ----------
    regions, tracks
        Patterns of names (`*`, `?`, `[...]`, any case), or numbers. No regions: the time
        selection, else all of it; no tracks: all.
    grouping
        None: each track alone where tracks were named, else the mix.
    point
        Where in the signal flow.
    uses_render_matrix
        The host's own matrix says which track goes with which region; only a running REAPER has
        one.
    as_takes
        As in `Wanted`.
    """

    regions: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    grouping: Grouping | None = None
    point: CapturePoint = CapturePoint.ITEM
    uses_render_matrix: bool = False
    as_takes: bool = False


@dataclass(frozen=True)
class HostCell:
    """A selection of a matrix, and where it stands in it.

    `region` and `track` tell it from its neighbours; "" where there is only one: the whole, or
    the mix. `bench` stands for the track (or mix) that it was taken from, whatever the region.
    `beside` is the folder that its results go into when no other is named; None where they go
    into a project.
    """

    selection: Selection
    region: str = ""
    track: str = ""
    bench: str = ""
    beside: Path | None = None


class Witness(Protocol):
    """Tells what of earlier work still holds."""

    def is_same(self, selection: Selection, capture: Capture, since_seconds: float) -> bool:
        """Whether a capture from after `since_seconds` (since 1970) would be taken again alike.

        False also when that cannot be told.
        """
        ...

    def is_untouched(self, selection: Selection, since_seconds: float) -> bool:
        """Whether the media under a selection are older than that, heard or not."""
        ...

    def has_items(self, item_ids: Collection[str]) -> bool:
        """Whether all of these items are still there."""
        ...


@dataclass(frozen=True)
class HostMatrix:
    """What a host has of a matrix, in the order of regions, then tracks.

    `left_out` are cells in which nothing sounds, each with the reason; `unmatched` the patterns
    that fit nothing here, with the sentence that says so. `witness` is None where nobody can tell
    what has changed.
    """

    cells: tuple[HostCell, ...]
    left_out: tuple[tuple[HostCell, str], ...] = ()
    unmatched: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    witness: Witness | None = None


class Host(Protocol):
    """What the road asks of a host. Each method may be called in a process of its own."""

    def selections(self, wanted: Wanted) -> list[Selection]:
        """What `wanted` means here: one selection for each job to be.

        Raises
        ------
        SelectionError
            Nothing, or not exactly one thing, is meant; the message lists the choices.
        InputError
            The project or file cannot be read.
        """
        ...

    def matrix(self, wanted: MatrixWanted) -> HostMatrix:
        """What regions x tracks mean here: one selection for each cell in which anything sounds.

        Raises
        ------
        SelectionError, UsageError
            Something is asked for that this host does not have.
        InputError
            The project or file cannot be read.
        """
        ...

    def capture(
        self,
        selection: Selection,
        folder: Path,
        *,
        handle_seconds: float,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Capture:
        """Write the audio of a selection into `folder` as a 32-bit float WAV.

        `handle_seconds` of real audio are added on either side, less where the host has none.
        Streams in bounded memory; raises `JobCancelled` soon after `stop` is set. A file from an
        earlier, interrupted call is replaced.
        """
        ...

    def spot(self, name: str, start_seconds: float, end_seconds: float) -> Selection:
        """A place for music that is made of nothing here; nothing is captured from it.

        Raises
        ------
        UsageError
            Such music cannot be put here.
        InputError
            The project cannot be read.
        """
        ...

    def place(self, placement: Placement) -> Placed:
        """Bring results back: all or nothing; a second call for the same job changes nothing."""
        ...

    def place_all(self, placements: Sequence[Placement]) -> Sequence[Placed | HanolabError]:
        """Bring the results of several jobs back together, as `place` does for one.

        A project is written once, in one step of its undo; what an earlier call has placed stays
        as it is and is told again. Files alone are put one after the other.

        Returns
        -------
        Sequence[Placed | HanolabError]
            One for each placement, in their order: what was made of it, or why this one was left
            out while the others were placed (its source was changed since the capture, a stem
            cannot be read, its item cannot get takes). What is told of the writing as a whole,
            such as its changes, is told with one of those that were placed, not with each.

        Raises
        ------
        HanolabError
            What concerns all of them: the project cannot be read or written. Nothing was changed
            and no file of this call is left.
        """
        ...
