"""Projects made from what a test says of them (the project spec).

    {"path": "/…/song.rpp" | "", "sample_rate": 48000 | None, "tempo": 120.0, "cursor": 0.0,
     "tracks": [{"name", "guid", "volume", "pan", "mute", "solo", "folder_depth", "selected",
                 "n_channels", "free_mode", "fx": ["ReaEQ", "-Bypassed"], "fx_enabled": True,
                 "sends": [track index | {"to", "volume", "mode"}], "values": {"D_VOL": 1.0},
                 "items": [{"guid", "position", "length", "mute", "solo", "selected", "loop",
                            "volume", "fade_in", "fade_out", "lane", "values", "active_take",
                            "takes": [None | {"guid", "file", "kind", "section", "offset", "rate",
                                              "name", "volume", "pan", "fx", "values"}]}]}],
     "master": {"volume", "fx"},
     "regions": [{"name", "start", "end", "number", "selected", "colour",
                  "render": [track index | "master"]}],
     "markers": [{"name", "position", "number"}],
     "time_selection": [s, e], "numbers": {"RENDER_…": 0}, "texts": {…}, "ext": {section: {…}}}

Everything may be left out. An item without a length has its take's; None among the takes is an
empty take; an FX whose name starts with "-" is bypassed. Tracks and takes may have "envelopes",
{name: [[seconds, value], ...]}, and "strings" by key ("P_EXT:x", "P_RAZOREDITS", "P_LANENAME:0");
takes "stretch_markers", [[seconds in the item, in the source], ...]; tracks "lane_plays", {0: 1}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fakes.reaper.media import open_source
from fakes.reaper.project import Project
from fakes.reaper.things import Effect, Envelope, Item, Mark, Send, Take, Track
from fakes.reaper.undo import History

if TYPE_CHECKING:
    from fakes.reaper.host import Host

Spec = Mapping[str, Any]
TRACK_KEYS = {
    "volume": "D_VOL",
    "pan": "D_PAN",
    "mute": "B_MUTE",
    "solo": "I_SOLO",
    "solo_defeat": "B_SOLO_DEFEAT",
    "folder_depth": "I_FOLDERDEPTH",
    "selected": "I_SELECTED",
    "n_channels": "I_NCHAN",
    "free_mode": "I_FREEMODE",
    "fx_enabled": "I_FXEN",
    "colour": "I_CUSTOMCOLOR",
    "main_send": "B_MAINSEND",
}
ITEM_KEYS = {
    "position": "D_POSITION",
    "length": "D_LENGTH",
    "mute": "B_MUTE",
    "solo": "C_MUTE_SOLO",
    "selected": "B_UISEL",
    "loop": "B_LOOPSRC",
    "volume": "D_VOL",
    "fade_in": "D_FADEINLEN",
    "fade_out": "D_FADEOUTLEN",
    "lane": "I_FIXEDLANE",
    "active_take": "I_CURTAKE",
    "group": "I_GROUPID",
    "all_takes": "B_ALLTAKESPLAY",
    "timebase": "C_BEATATTACHMODE",
}
TAKE_KEYS = {
    "offset": "D_STARTOFFS",
    "rate": "D_PLAYRATE",
    "volume": "D_VOL",
    "pan": "D_PAN",
    "pitch": "D_PITCH",
    "preserve_pitch": "B_PPITCH",
    "channel_mode": "I_CHANMODE",
}
OTHER_KEYS = {"name", "guid", "values", "fx", "items", "takes", "sends", "file", "kind"}
OTHER_KEYS |= {"section", "lane_plays", "strings", "envelopes", "stretch_markers"}


def make_project(host: Host, spec: Spec) -> Project:
    """A project in no tab yet, not dirty and with nothing to undo."""
    project = Project(host, str(spec.get("path", "")))
    if spec.get("sample_rate"):
        project.numbers |= {"PROJECT_SRATE": float(spec["sample_rate"]), "PROJECT_SRATE_USE": 1.0}
    project.numbers |= {key: float(value) for key, value in spec.get("numbers", {}).items()}
    project.texts |= spec.get("texts", {})
    project.ext = {section: dict(values) for section, values in spec.get("ext", {}).items()}
    start, end = spec.get("time_selection") or (0.0, 0.0)
    project.time_selection = (float(start), float(end))
    project.tempo_bpm = float(spec.get("tempo", 120.0))
    project.cursor = float(spec.get("cursor", 0.0))
    _fill(project.master, spec.get("master", {}), TRACK_KEYS)
    add_tracks(project, spec.get("tracks", ()))
    _add_marks(project, spec)
    project.history = History(project)
    return project


def add_tracks(project: Project, specs: Sequence[Spec]) -> None:
    """Tracks behind those there are; the numbers of their sends count from the first of all."""
    made = [Track(project) for _spec in specs]
    project.tracks += made
    for track, spec in zip(made, specs, strict=True):
        _fill(track, spec, TRACK_KEYS)
        track.items = [_item(track, item) for item in spec.get("items", ())]
        track.sort_items()
        for lane, plays in spec.get("lane_plays", {}).items():
            track.lane_plays[int(lane)] = int(plays)
        for send in spec.get("sends", ()):
            wanted = send if isinstance(send, Mapping) else {"to": send}
            made_send = Send(track, project.tracks[wanted["to"]])
            made_send.values["D_VOL"] = float(wanted.get("volume", 1.0))
            made_send.values["I_SENDMODE"] = float(wanted.get("mode", 0))
            track.sends.append(made_send)


def _item(track: Track, spec: Spec) -> Item:
    item = Item(track)
    item.takes = [_take(item, take) for take in spec.get("takes", ())]
    item.values["B_LOOPSRC"] = 0.0
    _fill(item, spec, ITEM_KEYS)
    take = item.active_take
    if "length" not in spec and take is not None and take.source is not None:
        left = take.source.length_seconds - take.values["D_STARTOFFS"]
        item.values["D_LENGTH"] = left / take.values["D_PLAYRATE"]
    return item


def _take(item: Item, spec: Spec | None) -> Take:
    take = Take(item, is_empty=spec is None)
    if spec is not None:
        _fill(take, spec, TAKE_KEYS)
        take.stretch_markers = [list(marker) for marker in spec.get("stretch_markers", ())]
        if "file" in spec or "kind" in spec:
            kind, section = spec.get("kind", ""), spec.get("section", ())
            take.play(open_source(str(spec.get("file", "")), kind=kind, section=section))
    return take


def _fill(thing: Track | Item | Take, spec: Spec, keys: Mapping[str, str]) -> None:
    unknown = set(spec) - set(keys) - OTHER_KEYS
    if unknown:
        raise ValueError(f"no such thing in a spec: {sorted(unknown)}")
    for key, value in spec.items():
        if key in keys:
            thing.values[keys[key]] = float(value)
    thing.values.update({key: float(value) for key, value in spec.get("values", {}).items()})
    thing.strings.update(spec.get("strings", {}))
    thing.guid = spec.get("guid", thing.guid)
    if not isinstance(thing, Item):
        thing.name = spec.get("name", thing.name)
        for name, points in spec.get("envelopes", {}).items():
            thing.envelopes.append(Envelope(thing, name, [list(point) for point in points]))
        for name in spec.get("fx", ()):
            thing.effects.append(Effect(name.removeprefix("-"), not name.startswith("-")))


def _add_marks(project: Project, spec: Spec) -> None:
    for kind, is_region in (("regions", True), ("markers", False)):
        for number, mark in enumerate(spec.get(kind, ()), start=1):
            start = float(mark["start"] if is_region else mark["position"])
            end = float(mark["end"]) if is_region else start
            made = Mark(project, int(mark.get("number", number)), is_region, start, end)
            made.name, made.colour = str(mark.get("name", "")), int(mark.get("colour", 0))
            made.is_selected = bool(mark.get("selected", False))
            made.render_tracks = tuple(
                (project.master if one == "master" else project.tracks[one]).guid
                for one in mark.get("render", ())
            )
            project.marks.append(made)
    project.marks.sort(key=lambda mark: mark.start)
