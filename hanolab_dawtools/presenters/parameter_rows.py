"""Rows for the parameters of a preset, made from the fields of its models.

Ranges, defaults and meanings are those of `presets.schema`: a field that is new there needs
nothing here. Which knobs change nothing is asked of `presets.words`, with the least and the most
that each may be: where both change nothing, the knob is idle, whatever it is set to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.parameter_words import in_words, label_of, option_text, unit_of
from hanolab_dawtools.presets.fields import FieldKind, PresetField, fields_of
from hanolab_dawtools.presets.schema import ConvertJob, Preset, SeparateJob, Voice
from hanolab_dawtools.presets.words import idle_knobs, idle_values, made_roles
from hanolab_dawtools.stem_roles import STEMS_OF_COUNT

SECTIONS = ("job", "capture", "import")
STEPS = 100  # a wheel's or an arrow's step is the range in so many, rounded to 1, 0.1 or 0.01
_ELSEWHERE = {"job.kind", "job.engine"}  # these have forms of their own
_FILES = {"job.reference"}


class RowKind(StrEnum):
    """How a value is set."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    FILE = "file"
    ROLES = "roles"
    COLOURS = "colours"
    VOICE = "voice"


@dataclass(frozen=True)
class ParameterRow:
    """One parameter.

    Attributes
    ----------
    key
        Its path in the file, as `PresetPresenter.edit` takes it.
    value, default
        Plain values; lists as tuples, tables as tuples of pairs.
    low, high, step
        Of a number; `is_whole` when there is nothing between whole ones.
    options
        Values of a choice with their words; None stands for what is left out. Of `ROLES` and
        `COLOURS`: the roles that this job makes.
    is_idle
        It changes nothing, whatever it is set to; `reason` says why. Where only the value that it
        has now does nothing, or less than it seems, `reason` stands alone.
    """

    key: str
    section: str
    label: str
    kind: RowKind
    value: Any
    default: Any
    meaning: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    is_whole: bool = False
    options: tuple[tuple[Any, str], ...] = ()
    is_idle: bool = False
    reason: str = ""

    @property
    def is_default(self) -> bool:
        """Whether there is nothing to reset."""
        return bool(self.value == self.default)

    @property
    def range_text(self) -> str:
        """What a number may be, with its unit."""
        return f"{self.low:g} to {self.high:g} {self.unit}".rstrip()


def rows_of(preset: Preset, engine: str) -> tuple[ParameterRow, ...]:
    """The rows of a preset; `engine` is the user's own, for presets that name none."""
    told = _reasons(idle_knobs(preset, engine))
    is_local = (getattr(preset.job, "engine", None) or engine) == "local"
    rows = []
    for field in fields_of(preset, SECTIONS):
        if field.key not in _ELSEWHERE:
            reason = _never_asked(field.key, preset)
            reason = reason or _always_idle(field, preset, is_local=is_local)
            now = told.get(field.key.removeprefix("job."), "")
            words = in_words(reason or now)
            row = replace(_row(field, preset), is_idle=bool(reason), reason=words)
            if not _is_pointless(row):
                rows.append(row)
    return tuple(rows)


def _is_pointless(row: ParameterRow) -> bool:
    """Whether there is nothing to choose from for this job, and nothing was."""
    if row.kind is RowKind.ROLES and len(row.options) < 2:
        return row.is_default
    return row.is_idle and row.is_default and row.key in {"job.only", "import.residual"}


def _row(field: PresetField, preset: Preset) -> ParameterRow:
    section = field.key.partition(".")[0]
    is_file = field.key in _FILES
    options = tuple((value, option_text(field.key, value)) for value in field.choices)
    if field.kind in {FieldKind.ROLES, FieldKind.COLOURS}:
        options = tuple((role, role) for role in _offered(field, preset))
    return ParameterRow(
        field.key,
        section,
        label_of(field.key),
        RowKind.FILE if is_file else RowKind(field.kind.value),
        field.value,
        field.default,
        field.meaning,
        unit_of(field.key),
        field.low,
        field.high,
        1.0 if field.is_whole else _step(field.high - field.low),
        field.is_whole,
        options,
    )


def _offered(field: PresetField, preset: Preset) -> Sequence[str]:
    """Roles that can be chosen: what the job makes, and what is chosen already."""
    if field.key == "job.only" and isinstance(preset.job, SeparateJob):
        made = set(STEMS_OF_COUNT[preset.job.stems])
    else:
        made = made_roles(preset.job)
    named = {each[0] if isinstance(each, tuple) else each for each in field.value}
    return [role.value for role in StemRole if role in made or role.value in named]


def _step(span: float) -> float:
    return next((step for step in (1.0, 0.1) if span / STEPS >= step), 0.01)


def _never_asked(key: str, preset: Preset) -> str:
    """Why nobody looks at a parameter, as another one is set; empty when it counts."""
    job, policy = preset.job, preset.import_
    if key == "job.only" and getattr(job, "stems", 0) == min(STEMS_OF_COUNT):
        return "2 stems leave nothing to choose from"
    if key in {"import.folder", "import.inherit"} and policy.results != "tracks":
        return "only new tracks come in a folder"
    if key == "import.inherit" and not policy.folder:
        return "it is the folder track that would take them over"
    if key == "import.residual" and StemRole.RESIDUAL not in made_roles(job):
        return "this job leaves nothing over"
    if key == "import.source" and policy.results == "takes":
        return "takes are within the source items, which stay"
    return ""


def _always_idle(field: PresetField, preset: Preset, *, is_local: bool) -> str:
    """Why a knob of a conversion does nothing at any value; empty when it does something."""
    job = preset.job
    if not isinstance(job, ConvertJob) or not field.key.startswith("job."):
        return ""
    name = field.key.removeprefix("job.")
    given = {other: getattr(job, other) for other in type(job).model_fields}
    found = [
        _reasons(idle_values(given | {name: value}, is_local=is_local)).get(name, "")
        for value in _ends(field)
    ]
    return found[0] if found and all(found) else ""


def _ends(field: PresetField) -> Iterator[Any]:
    """Values between which every other one lies that is not the default."""
    if field.kind is FieldKind.NUMBER:
        yield from (field.low, field.high)
    elif field.kind is FieldKind.SWITCH:
        yield not field.default
    elif field.kind is FieldKind.TEXT:
        yield "something"
    elif field.kind is FieldKind.VOICE:
        yield Voice(id="something")


def _reasons(sentences: Iterable[str]) -> Mapping[str, str]:
    """What sentences say, by the name in front of each."""
    parts = [sentence.partition(": ") for sentence in sentences]
    return {name: reason for name, _, reason in parts}
