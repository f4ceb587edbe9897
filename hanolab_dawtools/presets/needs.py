"""What a preset needs of the account and the machine it is used on.

A voice's id belongs to one account; a plug-in, an impulse response and a reference clip belong to
one machine. All else in a preset goes anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from hanolab_dawtools.presets.schema import ConvertJob, FlashJob, Preset


class NeedKind(StrEnum):
    """What kind of thing is needed."""

    VOICE = "voice"
    REFERENCE = "reference clip"
    PLUGIN = "plug-in"
    IMPULSE_RESPONSE = "impulse response"


@dataclass(frozen=True)
class Need:
    """One thing, where the preset says so, and how the user can replace it."""

    kind: NeedKind
    field: str
    name: str
    way_out: str


def needs_of(preset: Preset) -> list[Need]:
    """All that a preset needs beyond the program itself."""
    found = [*_of_job(preset)]
    for number, entry in enumerate(preset.before):
        found += _of_effect(entry, f"before[{number}]")
    for role, chain in preset.after.items():
        for number, entry in enumerate(chain):
            found += _of_effect(entry, f"after.{role}[{number}]")
    return found


def missing_needs(
    preset: Preset, *, voices: Mapping[str, str] | None, plugins: Sequence[Path]
) -> list[Need]:
    """What of it is not there.

    Parameters
    ----------
    voices
        Names of the account's voice models by id; None when the account cannot be asked, which
        leaves voices out.
    plugins
        Files of the plug-ins that may be loaded.
    """
    stems = {path.stem.casefold() for path in plugins}
    missing = []
    for need in needs_of(preset):
        if need.kind is NeedKind.VOICE:
            is_there = voices is None or _voice_of(preset, voices) is not None
        elif need.kind is NeedKind.PLUGIN:
            is_there = need.name.casefold() in stems
        else:
            is_there = Path(need.name).expanduser().is_file()
        if not is_there:
            missing.append(need)
    return missing


def with_own_voice(preset: Preset, voices: Mapping[str, str]) -> Preset:
    """The preset with this account's id of its voice, found by name where the id is unknown."""
    voice_id = _voice_of(preset, voices)
    job = preset.job
    if voice_id is None or not isinstance(job, ConvertJob | FlashJob) or job.voice is None:
        return preset
    voice = job.voice.model_copy(update={"id": voice_id})
    return preset.model_copy(update={"job": job.model_copy(update={"voice": voice})})


def _voice_of(preset: Preset, voices: Mapping[str, str]) -> str | None:
    job = preset.job
    if not isinstance(job, ConvertJob | FlashJob) or job.voice is None:
        return None
    if job.voice.id in voices:
        return job.voice.id
    wanted = job.voice.name.casefold()
    same = [voice_id for voice_id, name in voices.items() if wanted and name.casefold() == wanted]
    return same[0] if len(same) == 1 else None


def _of_job(preset: Preset) -> Iterator[Need]:
    job = preset.job
    if isinstance(job, ConvertJob | FlashJob) and job.voice and (job.voice.id or job.voice.name):
        yield Need(
            NeedKind.VOICE,
            "job.voice",
            job.voice.name or job.voice.id,
            "choose one of yours (hanolab voices) with --voice ID, or --set job.voice.id=ID",
        )
    if isinstance(job, ConvertJob) and job.reference:
        yield Need(
            NeedKind.REFERENCE,
            "job.reference",
            job.reference,
            "name a clip of yours with --reference CLIP, or --set job.reference=CLIP",
        )


def _of_effect(entry: Mapping[str, Any], place: str) -> Iterator[Need]:
    if entry.get("bypass"):
        return
    if entry["effect"] == "vst3":
        name = str(entry.get("plugin") or Path(str(entry.get("path", ""))).stem)
        yield Need(
            NeedKind.PLUGIN,
            place,
            name,
            f"install {name}, allow its folder (plugin_folders in the settings), "
            f"or switch it off with --set {place}.bypass=true",
        )
    if entry["effect"] == "convolution":
        yield Need(
            NeedKind.IMPULSE_RESPONSE,
            f"{place}.impulse_response",
            str(entry.get("impulse_response", "")),
            f"--set {place}.impulse_response=FILE",
        )
    for branch_number, branch in enumerate(entry.get("branches", ())):
        for number, inner in enumerate(branch):
            yield from _of_effect(inner, f"{place}.branches[{branch_number}][{number}]")
