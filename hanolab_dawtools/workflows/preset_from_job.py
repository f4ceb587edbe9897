"""The preset that a job was run by, made again from its plan; of plain commands, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hanolab_dawtools.audio.effect_entries import table_from_effect
from hanolab_dawtools.audio.effect_table import checked
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import RequestKind
from hanolab_dawtools.placement import Arrangement
from hanolab_dawtools.presets.files import checked_preset
from hanolab_dawtools.presets.schema import ConvertJob, Preset
from hanolab_dawtools.workflows.plan import Effects, RunPlan

_ENGINES = frozenset({"local", "hanolab"})
MAX_NAME = 80


def preset_from_job(plan: RunPlan, name: str = "") -> Preset:
    """The preset that does what a job did, wherever its music lies; of a sweep, its base.

    `name`: what it is called; else as the preset that the job was run by, or after the job.

    Raises
    ------
    UsageError
        The job made music of nothing, which no preset does.
    PresetInvalid
        The job has values that a preset may not have.
    """
    if plan.kind is RequestKind.GENERATE:
        raise UsageError(
            "this job made music from words, and there are no presets for that",
            hint="Take a job that separated, converted or applied effects.",
        )
    table: dict[str, Any] = {
        "name": name or plan.preset or plan.title[:MAX_NAME],
        "before": _chain(plan.before),
        "job": _job(plan),
        "after": {role.value: _chain(effects) for role, effects in plan.after.items()},
        "tail": "auto" if plan.has_tail else "cut",
        "capture": {"point": plan.selection.point.value},
        "import": _policy(plan),
    }
    return checked_preset(table, f"the preset of {plan.title!r}")


def _job(plan: RunPlan) -> dict[str, Any]:
    if plan.kind is RequestKind.PROCESS:
        return {"kind": "none"}
    job: dict[str, Any] = {"kind": plan.kind.value}
    if plan.engine in _ENGINES:
        job["engine"] = plan.engine
    if plan.kind is RequestKind.SEPARATE:
        known = {"stems", "only"}
    else:
        known = set(ConvertJob.model_fields) - {"kind", "engine", "voice", "isolate"}
    job |= {name: value for name, value in plan.parameters.items() if name in known}
    if plan.kind.is_conversion:
        job |= _of_voice(plan)
    return job


def _of_voice(plan: RunPlan) -> Mapping[str, Any]:
    job: dict[str, Any] = {"width": plan.width.value, "match_level": plan.match_level}
    voice_id = plan.parameters.get("voice", "")
    if voice_id:
        job["voice"] = {"id": voice_id, "name": plan.voice if plan.voice != voice_id else ""}
    if any(part.kind is RequestKind.SEPARATE for part in plan.parts):
        job["isolate"] = True
    return job


def _policy(plan: RunPlan) -> Mapping[str, Any]:
    arrangement: Arrangement = plan.arrangement
    source = "mute"
    results = "lanes" if arrangement.lanes else "tracks"
    if plan.keep_source:
        source = "both" if arrangement.plays_beside else "keep"
    return {
        "results": "takes" if plan.as_takes else results,
        "source": source,
        "stems": [role.value for role in arrangement.roles],
        "residual": "auto" if arrangement.has_residual else "never",
        "folder": arrangement.has_folder,
        "inherit": arrangement.inherits,
        "names": arrangement.names,
        "colours": {role.value: colour for role, colour in arrangement.colours.items()},
    }


def _chain(effects: Effects) -> list[dict[str, Any]]:
    return [table_from_effect(checked(spec)) for spec in effects]
