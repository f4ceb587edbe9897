"""Finding the file that an item plays.

Projects travel between systems and machines, so a FILE token is tried in order: as written
(relative: from the project's folder), with backslashes as separators, in another Unicode form or
letter case, and last by its bare name in the project's folder and its recording folder.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from hanolab_dawtools.audio.containers import probe_container
from hanolab_dawtools.audio.files import AudioInfo, probe
from hanolab_dawtools.errors import AudioFileError, ExtraMissing


@dataclass(frozen=True)
class MediaLookup:
    """Where a media file is, or where it is not.

    Attributes
    ----------
    path
        The file; None when it is in none of the places.
    tried
        Every place that was looked at, in order.
    note
        Says that the file was found elsewhere than the project says; else empty.
    """

    path: Path | None
    tried: tuple[Path, ...]
    note: str = ""


class MediaFinder:
    """Finds the files of one project and looks into their headers, each once.

    It sees the disk as it was when it was first asked: make a new one for each piece of work.

    Parameters
    ----------
    record_path
        The project's RECORD_PATH token; relative to the project's folder.
    open_container
        How the sound of a video is looked into, or decoded: gives what shall be played instead.
    """

    def __init__(
        self,
        project_folder: Path,
        record_path: str = "",
        open_container: Callable[[Path], AudioInfo] = probe_container,
    ) -> None:
        self._folder = project_folder
        self._record_path = record_path
        self._open_container = open_container
        self._lookups: dict[str, MediaLookup] = {}
        self._entries: dict[Path, dict[str, Path]] = {}
        self._headers: dict[tuple[Path, bool], AudioInfo | AudioFileError | ExtraMissing] = {}

    def find(self, written: str) -> MediaLookup:
        """Look up a FILE token as the project has it; undecodable bytes as surrogates."""
        if written not in self._lookups:
            self._lookups[written] = self._look_up(written)
        return self._lookups[written]

    def probe(self, path: Path, *, is_container: bool = False) -> AudioInfo:
        """What a found file holds; of a video, what plays instead of it.

        Raises
        ------
        AudioFileError
            It cannot be read as audio.
        ExtraMissing
            It is a video, and what reads its sound is not installed.
        """
        key = path, is_container
        if key not in self._headers:
            try:
                self._headers[key] = self._open_container(path) if is_container else probe(path)
            except (AudioFileError, ExtraMissing) as error:
                self._headers[key] = error
        header = self._headers[key]
        if isinstance(header, AudioInfo):
            return header
        raise header.with_traceback(None)  # or it would keep all frames it was raised through

    def _look_up(self, written: str) -> MediaLookup:
        tried: list[Path] = []
        for place in _as_written(written, self._folder):
            tried.append(place)
            found = place if os.path.isfile(place) else self._same_but_for_spelling(place)  # noqa: PTH113 - Path.is_file raises on over-long names
            if found is not None:
                return MediaLookup(found, tuple(tried))
        for place in _by_bare_name(written, self._folder, self._record_path):
            tried.append(place)
            found = self._same_but_for_spelling(place)
            if found is not None:
                note = f"the project says {written}; {found} was taken"
                return MediaLookup(found, tuple(tried), note)
        return MediaLookup(None, tuple(dict.fromkeys(tried)))

    def _same_but_for_spelling(self, place: Path) -> Path | None:
        """The file that `place` means on a system that ignores case and Unicode form, if any."""
        found = Path(place.anchor)
        for part in place.parts[1:] if place.anchor else place.parts:
            step = found / part
            if not os.path.lexists(step):
                match = self._entries_of(found).get(_folded(part))
                if match is None:
                    return None
                step = match
            found = step
        return found if os.path.isfile(found) else None  # noqa: PTH113 - as above

    def _entries_of(self, folder: Path) -> dict[str, Path]:
        """Paths in a folder by folded name; of names that fold alike the first."""
        if folder not in self._entries:
            try:
                entries = sorted(folder.iterdir(), reverse=True)
            except (OSError, ValueError):
                entries = []
            self._entries[folder] = {_folded(entry.name): entry for entry in entries}
        return self._entries[folder]


def _as_written(written: str, folder: Path) -> Iterator[Path]:
    windows = PureWindowsPath(written)
    if os.name == "nt" or not windows.drive:  # C:\x is no path here, it would be a file's name
        yield folder / written
    if "\\" in written and not windows.drive:
        yield folder / written.replace("\\", "/")


def _by_bare_name(written: str, folder: Path, record_path: str) -> Iterator[Path]:
    name = PureWindowsPath(written).name
    if not name:
        return
    yield folder / name
    if record_path:
        yield folder / record_path.replace("\\", "/") / name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
