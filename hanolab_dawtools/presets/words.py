"""What a preset does, in a user's words; and which of its knobs do nothing, said plainly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hanolab_dawtools.audio.effect_table import EFFECTS, MIX, VST3
from hanolab_dawtools.audio.effects import Parameter
from hanolab_dawtools.model import CapturePoint, Grouping, StemRole, Width
from hanolab_dawtools.presets.schema import (
    ConvertJob,
    FlashJob,
    ImportPolicy,
    NoJob,
    Preset,
    SeparateJob,
)
from hanolab_dawtools.stem_roles import STEMS_OF_COUNT

_UNIT_ENDING = re.compile(r"_(db|hz|ms|seconds)$")  # of a parameter's name
PROTECT_OFF = 0.5
MEDIAN_FROM = 3  # RVC's median filter has one width: from this value of filter_radius on
KIND_WORDS = {
    "none": "effects",
    "separate": "separate",
    "convert": "convert",
    "convert-flash": "convert --flash",
}
_SOURCES = {
    "mute": "The source items are muted.",
    "keep": "The source items keep playing, and what is new is muted.",
    "both": "The source items keep playing beside it.",
}
_EACH = {
    Grouping.SELECTION: "The whole selection becomes one job.",
    Grouping.TRACK: "Each track becomes a job.",
    Grouping.ITEM: "Each item becomes a job.",
}
_POINTS = {
    CapturePoint.TRACK: "Take the signal behind the track's effects (needs REAPER).",
    CapturePoint.MASTER: "Take the signal of the master, as heard (needs REAPER).",
}


def steps_of(preset: Preset, engine: str) -> list[str]:
    """A sentence for each step, in order.

    `engine` is the user's own, for presets that name none.
    """
    steps = []
    if preset.capture.point in _POINTS:
        steps.append(_POINTS[preset.capture.point])
    if preset.capture.each is not None:
        steps.append(_EACH[preset.capture.each])
    if preset.before:
        steps.append(f"Apply {chain_text(preset.before)}.")
    steps += _job_steps(preset, engine)
    for role, chain in preset.after.items():
        steps.append(f"Apply to {role}: {chain_text(chain)}.")
    if preset.tail == "auto":
        steps.append("Let results ring out until the effects have died away.")
    return [*steps, _import_text(preset.import_, preset.job)]


def chain_text(chain: Sequence[Mapping[str, Any]]) -> str:
    """Effects in a row in a few words, with the parameters that are not default."""
    return ", ".join(map(_effect_text, chain))


def idle_knobs(preset: Preset, engine: str) -> list[str]:
    """A sentence for each knob the preset sets that changes nothing, or less than it seems.

    `engine` is the user's own, for presets that name none.
    """
    job = preset.job
    if not isinstance(job, ConvertJob):
        return list(_idle_parts(preset))
    given = {name: getattr(job, name) for name in job.model_fields_set}
    is_local = (job.engine or engine) == "local"
    return [*idle_values(given, is_local=is_local), *_idle_parts(preset)]


def idle_values(given: Mapping[str, Any], *, is_local: bool) -> Iterator[str]:
    """A sentence, its name in front, for each given knob of a conversion that does nothing."""
    return _idle_locally(given) if is_local else _idle_in_cloud(given)


def _idle_parts(preset: Preset) -> Iterator[str]:
    """Parts of the preset that its own job never comes to."""
    for role in preset.after:
        if role not in made_roles(preset.job):
            yield f"after.{role}: this job makes no such result"
    policy = preset.import_
    if policy.results == "takes" and policy.source != "mute":
        yield "import.source: takes are within the source items, which stay"


def made_roles(job: object) -> set[StemRole]:
    """What a job can come back with."""
    if isinstance(job, SeparateJob):
        made = {*STEMS_OF_COUNT[job.stems], StemRole.RESIDUAL}
        return {*job.only, StemRole.REST, StemRole.RESIDUAL} if job.only else made
    if isinstance(job, NoJob):
        return {StemRole.PROCESSED}
    is_split = getattr(job, "isolate", False)
    return {StemRole.CONVERTED, StemRole.ACCOMPANIMENT} if is_split else {StemRole.CONVERTED}


def _idle_locally(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("voice") is not None:
        yield "voice: the local preview sings with nobody's voice; use the engine hanolab"
    if given.get("full_song"):
        yield "full_song: the local preview converts voices alone; isolate = true separates first"
    if "index_rate" in given and not given.get("reference"):
        yield "index_rate: without a reference the local preview has no timbre to come near to"
    if "filter_radius" in given:
        yield "filter_radius: the local preview finds the pitch in a way that needs no such filter"
    if given.get("protect") == PROTECT_OFF:
        yield f"protect: {PROTECT_OFF} is off; lower values protect more, 0 most"


def _idle_in_cloud(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("reference"):
        yield "reference: only the local preview uses it; the cloud takes a voice model"
    if given.get("formant_shift"):
        yield "formant_shift: only the local preview has it"
    if "filter_radius" in given:
        yield (
            "filter_radius: no effect unless the server finds pitches by `harvest`; there "
            f"{MEDIAN_FROM} to 7 are all the same, and lower values are off"
        )
    if "protect" in given and given.get("index_rate") == 0.0:
        yield "protect: no effect with index_rate 0, as it holds back the model's index alone"
    elif given.get("protect") == PROTECT_OFF:
        yield f"protect: {PROTECT_OFF} is off; lower values protect more, 0 most"


def _job_steps(preset: Preset, engine: str) -> Iterator[str]:
    job = preset.job
    if isinstance(job, NoJob):
        return
    who = f"by {_engine_text(job.engine or engine)}"
    if isinstance(job, SeparateJob):
        only = f", only {_list_text(job.only)} and all the rest as one" if job.only else ""
        yield f"Separate into {job.stems} stems {who}{only}."
        return
    if job.isolate:
        yield f"Separate the vocals first {who}."
    if isinstance(job, FlashJob):
        yield f"Convert {who} without a trained model, {_voice_text(job)}."
    elif (job.engine or engine) == "local":
        reference = f", near to {job.reference}" if job.reference else ""
        yield f"Convert by the local voice preview{reference}{_knobs_text(job)}."
    else:
        whole = ", the whole song at once" if job.full_song else ""
        yield f"Convert {who}, {_voice_text(job)}{whole}{_knobs_text(job)}."
    width = "as wide as the source" if job.width is Width.SOURCE else "in the middle"
    level = ", as loud as the source" if job.match_level else ""
    yield f"Bring the result back {width}{level}."


def _engine_text(engine: str) -> str:
    return "the local engine" if engine == "local" else "the HanoLab cloud (costs credits)"


def _voice_text(job: ConvertJob | FlashJob) -> str:
    if job.voice is None or not (job.voice.id or job.voice.name):
        return "with the voice that --voice names"
    return f"with the voice {job.voice.name or job.voice.id}"


def _knobs_text(job: ConvertJob) -> str:
    told = []
    if job.pitch_shift:
        told.append(f"{job.pitch_shift:+d} semitones")
    if job.formant_shift:
        told.append(f"formants {job.formant_shift:+g} semitones")
    plain = ("index_rate", "filter_radius", "rms_mix_rate", "protect")
    told += [f"{name} {getattr(job, name):g}" for name in plain if name in job.model_fields_set]
    return f" ({', '.join(told)})" if told else ""


def _import_text(policy: ImportPolicy, job: object) -> str:
    every = "every stem" if isinstance(job, SeparateJob) else "the result"
    what = _list_text(policy.stems) if policy.stems else every
    if policy.results == "takes":
        return f"Place {what} as takes of the items, named {policy.names!r}."
    folder = ""
    if policy.folder and isinstance(job, SeparateJob):
        folder = " in a folder with the source track's effects and sends"
        if not policy.inherit:
            folder = " in a plain folder"
    rest = "; what is left over is not placed" if policy.residual == "never" else ""
    new = "new tracks" if isinstance(job, SeparateJob) else "a new track"
    tracks = f"Place {what} on {new}{folder}, named {policy.names!r}"
    return f"{tracks}{rest}. {_SOURCES[policy.source]}"


def _effect_text(entry: Mapping[str, Any]) -> str:
    name = entry["effect"]
    off = " (bypassed)" if entry.get("bypass") else ""
    if name == MIX:
        branches = [chain_text(branch) or "dry" for branch in entry["branches"]]
        return f"side by side [{' | '.join(branches)}]{off}"
    if name == VST3:
        return f"the plug-in {entry.get('plugin') or entry.get('path') or '?'}{off}"
    told = []
    for number, field in enumerate(EFFECTS[name].parameters):
        if number > 0 and field.name not in entry:
            continue
        value, unit = entry.get(field.name, field.default), ""
        if isinstance(field, Parameter):
            value, unit = f"{value:g}", field.unit
        label = "" if number == 0 else _UNIT_ENDING.sub("", field.name).replace("_", " ")
        told.append(f"{label} {value} {unit}".strip())
    return f"{name} ({', '.join(told)}){off}" if told else f"{name}{off}"


def _list_text(roles: Sequence[StemRole]) -> str:
    return " and ".join(", ".join(roles).rsplit(", ", 1))
