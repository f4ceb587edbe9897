"""From a preset, and what the user said beside it, to what is asked for.

What the command line says beats the preset, which beats the settings. What a preset needs and is
not there is told before any job exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.errors import PresetInvalid, SetupError, UsageError
from hanolab_dawtools.model import CapturePoint, HostName, RequestKind, Wanted, Width
from hanolab_dawtools.placement import Arrangement
from hanolab_dawtools.presets.files import checked_preset
from hanolab_dawtools.presets.needs import missing_needs, with_own_voice
from hanolab_dawtools.presets.schema import (
    ConvertJob,
    FlashJob,
    ImportPolicy,
    Job,
    NoJob,
    Preset,
    SeparateJob,
    Voice,
)
from hanolab_dawtools.workflows.parts import Sweep, isolated, swept
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import Asked

NO_ENGINE = "none"
CLOUD = "hanolab"
LOCAL = "local"
KNOBS = (
    "pitch_shift",
    "formant_shift",
    "index_rate",
    "filter_radius",
    "rms_mix_rate",
    "protect",
    "full_song",
)

SWEPT = KNOBS[:-1]

Voices = Callable[[], Mapping[str, str]]


@dataclass(frozen=True)
class Beside:
    """What the user said beside the preset; None and False: nothing.

    `point` stands for that of `wanted`, which cannot say nothing.
    """

    wanted: Wanted = field(default_factory=Wanted)
    point: CapturePoint | None = None
    voice: str | None = None
    reference: Path | None = None
    keep_source: bool = False
    folder: Path | None = None
    destination: Path | None = None


def ready_preset(
    preset: Preset, engine: str, beside: Beside, *, voices: Voices, plugins: Sequence[Path]
) -> Preset:
    """The preset with the voice and the clip that are used here, and nothing missing.

    Parameters
    ----------
    voices
        Asks the account for the names of its voice models by id; asked only when that matters.
    plugins
        Files of the plug-ins that may be loaded.

    Raises
    ------
    SetupError
        Something that the preset needs is not there; says how to replace it.
    UsageError
        A voice was named for a preset that converts nothing.
    CloudError, NotLoggedIn
        From `voices`.
    """
    job = preset.job
    if beside.voice is not None:
        if not isinstance(job, ConvertJob | FlashJob):
            raise UsageError(f"--voice has no meaning for {preset.name!r}: it converts no voice")
        job = job.model_copy(update={"voice": Voice(id=beside.voice)})
    if beside.reference is not None:
        if not isinstance(job, ConvertJob):
            raise UsageError(f"--reference has no meaning for {preset.name!r}")
        job = job.model_copy(update={"reference": str(beside.reference.absolute())})
    preset = preset.model_copy(update={"job": job})
    known = None
    asks = engine == CLOUD and beside.voice is None
    if asks and isinstance(job, ConvertJob | FlashJob) and job.voice is not None:
        known = voices()
        preset = with_own_voice(preset, known)
    missing = missing_needs(preset, voices=known, plugins=plugins)
    if missing:
        first = missing[0]
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        ways = "; ".join(need.way_out for need in missing)
        raise SetupError(
            f"the preset {preset.name!r} needs the {first.kind.value} {first.name!r}, which is "
            f"not here ({first.field}){more}",
            hint=f"{ways[:1].upper()}{ways[1:]}.",
        )
    return preset


def asked_of(preset: Preset, engine: str, beside: Beside, host: HostName) -> Asked:
    """What a preset asks for at one source, which is in a host of this kind.

    Raises
    ------
    UsageError
        The voice is missing, or results are wanted on fixed lanes of what has none.
    """
    is_project = host in {HostName.RPP, HostName.REAPER}
    _refuse_lanes(preset, beside, host)
    policy, job = preset.import_, preset.job
    into_takes = policy.results == "takes" and is_project and beside.folder is None
    keeps = policy.source != "mute" and beside.folder is None
    point = preset.capture.point if is_project else CapturePoint.ITEM
    asked = Asked(
        RequestKind.PROCESS if isinstance(job, NoJob) else RequestKind(job.kind),
        engine,
        replace(
            beside.wanted,
            as_takes=beside.wanted.as_takes or into_takes,
            point=beside.point or point,
            grouping=beside.wanted.grouping or (preset.capture.each if is_project else None),
        ),
        _parameters(job, engine),
        beside.keep_source or keeps,
        beside.folder,
        beside.destination,
        before=preset.effects_before(),
        after=preset.effects_after(),
        has_tail=preset.tail == "auto",
        preset=preset.name,
        arrangement=arrangement_of(policy),
    )
    if isinstance(job, ConvertJob | FlashJob):
        voice = job.voice.name or job.voice.id if job.voice else ""
        asked = replace(asked, width=Width(job.width), match_level=job.match_level, voice=voice)
    return asked


def _refuse_lanes(preset: Preset, beside: Beside, host: HostName) -> None:
    is_wanted = preset.import_.results == "lanes" and beside.folder is None
    if is_wanted and host is HostName.RPP:
        raise UsageError(
            f"the preset {preset.name!r} puts results on fixed lanes, which need a running REAPER",
            hint="Open the project and apply it to `reaper`, or --set import.results=tracks.",
        )


def arrangement_of(policy: ImportPolicy) -> Arrangement:
    """A preset's import policy, as hosts take it."""
    return Arrangement(
        names=policy.names,
        colours=dict(policy.colours),
        roles=tuple(policy.stems),
        has_residual=policy.residual == "auto",
        has_folder=policy.folder,
        inherits=policy.inherit,
        plays_beside=policy.source == "both",
        lanes=policy.results == "lanes",
    )


def chosen_engine(preset: Preset, option: str | None, setting: str) -> str:
    """The engine of a run: the option's, else the preset's, else the setting's.

    Raises
    ------
    UsageError
        An engine is named for a preset of effects alone.
    """
    job = preset.job
    if isinstance(job, NoJob):
        if option not in {None, NO_ENGINE}:
            raise UsageError(
                f"{preset.name!r} is made of effects alone: no engine works for it",
                hint="Leave --engine out.",
            )
        return NO_ENGINE
    return option or job.engine or setting


def parse_sweep(texts: Sequence[str]) -> Sweep:
    """Parameters and their values from `index_rate=0,0.5,1`, one text each.

    Raises
    ------
    UsageError
        A text is no sweep, no such parameter can be swept, or a value is out of its range.
    """
    sweep = []
    for text in texts:
        name, sign, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not values.strip():
            raise UsageError(
                f"--sweep {text!r} names no values", hint="Write: --sweep index_rate=0,0.5,1"
            )
        if name not in SWEPT:
            raise UsageError(
                f"--sweep: {name!r} cannot be swept", hint=f"These can: {', '.join(SWEPT)}."
            )
        checked = [_checked_value(name, value.strip()) for value in values.split(",")]
        sweep.append((name, tuple(dict.fromkeys(checked))))
    return tuple(sweep)


def _checked_value(name: str, text: str) -> float:
    """A parameter's value from a text; whole where the parameter is."""
    try:
        value: float | str = float(text)
    except ValueError:
        value = text
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        job = checked_preset({"name": "sweep", "job": {"kind": "convert", name: value}}, "").job
    except PresetInvalid as error:
        raise UsageError(f"--sweep {name}={text}: {error.reason}") from error
    number: float = getattr(job, name)
    return number


def with_parts(
    plans: Sequence[RunPlan], sweep: Sweep, *, isolates: bool, separator: str
) -> list[RunPlan]:
    """The plans as a sweep, or as conversions of vocals that `separator` separates first.

    Raises
    ------
    UsageError
        Both are asked for, or the plans convert nothing.
    """
    if not sweep and not isolates:
        return list(plans)
    option = "--sweep" if sweep else "--isolate"
    if sweep and isolates:
        raise UsageError(
            "--sweep and --isolate exclude each other",
            hint="Isolate first, then convert the vocals with --sweep.",
        )
    for plan in plans:
        if not plan.kind.is_conversion:
            raise UsageError(f"{option} is for conversions", hint="Leave it out.")
        if sweep and plan.kind is RequestKind.CONVERT_FLASH:
            raise UsageError(
                "--sweep does nothing with --flash, which takes the voice alone",
                hint="Leave one of them out.",
            )
        _refuse_idle_sweep(plan, sweep)
        if plan.parameters.get("full_song") and isolates:
            raise UsageError(
                "--full-song and --isolate exclude each other: both separate first",
                hint="--isolate brings voice and accompaniment back as two tracks.",
            )
        if "input_url" in plan.parameters and isolates:
            raise UsageError("--input-url and --isolate exclude each other", hint="Use one.")
        if plan.as_takes and isolates:
            raise UsageError(
                "--takes and --isolate exclude each other: voice and accompaniment play together",
                hint="Leave --takes out.",
            )
    if isolates:
        return [isolated(plan, separator) for plan in plans]
    return [swept(plan, sweep) for plan in plans]


def _refuse_idle_sweep(plan: RunPlan, sweep: Sweep) -> None:
    """Takes that are all the same are a mistake; the voice preview has such knobs."""
    if plan.engine != LOCAL:
        return
    for name, _ in sweep:
        if name == "filter_radius" or (name == "index_rate" and "reference" not in plan.parameters):
            raise UsageError(
                f"--sweep {name}: the voice preview has no use for it, all takes would be alike",
                hint="Add --reference CLIP."
                if name == "index_rate"
                else "Sweep another parameter.",
            )


def _parameters(job: Job, engine: str) -> dict[str, Any]:
    """What the engine is told; what has its usual value is left to it."""
    if isinstance(job, SeparateJob):
        only = {"only": sorted(role.value for role in job.only)} if job.only else {}
        return {"stems": job.stems, **only}
    if isinstance(job, NoJob):
        return {}
    parameters: dict[str, Any] = {}
    if job.voice is not None and job.voice.id:
        parameters["voice"] = job.voice.id
    elif engine == CLOUD:
        raise UsageError(
            "--voice is missing: which voice shall it become?",
            hint="See which there are with: hanolab voices",
        )
    if isinstance(job, ConvertJob):
        usual = ConvertJob()
        parameters |= {
            name: getattr(job, name) for name in KNOBS if getattr(job, name) != getattr(usual, name)
        }
        if job.reference:
            path = Path(job.reference).expanduser()
            parameters["reference"] = str(path)
            parameters["reference_digest"] = durable.file_digest(path)
    return parameters
