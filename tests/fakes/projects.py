"""Builds texts of REAPER projects as versions 3 to 7.7 write them, and strategies for random ones.

A chunk is a list of lines; `block` indents what is inside it. `Dialect` says what a version writes.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from hypothesis import strategies as st

Lines = list[str]


@dataclass(frozen=True)
class Dialect:
    """What one version of REAPER writes; `marker_fields` 4 to 9."""

    version: str
    guids: bool = True
    quotes_guids: bool = False
    marker_fields: int = 9
    fade_fields: int = 7
    tempo_block: str = "TEMPOENVEX"
    header: str = ""

    def guid(self, number: int) -> str:
        text = f"{{{number:08X}-0000-4000-8000-000000000000}}"
        return f"'{text}'" if self.quotes_guids else text

    @property
    def root(self) -> str:
        return self.header or f'<REAPER_PROJECT 0.1 "{self.version}" 1727695440'


DIALECTS = {
    "3": Dialect("", False, False, 4, 3, "TEMPOENVNEW", "<REAPER_PROJECT 0.1"),
    "4.32": Dialect("4.32", True, True, 5, 5),
    "5.1": Dialect("5.10/x64", True, False, 6, 6),
    "6.0": Dialect("6.02/linux64", True, False, 7, 6),
    "6.8": Dialect("6.80/OSX64", True, False, 8, 7),
    "7.18": Dialect("7.18/win64"),
    "7.7": Dialect("7.70/macOS-arm64", header='<REAPER_PROJECT 0.1 "7.70/macOS-arm64" 1763 0'),
}


def block(header: str, *inside: str | Lines) -> Lines:
    lines = [f"<{header}"]
    for part in inside:
        lines += [f"  {line}" for line in ([part] if isinstance(part, str) else part)]
    return [*lines, ">"]


def base64_lines(n_bytes: int, seed: int = 1) -> Lines:
    raw = bytes((seed * 131 + k * 7) % 256 for k in range(n_bytes))
    text = base64.b64encode(raw).decode()
    return [text[k : k + 128] for k in range(0, len(text), 128)]


def vst(n_bytes: int = 300, seed: int = 1) -> Lines:
    return block(
        'VST "VST: ReaEQ (Cockos)" reaeq.vst.so 0 "" 1919247729<56535472656571> ""',
        base64_lines(n_bytes, seed),
    )


def fx_chain(*chunks: Lines, kind: str = "FXCHAIN", bypassed: bool = False) -> Lines:
    inside: list[str | Lines] = ["WNDRECT 0 0 0 0", "SHOW 0"]
    for chunk in chunks:
        inside += [f"BYPASS {int(bypassed)} 0", chunk, "FLOATPOS 0 0 0 0", "FXID {F}", "WAK 0 0"]
    return block(kind, *inside)


def envelope(kind: str, *points: tuple[float, float]) -> Lines:
    return block(kind, "EGUID {E}", "ACT 1 -1", [f"PT {t} {v} 0" for t, v in points])


@dataclass(frozen=True)
class ItemText:
    """An item to be written; `extra` lines stand behind POSITION, `take_extra` behind SOURCE."""

    position: float = 0.0
    length: float = 4.0
    number: int = 1
    file: str = '"Media/a b.wav"'
    kind: str = "WAVE"
    name: str = "gtr"
    offset: str = "0"
    rate: str = "1"
    fade_in: str = "1 0 0 1 0 0 0"
    fade_out: str = "1 0 0 1 0 0 0"
    loop: int = 0
    mute: str | None = "0 0"
    extra: tuple[str, ...] = ()
    take_extra: Lines = field(default_factory=list)
    source: Lines | None = None

    def lines(self, dialect: Dialect) -> Lines:
        inside: list[str | Lines] = [f"POSITION {self.position!r}", *self.extra, "SNAPOFFS 0"]
        inside += [f"LENGTH {self.length!r}", f"LOOP {self.loop}", "ALLTAKES 0"]
        for key, fade in (("FADEIN", self.fade_in), ("FADEOUT", self.fade_out)):
            inside.append(" ".join([key, *fade.split()[: dialect.fade_fields]]))
        inside += [f"MUTE {self.mute}"] if self.mute is not None else []
        if dialect.guids:
            inside += [f"IGUID {dialect.guid(self.number)}", f"IID {self.number}"]
        inside += [f"NAME {self.name}", "VOLPAN 1 0 1 -1", f"SOFFS {self.offset}"]
        inside.append(f"PLAYRATE {self.rate} 1 0 -1 0 0.0025")
        inside += [f"GUID {dialect.guid(self.number + 500)}"] if dialect.guids else []
        source = self.source or block(f"SOURCE {self.kind}", f"FILE {self.file}")
        return block("ITEM", *inside, source, self.take_extra)


@dataclass(frozen=True)
class TrackText:
    """A track to be written."""

    name: str = "Guitar"
    number: int = 1
    items: tuple[ItemText, ...] = ()
    bus: str | None = "0 0"
    extra: tuple[str, ...] = ()
    chunks: tuple[Lines, ...] = ()

    def lines(self, dialect: Dialect) -> Lines:
        guid = dialect.guid(self.number + 900)
        inside: list[str | Lines] = [f"NAME {self.name}", "PEAKCOL 16576", "VOLPAN 1 0 -1 -1 1"]
        inside += ["MUTESOLO 0 0 0", "IPHASE 0", *self.extra]
        inside += [f"ISBUS {self.bus}"] if self.bus is not None else []
        inside += ["NCHAN 2", "FX 1", *([f"TRACKID {guid}"] if dialect.guids else [])]
        inside += ["MAINSEND 1 0", *self.chunks]
        inside += [item.lines(dialect) for item in self.items]
        return block(f"TRACK {guid}" if dialect.guids else "TRACK", *inside)


def marker_line(dialect: Dialect, number: int, seconds: float, name: str, flags: int) -> str:
    fields = [str(number), repr(seconds), name, str(flags), "0", "1", "R", "{AB}", "0"]
    return " ".join(["MARKER", *fields[: dialect.marker_fields]])


def region_lines(dialect: Dialect, number: int, start: float, end: float, name: str) -> Lines:
    tail = marker_line(dialect, number, end, '""' if dialect.marker_fields > 6 else name, 1)
    if dialect.marker_fields == 9:
        tail = f'MARKER {number} {end!r} "" 1'
    return [marker_line(dialect, number, start, name, 1), tail]


@dataclass(frozen=True)
class ProjectText:
    """A project to be written."""

    tracks: tuple[TrackText, ...] = (TrackText(items=(ItemText(),)),)
    dialect: Dialect = DIALECTS["7.18"]
    eol: str = "\r\n"
    indent: str = "  "
    rate: str = "48000 1 0"
    selection: str = "1 3"
    markers: tuple[str, ...] = ()
    tempo_points: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    tail: str = ""

    def text(self) -> str:
        dialect = self.dialect
        inside: list[str | Lines] = [block("NOTES 0 2", [f"|{line}" for line in self.notes])]
        inside += ["RIPPLE 0", "AUTOXFADE 129", f"SELECTION {self.selection}", "ITEMMIX 0"]
        inside += [f"SAMPLERATE {self.rate}", 'RECORD_PATH "Media" ""', *self.settings]
        inside += [block("RENDER_CFG", "ZXZhdxgAAA=="), "TEMPO 120 4 4", "PLAYRATE 1 0 0.25 4"]
        inside.append(block(dialect.tempo_block, "ACT 1 -1", list(self.tempo_points)))
        inside += [*self.markers, block("PROJBAY")]
        inside += [track.lines(dialect) for track in self.tracks]
        inside.append(block("EXTENSIONS", block("DRIVEN_BY_MOSS", "")))
        lines = block(dialect.root[1:], *inside)
        return self.eol.join(_indented(line, self.indent) for line in lines) + self.eol + self.tail

    def content(self) -> bytes:
        return self.text().encode("utf-8", "surrogateescape")


def _indented(line: str, indent: str) -> str:
    body = line.lstrip(" ")
    return indent * ((len(line) - len(body)) // 2) + body


NAMES = ("bass", '"two words"', "'say \"hi\"'", '`it\'s "it"`', '"#kick"', '""', 'hel"lo', "Größe")
FILES = ("a.wav", '"Media/a b.wav"', r"samples\b.wav", "/abs/c.wav", r"C:\x\d.wav", "`q'\".wav`")
_times = st.integers(0, 4000).map(lambda k: k / 64)


@st.composite
def items(draw: st.DrawFn, number: int, plain: bool) -> ItemText:
    kinds = ["WAVE", "MP3", "VIDEO", "SECTION", *([] if plain else ["MIDI"])]
    kind = draw(st.sampled_from(kinds))
    source = None
    if kind == "MIDI":
        source = block("SOURCE MIDI", "HASDATA 1 960 QN", "E 480 90 3c 60", "<X 0 0", "  /wNh", ">")
    elif kind == "SECTION":
        inner = block("SOURCE WAVE", "FILE c.wav")
        source = block("SOURCE SECTION", "LENGTH 4", "STARTPOS 1", "OVERLAP 0.01", inner)
    extras = draw(
        st.sets(st.sampled_from(["fx", "take", "null", "env", "sm"][: 3 if plain else 5]))
    )
    take_extra: Lines = []
    take_extra += ["SM 0 0 + 1 2 0.5"] if "sm" in extras else []
    take_extra += envelope("VOLENV", (0, 1), (1, 0.5)) if "env" in extras else []
    take_extra += fx_chain(vst(), kind="TAKEFX") if "fx" in extras else []
    if "take" in extras:
        take_extra += ["TAKE SEL", "NAME two", "SOFFS 1", *block("SOURCE WAVE", "FILE two.wav")]
    take_extra += ["TAKE NULL"] if "null" in extras else []
    return ItemText(
        position=draw(_times),
        length=draw(_times),
        number=number,
        file=draw(st.sampled_from(FILES)) + (" 1" if kind == "MP3" else ""),
        kind=kind,
        name=draw(st.sampled_from(NAMES)),
        offset=draw(st.sampled_from(["0", "0.5", "-1", "0 0", "2,5", "1 2"][: 5 if plain else 6])),
        rate=draw(st.sampled_from(["1", "0.5", "1.25"])),
        fade_in=draw(
            st.sampled_from(["1 0 0 1 0 0 0", "1.1 0.01 0.3 1 1 0.4 0.4"][: 1 if plain else 2])
        ),
        fade_out=draw(st.sampled_from(["1 0 0 1 0 0 0", "1 0.01 0 1 0 0 0"][: 1 if plain else 2])),
        loop=draw(st.integers(0, 1)),
        mute=draw(st.sampled_from(["0 0", "0", "1 0", "0 -1", None])),
        take_extra=take_extra,
        source=source,
    )


@st.composite
def tracks(draw: st.DrawFn, number: int, plain: bool) -> TrackText:
    numbers = range(number * 20, number * 20 + draw(st.integers(0, 4)))
    chunks = [fx_chain(vst(seed=number))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        chunks.append(block("FREEZE 0", ItemText(number=number * 20 + 19).lines(DIALECTS["7.18"])))
    own = sorted((draw(items(n, plain)) for n in numbers), key=lambda item: item.position)
    lanes = ("FREEMODE 2", "FIXEDLANES 9 0 0 0 0", "LANESOLO 1 0 0 0 0 0 0 0")
    return TrackText(
        name=draw(st.sampled_from(NAMES)),
        number=number,
        items=tuple(own),
        bus=draw(st.sampled_from(["0 0", "1 1", "2 -1", "2 -2", None])),
        extra=draw(st.sampled_from([(), lanes, ("AUXRECV 0 0 1 0 0 0 0 0 0 -1:U 0 -1 ''",)])),
        chunks=tuple(chunks),
    )


@st.composite
def projects(draw: st.DrawFn, *, plain: bool = False) -> ProjectText:
    """Any project; a plain one has only items that can be cut exactly anywhere."""
    dialect = draw(st.sampled_from(list(DIALECTS.values())))
    own = tuple(draw(tracks(number, plain)) for number in range(1, draw(st.integers(0, 4)) + 1))
    markers: Lines = []
    for number in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(NAMES))
        start = draw(_times)
        markers.append(marker_line(dialect, number, start, name, 0))
        markers += region_lines(dialect, number, start, start + 1.5, name)
    return ProjectText(
        tracks=own,
        dialect=dialect,
        eol=draw(st.sampled_from(["\r\n", "\n"])),
        indent=draw(st.sampled_from(["  ", "\t", ""])),
        markers=tuple(markers),
        tempo_points=draw(st.sampled_from([(), ("PT 0 120 1", "PT 8 100 0 262148 0 1")])),
        notes=draw(st.sampled_from([(), ("> not a bracket", "<nor this", 'a "quote')])),
        tail=draw(st.sampled_from(["", "\0", "\r\n"])),
    )
