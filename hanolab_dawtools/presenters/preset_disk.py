"""What the preset list does on the disk, off the GUI thread: saving, taking in, giving out.

Nothing that somebody else changed meanwhile is written over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.errors import FileChanged, PresetInvalid
from hanolab_dawtools.presets.files import look_at, preset_text, read_content, read_preset
from hanolab_dawtools.presets.library import PresetLibrary, name_key
from hanolab_dawtools.presets.schema import Preset


@dataclass(frozen=True)
class Imported:
    """Presets that were read and can be taken in, with their bytes; `doubles` are names in use."""

    presets: tuple[Preset, ...]
    contents: tuple[bytes, ...]
    doubles: tuple[str, ...]


def save_over(library: PresetLibrary, preset: Preset, saved: Preset, path: Path) -> Path:
    """Save a preset over its own file, which must hold `saved` still; a factory's is shadowed.

    Raises
    ------
    FileChanged
        Somebody changed the file since it was read.
    PresetInvalid, DiskFull, NotWritable
    """
    own = library.own_path(preset.name)
    if own is None:
        return library.save(preset)
    try:
        is_same = own == path and read_preset(own) == saved
    except PresetInvalid as error:
        raise FileChanged(own) from error
    if not is_same:
        raise FileChanged(own)
    return library.save(preset, may_replace=True)


def read_imports(library: PresetLibrary, paths: Sequence[Path]) -> Imported:
    """Read files that shall become presets of the user: all of them, or none.

    Raises
    ------
    PresetInvalid
        The first mistake in any of them.
    """
    presets: dict[str, Preset] = {}
    contents = []
    for path in paths:
        content = read_content(path)
        preset, mistakes = look_at(content, str(path))
        if preset is None:
            raise mistakes[0]
        if name_key(preset.name) in presets:
            raise PresetInvalid(str(path), "name", "another of these files has the same name")
        presets[name_key(preset.name)] = preset
        contents.append(content)
    made = tuple(presets.values())
    doubles = tuple(each.name for each in made if library.own_path(each.name) is not None)
    return Imported(made, tuple(contents), doubles)


def take_in(library: PresetLibrary, imported: Imported) -> list[Path]:
    """Write what was read into the user's folder, in place of presets of the same names."""
    pairs = zip(imported.presets, imported.contents, strict=True)
    return [library.put(content, preset.name, may_replace=True) for preset, content in pairs]


def give_out(preset: Preset, source: Path | None, target: Path) -> Path:
    """Write a preset for another machine; as its file is, byte for byte, where one is named.

    `target` may be a folder.
    """
    if target.is_dir():
        target = target / f"{durable.safe_name(preset.name)}.toml"
    content = read_content(source) if source is not None else preset_text(preset).encode()
    durable.write_bytes(target, content)
    return target
