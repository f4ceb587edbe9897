"""Loads pedalboard where it is first needed: it is heavy, and many runs have no use for it."""

from __future__ import annotations

import importlib
from typing import Any

from hanolab_dawtools.errors import SetupError


def load_pedalboard() -> Any:
    """Pedalboard's module.

    Raises
    ------
    SetupError
        It cannot be loaded.
    """
    try:
        return importlib.import_module("pedalboard")
    except ImportError as error:
        raise SetupError(
            f"nothing can be stretched or go through effects: pedalboard cannot be loaded: {error}",
            hint="On Debian, install the system library libatomic1.",
        ) from error
