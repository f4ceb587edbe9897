"""The command `render`: items, tracks or the whole mix, rendered by REAPER into files of our own.

Each render has a tick of its own, announced by `Busy`, as REAPER stands still meanwhile. All that
a render needs changed is changed, used and put back within that one tick: nothing is left behind
when the client goes away or the tab is closed between two renders, and no undo step is made. The
time selection is not touched: the bounds are custom ones.

What REAPER may do differently from what was asked is looked at, never assumed: the targets it
tells before, the files that lie in the folder after. RENDER_STATS is never read: REAPER 7.75 may
show a question for it. Whether a render marks a saved project as changed is REAPER's affair.

A folder track is rendered by itself with its children soloed: without that its stem can come out
as the whole mix.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import time
from contextlib import ExitStack
from pathlib import Path

from hanolab_protocol import Busy
from hanolab_reascript import HostFault

RENDER_ACTION = 42230  # render with the settings there are, and close the window
WAV_FLOAT = "ZXZhdyAAAA=="  # sink "evaw", 32-bit float, WAV that becomes Wave64 when it is large
_KINDS = {"master": 0, "tracks": 2 | 8192, "items": 32}  # RENDER_SETTINGS; 8192: before the fader
_OFF = (
    *("RENDER_BOUNDSFLAG", "RENDER_TAILFLAG", "RENDER_TAILMS", "RENDER_NORMALIZE"),
    *("RENDER_ADDTOPROJ", "RENDER_DITHER"),
)
_SUFFIXES = (".wav", ".w64", ".rf64")
_RENDERED_PROJECT = 0x40000000  # EnumProjects: the project that is being rendered
_PLAYING, _RECORDING = 1, 4  # GetPlayStateEx
_SOLO_IN_PLACE = 2


def render(face, arguments):
    """Render {"tab","path"?,"what","ids","start_seconds","end_seconds","sample_rate",...}.

    One file for each of `ids` (items, tracks), or one for the master, for which the folder tracks
    among `ids` are soloed. Gives {"files": [{"id",
    "path","started_at_seconds","seconds_taken"}], "remarks": [...]}. Codes of what can fail:
    "busy" (playing, or rendering already: try again later), "refused", "render", "gone".
    """
    job = _Job(face, arguments)
    groups = job.groups()
    files = []
    while groups:
        group = groups.pop(0)
        yield Busy("rendering")
        made = job.render(group)
        if made is None:
            groups = [[one] for one in group] + groups
        else:
            files += made
    return {"files": files, "remarks": job.remarks}


class _Job:
    """One request. A group is a list of ids that are rendered at once; the master is [""]."""

    def __init__(self, face, arguments):
        self.face = face
        self.remarks = []
        try:
            self.tab = arguments["tab"]
            self.path = arguments.get("path", "")
            self.kind = _KINDS[arguments["what"]]
            self.what = arguments["what"]
            self.ids = [str(one) for one in arguments["ids"]]
            self.start = float(arguments["start_seconds"])
            self.end = float(arguments["end_seconds"])
            self.rate = int(arguments["sample_rate"])
            self.n_channels = int(arguments["n_channels"])
            self.folder = Path(arguments["folder"])
            self.name = str(arguments["name"])
        except (KeyError, TypeError, ValueError) as error:
            raise HostFault("bad_arguments", f"render: {error!r}") from None
        if not self.start < self.end or self.start < 0 or self.rate <= 0 or self.n_channels <= 0:
            raise HostFault("bad_arguments", "render: the bounds, rate or channels make no sense")
        if not re.fullmatch(r"[\w-]+", self.name) or not self.folder.is_absolute():
            raise HostFault("bad_arguments", "render: the folder or the name cannot be used")
        if not self.folder.is_dir():
            raise HostFault("gone", f"the folder {self.folder} is not there")
        if self.what != "master" and not self.ids:
            raise HostFault("bad_arguments", f"render: no {self.what} were named")

    def groups(self):
        """What is rendered at once: each item, each folder, all other tracks."""
        if self.what == "master":
            return [[""]]
        if self.what == "items":
            return [[one] for one in self.ids]
        project = self.face.find_project(self.tab, self.path)
        plain = [one for one in self.ids if not self._children(project, one)]
        return ([plain] if plain else []) + [[one] for one in self.ids if one not in plain]

    def render(self, group):
        """The files of a group, within this tick; None when they cannot be told apart."""
        face = self.face
        project = face.find_project(self.tab, self.path)
        self._refuse_when_occupied()
        name = self.name if len(self.ids) < 2 else f"{self.name}-{self.ids.index(group[0]):04d}"
        with ExitStack() as kept:
            kept.callback(face.api.UpdateArrange)
            kept.enter_context(face.kept_tab(project))
            kept.enter_context(face.kept_render_settings(project))
            kept.enter_context(face.kept_selection(project))
            kept.enter_context(face.kept_solo(project))
            with face.quiet_ui():
                numbers = self._select(project, group)
                self._set_up(project, name if len(group) == 1 else name + "-t$tracknumber")
            before = self._refuse_wrong_targets(project, name)
            began = time.monotonic()
            face.api.Main_OnCommandEx(RENDER_ACTION, 0, project)
            taken = time.monotonic() - began
            if not face.valid(0, project, "ReaProject*"):
                raise HostFault("gone", "the project was closed while REAPER was to render it")
            started = face.get_value("project", project, "RENDER_STARTPOS")
        made = sorted(one for one in self._files() - before if one.startswith(name))
        paths = self._paths_of(project, group, numbers, name, made)
        return paths and [
            {
                "id": one or "master",
                "path": path,
                "started_at_seconds": started,
                "seconds_taken": taken,
            }
            for one, path in zip(group, paths)
        ]

    def _select(self, project, group):
        """Select exactly the group; gives the numbers of its tracks (none for items)."""
        api = self.face.api
        if self.what == "items":
            api.SelectAllMediaItems(project, False)
            api.SetMediaItemSelected(self.face.find_item(project, group[0]), True)
            if api.CountSelectedMediaItems(project) != 1:
                raise HostFault("refused", "REAPER did not select the item to be rendered alone")
        if self.what == "master":
            self._solo(project, self.ids)
        if self.what != "tracks":
            return []
        tracks = [self.face.find_track(project, one) for one in group]
        for number in range(api.CountTracks(project)):
            track = api.GetTrack(project, number)
            api.SetTrackSelected(track, track in tracks)
        api.SetTrackSelected(api.GetMasterTrack(project), False)
        if api.CountSelectedTracks2(project, True) != len(tracks):
            raise HostFault("refused", "REAPER did not select the tracks to be rendered alone")
        self._solo(project, group)
        return [int(self.face.get_value("track", one, "IP_TRACKNUMBER")) for one in tracks]

    def _solo(self, project, ids):
        """Solo the folders among these tracks with what lies in them."""
        for one in ids:
            children = self._children(project, one)
            for track in [self.face.find_track(project, one), *children] if children else []:
                self.face.set_value("track", track, "I_SOLO", _SOLO_IN_PLACE)

    def _children(self, project, guid):
        """The tracks in a folder track; none for any other track."""
        api, face = self.face.api, self.face
        number = int(face.get_value("track", face.find_track(project, guid), "IP_TRACKNUMBER"))
        depth, found = 0, []
        for place in range(number - 1, api.CountTracks(project)):
            track = api.GetTrack(project, place)
            if depth > 0:
                found.append(track)
            depth += int(face.get_value("track", track, "I_FOLDERDEPTH"))
            if depth <= 0:
                break
        return found

    def _set_up(self, project, pattern):
        """All settings that say what a render is; they stick, so each is set."""
        face = self.face
        for key in _OFF:
            face.set_value("project", project, key, 0)
        for key, value in (
            ("RENDER_SETTINGS", self.kind),
            ("RENDER_STARTPOS", self.start),
            ("RENDER_ENDPOS", self.end),
            ("RENDER_SRATE", self.rate),
            ("RENDER_CHANNELS", self.n_channels),
        ):
            face.set_value("project", project, key, value)
        face.set_string("project", project, "RENDER_FORMAT2", "")
        face.set_string("project", project, "RENDER_PATTERN", pattern)
        for key, text, as_meant in (
            ("RENDER_FORMAT", WAV_FLOAT, _is_wav_float),
            ("RENDER_FILE", str(self.folder), self._is_folder),
        ):
            face.api.GetSetProjectInfo_String(project, key, text, True)
            got = face.get_text("project", project, key)
            if not as_meant(got):
                raise HostFault("refused", f"REAPER did not take {key}: it is {got[:200]!r}")

    def _is_folder(self, path):
        return _plain_path(path) == _plain_path(self.folder)

    def _files(self):
        """Names of the audio files in the folder."""
        return {one.name for one in self.folder.iterdir() if one.suffix.lower() in _SUFFIXES}

    def _refuse_wrong_targets(self, project, name):
        """What lies in the folder now; refused when a render would write to anything but it."""
        before = self._files()
        targets = self.face.get_text("project", project, "RENDER_TARGETS")
        if targets and name not in targets:
            raise HostFault("refused", f"REAPER would render to {targets[:200]} instead")
        if any(one.startswith(name) for one in before):
            raise HostFault("refused", f"a file {name}... is in {self.folder} already")
        return before

    def _paths_of(self, project, group, numbers, name, made):
        """Paths of the files of a group, in its order; None when they cannot be told apart."""
        if len(made) == len(group) == 1:
            if Path(made[0]).stem != name:
                self.remarks.append(f"REAPER called the file {made[0]}")
            return [str(self.folder / made[0])]
        if len(group) == 1:
            n_files = f"{len(made)} files" if made else "no file"
            thing = "the mix" if self.what == "master" else f"one of the {self.what}"
            raise HostFault(
                "render",
                f"REAPER made {n_files} of {thing}{self._circumstances(project)}",
                "If a render was cancelled or a dialog was shown in REAPER, run the action again; "
                "else try File > Render there and see what it says.",
            )
        by_number = {}
        for one in made:
            found = re.match(re.escape(name) + r"-t0*(\d+)(?!\d)", one)
            by_number.setdefault(int(found.group(1)) if found else 0, []).append(one)
        if sorted(by_number) != sorted(numbers) or len(made) != len(group):
            for one in made:
                (self.folder / one).unlink()
            return None
        return [str(self.folder / by_number[number][0]) for number in numbers]

    def _refuse_when_occupied(self):
        api = self.face.api
        if api.EnumProjects(_RENDERED_PROJECT)[0]:
            raise HostFault("busy", "REAPER is rendering already")
        states = [api.GetPlayStateEx(one) for one, _ in self.face.projects()]
        if any(state & _RECORDING for state in states):
            raise HostFault(
                "refused",
                "REAPER is recording; a render would end that",
                "Stop recording, then run the action again.",
            )
        if any(state & _PLAYING for state in states):
            raise HostFault("busy", "REAPER is playing", "Stop playback.")

    def _circumstances(self, project):
        """What may have to do with a failed render, for the message."""
        api = self.face.api
        facts = []
        if api.EnumProjects(_RENDERED_PROJECT)[0]:
            facts.append("it says that it is rendering still")
        if api.GetPlayStateEx(project):
            facts.append("it plays or records")
        if self.face.has("GetNumAudioOutputs") and api.GetNumAudioOutputs() <= 0:
            facts.append("its audio device has no outputs")
        return f" ({'; '.join(facts)})" if facts else ""


def _is_wav_float(text):
    """Whether a sink's settings are those of a 32-bit float WAV, whatever stands behind them."""
    try:
        return base64.b64decode(text)[:5] == base64.b64decode(WAV_FLOAT)[:5]
    except (ValueError, binascii.Error):
        return False


def _plain_path(path):
    return os.path.normcase(os.path.normpath(path))


COMMANDS = {"render": render}
