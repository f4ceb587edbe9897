"""Where the files lie that come with the program but are no Python of the package.

A wheel carries them in `hanolab_dawtools/_data`; a checkout, or an editable install of one, has
them at its root. They are real files in both (REAPER is given their paths), so the package does
not run from inside a zip.
"""

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools.errors import SetupError

_PACKAGE_FOLDER = Path(__file__).parent


def presets_folder() -> Path:
    """The folder of the factory presets.

    Raises
    ------
    SetupError
        The installation is not whole.
    """
    return _data_folder("presets")


def host_bridge_folder() -> Path:
    """The folder of the scripts that run inside a host.

    Raises
    ------
    SetupError
        The installation is not whole.
    """
    return _data_folder("host_bridge")


def _data_folder(name: str) -> Path:
    for folder in (_PACKAGE_FOLDER / "_data" / name, _PACKAGE_FOLDER.parent / name):
        if folder.is_dir():
            return folder
    raise SetupError(
        f"the installation in {_PACKAGE_FOLDER} lacks its folder {name!r}",
        hint="Install hanolab_dawtools again.",
    )
