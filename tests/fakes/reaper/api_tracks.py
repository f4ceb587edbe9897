"""Tracks: there being one, their values and strings, selection and solo."""

from __future__ import annotations

import re

from fakes.reaper.host import Host
from fakes.reaper.lanes import lane_plays, set_lane_plays
from fakes.reaper.project import Project
from fakes.reaper.registry import action, api
from fakes.reaper.strings import get_set_string
from fakes.reaper.things import Track
from fakes.reaper.values import stored

PLAIN_TEXTS = ("P_ICON", "P_MCP_LAYOUT", "P_TCP_LAYOUT", "P_RAZOREDITS")


@api("CountTracks")
def count_tracks(host: Host, project: Project) -> int:
    return len(project.tracks)


@api("GetNumTracks")
def get_num_tracks(host: Host) -> int:
    return len(host.active_project.tracks)


@api("GetTrack")
def get_track(host: Host, project: Project, index: int) -> Track | None:
    return project.tracks[index] if 0 <= index < len(project.tracks) else None


@api("GetMasterTrack")
def get_master_track(host: Host, project: Project) -> Track:
    return project.master


@api("InsertTrackAtIndex")
def insert_track_at_index(host: Host, index: int, with_defaults: bool) -> None:
    insert_track_in_project(host, host.active_project, index, int(with_defaults))


@api("InsertTrackInProject")
def insert_track_in_project(host: Host, project: Project, index: int, flags: int) -> None:
    place = index if 0 <= index <= len(project.tracks) else len(project.tracks)
    project.tracks.insert(place, Track(project))
    project.touch()


@api("DeleteTrack")
def delete_track(host: Host, track: Track) -> None:
    track.project.remove_track(track)
    track.project.touch()


@api("GetMediaTrackInfo_Value")
def get_track_value(host: Host, track: Track, key: str) -> float:
    if key == "IP_TRACKNUMBER":
        return -1.0 if track.is_master else float(track.index + 1)
    if key.startswith("C_LANEPLAYS:"):
        return float(lane_plays(track, int(key.partition(":")[2])))
    return track.values.get(key, 0.0)


@api("SetMediaTrackInfo_Value")
def set_track_value(host: Host, track: Track, key: str, value: float) -> bool:
    if key.startswith("C_LANEPLAYS:"):
        set_lane_plays(track, int(key.partition(":")[2]), int(value))
    elif key in track.values and key not in {"I_NUMFIXEDLANES", "C_ALLLANESPLAY"}:
        track.values[key] = stored(key, value)
    elif key == "I_NUMFIXEDLANES" and track.values["I_FREEMODE"] == 2:
        track.values[key] = float(max(1, int(value)))
    else:
        return False
    track.project.touch()
    return True


@api("GetSetMediaTrackInfo_String")
def get_set_track_string(
    host: Host, track: Track, key: str, text: str, is_set: bool
) -> tuple[bool, str | None]:
    if key == "P_RAZOREDITS_EXT":
        return _razor_edits_ext(track, text, is_set=is_set)
    known = key in PLAIN_TEXTS or key.startswith("P_LANENAME:")
    return get_set_string(track, key, text, is_set=is_set, more=(key,) if known else ())


def _razor_edits_ext(track: Track, text: str, *, is_set: bool) -> tuple[bool, str | None]:
    """The areas as tuples with commas between, where P_RAZOREDITS has only blanks."""
    if is_set:
        areas = [area.split() for area in text.split(",") if area.strip()]
        track.strings["P_RAZOREDITS"] = " ".join(" ".join([*area, '""'][:3]) for area in areas)
        track.project.touch()
        return True, None
    words = re.findall(r'"[^"]*"|\S+', track.strings.get("P_RAZOREDITS", ""))
    areas = [words[n : n + 3] for n in range(0, len(words), 3)]
    return True, ",".join(" ".join(area) for area in areas)


@api("GetTrackName")
def get_track_name(host: Host, track: Track, text: str, size: int) -> tuple[bool, str]:
    return True, track.name or f"Track {track.index + 1}"


@api("GetTrackDepth")
def get_track_depth(host: Host, track: Track) -> int:
    before = track.project.tracks[: track.index]
    return max(0, sum(int(other.values["I_FOLDERDEPTH"]) for other in before))


@api("GetParentTrack")
def get_parent_track(host: Host, track: Track) -> Track | None:
    return track.parent


@api("GetTrackColor")
def get_track_color(host: Host, track: Track) -> int:
    return int(track.values["I_CUSTOMCOLOR"])


@api("SetTrackColor")
def set_track_color(host: Host, track: Track, colour: int) -> None:
    track.values["I_CUSTOMCOLOR"] = float(colour | 0x1000000)
    track.project.touch()


def _selected(project: Project, *, with_master: bool) -> list[Track]:
    tracks = [project.master, *project.tracks] if with_master else project.tracks
    return [track for track in tracks if track.is_selected]


@api("CountSelectedTracks")
def count_selected_tracks(host: Host, project: Project) -> int:
    return len(_selected(project, with_master=False))


@api("CountSelectedTracks2")
def count_selected_tracks2(host: Host, project: Project, with_master: bool) -> int:
    return len(_selected(project, with_master=with_master))


@api("GetSelectedTrack")
def get_selected_track(host: Host, project: Project, index: int) -> Track | None:
    return get_selected_track2(host, project, index, False)


@api("GetSelectedTrack2")
def get_selected_track2(
    host: Host, project: Project, index: int, with_master: bool
) -> Track | None:
    selected = _selected(project, with_master=with_master)
    return selected[index] if 0 <= index < len(selected) else None


@api("IsTrackSelected")
def is_track_selected(host: Host, track: Track) -> bool:
    return track.is_selected


@api("SetTrackSelected")
def set_track_selected(host: Host, track: Track, is_selected: bool) -> None:
    track.values["I_SELECTED"] = float(is_selected)
    track.project.touch()


@api("SetOnlyTrackSelected")
def set_only_track_selected(host: Host, track: Track) -> None:
    _select_all(track.project, is_selected=False)
    set_track_selected(host, track, True)


def _select_all(project: Project, *, is_selected: bool) -> None:
    project.master.values["I_SELECTED"] = 0.0
    for track in project.tracks:
        track.values["I_SELECTED"] = float(is_selected)
    project.touch()


@action(40296)
def select_all_tracks(host: Host, project: Project) -> None:
    _select_all(project, is_selected=True)


@action(40297)
def unselect_all_tracks(host: Host, project: Project) -> None:
    _select_all(project, is_selected=False)


@api("AnyTrackSolo")
def any_track_solo(host: Host, project: Project) -> bool:
    return any(track.values["I_SOLO"] for track in project.tracks)


@api("SoloAllTracks")
def solo_all_tracks(host: Host, solo: int) -> None:
    for track in host.active_project.tracks:
        track.values["I_SOLO"] = float(solo)
    host.active_project.touch()


@action(40340)
def unsolo_all_tracks(host: Host, project: Project) -> None:
    for track in project.tracks:
        track.values["I_SOLO"] = 0.0
    project.history.add("Unsolo all tracks")


@api("SetTrackUISolo")
def set_track_ui_solo(host: Host, track: Track, solo: int, flags: int) -> int:
    track.values["I_SOLO"] = float(solo) if solo >= 0 else float(not track.values["I_SOLO"])
    track.project.touch()
    return int(track.values["I_SOLO"])


@api("MuteAllTracks")
def mute_all_tracks(host: Host, is_muted: bool) -> None:
    for track in host.active_project.tracks:
        track.values["B_MUTE"] = float(is_muted)
    host.active_project.touch()


@api("IsTrackVisible")
def is_track_visible(host: Host, track: Track, in_mixer: bool) -> bool:
    return bool(track.values["B_SHOWINMIXER" if in_mixer else "B_SHOWINTCP"])


@api("GetTrackAutomationMode")
def get_track_automation_mode(host: Host, track: Track) -> int:
    return int(track.values["I_AUTOMODE"])
