"""What a test looks at: a project as JSON values, everything in it.

Like `state`, and besides: settings, selection, cursor, numbers and ids, sources as they are open.
`is_closed` says that no undo block is open and the screen is refreshed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.reaper.state import freeze

if TYPE_CHECKING:
    from fakes.reaper.project import Project


def snapshot_of(project: Project) -> dict[str, Any]:
    """The whole project; equal snapshots mean that nothing in it differs."""
    state = freeze(project)
    for track, described in zip(project.tracks, state["tracks"], strict=True):
        described["number"] = track.index + 1
        for item, item_state in zip(track.items, described["items"], strict=True):
            for take, take_state in zip(item.takes, item_state["takes"], strict=True):
                if take.source is not None:
                    take_state["source"] = source_facts(take.source)
    return {
        **state,
        "path": project.path,
        "is_dirty": project.is_dirty,
        "change_count": project.change_count,
        "numbers": dict(project.numbers),
        "texts": dict(project.texts),
        "ext": {section: dict(values) for section, values in project.ext.items()},
        "time_selection": list(project.time_selection),
        "loop_points": list(project.loop_points),
        "cursor": project.cursor,
        "play_state": project.play_state,
        "undo": list(project.undo_labels),
        "is_closed": not project.history.open_blocks and not project.host.ui_refresh_locks,
    }


def source_facts(source: Any) -> dict[str, Any]:
    """What a source says of its file."""
    return {
        "file": source.file,
        "kind": source.kind,
        "sample_rate": source.sample_rate,
        "n_channels": source.n_channels,
        "length_seconds": source.length_seconds,
        "parent": None if source.parent is None else source_facts(source.parent),
        "has_peaks": source.has_peaks,
    }
