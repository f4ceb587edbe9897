"""Which host is meant: by what the user named as source, and by where a selection came from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import InputError, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.model import HostName

if TYPE_CHECKING:
    from hanolab_dawtools.hosts.audio_survey import AudioSurvey
    from hanolab_dawtools.hosts.rpp.survey import ProjectSurvey

# Templates are no projects, but the host of projects says best why.
PROJECT_SUFFIXES = {".rpp", ".rpp-bak", ".rtracktemplate", ".rfxchain"}


def host_name(source: Path) -> HostName:
    """What kind of host a path on the command line means.

    Raises
    ------
    InputError
        It is a folder.
    """
    if os.path.isdir(source):  # noqa: PTH112 - Path.is_dir raises on over-long names
        raise InputError(
            f"{source} is a folder",
            hint="Name a project file (.rpp) or an audio file.",
        )
    is_project = source.suffix.lower() in PROJECT_SUFFIXES
    return HostName.RPP if is_project else HostName.AUDIO_FILE


def music_host_name(target: Path) -> HostName:
    """What kind of host gets new music; a folder need not exist yet."""
    is_file = os.path.isfile(target)  # noqa: PTH113 - Path.is_file raises on over-long names
    if is_file or target.suffix.lower() in PROJECT_SUFFIXES:
        return host_name(target)
    return HostName.FOLDER


def make_host(name: HostName, source: Path) -> Host:
    """The host of a kind at a path."""
    if name is HostName.RPP:
        from hanolab_dawtools.hosts.rpp.host import RppHost

        return RppHost(source)
    if name is HostName.AUDIO_FILE:
        from hanolab_dawtools.hosts.audio_file import AudioFileHost

        return AudioFileHost(source)
    if name is HostName.FOLDER:
        from hanolab_dawtools.hosts.folder import FolderHost

        return FolderHost(source)
    raise UsageError(f"there is no host {name.value!r} yet", hint="Name a file.")


def survey(source: Path, *, stop: Stop, progress: ProgressCallback) -> ProjectSurvey | AudioSurvey:
    """What a project or an audio file holds.

    Raises
    ------
    InputError
        It cannot be read.
    JobCancelled
    """
    if host_name(source) is HostName.RPP:
        from hanolab_dawtools.hosts.rpp.survey import survey_project

        return survey_project(source, stop=stop, progress=progress)
    from hanolab_dawtools.hosts.audio_survey import survey_audio

    return survey_audio(source, stop=stop, progress=progress)
