"""Reading a source from disk, and telling whether it has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.hosts.outline import Meaning, Outline, Reading
from hanolab_dawtools.model import HostName, Selection, Wanted
from hanolab_dawtools.services import Services

Stamp = tuple[int, int] | None


class Selecting(Protocol):
    """The part of a host that says what a choice means."""

    def selections(self, wanted: Wanted) -> list[Selection]:
        """See `hosts.base.Host`."""
        ...


class AudioReading:
    """An audio file; implements `hosts.outline.Reading`.

    Raises
    ------
    AudioFileError
        It cannot be read.
    """

    def __init__(self, path: Path, host: Selecting) -> None:
        from hanolab_dawtools.audio.files import probe

        self._host = host
        info = probe(path)
        self.outline = Outline(
            title=path.name,
            end_seconds=info.seconds,
            sample_rate=info.sample_rate,
            n_channels=info.n_channels,
        )
        self._sample_rate, self._n_channels = info.sample_rate, info.n_channels

    def meaning(self, wanted: Wanted) -> Meaning:
        """The whole file, or a range of it.

        Raises
        ------
        SelectionError, AudioFileError
        """
        (selection,) = self._host.selections(wanted)
        return Meaning((selection,), selection, self._sample_rate, self._n_channels)


@dataclass(frozen=True)
class SourceRead:
    """What came of reading a source: `reading`, or `error`; `stamp` is the file's, from before."""

    stamp: Stamp
    reading: Reading | None = None
    error: HanolabError | None = None


def read_source(services: Services, path: Path) -> SourceRead:
    """Read an audio file or a project; that it cannot be read is an outcome like another."""
    stamp = stamp_of(path)
    try:
        return SourceRead(stamp, _read(services, path))
    except HanolabError as error:
        return SourceRead(stamp, error=error)


def _read(services: Services, path: Path) -> Reading:
    if services.host_name(path) is HostName.RPP:
        from hanolab_dawtools.hosts.rpp.outline import ProjectReading

        return ProjectReading(path)
    return AudioReading(path, services.host(path))


def stamp_of(path: Path) -> Stamp:
    """When a file was written last, and its size; None while there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
