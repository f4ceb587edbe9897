"""Projects of many tracks and regions, each track an item of music of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer

RATE = 44_100
TRACKS = ("Vox Lead", "Übung · Gtr", "日本語", "Bass")
REGIONS = ("Verse", "Chorus", "Señal $final")

_TRACK = """\
  <TRACK {{0D5E5A5C-6C0F-4B0E-9C7C-{number:012X}}}
    NAME "{name}"
    VOLPAN 1 0 -1 -1 1
    MUTESOLO 0 0 0
    ISBUS 0 0
    NCHAN 2
    FX 1
    TRACKID {{0D5E5A5C-6C0F-4B0E-9C7C-{number:012X}}}
    MAINSEND 1 0
    <ITEM
      POSITION 0
      SNAPOFFS 0
      LENGTH {seconds:.14g}
      LOOP 0
      ALLTAKES 0
      FADEIN 1 0 0 1 0 0 0
      FADEOUT 1 0 0 1 0 0 0
      MUTE 0 0
      SEL 0
      IGUID {{0D5E5A5C-6C0F-4B0E-9C7D-{number:012X}}}
      IID {number}
      NAME "{name}"
      VOLPAN 1 0 1 -1
      SOFFS 0
      PLAYRATE 1 1 0 -1 0 0.0025
      CHANMODE 0
      GUID {{0D5E5A5C-6C0F-4B0E-9C7E-{number:012X}}}
      <SOURCE WAVE
        FILE "Media/{number}.wav"
      >
    >
  >
"""


def write_noise(path: Path, seconds: float, *, seed: int = 1) -> Path:
    """A file of noise, the same for each seed."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * RATE)))
    files.write_audio(path, AudioBuffer(noise.astype(np.float32), RATE))
    return path


def write_song(
    folder: Path,
    *,
    tracks: Sequence[str] = TRACKS,
    regions: Sequence[str] = REGIONS,
    region_seconds: float = 0.5,
) -> Path:
    """A project whose regions follow each other without a gap; every track plays in all of them."""
    seconds = len(regions) * region_seconds
    lines = ['<REAPER_PROJECT 0.1 "7.18/linux-x86_64" 1727695440', f"  SAMPLERATE {RATE} 0 0"]
    for number, name in enumerate(regions, 1):
        start, end = (number - 1) * region_seconds, number * region_seconds
        guid = f"{{0D5E5A5C-6C0F-4B0E-9C7F-{number:012X}}}"
        lines += [
            f'  MARKER {number} {start:.14g} "{name}" 1 0 1 B {guid} 0',
            f'  MARKER {number} {end:.14g} "" 1',
        ]
    text = "\n".join(lines) + "\n"
    for number, name in enumerate(tracks, 1):
        write_noise(folder / "Media" / f"{number}.wav", seconds, seed=number)
        text += _TRACK.format(number=number, name=name, seconds=seconds)
    project = folder / "song.rpp"
    project.write_bytes(f"{text}>\n".encode())
    return project
