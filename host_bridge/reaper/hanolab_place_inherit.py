"""What the folder track takes over from the track whose items the stems replace.

Effects, fader, pan, polarity, sends and hardware outputs: the sum of the stems then passes what
the items passed. Stems of several tracks cannot have that; it is said when it matters.
"""

from __future__ import annotations

from hanolab_calls import HostFault

_FADER = (
    "D_VOL",
    "I_PANMODE",
    "D_PAN",
    "D_WIDTH",
    "D_DUALPANL",
    "D_DUALPANR",
    "D_PANLAW",
    "I_PANLAW_FLAGS",
    "B_PHASE",
    "I_AUTOMODE",
    "I_SOLO",
)
_MAIN_SEND = ("B_MAINSEND", "C_MAINSEND_OFFS", "C_MAINSEND_NCH")
_SEND = (
    "I_SRCCHAN",
    "I_DSTCHAN",
    "I_SENDMODE",
    "I_AUTOMODE",
    "I_MIDIFLAGS",
    "B_PHASE",
    "B_MONO",
    "D_VOL",
    "D_PAN",
    "D_PANLAW",
    "B_MUTE",
)
_SENDS, _HARDWARE = 0, 1  # categories of GetTrackSendInfo_Value


def inherit(changes, folder, what, tracks):
    """Let the folder take over what `what` names from the one of `tracks`; warnings."""
    if len(tracks) != 1:
        return warnings_of_mix(changes, tracks)
    source = tracks[0]
    face, api = changes.face, changes.api
    n_channels = face.get_value("track", source, "I_NCHAN")
    if n_channels > face.get_value("track", folder, "I_NCHAN"):
        changes.value("track", folder, "I_NCHAN", n_channels)
    if what["fader"]:
        for key in _FADER:
            changes.value("track", folder, key, face.get_value("track", source, key))
    if what["effects"]:
        changes.value("track", folder, "I_FXEN", face.get_value("track", source, "I_FXEN"))
        _copy_effects(changes, source, folder)
    if what["sends"]:
        for key in _MAIN_SEND:
            changes.value("track", folder, key, face.get_value("track", source, key))
        for category in (_SENDS, _HARDWARE):
            _copy_sends(changes, source, folder, category)
    warnings = _warnings_of_parents(changes, source)
    if api.CountTrackEnvelopes(source) and (what["fader"] or what["effects"]):
        warnings.append(
            f"the envelopes of {track_name(changes, source)} are not on the folder of the stems; "
            "copy them there by hand"
        )
    return warnings


def _copy_effects(changes, source, folder):
    api = changes.api
    for number in range(api.TrackFX_GetCount(source)):
        api.TrackFX_CopyToTrack(source, number, folder, number, False)
        name = api.TrackFX_GetFXName(source, number)
        if api.TrackFX_GetCount(folder) != number + 1 or name != api.TrackFX_GetFXName(
            folder, number
        ):
            raise HostFault("refused", f"REAPER did not copy the effect {name[1]!r} to the folder")
        is_on = api.TrackFX_GetEnabled(source, number)
        if api.TrackFX_GetEnabled(folder, number) != is_on:
            api.TrackFX_SetEnabled(folder, number, is_on)
        is_offline = api.TrackFX_GetOffline(source, number)
        if api.TrackFX_GetOffline(folder, number) != is_offline:
            api.TrackFX_SetOffline(folder, number, is_offline)


def _copy_sends(changes, source, folder, category):
    api = changes.api
    for number in range(api.GetTrackNumSends(source, category)):
        target = 0
        if category == _SENDS:
            target = int(api.GetTrackSendInfo_Value(source, category, number, "P_DESTTRACK"))
            if not changes.face.valid(changes.project, target, "MediaTrack*"):
                raise HostFault("refused", "REAPER does not tell where a send leads")
        made = api.CreateTrackSend(folder, target)
        if made < 0:
            raise HostFault("refused", "REAPER did not copy a send to the folder")
        for key in _SEND:
            value = api.GetTrackSendInfo_Value(source, category, number, key)
            if api.GetTrackSendInfo_Value(folder, category, made, key) == value:
                continue
            api.SetTrackSendInfo_Value(folder, category, made, key, value)
            if api.GetTrackSendInfo_Value(folder, category, made, key) != value:
                raise HostFault("refused", f"REAPER did not copy {key} of a send to the folder")


def warnings_of_mix(changes, tracks):
    """Stems of several tracks do not pass what these have; a warning when that is heard."""
    names = [track_name(changes, track) for track in tracks if _shapes_sound(changes, track)]
    if not names:
        return []
    start = f"the stems come from {len(tracks)} tracks and do not pass the effects, faders and"
    return [f"{start} envelopes of {', '.join(names)}"]


def _warnings_of_parents(changes, track):
    names = []
    parent = changes.api.GetParentTrack(track)
    while parent:
        if _shapes_sound(changes, parent):
            names.append(track_name(changes, parent))
        parent = changes.api.GetParentTrack(parent)
    if not names:
        return []
    folders = ", ".join(names)
    return [f"the stems stand outside of the folder {folders} and do not pass its effects"]


def _shapes_sound(changes, track):
    api, face = changes.api, changes.face
    is_on = face.get_value("track", track, "I_FXEN") != 0
    has_effects = is_on and any(
        api.TrackFX_GetEnabled(track, number) for number in range(api.TrackFX_GetCount(track))
    )
    moved = (
        face.get_value("track", track, "D_VOL") != 1.0
        or face.get_value("track", track, "D_PAN") != 0.0
    )
    return has_effects or moved or api.CountTrackEnvelopes(track) > 0


def warnings_of_solo(changes):
    """What is added stays silent while something else is soloed."""
    if not changes.api.AnyTrackSolo(changes.project):
        return []
    return ["a track of the project is soloed; what was added is silent until it is not"]


def track_name(changes, track):
    """What to call a track in messages: its name in quotes, or "track 3"."""
    name = changes.face.get_text("track", track, "P_NAME")
    return f'"{name}"' if name else track_title(changes, track)


def track_title(changes, track):
    """Its name, or "track 3"."""
    number = changes.face.get_value("track", track, "IP_TRACKNUMBER")
    return changes.face.get_text("track", track, "P_NAME") or f"track {int(number)}"
