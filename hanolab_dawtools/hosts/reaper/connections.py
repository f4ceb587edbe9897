"""The connections of a process to running REAPERs, each opened when it is first needed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hanolab_dawtools.errors import HostError, HostUnreachable
from hanolab_dawtools.events import NeverStop, Stop, raise_if_stopped
from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile, read_bridge_file
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.discovery import choose_bridge, living_bridges
from hanolab_dawtools.model import Selection

_LOOK_SECONDS = 0.1  # between looks at the stop flag while another thread has its turn
UNTITLED = "untitled"  # as `facts.UNTITLED`, without importing numpy


@dataclass(frozen=True)
class OpenProject:
    """A project that is open in a REAPER: which one, and how the bridge there names it."""

    channel: Channel
    tab: str
    path: str


class Connections:
    """Open channels by REAPER's process; a context manager that closes them.

    For one thread at a time: several of them, as of a batch, take turns by `turn`.

    Parameters
    ----------
    runtime_folder
        Where bridges leave their port files.
    """

    def __init__(self, runtime_folder: Path) -> None:
        self.runtime_folder = runtime_folder
        self._preferred: Path | None = None
        self._preferred_tab = ""
        self._channels: dict[int, Channel] = {}
        self._lock = threading.RLock()

    @contextmanager
    def turn(self, stop: Stop | None = None) -> Iterator[None]:
        """Wait until no other thread uses the connections, and keep the others out meanwhile.

        Raises
        ------
        JobCancelled
            `stop` was set while it waited.
        """
        while not self._lock.acquire(timeout=_LOOK_SECONDS):
            raise_if_stopped(stop or NeverStop())
        try:
            yield
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prefer(self, bridge_file: Path, tab: str = "") -> None:
        """Mean the REAPER whose bridge writes this file, and a tab of it, where none is named.

        The file is read each time: a bridge that was started anew writes it anew.
        """
        self._preferred = bridge_file
        self._preferred_tab = tab

    def shown_tab(self, pid: int | None = None) -> str:
        """The tab that is meant where no project is named; "" is the one in front."""
        return self._preferred_tab if pid is None else ""

    def close(self) -> None:
        """Close all channels; they are opened again when they are needed."""
        while self._channels:
            self._channels.popitem()[1].close()

    def channel(self, pid: int | None = None) -> Channel:
        """The channel to the REAPER with this process id, or to the only one.

        Raises
        ------
        HostError
            It does not run, is not reachable, or several run and none is named.
        """
        if self._preferred is not None and pid is None:
            return self._opened(read_bridge_file(self._preferred))
        return self._opened(choose_bridge(self.runtime_folder, pid))

    def find_project(self, selection: Selection) -> OpenProject:
        """Where the project of a selection is open now, in whichever REAPER.

        A saved project is known by its path, in the tab that it was in if it is open twice; one
        that was never saved by its tab alone, whose name is good for one run of REAPER.

        Raises
        ------
        HostUnreachable
            It is open in no running REAPER.
        HostError
            No running REAPER answers.
        """
        projects: list[OpenProject] = []
        silent: list[HostError] = []
        for bridge in self._living():
            try:
                project = _project_in(self._opened(bridge), selection)
            except HostError as error:  # one that does not answer must not hide the others
                silent.append(error)
                continue
            projects += [project] if project is not None else []
        if not projects and silent:
            raise silent[0]
        if not projects:
            raise HostUnreachable(
                f"{selection.source} is open in no running REAPER",
                hint="Open it in REAPER, run any HanoLab action there, and resume the job.",
            )
        same_tab = (project for project in projects if project.tab == selection.tab)
        return next(same_tab, projects[0])

    def _living(self) -> list[BridgeFile]:
        """The bridges of all REAPERs that run, the preferred one first."""
        bridges = living_bridges(self.runtime_folder)
        if not bridges:
            # says that there is none, or starts one in a REAPER that runs
            return [choose_bridge(self.runtime_folder)]
        return sorted(bridges, key=lambda bridge: bridge.path != self._preferred)

    def _opened(self, bridge: BridgeFile) -> Channel:
        channel = self._channels.get(bridge.pid)
        if channel is None or channel.bridge.port != bridge.port:
            if channel is not None:
                channel.close()
            channel = self._channels[bridge.pid] = Channel.open(bridge)
        return channel


def _project_in(channel: Channel, selection: Selection) -> OpenProject | None:
    tabs = channel.call("status", {})["tabs"]
    if is_saved(selection):
        fitting = [tab for tab in tabs if _is_same(tab["path"], selection.source)]
        fitting.sort(key=lambda tab: tab["tab"] != selection.tab)
    else:
        fitting = [tab for tab in tabs if tab["tab"] == selection.tab]
    if not fitting:
        return None
    return OpenProject(channel, fitting[0]["tab"], fitting[0]["path"])


def is_saved(selection: Selection) -> bool:
    """Whether the project of a selection was a file; else `source` only says where it would be."""
    return selection.source.name != UNTITLED


def _is_same(path: str, source: Path) -> bool:
    return bool(path) and os.path.normcase(os.path.normpath(path)) == os.path.normcase(source)
