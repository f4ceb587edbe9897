"""The demo's project: a small song with an item as real projects have them.

The item starts late in its file (trimmed), somewhere on the timeline (offset), with fades, and a
region cuts it on both sides: everything that a separation must get right at once.
"""

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools import durable

REGION_NAME = "Chorus"
REGION_SECONDS = (3.5, 10.25)
ITEM_POSITION_SECONDS = 2.0
SOURCE_OFFSET_SECONDS = 0.75
FADE_IN_SECONDS, FADE_OUT_SECONDS = 0.25, 1.5
ITEM_LENGTH_SECONDS = 9.5

_PROJECT = """\
<REAPER_PROJECT 0.1 "7.18/linux-x86_64" 1727695440
  RIPPLE 0 0
  AUTOXFADE 129
  TEMPO 120 4 4 0
  SELECTION 0 0
  CURSOR 0
  SAMPLERATE 48000 0 0
  <NOTES 0 2
    |Made by `hanolab demo`. Open it in REAPER, or look at it with any editor.
  >
  MARKER 1 {region_start:.14g} {region} 1 0 1 B {{0D5E5A5C-6C0F-4B0E-9C7C-5C2B6A1F0001}} 0
  MARKER 1 {region_end:.14g} "" 1
  <TRACK {{0D5E5A5C-6C0F-4B0E-9C7C-5C2B6A1F0002}}
    NAME Song
    PEAKCOL 16576
    VOLPAN 1 0 -1 -1 1
    MUTESOLO 0 0 0
    ISBUS 0 0
    NCHAN 2
    FX 1
    TRACKID {{0D5E5A5C-6C0F-4B0E-9C7C-5C2B6A1F0002}}
    MAINSEND 1 0
    <ITEM
      POSITION {position:.14g}
      SNAPOFFS 0
      LENGTH {length:.14g}
      LOOP 0
      ALLTAKES 0
      FADEIN 1 {fade_in:.14g} 0 1 0 0 0
      FADEOUT 1 {fade_out:.14g} 0 1 0 0 0
      MUTE 0 0
      SEL 0
      IGUID {{0D5E5A5C-6C0F-4B0E-9C7C-5C2B6A1F0003}}
      IID 1
      NAME {media}
      VOLPAN 1 0 1 -1
      SOFFS {offset:.14g}
      PLAYRATE 1 1 0 -1 0 0.0025
      CHANMODE 0
      GUID {{0D5E5A5C-6C0F-4B0E-9C7C-5C2B6A1F0004}}
      <SOURCE MP3
        FILE "Media/{media}" 1
      >
    >
  >
>
"""


def build_demo_project(folder: Path, music: Path) -> Path:
    """Write a project around a piece of music (MP3) into a new folder; the path of the project."""
    media = folder / "Media" / "song.mp3"
    durable.copy_file(music, media)
    text = _PROJECT.format(
        region=REGION_NAME,
        region_start=REGION_SECONDS[0],
        region_end=REGION_SECONDS[1],
        position=ITEM_POSITION_SECONDS,
        offset=SOURCE_OFFSET_SECONDS,
        length=ITEM_LENGTH_SECONDS,
        fade_in=FADE_IN_SECONDS,
        fade_out=FADE_OUT_SECONDS,
        media=media.name,
    )
    project = folder / "demo.rpp"
    durable.write_bytes(project, text.replace("\n", "\r\n").encode())
    return project
