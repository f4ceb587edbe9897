"""Finding the file that an item plays.

Projects travel between systems and machines, so a FILE token is tried in order: as written
(relative: from the project's folder), with backslashes as separators, in another Unicode form or
letter case, and last by its bare name in the project's folder and its recording folder.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath


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


def find_media(written: str, project_folder: Path, record_path: str = "") -> MediaLookup:
    """Look up a FILE token.

    Parameters
    ----------
    written
        The token as the project has it; undecodable bytes as surrogates.
    record_path
        The project's RECORD_PATH token; relative to the project's folder.
    """
    tried: list[Path] = []
    for place in _as_written(written, project_folder):
        tried.append(place)
        found = place if os.path.isfile(place) else _same_but_for_spelling(place)  # noqa: PTH113 - Path.is_file raises on over-long names
        if found is not None:
            return MediaLookup(found, tuple(tried))
    for place in _by_bare_name(written, project_folder, record_path):
        tried.append(place)
        found = _same_but_for_spelling(place)
        if found is not None:
            note = f"the project says {written}; {found} was taken"
            return MediaLookup(found, tuple(tried), note)
    return MediaLookup(None, tuple(dict.fromkeys(tried)))


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


def _same_but_for_spelling(place: Path) -> Path | None:
    """The file that `place` means on a system that ignores case and Unicode form, if any."""
    found = Path(place.anchor)
    for part in place.parts[1:] if place.anchor else place.parts:
        step = found / part
        if not os.path.lexists(step):
            match = _matching_entry(found, part)
            if match is None:
                return None
            step = match
        found = step
    return found if os.path.isfile(found) else None  # noqa: PTH113 - as above


def _matching_entry(folder: Path, name: str) -> Path | None:
    wanted = _folded(name)
    try:
        entries = sorted(folder.iterdir())
    except (OSError, ValueError):
        return None
    return next((entry for entry in entries if _folded(entry.name) == wanted), None)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
