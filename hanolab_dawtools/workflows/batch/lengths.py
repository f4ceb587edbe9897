"""How long objects of a bucket are, by their first and last bytes.

What is read is put where it belongs into a file that is otherwise empty, and that is probed as any
file is. Formats whose length stands nowhere (MP3 without its count of frames, streams) are fetched
as a whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.errors import AudioFileError, InputError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.model import ObjectFacts
from hanolab_dawtools.workflows.objects import Objects

HEAD_BYTES = 1 << 16
TAIL_BYTES = 1 << 17  # a page of Ogg has up to 65 307 bytes
WHOLE_BYTES = 1 << 23
N_AT_ONCE = 16
_COUNTS = (b"Xing", b"Info", b"VBRI")  # an MP3 that tells how many frames it has

Length = float | InputError


def lengths_of(
    facts: Sequence[ObjectFacts], objects: Callable[[], Objects], *, stop: Stop
) -> list[Length]:
    """Seconds of each object, or why nobody knows.

    Raises
    ------
    JobCancelled
    """
    if not facts:
        return []
    store = objects()
    threads = ThreadPoolExecutor(N_AT_ONCE, thread_name_prefix="length")
    with tempfile.TemporaryDirectory() as folder:

        def length(number: int) -> Length:
            raise_if_stopped(stop)
            path = Path(folder, f"{number}{Path(facts[number].url).suffix.lower()}")
            try:
                return _length(facts[number], store, path)
            except InputError as error:
                return error
            finally:
                path.unlink(missing_ok=True)

        try:
            return list(threads.map(length, range(len(facts))))
        finally:
            threads.shutdown(cancel_futures=True)


def _length(facts: ObjectFacts, store: Objects, path: Path) -> float:
    with durable.translated_os_errors(path):
        if facts.n_bytes > HEAD_BYTES + TAIL_BYTES:
            head = store.read(facts, 0, HEAD_BYTES)
            tail_start = facts.n_bytes - TAIL_BYTES
            tail = store.read(facts, tail_start, facts.n_bytes)
            with path.open("wb") as stream:
                stream.write(head)
                stream.seek(tail_start)
                stream.write(tail)
            if path.suffix != ".mp3" or any(count in head for count in _COUNTS):
                with suppress(InputError):
                    return _seconds(path, facts)
        with path.open("wb") as stream:
            for start in range(0, facts.n_bytes, WHOLE_BYTES):
                stream.write(store.read(facts, start, min(start + WHOLE_BYTES, facts.n_bytes)))
    return _seconds(path, facts)


def _seconds(path: Path, facts: ObjectFacts) -> float:
    """Seconds of a file; errors name the object instead."""
    try:
        seconds = probe(path).seconds
    except AudioFileError as error:
        raise InputError(f"{facts.url}: {error.reason}", hint=error.hint) from error
    if seconds <= 0:
        raise InputError(f"{facts.url}: it holds no audio", hint="Export or download it again.")
    return seconds
