"""Names that are the same each time the same job is placed: GUIDs, and the order of stems.

A GUID is a UUID of version 5 over the job's id and what the thing is for. So a second placing
finds what the first has made, and a project that was placed twice is the same twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.audio.files import AudioInfo, probe
from hanolab_dawtools.model import Stem, StemRole
from hanolab_dawtools.stem_roles import STEM_ORDER

_NAMESPACE = uuid.UUID("6f2f7d0c-5f0e-4d5e-9a4c-2d6b0c9d41e7")  # random, ours


@dataclass(frozen=True)
class StemFile:
    """A stem's file where it will stay. `source_kind` is REAPER's name of its format."""

    role: StemRole
    path: Path
    sample_rate: int
    n_channels: int
    n_frames: int
    is_draft: bool = False
    name: str = ""
    source_kind: str = "WAVE"

    @classmethod
    def probe(cls, stem: Stem) -> StemFile:
        """Look into a file's header.

        Raises
        ------
        AudioFileError
            The file cannot be read as audio.
        """
        info = probe(stem.path)
        return cls(
            stem.role,
            stem.path,
            info.sample_rate,
            info.n_channels,
            info.n_frames,
            stem.is_draft,
            stem.name,
            _source_kind(info),
        )

    @property
    def track_name(self) -> str:
        """What its track is called: its own name, or "Drums", or "Drums (draft)"."""
        name = self.name or self.role.value.capitalize()
        return name + (" (draft)" if self.is_draft else "")

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.sample_rate


def _source_kind(info: AudioInfo) -> str:
    if info.format == "OGG":
        return "OPUS" if info.subtype == "OPUS" else "VORBIS"
    return info.format if info.format in {"FLAC", "MP3"} else "WAVE"


@dataclass(frozen=True)
class StemIds:
    """The GUIDs of a stem's track, item and take."""

    track: str
    item: str
    take: str


def stable_guid(job_id: str, *purpose: str) -> str:
    """The GUID, as REAPER writes one, that a job gives to a thing with this purpose."""
    text = "\n".join((job_id, *purpose))
    text = text.encode("utf-8", "backslashreplace").decode()  # a project's ids may be no text
    return "{" + str(uuid.uuid5(_NAMESPACE, text)).upper() + "}"


def folder_id(owner: str) -> str:
    """GUID of the folder track of a job, or of a shelf that several jobs share."""
    return stable_guid(owner, "folder")


def in_order(stems: Iterable[StemFile]) -> list[StemFile]:
    """Stems in the order their tracks have; equal roles stay as they came."""
    return sorted(stems, key=lambda stem: STEM_ORDER.index(stem.role))


def stem_ids(job_id: str, stems: Iterable[StemFile], shelf: str = "") -> list[StemIds]:
    """The GUIDs of stems, which must be in order; a second stem of a role is told by its number.

    The tracks of a shelf are told by their names, and by a number where a job has two of one name.
    """
    ids: list[StemIds] = []
    seen: dict[str, int] = {}
    for stem in stems:
        number = seen[stem.role] = seen.get(stem.role, 0) + 1
        key = f"{stem.role} {number}"
        track = stable_guid(job_id, "track", key)
        if shelf:
            name = f"name {stem.track_name}"
            seen[name] = seen.get(name, 0) + 1
            track = stable_guid(shelf, "track", stem.track_name, str(seen[name]))
        ids.append(
            StemIds(
                track=track,
                item=stable_guid(job_id, "item", key),
                take=stable_guid(job_id, "take", key),
            )
        )
    return ids
