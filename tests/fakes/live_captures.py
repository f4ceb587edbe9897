"""The scripts inside REAPER called without a socket, on the stand-in in the test's own process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np
from fakes.reaper.in_process import here
from fakes.timelines import write_media

from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.reaper.capture import capture_live
from hanolab_dawtools.hosts.reaper.facts import timeline_of
from hanolab_dawtools.model import Capture, HostName, Selection
from hanolab_dawtools.package_data import host_bridge_folder

RENDER_ACTION = 42230


def scripts() -> Any:
    """The modules `hanolab_commands` and `hanolab_reascript`, as siblings import each other."""
    folder = str(host_bridge_folder() / "reaper")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import hanolab_commands
    import hanolab_reascript

    return hanolab_commands, hanolab_reascript


class DirectChannel:
    """A `Channel` whose bridge is called at once; everything passes through JSON.

    `before_call` is called with each command, `on_slice` after each slice of one.
    """

    def __init__(self, reaper_python: Any, host: Any) -> None:
        commands, reascript = scripts()
        self.commands = commands.COMMANDS
        self._fault = reascript.HostFault
        self.face = reascript.Reascript(reaper_python)
        self.host = host
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.before_call: Callable[[str, dict[str, Any]], None] = lambda command, arguments: None
        self.on_slice: Callable[[Any], None] = lambda yielded: None

    def call(
        self,
        command: str,
        arguments: Mapping[str, Any],
        *,
        timeout_seconds: float = 10.0,
        stop: Any = None,
        on_busy: Any = None,
    ) -> dict[str, Any]:
        asked = json.loads(json.dumps(arguments))
        self.calls.append((command, asked))
        self.before_call(command, asked)
        try:
            result = self.commands[command](self.face, asked)
            while isinstance(result, GeneratorType):
                try:
                    self.on_slice(next(result))
                except StopIteration as end:
                    result = end.value
        except self._fault as fault:
            raise HostCallFailed(
                fault.message, command=command, code=fault.code, hint=fault.hint
            ) from fault
        return json.loads(json.dumps(result))

    def tab(self, number: int = 0) -> str:
        """The name of a tab in requests."""
        return str(self.face.tab_text(self.face.projects()[number][0]))

    def item_id(self, track_number: int, number: int) -> str:
        """The GUID of an item of the first tab."""
        return self.host.projects[0].tracks[track_number].items[number].guid

    def snapshot(self, number: int = 0) -> dict[str, Any]:
        """A project without what only counts changes: settings put back are changes as well."""
        return settled(self.host.projects[number].snapshot())

    def when_rendering(self, act: Callable[[], None]) -> None:
        """Do something just before REAPER begins each render."""
        api = self.face.api
        command = api.Main_OnCommandEx

        def watched(number: int, flag: int, project: int) -> None:
            if number == RENDER_ACTION:
                act()
            command(number, flag, project)

        api.Main_OnCommandEx = watched


def settled(snapshot: dict[str, Any]) -> dict[str, Any]:
    """A snapshot without the counter of changes and whether they were saved."""
    return {
        key: value for key, value in snapshot.items() if key not in {"change_count", "is_dirty"}
    }


@contextmanager
def live(*projects: Mapping[str, Any], **options: Any) -> Iterator[DirectChannel]:
    """A REAPER with these projects open; options as for `here`."""
    with here(projects=[dict(one) for one in projects], **options) as (reaper_python, host):
        yield DirectChannel(reaper_python, host)


def impulses(n_frames: int, *frames: int, n_channels: int = 1, level: float = 0.5) -> np.ndarray:
    """Silence with an impulse at each of some frames, lower from channel to channel."""
    samples = np.zeros((n_channels, n_frames), dtype=np.float32)
    for channel in range(n_channels):
        samples[channel, list(frames)] = level / (channel + 1)
    return samples


def media(path: Path, samples: np.ndarray, rate: int = 48_000) -> str:
    """A media file of these samples; its path as REAPER has it."""
    return str(write_media(path, samples, rate))


def track(name: str, *items: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A track of a project spec."""
    return {"name": name, "items": list(items), **fields}


def item(file: str, position: float, length: float, **fields: Any) -> dict[str, Any]:
    """An item of a project spec with one take; `take` fields go into that."""
    take = {"file": file, "name": Path(file).name, **fields.pop("take", {})}
    return {"position": position, "length": length, "takes": [take], **fields}


def project(folder: Path, *tracks: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A saved project of 48 kHz unless told otherwise."""
    return {
        "path": str(folder / "song.rpp"),
        "sample_rate": 48_000,
        "tracks": list(tracks),
        **fields,
    }


def request(channel: DirectChannel, what: str, ids: Sequence[str], folder: Path, **fields: Any):
    """The arguments of `render` for 0..0.5 s of the first tab."""
    return {
        "tab": channel.tab(),
        "what": what,
        "ids": list(ids),
        "start_seconds": 0.0,
        "end_seconds": 0.5,
        "sample_rate": 48_000,
        "n_channels": 2,
        "folder": str(folder),
        "name": "hanolab-test",
        **fields,
    }


def captured(channel: Any, folder: Path, start: float, end: float, **fields: Any) -> Capture:
    """What `capture_live` makes of a range of the first tab; fields of the selection, or its own.

    The handles are 0 s long unless told otherwise.
    """
    own: dict[str, Any] = {"handle_seconds": 0.0, "stop": NeverStop(), "progress": ignore_progress}
    own |= {name: fields.pop(name) for name in own if name in fields}
    tab = fields.pop("tab", "") or channel.tab()
    project = timeline_of(channel.call("timeline", {"tab": tab}))
    place = (HostName.REAPER, project.timeline.path, "part", start, end, "range")
    return capture_live(channel, project, Selection(*place, tab=tab, **fields), folder, **own)
