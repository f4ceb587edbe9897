"""What the sources of a batch mean: projects and audio files, each with its place in the output.

A folder stands for the audio files in it and in all folders inside, in the order of their names;
so does a prefix in a bucket. A list file names a source in each line. Left out are hidden files,
and what earlier runs have made. Each file is taken once, whatever leads to it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from hanolab_dawtools.errors import InputError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.model import ObjectFacts
from hanolab_dawtools.workflows.objects import Objects, is_url, origin_path

AUDIO_SUFFIXES = frozenset(
    {".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".flac"}
    | {".ogg", ".oga", ".opus", ".mp3", ".caf", ".au", ".snd"}
)
UNREAD_SUFFIXES = frozenset({".m4a", ".mp4", ".aac", ".wma", ".ape", ".wv", ".mka", ".webm"})
LIST_SUFFIXES = frozenset({".txt", ".lst", ".list", ".m3u", ".m3u8"})
_PROJECT_SUFFIX = ".rpp"
_OWN_FOLDERS = ("hanolab", "_hanolab")  # beside projects; behind the names of audio files
_OWN_FILE = "job.json"  # in each folder of results, wherever it is
_UNREAD = "audio of this kind cannot be read: convert it to WAV or FLAC"


@dataclass(frozen=True)
class Source:
    """One project or audio file.

    Attributes
    ----------
    path
        The file; for an object of a bucket where it is fetched to, in its job's folder.
    name
        What it is called, without its ending.
    folder
        Where it lies below what was named, with slashes; "" right there.
    facts
        Of an object of a bucket; None for a file.
    """

    path: Path
    name: str
    folder: str = ""
    facts: ObjectFacts | None = None


@dataclass
class Sources:
    """All sources, what was left out with its reason, and what else is to be told."""

    found: list[Source] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def find_sources(
    asked: Iterable[str],
    objects: Callable[[], Objects],
    is_running: Callable[[Path], bool],
    *,
    stop: Stop,
) -> Sources:
    """All sources that were named.

    Parameters
    ----------
    objects
        The buckets; asked for only when a source is in one.
    is_running
        Whether a name means a running host instead of a file.

    Raises
    ------
    InputError
        One is not there, or cannot be looked into.
    HanolabError
        From the buckets.
    """
    finder = _Finder(objects, is_running, stop)
    for text in asked:
        finder.add(text, Path())
    return finder.sources


class _Finder:
    def __init__(
        self, objects: Callable[[], Objects], is_running: Callable[[Path], bool], stop: Stop
    ) -> None:
        self.sources = Sources()
        self._objects = objects
        self._is_running = is_running
        self._stop = stop
        self._seen: set[str] = set()

    def add(self, text: str, beside: Path, *, is_listed: bool = False) -> None:
        """A source as it was written, relative to a folder."""
        if is_url(text):
            self._add_objects(text)
            return
        given = Path(text)
        if self._is_running(given):
            self._add_once(str(given), Source(given, str(given)))
            return
        path = beside / given.expanduser()
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except (OSError, ValueError) as error:
            raise InputError(f"{text} cannot be looked at: {error}") from error
        if is_folder:
            self._add_folder(path)
        elif not is_file:
            hint = "Of URLs, s3://, gs:// and az:// can be read." if "://" in text else ""
            raise InputError(f"there is no file or folder {text}", hint=hint or "Check its name.")
        elif path.suffix.lower() in LIST_SUFFIXES:
            if is_listed:
                raise InputError(f"{text} is a list in a list", hint="Name its sources instead.")
            self._add_list(path)
        else:
            self._add_file(path, "")

    def _add_list(self, path: Path) -> None:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, ValueError) as error:
            raise InputError(
                f"the list {path} cannot be read: {error}", hint="Save it as UTF-8 text."
            ) from error
        for number, line in enumerate(lines, 1):
            if not (text := line.strip()) or text.startswith("#"):
                continue
            try:
                self.add(text, path.absolute().parent, is_listed=True)
            except InputError as error:
                raise InputError(f"{path}, line {number}: {error}", hint=error.hint) from error

    def _add_folder(self, top: Path) -> None:
        n_before, n_projects = len(self.sources.found), 0
        for path in self._files_in(top):
            suffix = path.suffix.lower()
            folder = path.parent.relative_to(top).as_posix()
            if suffix in AUDIO_SUFFIXES:
                self._add_file(path, "" if folder == "." else folder)
            elif suffix in UNREAD_SUFFIXES:
                self.sources.left_out.append((str(path.relative_to(top)), _UNREAD))
            n_projects += suffix == _PROJECT_SUFFIX
        self._remark(str(top), n_before, n_projects)

    def _files_in(self, top: Path) -> Iterator[Path]:
        """Files in a folder and below, by their names; through links, but round no circle."""
        seen: set[tuple[int, int]] = set()

        def failed(error: OSError) -> None:
            what = f"it cannot be looked into: {error.strerror}"
            if str(error.filename) == str(top):
                raise InputError(f"{top}: {what}") from error
            self.sources.left_out.append((str(error.filename), what))

        for folder, names, files in os.walk(top, followlinks=True, onerror=failed):
            raise_if_stopped(self._stop)
            facts = os.stat(folder)  # noqa: PTH116 - os.walk gives texts
            names[:] = sorted(name for name in names if not _is_own_or_hidden(name))
            if (facts.st_dev, facts.st_ino) in seen:
                names.clear()
            elif _OWN_FILE not in files or not _is_ours(Path(folder, _OWN_FILE)):
                yield from (Path(folder, name) for name in sorted(files) if name[0] != ".")
            seen.add((facts.st_dev, facts.st_ino))

    def _add_objects(self, url: str) -> None:
        n_before, n_projects = len(self.sources.found), 0
        top = url.rstrip("/") + "/"
        listed = sorted(self._objects().list(url, stop=self._stop), key=lambda one: one.url)
        ours = {_folder_of(one.url) for one in listed if one.url.endswith(f"/{_OWN_FILE}")}
        for facts in listed:
            if _folder_of(facts.url) in ours:
                continue
            below = PurePosixPath(facts.url.removeprefix(top) if facts.url != url else "")
            key = PurePosixPath(facts.url.partition("://")[2])
            if any(map(_is_own_or_hidden, below.parts or key.parts[-1:])) or not facts.n_bytes:
                continue
            suffix = key.suffix.lower()
            if suffix in AUDIO_SUFFIXES:
                folder = below.parent.as_posix()
                source = Source(
                    origin_path(facts),
                    key.stem,
                    "" if folder == "." else folder,
                    facts,
                )
                self._add_once(facts.url, source)
            elif suffix in UNREAD_SUFFIXES:
                self.sources.left_out.append((facts.url, _UNREAD))
            n_projects += suffix == _PROJECT_SUFFIX
        self._remark(url, n_before, n_projects)

    def _add_file(self, path: Path, folder: str) -> None:
        source = Source(path.absolute(), path.stem, folder)
        self._add_once(os.path.realpath(path), source)

    def _add_once(self, key: str, source: Source) -> None:
        raise_if_stopped(self._stop)
        if key not in self._seen:
            self._seen.add(key)
            self.sources.found.append(source)

    def _remark(self, where: str, n_before: int, n_projects: int) -> None:
        if len(self.sources.found) == n_before:
            self.sources.left_out.append((where, "no audio file is in it"))
        if n_projects:
            projects = "project is" if n_projects == 1 else "projects are"
            self.sources.remarks.append(
                f"{n_projects} {projects} in {where}: of a folder only audio files are taken; "
                "name projects to take them"
            )


def _folder_of(url: str) -> str:
    return url.rpartition("/")[0]


def _is_ours(path: Path) -> bool:
    """Whether a job.json is one that results of a job lie beside."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "job_id" in content


def _is_own_or_hidden(name: str) -> bool:
    lower = name.casefold()
    return name.startswith(".") or lower == _OWN_FOLDERS[0] or lower.endswith(_OWN_FOLDERS[1])
