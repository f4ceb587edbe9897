"""What must be closed or put back, whatever happens within the `with`.

Each guard notes the state first, and puts it back in `finally`. Putting back goes on with the rest
when a part of it fails; what failed is told by one HostFault after all was tried, unless the body
raised already: then the body's own error is the one that counts.
"""

from __future__ import annotations

from contextlib import contextmanager

from hanolab_calls import HostFault

# Order matters: RENDER_STARTPOS and RENDER_ENDPOS follow the kind of bounds, and the format's
# second part follows the first.
RENDER_VALUES = (
    "RENDER_SETTINGS",
    "RENDER_BOUNDSFLAG",
    "RENDER_STARTPOS",
    "RENDER_ENDPOS",
    "RENDER_CHANNELS",
    "RENDER_SRATE",
    "RENDER_TAILFLAG",
    "RENDER_TAILMS",
    "RENDER_ADDTOPROJ",
    "RENDER_DITHER",
    "RENDER_NORMALIZE",
    "RENDER_NORMALIZE_TARGET",
    "RENDER_BRICKWALL",
    "RENDER_FADEIN",
    "RENDER_FADEOUT",
    "RENDER_FADEINSHAPE",
    "RENDER_FADEOUTSHAPE",
)
RENDER_TEXTS = ("RENDER_FILE", "RENDER_PATTERN", "RENDER_FORMAT", "RENDER_FORMAT2")
# REAPER may look for each selected item from the first item of the project on; from here on it is
# quicker to go through the tracks.
_FEW_ITEMS = 64


@contextmanager
def quiet_ui(face):
    """REAPER does not redraw; afterwards once."""
    face.api.PreventUIRefresh(1)
    try:
        yield
    finally:
        face.api.PreventUIRefresh(-1)
        face.api.UpdateArrange()


@contextmanager
def _restoring(face, project, steps):
    """Call every one of the steps that the list holds at the end, in order.

    When the project was closed within the `with` (from a dialog), nothing is left to put back.
    """
    is_well = False
    try:
        yield
        is_well = True
    finally:
        is_there = face.valid(0, project, "ReaProject*")
        faults = _faults_of(steps) if is_there else []
        if faults and is_well:
            raise HostFault(
                "refused",
                f"REAPER did not put back: {'; '.join(faults[:5])}",
                "Look at the project and undo by hand what is not as it was.",
            )


def _faults_of(steps):
    faults = []
    for step in steps:
        try:
            step()
        except BaseException as error:  # noqa: PERF203 - each step has its own chance
            faults.append(str(error))
    return faults


@contextmanager
def kept_selection(face, project):
    """Selected tracks (the master with them) and items.

    Few selected things are asked for by themselves, and only differences are written, so that a
    large project takes hardly longer than a small one.
    """
    api = face.api
    tracks_before = _selected_tracks(api, project)
    items_before = _selected_items(api, project)

    def put_back_tracks():
        for track, is_selected in _differences(tracks_before, _selected_tracks(api, project)):
            if face.valid(project, track, "MediaTrack*"):
                api.SetTrackSelected(track, is_selected)

    def put_back_items():
        for item, is_selected in _differences(items_before, _selected_items(api, project)):
            if face.valid(project, item, "MediaItem*"):
                api.SetMediaItemSelected(item, is_selected)

    with _restoring(face, project, [put_back_tracks, put_back_items]):
        yield


def _selected_tracks(api, project):
    count = api.CountSelectedTracks2(project, True)
    return [api.GetSelectedTrack2(project, number, True) for number in range(count)]


def _selected_items(api, project):
    count = api.CountSelectedMediaItems(project)
    if count <= _FEW_ITEMS:
        return [api.GetSelectedMediaItem(project, number) for number in range(count)]
    tracks = [api.GetTrack(project, number) for number in range(api.CountTracks(project))]
    items = (
        api.GetTrackMediaItem(track, number)
        for track in tracks
        for number in range(api.CountTrackMediaItems(track))
    )
    return [item for item in items if api.IsMediaItemSelected(item)]


def _differences(before, now):
    """[(pointer, whether it was selected)] of those for which that is no longer so."""
    were, are = set(before), set(now)
    gone = [(pointer, False) for pointer in now if pointer not in were]
    return gone + [(pointer, True) for pointer in before if pointer not in are]


@contextmanager
def kept_solo(face, project):
    """Solo of every track."""
    api = face.api
    tracks = [api.GetTrack(project, n) for n in range(api.CountTracks(project))]
    before = [(track, api.GetMediaTrackInfo_Value(track, "I_SOLO")) for track in tracks]

    def put_back(track, solo):
        is_there = face.valid(project, track, "MediaTrack*")
        if is_there and api.GetMediaTrackInfo_Value(track, "I_SOLO") != solo:
            face.set_value("track", track, "I_SOLO", solo)

    steps = [lambda t=track, s=solo: put_back(t, s) for track, solo in before]
    with _restoring(face, project, steps):
        yield


@contextmanager
def kept_render_settings(face, project):
    """Every RENDER_ setting that a render of ours may change."""
    steps = []
    for key in RENDER_VALUES:
        value = face.get_value("project", project, key)
        steps.append(lambda k=key, v=value: _put_back_value(face, project, k, v))
    for key in RENDER_TEXTS:
        text = face.get_text("project", project, key)
        steps.append(lambda k=key, t=text: _put_back_text(face, project, k, t))
    with _restoring(face, project, steps):
        yield


def _put_back_value(face, project, key, value):
    if face.get_value("project", project, key) != value:
        face.set_value("project", project, key, value)


def _put_back_text(face, project, key, text):
    if face.get_text("project", project, key) != text:
        face.set_string("project", project, key, text)


@contextmanager
def kept_tab(face, project):
    """`project` is the current tab; afterwards the one that was, if it is still open."""
    before = face.api.EnumProjects(-1)[0]
    if before == project:
        yield
        return

    def put_back():
        if any(pointer == before for pointer, _ in face.projects()):
            face.api.SelectProjectInstance(before)

    face.api.SelectProjectInstance(project)
    with _restoring(face, before, [put_back]):
        yield
