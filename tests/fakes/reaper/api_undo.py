"""Undo, and refreshing the screen. See `undo` for what a step holds."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.project import Project
from fakes.reaper.registry import action, api
from fakes.reaper.things import Item


@api("Undo_BeginBlock2")
def begin_block2(host: Host, project: Project) -> None:
    project.history.begin()


@api("Undo_BeginBlock")
def begin_block(host: Host) -> None:
    host.active_project.history.begin()


@api("Undo_EndBlock2")
def end_block2(host: Host, project: Project, label: str, flags: int) -> None:
    project.history.end(label, flags)


@api("Undo_EndBlock")
def end_block(host: Host, label: str, flags: int) -> None:
    host.active_project.history.end(label, flags)


@api("Undo_OnStateChange2")
def on_state_change2(host: Host, project: Project, label: str) -> None:
    project.history.add(label)


@api("Undo_OnStateChangeEx2")
def on_state_change_ex2(
    host: Host, project: Project, label: str, which: int, parameter: int
) -> None:
    project.history.add(label)


@api("Undo_OnStateChange_Item")
def on_state_change_item(host: Host, project: Project, label: str, item: Item) -> None:
    project.history.add(label)


@api("Undo_CanUndo2")
def can_undo2(host: Host, project: Project) -> str | None:
    return project.history.next_undo


@api("Undo_CanRedo2")
def can_redo2(host: Host, project: Project) -> str | None:
    return project.history.next_redo


@api("Undo_DoUndo2")
def do_undo2(host: Host, project: Project) -> int:
    return int(project.history.undo())


@api("Undo_DoRedo2")
def do_redo2(host: Host, project: Project) -> int:
    return int(project.history.redo())


@action(40029)
def undo_action(host: Host, project: Project) -> None:
    project.history.undo()


@action(40030)
def redo_action(host: Host, project: Project) -> None:
    project.history.redo()


@api("PreventUIRefresh")
def prevent_ui_refresh(host: Host, change: int) -> None:
    host.ui_refresh_locks += change
    if host.ui_refresh_locks < 0:
        host.show_error("Stand-in", "PreventUIRefresh released more often than held")
        host.ui_refresh_locks = 0


def _refreshed(host: Host, what: str) -> None:
    host.active_project.refreshes.append(what)


@api("UpdateArrange")
def update_arrange(host: Host) -> None:
    _refreshed(host, "UpdateArrange")


@api("UpdateTimeline")
def update_timeline(host: Host) -> None:
    _refreshed(host, "UpdateTimeline")


@api("UpdateItemLanes")
def update_item_lanes(host: Host, project: Project) -> bool:
    _refreshed(host, "UpdateItemLanes")
    return True


@api("TrackList_AdjustWindows")
def track_list_adjust_windows(host: Host, is_minor: bool) -> None:
    _refreshed(host, "TrackList_AdjustWindows")
