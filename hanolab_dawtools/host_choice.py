"""Which host is meant: by what the user named as source, and by where a selection came from.

The word `reaper`, or `reaper:PID` where several run, means the running REAPER; a file of that name
is meant by `./reaper` (`source_path`).
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import InputError, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.model import HostName, Selection
from hanolab_dawtools.placement import Placed

if TYPE_CHECKING:
    from hanolab_dawtools.hosts.audio_survey import AudioSurvey
    from hanolab_dawtools.hosts.reaper.connections import Connections
    from hanolab_dawtools.hosts.reaper.host import ReaperHost
    from hanolab_dawtools.hosts.rpp.survey import ProjectSurvey

# Templates are no projects, but the host of projects says best why.
PROJECT_SUFFIXES = {".rpp", ".rpp-bak", ".rtracktemplate", ".rfxchain"}
_RUNNING = re.compile(r"reaper(?::(?P<pid>[0-9]{1,10}))?")


class HostChoice:
    """Builds hosts; holds the connections to running REAPERs until it is closed."""

    def __init__(self, runtime_folder: Path) -> None:
        self._runtime_folder = runtime_folder

    @cached_property
    def reapers(self) -> Connections:
        """The connections to running REAPERs; nothing is connected before it is needed."""
        from hanolab_dawtools.hosts.reaper.connections import Connections

        return Connections(self._runtime_folder)

    def close(self) -> None:
        """Close the connections; they are made again when they are needed."""
        if "reapers" in self.__dict__:
            self.reapers.close()

    def at(self, source: Path) -> Host:
        """The host that a source on the command line means."""
        return self._make(host_name(source), source)

    def for_music(self, target: Path) -> Host:
        """The host of what gets new music; a folder need not exist yet."""
        if is_running_reaper(target):
            return self._make(HostName.REAPER, target)
        is_file = os.path.isfile(target)  # noqa: PTH113 - Path.is_file raises on over-long names
        if is_file or target.suffix.lower() in PROJECT_SUFFIXES:
            return self.at(target)
        return self._make(HostName.FOLDER, target)

    def of(self, selection: Selection) -> Host:
        """The host that a selection came from."""
        return self._make(selection.host, selection.source)

    def running_reaper(self, source: Path) -> ReaperHost:
        """The running REAPER that a source names, or the only one."""
        from hanolab_dawtools.hosts.reaper.host import ReaperHost

        return ReaperHost(self.reapers, named_pid(source))

    def undo_placing(self, job_id: str, selection: Selection, placed: Placed) -> bool:
        """Take back what a job has placed; False when that is so already.

        Raises
        ------
        HanolabError
            See `hosts.rpp.restore` and `hosts.reaper.host`.
        """
        if selection.host is HostName.REAPER:
            from hanolab_dawtools.hosts.reaper.host import undo_placing

            return undo_placing(self.reapers, job_id, selection, placed)
        from hanolab_dawtools.hosts.rpp.restore import restore_project

        return restore_project(placed)

    def _make(self, name: HostName, source: Path) -> Host:
        if name is HostName.RPP:
            from hanolab_dawtools.hosts.rpp.host import RppHost

            return RppHost(source)
        if name is HostName.AUDIO_FILE:
            from hanolab_dawtools.hosts.audio_file import AudioFileHost

            return AudioFileHost(source)
        if name is HostName.FOLDER:
            from hanolab_dawtools.hosts.folder import FolderHost

            return FolderHost(source)
        return self.running_reaper(source)


def source_path(text: str) -> Path:
    """The path of a source on the command line, by which `./reaper` is a file and not REAPER."""
    path = Path(text)
    return path.absolute() if is_running_reaper(path) and text != str(path) else path


def is_running_reaper(source: Path) -> bool:
    """Whether a source is the word that means the running REAPER."""
    return _RUNNING.fullmatch(str(source)) is not None


def named_pid(source: Path) -> int | None:
    """The process of the running REAPER that a source names, where it names one."""
    named = _RUNNING.fullmatch(str(source))
    return int(named["pid"]) if named and named["pid"] else None


def host_name(source: Path) -> HostName:
    """What kind of host a source on the command line means.

    Raises
    ------
    InputError
        It is a folder.
    """
    if is_running_reaper(source):
        return HostName.REAPER
    if os.path.isdir(source):  # noqa: PTH112 - Path.is_dir raises on over-long names
        raise InputError(
            f"{source} is a folder",
            hint="Name a project file (.rpp) or an audio file.",
        )
    is_project = source.suffix.lower() in PROJECT_SUFFIXES
    return HostName.RPP if is_project else HostName.AUDIO_FILE


def survey(source: Path, *, stop: Stop, progress: ProgressCallback) -> ProjectSurvey | AudioSurvey:
    """What a project or an audio file holds.

    Raises
    ------
    InputError
        It cannot be read.
    UsageError
        It is the running REAPER.
    JobCancelled
    """
    name = host_name(source)
    if name is HostName.REAPER:
        raise UsageError(
            "the running REAPER cannot be surveyed",
            hint="Save the project and name its file.",
        )
    if name is HostName.RPP:
        from hanolab_dawtools.hosts.rpp.survey import survey_project

        return survey_project(source, stop=stop, progress=progress)
    from hanolab_dawtools.hosts.audio_survey import survey_audio

    return survey_audio(source, stop=stop, progress=progress)
