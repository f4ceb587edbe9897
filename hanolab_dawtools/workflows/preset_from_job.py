"""A preset out of what a job was to do, so that a good run can be had again elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hanolab_dawtools.audio.effect_entries import table_from_effect
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import Arrangement, RequestKind
from hanolab_dawtools.presets.files import checked_preset
from hanolab_dawtools.presets.schema import Preset
from hanolab_dawtools.workflows.plan import Effects, RunPlan

_OF_SEPARATION = ("stems", "only")
_OF_CONVERSION = (
    *("pitch_shift", "formant_shift", "index_rate", "filter_radius", "rms_mix_rate", "protect"),
    *("full_song", "reference"),
)


def preset_from_job(plan: RunPlan, name: str) -> Preset:
    """A preset that asks for what a job's plan asked for, wherever its music was.

    What belongs to that one run stays out: its selection, folders, URLs and limits.

    Raises
    ------
    UsageError
        A preset cannot hold it: music was generated.
    PresetInvalid
        The job has values that a preset may not have.
    """
    if plan.kind is RequestKind.GENERATE:
        raise UsageError(
            "a preset holds no generation of music",
            hint="Take a job that separated, converted or applied effects.",
        )
    table: dict[str, Any] = {"name": name, "job": _job(plan), "import": _import(plan)}
    table["before"] = _chain(plan.before)
    table["after"] = {role: _chain(effects) for role, effects in plan.after.items()}
    table["tail"] = "auto" if plan.has_tail else "cut"
    table["capture"] = {"point": plan.selection.point}
    return checked_preset(table, f"{name!r} from a job")


def _job(plan: RunPlan) -> dict[str, Any]:
    if plan.kind is RequestKind.PROCESS:
        return {"kind": "none"}
    job: dict[str, Any] = {"kind": plan.kind.value, "engine": plan.engine}
    if plan.kind is RequestKind.SEPARATE:
        return job | _those(plan.parameters, _OF_SEPARATION)
    job |= {"width": plan.width, "match_level": plan.match_level}
    if plan.parameters.get("voice"):
        job["voice"] = {"id": plan.parameters["voice"], "name": plan.voice}
    if plan.kind is RequestKind.CONVERT_FLASH:
        return job
    job |= _those(plan.parameters, _OF_CONVERSION)
    if "pitch_shift" in job:
        job["pitch_shift"] = round(job["pitch_shift"])
    return job


def _import(plan: RunPlan) -> dict[str, Any]:
    layout: Arrangement = plan.arrangement
    return {
        "results": "takes" if plan.as_takes else "tracks",
        "source": "keep" if plan.keep_source else "mute",
        "stems": list(layout.roles),
        "residual": "auto" if layout.has_residual else "never",
        "folder": layout.has_folder,
        "inherit": layout.inherits,
        "names": layout.names,
        "colours": dict(layout.colours),
    }


def _those(parameters: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: parameters[name] for name in names if parameters.get(name) is not None}


def _chain(effects: Effects) -> list[dict[str, Any]]:
    return [table_from_effect(effect) for effect in effects]
