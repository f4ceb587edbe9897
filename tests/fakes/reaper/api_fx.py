"""FX of tracks and takes, by their place in the chain. No parameters: only that they are there."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.registry import api
from fakes.reaper.things import Effect, Take, Track


def _nth(owner: Track | Take, index: int) -> Effect | None:
    return owner.effects[index] if 0 <= index < len(owner.effects) else None


def _name(owner: Track | Take, index: int) -> tuple[bool, str | None]:
    effect = _nth(owner, index)
    return (False, None) if effect is None else (True, effect.name)


@api("TrackFX_GetCount")
def track_fx_count(host: Host, track: Track) -> int:
    return len(track.effects)


@api("TrackFX_GetFXName")
def track_fx_name(
    host: Host, track: Track, index: int, text: str, size: int
) -> tuple[bool, str | None]:
    return _name(track, index)


@api("TrackFX_GetEnabled")
def track_fx_enabled(host: Host, track: Track, index: int) -> bool:
    effect = _nth(track, index)
    return effect is not None and effect.is_enabled


@api("TrackFX_SetEnabled")
def set_track_fx_enabled(host: Host, track: Track, index: int, is_enabled: bool) -> None:
    effect = _nth(track, index)
    if effect is not None:
        effect.is_enabled = is_enabled
        track.project.touch()


@api("TrackFX_SetOffline")
def set_track_fx_offline(host: Host, track: Track, index: int, is_offline: bool) -> None:
    effect = _nth(track, index)
    if effect is not None:
        effect.is_offline = is_offline
        track.project.touch()


@api("TrackFX_GetOffline")
def track_fx_offline(host: Host, track: Track, index: int) -> bool:
    effect = _nth(track, index)
    return effect is not None and effect.is_offline


@api("TrackFX_GetInstrument")
def track_fx_instrument(host: Host, track: Track) -> int:
    instruments = [n for n, fx in enumerate(track.effects) if fx.name.startswith(("VSTi", "AUi"))]
    return instruments[0] if instruments else -1


@api("TrackFX_AddByName")
def track_fx_add(host: Host, track: Track, name: str, is_input: bool, instantiate: int) -> int:
    places = [place for place, effect in enumerate(track.effects) if effect.name == name]
    if instantiate == 0 or (instantiate == 1 and places):
        return places[0] if places else -1
    track.effects.append(Effect(name))
    track.project.touch()
    return len(track.effects) - 1


@api("TrackFX_Delete")
def track_fx_delete(host: Host, track: Track, index: int) -> bool:
    if _nth(track, index) is None:
        return False
    del track.effects[index]
    track.project.touch()
    return True


@api("TrackFX_CopyToTrack")
def track_fx_copy(
    host: Host, source: Track, index: int, target: Track, place: int, is_move: bool
) -> None:
    effect = _nth(source, index)
    if effect is None:
        return
    if is_move:
        source.effects.remove(effect)
    else:
        effect = Effect(effect.name, effect.is_enabled, effect.is_offline)
    target.effects.insert(place if 0 <= place <= len(target.effects) else 10_000, effect)
    target.project.touch()


@api("TakeFX_GetCount")
def take_fx_count(host: Host, take: Take) -> int:
    return len(take.effects)


@api("TakeFX_GetFXName")
def take_fx_name(
    host: Host, take: Take, index: int, text: str, size: int
) -> tuple[bool, str | None]:
    return _name(take, index)


@api("TakeFX_GetEnabled")
def take_fx_enabled(host: Host, take: Take, index: int) -> bool:
    effect = _nth(take, index)
    return effect is not None and effect.is_enabled


@api("TakeFX_GetOffline")
def take_fx_offline(host: Host, take: Take, index: int) -> bool:
    effect = _nth(take, index)
    return effect is not None and effect.is_offline
