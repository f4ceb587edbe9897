"""Captures that are made to look at and listen to, kept as long as there is room for them.

`<folder>/<key>-<start frame>.wav`; the key stands for all that decides what is in the file. Used
files are touched, so that those go first that were not used for longest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.durable import translated_os_errors
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.hosts.outline import Meaning
from hanolab_dawtools.model import Capture
from hanolab_dawtools.presenters.source_view import PreviewAudio

LIMIT_BYTES = 2_000_000_000
_MAKING = "making-"
_KEY_DIGITS = 40
_DEAD_SECONDS = 86_400  # a folder that old belongs to a process that was killed


class PreviewStore:
    """A folder of previews; its methods work with the disk, in the background.

    One process at a time makes a preview of a key; a second one makes it again, to no harm.
    """

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes

    def get(
        self, meaning: Meaning, capture: Callable[[Path], Capture], *, anew: bool = False
    ) -> PreviewAudio:
        """The preview of a mix, made by `capture` in a folder if it is not here, or `anew`.

        Raises
        ------
        HanolabError
            What `capture` raises, and DiskFull, NotWritable.
        """
        key = _key(meaning)
        known = None if anew else self._known(key)
        if known is not None:
            return known
        with translated_os_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self._folder))
            try:
                made = capture(making)
                key = made.digest[:_KEY_DIGITS] if anew else key
                kept = self._folder / f"{key}-{made.start_frame - made.lead_frames}.wav"
                made.path.replace(kept)
            finally:
                shutil.rmtree(making, ignore_errors=True)
        self._make_room(kept)
        return _preview(kept)

    def _known(self, key: str) -> PreviewAudio | None:
        for path in self._folder.glob(f"{key}-*.wav"):
            with suppress(AudioFileError, OSError, ValueError):  # damaged, or gone meanwhile
                found = _preview(path)
                os.utime(path)
                return found
        return None

    def _make_room(self, newest: Path) -> None:
        """Remove what was not used for longest until the rest fits; never the newest."""
        for path in self._folder.glob(f"{_MAKING}*"):
            with suppress(OSError):
                if newest.stat().st_mtime - path.stat().st_mtime > _DEAD_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
        kept = []
        for path in self._folder.glob("*.wav"):
            with suppress(OSError):  # removed by another panel
                found = path.stat()
                kept.append((found.st_mtime_ns, found.st_size, path))
        total = sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if total <= self._limit_bytes:
                return
            if path != newest:
                with suppress(OSError):  # open elsewhere, on Windows
                    path.unlink()
                    total -= size


def _key(meaning: Meaning) -> str:
    mix = meaning.mix
    facts = (meaning.content, meaning.media, mix.start_seconds, mix.end_seconds)
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogateescape")).hexdigest()[:_KEY_DIGITS]


def _preview(path: Path) -> PreviewAudio:
    info = probe(path)
    start_frame = int(path.stem.partition("-")[2])
    return PreviewAudio(
        path,
        start_frame / info.sample_rate,
        info.sample_rate,
        info.n_channels,
        info.seconds,
    )
