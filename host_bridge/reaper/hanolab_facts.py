"""What an open project holds, as values that JSON knows: tracks, items, takes, regions.

Times are seconds as REAPER has them. A thing is read in one go and no pointer is kept longer, so
a generator may yield between things. `project` and the others are pointers.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from hanolab_changes import CUT_KEY, ID_KEY, KEY

_FIXED_LANES = 2  # I_FREEMODE
_OFFSET_OFF = 1  # I_PLAY_OFFSET_FLAG
_OFFSET_IN_SAMPLES = 2
_RECEIVES = -1  # category of GetTrackSendInfo_Value
_RAZOR_EDIT = re.compile(r'(\S+) (\S+) "([^"]*)"')
_AUXRECV = re.compile(r"^\s*AUXRECV (\d+) ", re.MULTILINE)


def project_facts(face, project, path):
    """All but tracks, regions and markers."""
    api = face.api
    rate = api.GetSetProjectInfo(project, "PROJECT_SRATE", 0.0, False)
    is_used = api.GetSetProjectInfo(project, "PROJECT_SRATE_USE", 0.0, False)
    return {
        "tab": face.tab_text(project),
        "path": path,
        "name": name_of(path),
        "version": face.version,
        "change_count": api.GetProjectStateChangeCount(project),
        "sample_rate": int(rate) if is_used and rate > 0 else None,
        "device_rate": _device_rate(face),
        "time_selection": time_selection(face, project),
        "cursor_seconds": api.GetCursorPositionEx(project),
        "record_path": face.get_string("GetProjectPathEx", project),
        "project_folder": str(PurePath(path).parent) if path else "",
        "tempo_bpm": api.GetProjectTimeSignature2(project)[0],
        "length_seconds": api.GetProjectLength(project),
    }


def name_of(path):
    """What a project is called; "" for one that was never saved."""
    return PurePath(path).stem


def time_selection(face, project):
    """[start, end], None when it is empty."""
    start, end = face.api.GetSet_LoopTimeRange2(project, False, False, 0.0, 0.0, False)
    return [start, end] if end > start else None


def _device_rate(face):
    is_known, text = face.api.GetAudioDeviceInfo("SRATE")
    return int(float(text)) if is_known and re.match(r"[1-9]\d*(\.\d*)?$", text) else None


def marks_facts(face, project):
    """(regions, markers) in REAPER's order."""
    selected = _selected_regions(face, project)
    regions, markers = [], []
    while True:
        number_of_next, is_region, start, end, name, number, colour = face.api.EnumProjectMarkers3(
            project, len(regions) + len(markers)
        )
        if not number_of_next:
            return regions, markers
        fact = {"number": number, "name": name or ""}
        if is_region:
            is_selected = None if selected is None else (number, start) in selected
            fact.update(start_seconds=start, end_seconds=end, is_selected=is_selected)
            fact["colour"] = colour
            fact["render_tracks"] = _render_tracks(face, project, number)
            regions.append(fact)
        else:
            fact["position_seconds"] = start
            markers.append(fact)


def _render_tracks(face, project, number):
    """What the region render matrix has for a region: ids of tracks; the mix is "master"."""
    api = face.api
    if not face.has("EnumRegionRenderMatrix"):
        return []
    master, ids = api.GetMasterTrack(project), []
    for place in range(api.CountTracks(project) + 1):
        track = api.EnumRegionRenderMatrix(project, number, place)
        if not track:
            break
        ids.append("master" if track == master else face.get_text("track", track, "GUID"))
    return ids


def _selected_regions(face, project):
    """{(number, start)} of the selected regions; None where REAPER cannot tell (before 7.62)."""
    names = ("GetNumRegionsOrMarkers", "GetRegionOrMarker", "GetRegionOrMarkerInfo_Value")
    if not all(face.has(name) for name in names):
        return None
    api = face.api
    selected = set()
    for index in range(api.GetNumRegionsOrMarkers(project)):
        mark = api.GetRegionOrMarker(project, index, "")
        if not mark or not api.GetRegionOrMarkerInfo_Value(project, mark, "B_UISEL"):
            continue
        if api.GetRegionOrMarkerInfo_Value(project, mark, "B_ISREGION"):
            number = api.GetRegionOrMarkerInfo_Value(project, mark, "I_NUMBER")
            start = api.GetRegionOrMarkerInfo_Value(project, mark, "D_STARTPOS")
            selected.add((int(number), start))
    return selected


def track_facts(face, project, track, number, depth):
    """A track without its items; `number` from 1 on, `depth` the folders around it."""
    value, api = face.api.GetMediaTrackInfo_Value, face.api
    free_mode = int(value(track, "I_FREEMODE"))
    return {
        "id": face.get_text("track", track, "GUID"),
        "number": number,
        "name": face.get_text("track", track, "P_NAME"),
        "depth": depth,
        "folder_change": int(value(track, "I_FOLDERDEPTH")),
        "is_muted": value(track, "B_MUTE") != 0,
        "is_soloed": value(track, "I_SOLO") != 0,
        "defies_solo": value(track, "B_SOLO_DEFEAT") != 0,
        "receives": _receives(face, project, track),
        "gain": value(track, "D_VOL"),
        "pan": value(track, "D_PAN"),
        "n_channels": int(value(track, "I_NCHAN")),
        "free_mode": free_mode,
        "playing_lanes": _playing_lanes(face, track) if free_mode == _FIXED_LANES else None,
        "effects": _effects(track, api.TrackFX_GetCount, _track_effect(api)),
        "effects_bypassed": value(track, "I_FXEN") == 0,
        "is_selected": value(track, "I_SELECTED") != 0,
        "is_frozen": value(track, "I_FREEZECOUNT") > 0,
        "made_as": face.get_text("track", track, ID_KEY),
        "made_by": face.get_text("track", track, KEY),
        "media_offset_seconds": _media_offset(face, project, track),
    }


def razor_facts(face, track, track_id):
    """The razor edits of a track's media; those of envelopes hold no items."""
    return [
        {"track_id": track_id, "start_seconds": float(start), "end_seconds": float(end)}
        for start, end, envelope in _RAZOR_EDIT.findall(
            face.get_text("track", track, "P_RAZOREDITS")
        )
        if not envelope
    ]


def item_facts(face, item):
    """An item and its takes."""
    value, api = face.api.GetMediaItemInfo_Value, face.api
    mute_solo = value(item, "C_MUTE_SOLO")
    mute_key = "B_MUTE_ACTUAL" if mute_solo else "B_MUTE"  # a solo changes what B_MUTE says
    return {
        "id": face.get_text("item", item, "GUID"),
        "position_seconds": value(item, "D_POSITION"),
        "length_seconds": value(item, "D_LENGTH"),
        "is_muted": value(item, mute_key) != 0,
        "is_soloed": mute_solo < 0,
        "lane": int(value(item, "I_FIXEDLANE")),
        "plays_all_takes": value(item, "B_ALLTAKESPLAY") != 0,
        "gain": value(item, "D_VOL"),
        "active_take": int(value(item, "I_CURTAKE")),
        "is_selected": value(item, "B_UISEL") != 0,
        "is_looped": value(item, "B_LOOPSRC") != 0,
        "timebase": int(value(item, "C_BEATATTACHMODE")),
        "group": int(value(item, "I_GROUPID")),
        "is_locked": int(value(item, "C_LOCK")) & 1 != 0,
        "cut": face.get_text("item", item, CUT_KEY),
        "made_as": face.get_text("item", item, ID_KEY),
        "takes": [
            _take_facts(face, api.GetMediaItemTake(item, number))
            for number in range(api.CountTakes(item))
        ],
    }


def _take_facts(face, take):
    """A take; None for an empty one."""
    if not take:
        return None
    value, api = face.api.GetMediaItemTakeInfo_Value, face.api
    facts = {
        "id": face.get_text("take", take, "GUID"),
        "name": face.get_text("take", take, "P_NAME"),
        "play_rate": value(take, "D_PLAYRATE"),
        "source_offset_seconds": value(take, "D_STARTOFFS"),
        "channel_mode": int(value(take, "I_CHANMODE")),
        "gain": value(take, "D_VOL"),
        "pan": value(take, "D_PAN"),
        "pitch_semitones": value(take, "D_PITCH"),
        "effects": _effects(take, api.TakeFX_GetCount, _take_effect(api)),
    }
    facts.update(_source_facts(face, api.GetMediaItemTake_Source(take)))
    return facts


def _source_facts(face, source):
    """What a take plays; a section or reversed source names the file of what it is cut from."""
    if not source:
        return {
            "source_kind": "",
            "file": "",
            "source_rate": 0,
            "source_channels": 0,
            "source_length_seconds": 0.0,
        }
    api = face.api
    length, is_in_quarter_notes = api.GetMediaSourceLength(source)
    root = source
    while not api.GetMediaSourceFileName(root, size=16):
        parent = api.GetMediaSourceParent(root)
        if not parent:
            break
        root = parent
    return {
        "source_kind": api.GetMediaSourceType(source, size=64),
        "file": face.get_string("GetMediaSourceFileName", root),
        "source_rate": api.GetMediaSourceSampleRate(source),
        "source_channels": api.GetMediaSourceNumChannels(source),
        "source_length_seconds": 0.0 if is_in_quarter_notes else length,
    }


def _receives(face, project, track):
    """Numbers of the tracks that send to a track."""
    api = face.api
    numbers = []
    for index in range(api.GetTrackNumSends(track, _RECEIVES)):
        # A pointer as a double: exact, since addresses have less than 53 bits.
        source = int(api.GetTrackSendInfo_Value(track, _RECEIVES, index, "P_SRCTRACK"))
        if not face.valid(project, source, "MediaTrack*"):
            chunk = face.get_string("GetTrackStateChunk", track, False, size=65536)
            return [int(number) + 1 for number in _AUXRECV.findall(chunk)]
        numbers.append(int(api.GetMediaTrackInfo_Value(source, "IP_TRACKNUMBER")))
    return numbers


def _playing_lanes(face, track):
    n_lanes = int(face.api.GetMediaTrackInfo_Value(track, "I_NUMFIXEDLANES"))
    return [
        lane
        for lane in range(n_lanes)
        if face.api.GetMediaTrackInfo_Value(track, f"C_LANEPLAYS:{lane}") > 0
    ]


def _media_offset(face, project, track):
    flags = int(face.api.GetMediaTrackInfo_Value(track, "I_PLAY_OFFSET_FLAG"))
    offset = face.api.GetMediaTrackInfo_Value(track, "D_PLAY_OFFSET")
    if flags & _OFFSET_OFF:
        return 0.0
    if flags & _OFFSET_IN_SAMPLES:
        rate = face.api.GetSetProjectInfo(project, "PROJECT_SRATE", 0.0, False)
        return offset / rate if rate > 0 else offset
    return offset


def _effects(owner, count, effect_of):
    """Names of the effects that are neither bypassed nor offline."""
    names = (effect_of(owner, number) for number in range(count(owner)))
    return [name for name in names if name]


def _track_effect(api):
    def name(track, number):
        if not api.TrackFX_GetEnabled(track, number) or api.TrackFX_GetOffline(track, number):
            return ""
        return api.TrackFX_GetFXName(track, number, size=512)[1] or "an effect without a name"

    return name


def _take_effect(api):
    def name(take, number):
        if not api.TakeFX_GetEnabled(take, number) or api.TakeFX_GetOffline(take, number):
            return ""
        return api.TakeFX_GetFXName(take, number, size=512)[1] or "an effect without a name"

    return name
