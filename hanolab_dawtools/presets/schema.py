"""What a preset is: one TOML file that says everything about a run except where the music lies.

The models below are the format; `presets.library` finds, reads and writes the files. Unknown
fields are errors, so that a misspelt knob never goes unnoticed. Field descriptions are written
for users: the JSON Schema and the reference page are made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
)

from hanolab_dawtools.audio.effect_entries import effect_from_table, table_from_effect
from hanolab_dawtools.audio.effect_table import MIX
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import CapturePoint, Grouping, StemRole, Width
from hanolab_dawtools.presets.naming import OWN_NAME, WILDCARDS, check_pattern

FORMAT: Literal[1] = 1


def _normal(entry: dict[str, Any]) -> dict[str, Any]:
    """The same effect, checked, without what is default; pydantic adds where it stands."""
    try:
        return table_from_effect(effect_from_table(entry))
    except UsageError as error:
        raise ValueError("; ".join(_mistakes(entry)) or _sentence(error)) from error


def _mistakes(entry: dict[str, Any]) -> list[str]:
    """What is wrong with each parameter of an effect, where more than one may be wrong."""
    found = []
    needed = {"effect": entry.get("effect")}
    if needed["effect"] == MIX:
        needed["branches"] = [[]]
    for name, value in entry.items():
        if name in {"effect", "branches", "values"}:
            continue
        try:
            effect_from_table(needed | {name: value})
        except UsageError as error:
            found.append(_sentence(error))
    return list(dict.fromkeys(found))


def _sentence(error: UsageError) -> str:
    return f"{error}. {error.hint}".rstrip(". ")


Chain = Annotated[list[Annotated[dict[str, Any], AfterValidator(_normal)]], Field(max_length=100)]


def _in_order(chains: dict[StemRole, Any]) -> dict[StemRole, Any]:
    """The chains that hold anything, in the order of the roles: equal presets, equal files."""
    return {role: chains[role] for role in StemRole if chains.get(role)}


def _known_wildcards(pattern: str) -> str:
    try:
        check_pattern(pattern)
    except UsageError as error:
        raise ValueError(_sentence(error)) from error
    return pattern


Chains = Annotated[dict[StemRole, Chain], AfterValidator(_in_order)]
Engine = Literal["local", "hanolab"]
COLOUR_PATTERN = r"^(#[0-9A-Fa-f]{6}|none)$"
NAME_PATTERN = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"  # one line, not empty
Colour = Annotated[str, Field(pattern=COLOUR_PATTERN)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class NoJob(_Part):
    """Only the chains: no engine works."""

    kind: Literal["none"] = "none"


class SeparateJob(_Part):
    """Stem separation."""

    kind: Literal["separate"] = "separate"
    engine: Engine | None = Field(
        default=None, description="Who does it; left out: the user's setting."
    )
    stems: Literal[2, 4, 6] = Field(default=2, description="How many stems.")
    only: list[StemRole] = Field(
        default=[], description="Only these as files of their own; all others come as one."
    )


class Voice(_Part):
    """A voice model of one account; elsewhere it is replaced by name, or by hand."""

    id: str = Field(
        default="", max_length=200, description="The id in the account that made the preset."
    )
    name: str = Field(
        default="", max_length=200, description="The name, to find it in another account."
    )


class ConvertJob(_Part):
    """Voice conversion by a trained model (RVC), or locally as a voice preview."""

    kind: Literal["convert"] = "convert"
    engine: Engine | None = Field(
        default=None, description="Who does it; left out: the user's setting."
    )
    voice: Voice | None = Field(default=None, description="The voice model, for the cloud.")
    reference: str = Field(
        default="",
        max_length=1000,
        description="Path of a clip whose pitch and timbre the local preview comes near to.",
    )
    pitch_shift: StrictInt = Field(
        default=0, ge=-24, le=24, description="Semitones up (positive) or down."
    )
    formant_shift: StrictFloat = Field(
        default=0.0, ge=-12.0, le=12.0, description="Semitones; local preview only."
    )
    index_rate: StrictFloat = Field(
        default=0.75, ge=0.0, le=1.0, description="How much of the model's accent."
    )
    filter_radius: StrictInt = Field(
        default=3, ge=0, le=7, description="3 and more: pitch smoothed, if at all."
    )
    rms_mix_rate: StrictFloat = Field(
        default=0.25, ge=0.0, le=1.0, description="0 keeps the source's loudness, 1 the model's."
    )
    protect: StrictFloat = Field(
        default=0.33, ge=0.0, le=0.5, description="Consonants and breath: 0 strongest, 0.5 off."
    )
    full_song: StrictBool = Field(
        default=False, description="Let the cloud separate first and mix back."
    )
    isolate: StrictBool = Field(
        default=False,
        description="Separate first; converted vocals and accompaniment come as two tracks.",
    )
    width: Width = Field(
        default=Width.MONO,
        description="In the middle, or with the source's balance between channels.",
    )
    match_level: StrictBool = Field(
        default=True, description="Bring the result to the source's loudness."
    )


class FlashJob(_Part):
    """Voice conversion without a trained model, by a reference embedding (zero-shot)."""

    kind: Literal["convert-flash"] = "convert-flash"
    engine: Literal["hanolab"] | None = Field(default=None, description="Only the cloud has it.")
    voice: Voice | None = Field(default=None, description="The voice model.")
    isolate: StrictBool = Field(default=False, description="As for a conversion.")
    width: Width = Field(default=Width.MONO, description="As for a conversion.")
    match_level: StrictBool = Field(default=True, description="As for a conversion.")


Job = Annotated[NoJob | SeparateJob | ConvertJob | FlashJob, Field(discriminator="kind")]


class CaptureSettings(_Part):
    """What is taken, and what becomes one job."""

    point: CapturePoint = Field(
        default=CapturePoint.ITEM, description="Where the signal is tapped."
    )
    each: Grouping | None = Field(
        default=None, description="One job for each track, item, or selection."
    )


class ImportPolicy(_Part):
    """How results come back."""

    results: Literal["tracks", "takes", "lanes"] = Field(
        default="tracks",
        description="New tracks, takes of the item, or fixed lanes of its track (lanes: only in "
        "a running REAPER 7).",
    )
    source: Literal["mute", "keep", "both"] = Field(
        default="mute",
        description="mute: the source items; keep: they play, and the new tracks are muted; "
        "both: both play.",
    )
    stems: list[StemRole] = Field(default=[], description="Only these are placed; none named: all.")
    residual: Literal["auto", "never"] = Field(
        default="auto",
        description="auto: what the stems leave over is placed when it can be heard.",
    )
    folder: StrictBool = Field(default=True, description="Stems in a folder track of their own.")
    inherit: StrictBool = Field(
        default=True,
        description="The folder takes over effects, fader, pan and sends of the source track.",
    )
    names: Annotated[str, AfterValidator(_known_wildcards)] = Field(
        default=OWN_NAME,
        min_length=1,
        max_length=200,
        description=f"Track names: {' '.join(f'${name}' for name in WILDCARDS)}.",
    )
    colours: dict[StemRole, Colour] = Field(
        default={}, description="Track colours, #RRGGBB or none; not named: the usual ones."
    )


class Preset(_Part):
    """One preset."""

    format: Literal[1] = Field(default=FORMAT, description="Version of the file format.")
    name: str = Field(
        min_length=1, max_length=80, pattern=NAME_PATTERN, description="What users see and type."
    )
    description: str = Field(default="", max_length=2000, description="What it is for.")
    tags: list[str] = Field(default=[], max_length=20, description="Words to find it by.")
    before: Chain = Field(default=[], description="Effects before the job, in order.")
    job: Job = Field(default=NoJob(), description="What is done.")
    after: Chains = Field(default={}, description="Effects behind the job, for each role.")
    tail: Literal["cut", "auto"] = Field(
        default="cut", description="auto: results get longer, until the effects have died away."
    )
    capture: CaptureSettings = Field(
        default=CaptureSettings(), description="What is taken from a project."
    )
    import_: ImportPolicy = Field(
        default=ImportPolicy(), alias="import", description="How results come back."
    )

    def effects_before(self) -> tuple[EffectSpec, ...]:
        """The chain before the job."""
        return tuple(effect_from_table(entry) for entry in self.before)

    def effects_after(self) -> Mapping[StemRole, tuple[EffectSpec, ...]]:
        """The chains behind the job, by role."""
        return {
            role: tuple(effect_from_table(entry) for entry in chain)
            for role, chain in self.after.items()
        }
