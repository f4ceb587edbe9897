"""What the sources of a batch mean: projects and audio files, each with its place in the output."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.errors import InputError


@dataclass(frozen=True)
class Source:
    """One project or audio file.

    Attributes
    ----------
    path
        The file; for an object of a bucket where it is fetched to.
    name
        What it is called, without its ending.
    folder
        Where it lies below what was named, with slashes; "" right there.
    origin
        URL of the object; "" for a file.
    """

    path: Path
    name: str
    folder: str = ""
    origin: str = ""


def find_sources(asked: tuple[str, ...]) -> tuple[Source, ...]:
    """All sources that were named, each once.

    Raises
    ------
    InputError
        One is not there.
    """
    found: dict[Path, Source] = {}
    for text in asked:
        path = Path(text).expanduser()
        if path.is_dir():
            raise InputError(f"{path} is a folder", hint="Name a project or an audio file.")
        found.setdefault(path, Source(path, path.stem))
    return tuple(found.values())
