"""Project files that something went wrong with: mutation `number` is the same in every run."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from fakes.projects import (
    DIALECTS,
    Dialect,
    ItemText,
    Lines,
    ProjectText,
    TrackText,
    block,
    envelope,
    fx_chain,
    marker_line,
    region_lines,
    vst,
)

MEDIA = ("a.wav", "mono.wav")  # the files that the items play
MAX_MUTATIONS = 4

_NUMBERS = (
    *(b"nan", b"inf", b"-inf", b"1e308", b"-1e308", b"1e12", b"-1e11", b"1e-320", b"-0", b"-1"),
    *(b"0", b"1", b"2", b"-4.5", b"0.0000001", b"1e9", b"2147483648", b"-2147483649"),
    *(b"18446744073709551616", b"9" * 400, b"0x7fffffff", b"0x" + b"f" * 40, b"1,5", b"1.2.3"),
    *(b"--5", b"1e", b"1e999999", b"1_0", "٣".encode(), "５".encode(), b"+", b".", b"3.", b".5"),
)
_TEXTS = (
    *(b'""', b'"', b"'", b"`", b"\"a'b`", b"#", b";", b"<", b">", b"|", b"SEL", b"NULL", b"{}"),
    *(b"\xff\xfe", b"\x80", b"\x1b[2J", b"\x0b", b"\x1c", b"\x85", "\u2028".encode(), b"\t", b" "),
    *(b"..", b"../../..", b"C:\\", b"\\\\server\\x", b"/", b"/dev/null", b"/dev/zero", b"a" * 5000),
    *(b"MIDI", b"WAVE", b"SECTION", b"VIDEO", b"RPP_PROJECT", b"CLICK", b"LTC", b"_OFFLINE_WAVE"),
)
_LINES = (
    *(b"POSITION -1", b"LENGTH 1e11", b"LENGTH -3", b"LENGTH 0", b"SOFFS -1e9", b"LOOP 1"),
    *(b"PLAYRATE 1e-9 1 12", b"PLAYRATE 1e9", b"PLAYRATE -1", b"PLAYRATE 0.5 1 -3 0 0 0.0025"),
    *(b"TAKE", b"TAKE SEL", b"TAKE NULL", b"TAKE NULL SEL", b"SM 0 0", b"SM 0 1e9 -1 + + 1"),
    *(b"FREEMODE 1", b"FREEMODE 2", b"LANESOLO -1", b"YPOS 2 -1", b"YPOS nan", b"ISBUS 1 1"),
    *(b"ISBUS 2 -9", b"ISBUS 1 999999", b"MUTESOLO 1 1", b"CHANMODE 66", b"CHANMODE -5"),
    *(b"FADEIN 99 9e9 9e9 99 1 9 -9", b"FADEOUT -1 -1 -1 -1", b"AUXRECV 99999 0", b"AUXRECV -1"),
    *(b"SAMPLERATE 1 1", b"SAMPLERATE 0 1", b"SAMPLERATE -44100 1", b"SAMPLERATE 1e11 1"),
    *(b"SELECTION 5 1", b"SELECTION -1 1", b"MARKER 1 -9 x 1", b"MARKER 1", b"ITEMMIX 7"),
    *(
        b"MUTE 0 -1",
        b"MIXFLAG 2",
        b"PLAYOFFS 1e9 2",
        b"IGUID {}",
        b"NAME",
        b"FILE",
        b"MODE 3",
        b"STARTPOS -1",
    ),
    *(b"<SOURCE SECTION", b"<SOURCE", b"<ITEM", b"<TRACK", b">", b"<NOTES", b"|", b"<FREEZE 0"),
)

_Mutation = Callable[[random.Random, bytes], bytes]


def mutated(number: int) -> bytes:
    """The content of a project after one to `MAX_MUTATIONS` mishaps."""
    chance = random.Random(number)
    content = chance.choice(originals())
    for _ in range(chance.randint(1, MAX_MUTATIONS)):
        content = chance.choice(_MUTATIONS)(chance, content)
    return content


@cache
def originals() -> tuple[bytes, ...]:
    """Projects of every version of REAPER; of each one that plays and one with all else."""
    return tuple(
        _project(dialect, tracks).content()
        for dialect in DIALECTS.values()
        for tracks in (_plain_tracks(), _odd_tracks(dialect))
    )


def _project(dialect: Dialect, tracks: tuple[TrackText, ...]) -> ProjectText:
    markers: Lines = [marker_line(dialect, 1, 1.0, "here", 0)]
    markers += region_lines(dialect, 2, 0.0, 2.0, "Verse")
    markers += region_lines(dialect, 3, 2.0, 9.0, '"Two words"')
    return ProjectText(
        tracks=tracks,
        dialect=dialect,
        markers=tuple(markers),
        tempo_points=("PT 0 120 1", "PT 8 100 0 262148 0 1"),
        notes=("> not a bracket", 'a "quote'),
    )


def _plain_tracks() -> tuple[TrackText, ...]:
    return (
        TrackText("Band", 1, (), "1 1", chunks=(fx_chain(vst(60)), envelope("VOLENV2", (0, 1)))),
        TrackText("'Gtr \"L\"'", 2, tuple(_audio_items()), "2 -1"),
        TrackText("Bus", 3, extra=("AUXRECV 1 0 1 0 0 0 0 0 0 -1:U 0 -1 ''",)),
    )


def _odd_tracks(dialect: Dialect) -> tuple[TrackText, ...]:
    return (
        TrackText("Odd", 3, tuple(_odd_items()), chunks=(fx_chain(vst(60)),)),
        TrackText("Lanes", 4, _lane_items(40), extra=("FREEMODE 2", "LANESOLO 1 0 0 0 0 0 0 0")),
        TrackText("Free", 5, _lane_items(50), extra=("FREEMODE 1", "PLAYOFFS 0.1 0")),
        TrackText("Ice", 6, (ItemText(number=70, file="a.wav"),), chunks=(_frozen(dialect),)),
    )


def _audio_items() -> list[ItemText]:
    take = ["TAKE SEL", "NAME two", "SOFFS 0.1", *block("SOURCE WAVE", "FILE mono.wav")]
    made = block("EXT", """hanolab '{"job": "j1", "role": "vocals", "kind": "separate"}'""")
    moved = [*envelope("PANENV", (0, -1), (1, 1)), *envelope("MUTEENV", (0, 1), (0.5, 0))]
    faded = {"fade_in": "1.1 0.01 0.3 1 1 0.4 0.4", "fade_out": "5 0.2 0 5 0 0.7 0"}
    return [
        ItemText(0.0, 2.0, 1, "a.wav", take_extra=take),
        ItemText(1.5, 2.0, 2, "a.wav", loop=1, offset="-0.5", **faded),
        ItemText(
            3.0, 1.0, 3, "mono.wav", rate="1.25 0", take_extra=envelope("VOLENV", (0, 1), (1, 0))
        ),
        ItemText(3.5, 1.0, 4, "mono.wav", extra=("MIXFLAG 2", "CHANMODE 3"), take_extra=moved),
        ItemText(4.5, 0.5, 7, "a.wav", rate="1.5 0", loop=1, take_extra=made),
        ItemText(5.0, 1.0, 5, "a.wav", rate="0.5 1 3", take_extra=["SM 0 0 + 0.5 0.7 -0.2"]),
        ItemText(6.0, 1.0, 6, "missing.wav", mute="1 0"),
    ]


def _odd_items() -> list[ItemText]:
    midi = block("SOURCE MIDI", "HASDATA 1 960 QN", "E 480 90 3c 60", block("X 0 0", "/wNh"))
    inner = block("SOURCE WAVE", "FILE a.wav")
    section = block("SOURCE SECTION", "LENGTH 1", "STARTPOS 0.2", "OVERLAP 0.01", "MODE 2", inner)
    return [
        ItemText(0.5, 1.0, 21, source=midi),
        ItemText(1.0, 1.0, 22, source=section, take_extra=fx_chain(vst(60), kind="TAKEFX")),
        ItemText(2.0, 1.0, 23, '"clip.mp4"', "VIDEO"),
        ItemText(2.5, 0.5, 24, "song.rpp", "RPP_PROJECT"),
        ItemText(4.0, 0.0, 25, "a.wav", take_extra=["TAKE NULL"], extra=("CHANMODE 3",)),
    ]


def _lane_items(number: int) -> tuple[ItemText, ...]:
    lanes = (("YPOS 0 0.5 1",), ("YPOS 0.5 0.5 2",))
    return tuple(
        ItemText(0.5 * k, 1.0, number + k, "a.wav", extra=lane) for k, lane in enumerate(lanes)
    )


def _frozen(dialect: Dialect) -> Lines:
    return block("FREEZE 0", ItemText(number=80, file="a.wav").lines(dialect))


def _drop_lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    start, stop = _stretch(chance, lines)
    return b"".join(lines[:start] + lines[stop:])


def _repeat_lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    start, stop = _stretch(chance, lines)
    at = chance.randint(0, len(lines))
    return b"".join(lines[:at] + lines[start:stop] * chance.choice((1, 1, 2)) + lines[at:])


def _swap_lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if lines:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _insert_line(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    lines.insert(chance.randint(0, len(lines)), b"    " + chance.choice(_LINES) + b"\r\n")
    return b"".join(lines)


def _wrap_lines(chance: random.Random, content: bytes) -> bytes:
    """Put lines into blocks in blocks; more than are allowed, at times."""
    lines = content.splitlines(keepends=True)
    start, stop = _stretch(chance, lines)
    depth = chance.choice((1, 2, 30, 57, 70))
    opening = b"<" + chance.choice((b"X", b"SOURCE SECTION", b"ITEM", b"TRACK", b"FREEZE")) + b"\n"
    inside = lines[start:stop]
    return b"".join([*lines[:start], *[opening] * depth, *inside, *[b">\n"] * depth, *lines[stop:]])


def _replace_token(chance: random.Random, content: bytes) -> bytes:
    return _with_token(chance, content, chance.choice(_NUMBERS + _TEXTS))


def _replace_number(chance: random.Random, content: bytes) -> bytes:
    return _with_token(chance, content, chance.choice(_NUMBERS))


def _swap_tokens(chance: random.Random, content: bytes) -> bytes:
    tokens = content.split(None, 400)[: chance.randint(1, 400)]
    return _with_token(chance, content, chance.choice(tokens)) if tokens else content


def _with_token(chance: random.Random, content: bytes, new: bytes) -> bytes:
    """Put a token in the place of another one, of a line that stands anywhere."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return new
    number = chance.randrange(len(lines))
    parts = lines[number].split(b" ")
    parts[chance.randrange(len(parts))] = new
    line = b" ".join(parts)
    lines[number] = line if line.endswith(b"\n") else line + b"\r\n"
    return b"".join(lines)


def _cut_end(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randint(0, len(content))]


def _cut_end_and_close(chance: random.Random, content: bytes) -> bytes:
    """Cut off anywhere, and close what is open, so that there is something to read."""
    rest = _cut_end(chance, content)
    depth = 0
    for line in rest.splitlines():
        body = line.strip()
        depth += body.startswith(b"<") - body.startswith(b">")
    return rest + b"\n" + b">\n" * max(depth, 0)


def _insert_bytes(chance: random.Random, content: bytes) -> bytes:
    at = chance.randint(0, len(content))
    junk = chance.choice((chance.choice(_TEXTS), chance.randbytes(chance.randint(1, 12))))
    return content[:at] + junk + content[at:]


def _change_bytes(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(min(len(changed), chance.randint(1, 4))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _change_ends(chance: random.Random, content: bytes) -> bytes:
    return content.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\n\n", b"\r\r\n")))


def _stretch(chance: random.Random, lines: list[bytes]) -> tuple[int, int]:
    """A few lines, or more seldom many of them."""
    start = chance.randint(0, len(lines))
    return start, min(len(lines), start + chance.choice((1, 1, 1, 2, 5, 20)))


_MUTATIONS: tuple[_Mutation, ...] = (
    *(_drop_lines, _repeat_lines, _swap_lines, _insert_line, _insert_line, _wrap_lines),
    *(_replace_token, _replace_token, _replace_number, _replace_number, _swap_tokens),
    *(_cut_end, _cut_end_and_close, _insert_bytes, _change_bytes, _change_ends),
)
