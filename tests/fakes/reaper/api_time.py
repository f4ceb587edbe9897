"""Time in a project: selection, cursor, playing, tempo."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.project import Project
from fakes.reaper.registry import action, api

SECONDS_PER_MINUTE = 60.0
BEATS_PER_BAR = 4
Range = tuple[None, float, float]


@api("GetSet_LoopTimeRange2")
def get_set_loop_time_range2(
    host: Host,
    project: Project,
    is_set: bool,
    is_loop: bool,
    start: float,
    end: float,
    seeks: bool,
) -> Range:
    if is_set:
        span = (min(start, end), max(start, end))
        if is_loop:
            project.loop_points = span
        else:
            project.time_selection = span
        project.touch()
    return None, *(project.loop_points if is_loop else project.time_selection)


@api("GetSet_LoopTimeRange")
def get_set_loop_time_range(
    host: Host, is_set: bool, is_loop: bool, start: float, end: float, seeks: bool
) -> Range:
    project = host.active_project
    return get_set_loop_time_range2(host, project, is_set, is_loop, start, end, seeks)


@action(40635)
def remove_time_selection(host: Host, project: Project) -> None:
    project.time_selection = (0.0, 0.0)
    project.touch()


@api("GetCursorPosition")
def get_cursor_position(host: Host) -> float:
    return host.active_project.cursor


@api("GetCursorPositionEx")
def get_cursor_position_ex(host: Host, project: Project) -> float:
    return project.cursor


@api("SetEditCurPos2")
def set_edit_cur_pos2(
    host: Host, project: Project, time: float, moves_view: bool, seeks: bool
) -> None:
    project.cursor = max(0.0, time)


@api("SetEditCurPos")
def set_edit_cur_pos(host: Host, time: float, moves_view: bool, seeks: bool) -> None:
    host.active_project.cursor = max(0.0, time)


@api("GetPlayState")
def get_play_state(host: Host) -> int:
    return host.active_project.play_state


@api("GetPlayStateEx")
def get_play_state_ex(host: Host, project: Project) -> int:
    return project.play_state


@api("GetPlayPosition")
def get_play_position(host: Host) -> float:
    return get_play_position_ex(host, host.active_project)


@api("GetPlayPositionEx")
def get_play_position_ex(host: Host, project: Project) -> float:
    return project.play_position if project.play_state else project.cursor


@api("OnStopButtonEx")
def on_stop_button_ex(host: Host, project: Project) -> None:
    project.play_state = 0


@api("OnPauseButtonEx")
def on_pause_button_ex(host: Host, project: Project) -> None:
    project.play_state = 2 if project.play_state == 1 else 1


@api("GetSetRepeatEx")
def get_set_repeat_ex(host: Host, project: Project, value: int) -> int:
    if value >= 0:
        project.repeats = bool(value) if value < 2 else not project.repeats
    return int(project.repeats)


@api("Master_GetPlayRate")
def master_get_play_rate(host: Host, project: Project) -> float:
    return 1.0


@api("Master_GetTempo")
def master_get_tempo(host: Host) -> float:
    return host.active_project.tempo_bpm


@api("GetProjectTimeOffset")
def get_project_time_offset(host: Host, project: Project, rounds: bool) -> float:
    return 0.0


@api("GetProjectTimeSignature2")
def get_project_time_signature2(
    host: Host, project: Project, tempo: float, beats: float
) -> tuple[None, float, float]:
    return None, project.tempo_bpm, float(BEATS_PER_BAR)


@api("CountTempoTimeSigMarkers")
def count_tempo_time_sig_markers(host: Host, project: Project) -> int:
    return 0  # the model has one tempo


@api("GetTempoTimeSigMarker")
def get_tempo_time_sig_marker(
    host: Host, project: Project, index: int, *outputs: object
) -> tuple[object, ...]:
    return (False, *(None for _output in outputs))


@api("TimeMap_GetDividedBpmAtTime")
def get_bpm_at_time(host: Host, time: float) -> float:
    return host.active_project.tempo_bpm


@api("TimeMap_GetTimeSigAtTime")
def get_time_sig_at_time(
    host: Host, project: Project, time: float, numerator: int, denominator: int, tempo: float
) -> tuple[None, int, int, float]:
    return None, BEATS_PER_BAR, 4, project.tempo_bpm


@api("TimeMap2_timeToQN")
def time_to_quarters(host: Host, project: Project, time: float) -> float:
    return time * project.tempo_bpm / SECONDS_PER_MINUTE
