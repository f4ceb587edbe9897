"""The text of new tracks and items, as lists of lines without indent and line end.

Two leading spaces stand for one level. Field counts are those of REAPER 6 and 7; older versions
read the first fields and ignore the rest.
"""

from __future__ import annotations

import ntpath
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.project.identity import StemFile, StemIds
from hanolab_dawtools.hosts.rpp.tokens import is_writable, name_lines, number_text, quoted
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.stem_roles import STEM_COLOURS

_CUSTOM_COLOUR = 0x1000000  # bit 24: the colour is the user's, not the theme's
_DEFAULT_COLOUR = 16576  # what REAPER writes for a track without a colour of its own


def is_windows(version: str) -> bool:
    """Whether a project's version token ("7.18/win64") names Windows; old ones name nothing."""
    return "/win" in version.lower() or version.lower().endswith("/x64")


def native_colour(rgb: int, *, windows: bool) -> int:
    """PEAKCOL of a colour 0xRRGGBB.

    REAPER keeps the system's own order: 0x1BBGGRR on Windows (COLORREF), 0x1RRGGBB on macOS and
    Linux (SWELL). A PEAKCOL line has no mark of its order, as MARKER lines have. Not verified
    in a running REAPER: at worst red and blue are swapped.
    """
    if windows:
        rgb = (rgb & 0xFF) << 16 | rgb & 0xFF00 | rgb >> 16
    return _CUSTOM_COLOUR | rgb


def colour_text(native: int, *, windows: bool) -> str:
    """The "#RRGGBB" of a PEAKCOL, as `native_colour`; empty for a track without its own colour."""
    if not native & _CUSTOM_COLOUR:
        return ""
    rgb = native & 0xFFFFFF
    return f"#{native_colour(rgb, windows=windows) & 0xFFFFFF:06X}"


def stem_colour(role: StemRole, colours: Mapping[StemRole, str], *, windows: bool) -> int:
    """PEAKCOL of a stem's track; the default for a role without a colour.

    `colours` beat the usual ones: "#RRGGBB", or "none" for the default.
    """
    colour = colours.get(role) or STEM_COLOURS.get(role, "none")
    if colour == "none":
        return _DEFAULT_COLOUR
    return native_colour(int(colour.removeprefix("#"), 16), windows=windows)


def folder_track(
    guid: str, name: str, *, n_channels: int, is_muted: bool, solo: str = "0"
) -> list[str]:
    """A folder track without items; the tracks behind it are in it until one closes it.

    It has the project's pan law, as the tracks have whose items it stands for; the stems' own
    tracks have a law of 0 dB, or the law would act twice.
    """
    mutes = f"{int(is_muted)} {solo} 0"
    head = _track_head(guid, name, _DEFAULT_COLOUR, "1 1", n_channels, pan_law="-1", mutes=mutes)
    return [*head, ">"]


def stem_track(
    stem: StemFile,
    ids: StemIds,
    media: str,
    *,
    position_seconds: float,
    windows: bool,
    closes_folder: bool,
    is_muted: bool = False,
    colours: Mapping[StemRole, str] = MappingProxyType({}),
    extension: Sequence[str] = (),
) -> list[str]:
    """A track with one item that plays a stem; `media` is its FILE token, `extension` its EXT."""
    colour = stem_colour(stem.role, colours, windows=windows)
    item = stem_item(stem, ids, media, position_seconds, extension)
    return items_track(
        ids.track,
        stem.track_name,
        [item],
        colour=colour,
        bus="2 -1" if closes_folder else "0 0",
        n_channels=stem.n_channels,
        is_muted=is_muted,
    )


def items_track(
    guid: str,
    name: str,
    items: Iterable[Sequence[str]],
    *,
    colour: int,
    bus: str,
    n_channels: int,
    is_muted: bool,
) -> list[str]:
    """A track with items (see `stem_item`); `bus` are the fields of its ISBUS."""
    mutes = f"{int(is_muted)} 0 0"
    head = _track_head(guid, name, colour, bus, n_channels, pan_law="1", mutes=mutes)
    return [*head, *(f"  {line}" for item in items for line in item), ">"]


def stem_take(
    stem: StemFile,
    ids: StemIds,
    media: str,
    *,
    offset_seconds: float,
    gain: float,
    is_active: bool,
) -> list[str]:
    """A further take that plays a stem from `offset_seconds` of it on."""
    volume = f"TAKEVOLPAN 0 {number_text(gain)} -1"
    head = "TAKE SEL" if is_active else "TAKE"
    take = _take(stem, ids, media, stem.track_name, volume, offset_seconds=offset_seconds)
    return [head, *take]


def media_token(path: Path, project_folder: Path, *, windows: bool) -> str:
    """FILE token of a media file: relative to the project's folder where that is possible.

    Raises
    ------
    UsageError
        The path cannot be written into a project: it holds a line break or all three quotes.
    """
    try:
        text = os.path.relpath(path.parent.resolve() / path.name, project_folder.resolve())
    except ValueError:  # another drive, on Windows
        text = str(path.absolute())
    if windows and os.sep == "/":
        text = text.replace("/", ntpath.sep)
    if not is_writable(text):
        raise UsageError(
            f"a REAPER project cannot name the file {str(path)!r}: its path holds a line break or "
            "all three quote characters",
            hint="Choose another folder for the stems.",
        )
    return text


def _track_head(
    guid: str, name: str, colour: int, bus: str, n_channels: int, *, pan_law: str, mutes: str
) -> list[str]:
    n_track_channels = max(2, n_channels + n_channels % 2)  # REAPER's tracks have an even number
    return [
        f"<TRACK {guid}",
        *(f"  {line}" for line in name_lines(name)),
        f"  PEAKCOL {colour}",
        "  BEAT -1",
        "  AUTOMODE 0",
        f"  VOLPAN 1 0 {pan_law} -1 1",
        f"  MUTESOLO {mutes}",
        "  IPHASE 0",
        "  PLAYOFFS 0 1",
        f"  ISBUS {bus}",
        "  BUSCOMP 0 0 0 0 0",
        f"  NCHAN {n_track_channels}",
        "  FX 1",
        f"  TRACKID {guid}",
        "  PERF 0",
        "  MIDIOUT -1",
        "  MAINSEND 1 0",
    ]


def stem_item(
    stem: StemFile,
    ids: StemIds,
    media: str,
    position_seconds: float,
    extension: Sequence[str],
    *,
    rings_on: bool = False,
) -> list[str]:
    """An item that plays a stem; one that rings on mixes with what it reaches into."""
    take = _take(stem, ids, media, stem.path.name, "VOLPAN 1 0 1 -1", offset_seconds=0.0)
    return [
        "<ITEM",
        f"  POSITION {number_text(position_seconds)}",
        "  SNAPOFFS 0",
        f"  LENGTH {number_text(stem.seconds)}",
        "  LOOP 0",
        "  ALLTAKES 0",
        "  FADEIN 1 0 0 1 0 0 0",
        "  FADEOUT 1 0 0 1 0 0 0",
        "  MUTE 0 0",
        *(["  MIXFLAG 1"] if rings_on else []),
        "  BEAT 0",  # stays where it is when the tempo is edited
        "  SEL 0",
        f"  IGUID {ids.item}",
        *(f"  {line}" for line in extension),
        *(f"  {line}" for line in take),
        ">",
    ]


def _take(
    stem: StemFile, ids: StemIds, media: str, name: str, volume: str, *, offset_seconds: float
) -> list[str]:
    mark = " 1" if stem.source_kind == "MP3" else ""  # as REAPER writes it for every MP3
    return [
        *name_lines(name),
        volume,
        f"SOFFS {number_text(offset_seconds)}",
        "PLAYRATE 1 1 0 -1 0 0.0025",
        "CHANMODE 0",
        f"GUID {ids.take}",
        f"<SOURCE {stem.source_kind}",
        f"  FILE {quoted(media)}{mark}",
        ">",
    ]
