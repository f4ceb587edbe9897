"""Draws `images/action-list.svg`: HanoLab's entries as REAPER's action list names them.

`python docs/action_list.py` writes it; a test holds it against the scripts that ship. It is drawn,
no picture of a screen: REAPER makes the name of an entry from the name of its file.
"""  # noqa: INP001 - a script beside the pages

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.hosts.reaper.installed_scripts import entry_scripts, shipped_scripts
from hanolab_dawtools.package_data import host_bridge_folder

PICTURE = Path(__file__).parent / "images" / "action-list.svg"
WIDTH, ROW, MARGIN = 640, 24, 12
_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    'font-family="sans-serif" font-size="14">'
)
_BACKGROUND, _STRIPE, _TEXT, _FAINT = "#1c2128", "#232a33", "#e6e9ee", "#98a1ad"


def entry_names() -> list[str]:
    """What the action list shows for each script."""
    shipped = shipped_scripts(host_bridge_folder() / "reaper")
    return [f"Script: {name}" for name in entry_scripts(shipped)]


def picture() -> str:
    """The SVG."""
    names = entry_names()
    height = 2 * MARGIN + ROW * (len(names) + 1)
    lines = [
        _HEAD.format(width=WIDTH, height=height),
        f'<rect width="{WIDTH}" height="{height}" fill="{_BACKGROUND}"/>',
        _row(0, "Actions · Filter: HanoLab", _FAINT),
    ]
    for number, name in enumerate(names, 1):
        if number % 2:
            top = MARGIN + ROW * number
            lines.append(f'<rect y="{top}" width="{WIDTH}" height="{ROW}" fill="{_STRIPE}"/>')
        lines.append(_row(number, name, _TEXT))
    return "\n".join([*lines, "</svg>", ""])


def _row(number: int, text: str, colour: str) -> str:
    base = MARGIN + ROW * number + 17
    return f'<text x="{MARGIN}" y="{base}" fill="{colour}">{text}</text>'


if __name__ == "__main__":
    durable.write_text(PICTURE, picture())
