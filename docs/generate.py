"""Writes the pages of the documentation that are made from tables of the program.

`make docs` runs it; a test holds the committed pages against it.
"""  # noqa: INP001 - a script beside the pages that it writes

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.audio.effects import Effect, Field, Parameter
from hanolab_dawtools.hosts.rpp.rules import RENDERED, RULES, Rule, Verdict
from hanolab_dawtools.model import CapturePoint, StemRole
from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presets.files import read_preset
from hanolab_dawtools.presets.json_schema import preset_schema

DOCS = Path(__file__).parent

TEXT = """\
# What is rendered, what is approximated, what is refused

This page is written from the table that captures obey (`hosts/rpp/rules.py`), by `make docs`.
It is about project files (`.rpp`). `hanolab doctor song.rpp` says for each region of a project
what of all this it holds, item by item, before anything is captured.

## Rendered

Sample for sample as REAPER plays it, but for curved fades of up to 50 ms:

{rendered}

Media at another rate than the capture is resampled. The capture has the project's own sample rate
where that is switched on, else the highest among the media of its items. It is mono when all of
them are, else it has as many channels as the widest.

## Approximated

Heard, but not sample for sample as REAPER plays it. The result names each item with the reason:

{approximated}

A file that was not where the project says, but was found by its name beside the project or in its
recording folder, is taken, and the result says so.

## Refused

Not heard, while all the rest is. The result names each item with the reason:

{refused}

Media that is missing is refused, too, with every place where it was looked for: as the project
writes it, with backslashes as separators, in another letter case or Unicode form, and by its bare
name beside the project and in its recording folder. So is media that cannot be decoded, and media
without a single frame. When nothing at all is left, there is no capture, and the error gives the
reasons.

## Where the signal is taken

{points}

At point `item` effects of tracks and takes are not heard; the result lists them by name. Fader,
pan, envelopes and sends of the track are not in the capture either. When the stems come from one
track, the folder that holds them gets copies of all these, so that their sum sounds as before.
"""

EFFECTS_TEXT = """\
# Effects

This page is written from the table of effects (`audio/effect_table.py`), by `make docs`. Presets
hold chains of them: `[[before]]` in front of the job, `[[after.vocals]]` and so on behind it; see
[presets.md](presets.md). Values out of their range are refused.

Length and latency: a chain gives back as many frames as it got, each in its place; with
`tail = "auto"` what still sounds behind the end is kept. The result does not depend on the size
of the blocks in which it is made. A frequency must lie below 0.49 of the sample rate.

Every effect has `bypass` (`false`): it is kept, and not applied.

| effect | what it does |
|---|---|
{overview}

{effects}
"""

REFERENCE_TEXT = """\
# Preset files

This page is written from the models that check presets (`presets/schema.py`), by `make docs`.
How presets are used is told in [presets.md](presets.md), the effects in [effects.md](effects.md).

A preset is a TOML file in UTF-8. Only `name` must be there; what is left out has its default.
Unknown fields are refused. `hanolab presets schema` prints all this as JSON Schema for editors.

A role says what a result is: {roles}.

{sections}

## The presets that come with the program

| preset | what it is for | tags |
|---|---|---|
{presets}
"""

JOBS = {
    "NoJob": '`kind = "none"`: only effects',
    "SeparateJob": '`kind = "separate"`: stems',
    "ConvertJob": '`kind = "convert"`: another voice',
    "FlashJob": '`kind = "convert-flash"`: another voice, without a trained model',
}
PARTS = {"CaptureSettings": "`[capture]`", "ImportPolicy": "`[import]`", "Voice": "`[job.voice]`"}

POINTS = {
    CapturePoint.ITEM: "items as they sound before the effects of their track; the default",
    CapturePoint.TRACK: "behind the effects of the track and before its fader; needs REAPER itself",
    CapturePoint.MASTER: "as heard; needs REAPER itself",
}


def rendered_page() -> str:
    """The page on what is rendered, as Markdown."""
    return TEXT.format(
        rendered=_bullets(RENDERED),
        approximated=_table(rule for rule in RULES if rule.verdict is Verdict.APPROXIMATED),
        refused=_table(rule for rule in RULES if rule.verdict is Verdict.REFUSED),
        points=_bullets(f"`{point.value}`: {POINTS[point]}" for point in CapturePoint),
    )


def effects_page() -> str:
    """The reference of the effects, as Markdown."""
    overview = [
        f"| [{effect.name}](#{effect.name}) | {_cell(effect.meaning)} |"
        for effect in EFFECTS.values()
    ]
    return EFFECTS_TEXT.format(
        overview="\n".join(overview),
        effects="\n\n".join(map(_effect_section, EFFECTS.values())),
    )


def reference_page() -> str:
    """The reference of preset files, as Markdown."""
    schema = preset_schema()
    parts = schema["$defs"]
    sections = [_section("The file", schema["properties"], parts)]
    sections += [
        _section(f"`[job]` with {title}", parts[name]["properties"], parts, parts[name])
        for name, title in JOBS.items()
    ]
    sections += [
        _section(title, parts[name]["properties"], parts, parts[name])
        for name, title in PARTS.items()
    ]
    presets = sorted(map(read_preset, presets_folder().glob("*.toml")), key=lambda each: each.name)
    rows = [
        f"| {each.name} | {_cell(each.description.strip())} | {', '.join(each.tags)} |"
        for each in presets
    ]
    roles = ", ".join(f"`{role}`" for role in StemRole)
    return REFERENCE_TEXT.format(
        roles=roles, sections="\n\n".join(sections), presets="\n".join(rows)
    )


PAGES: Mapping[Path, Callable[[], str]] = {
    DOCS / "what-is-rendered.md": rendered_page,
    DOCS / "effects.md": effects_page,
    DOCS / "preset-reference.md": reference_page,
}


def _effect_section(effect: Effect) -> str:
    parts = [f"## {effect.name}", effect.meaning]
    parts += [effect.note] if effect.note else []
    if effect.parameters:
        head = ["| parameter | allowed | default | meaning |", "|---|---|---|---|"]
        parts.append("\n".join([*head, *map(_parameter_row, effect.parameters)]))
    return "\n\n".join(parts)


def _parameter_row(field: Field) -> str:
    default = f"{field.default:g}" if isinstance(field, Parameter) else _toml(field.default)
    return f"| `{field.name}` | {field.allowed} | {default} | {_cell(field.meaning)} |"


def _section(
    title: str,
    fields: Mapping[str, Any],
    parts: Mapping[str, Any],
    about: Mapping[str, Any] | None = None,
) -> str:
    """A heading and the table of a part's fields; `kind` is in the heading already."""
    rows = [
        f"| `{name}` | {_allowed(field, parts)} | {_default(field)} "
        f"| {_cell(field.get('description', ''))} |"
        for name, field in fields.items()
        if name != "kind"
    ]
    lines = [f"## {title}", ""]
    lines += [about["description"], ""] if about else []
    lines += ["| field | allowed | default | meaning |", "|---|---|---|---|", *rows] if rows else []
    return "\n".join(lines).rstrip()


def _allowed(field: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """What a field may hold, from its JSON Schema."""
    reference = field.get("$ref", "").rpartition("/")[2]
    inner = parts.get(reference, {})
    if "anyOf" in field:
        return _allowed(next(each for each in field["anyOf"] if each.get("type") != "null"), parts)
    if reference == "Chain":
        told = "[effects](effects.md)"
    elif reference == "StemRole":
        told = "a role"
    elif "oneOf" in field or "properties" in inner:
        told = "a table, see below"
    elif reference:
        told = _allowed(inner, parts)
    elif "const" in field or "enum" in field:
        told = " ".join(f"`{each}`" for each in field.get("enum", [field.get("const")]))
    elif field["type"] in {"number", "integer"}:
        whole = "whole number, " if field["type"] == "integer" else ""
        told = f"{whole}{field['minimum']:g} to {field['maximum']:g}"
    elif field["type"] == "array":
        told = f"list: {_allowed(field['items'], parts)}"
    elif field["type"] == "object":
        told = f"for each role: {_allowed(field['additionalProperties'], parts)}"
    else:
        told = {"boolean": "`true` `false`", "string": "text"}[field["type"]]
    return told


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    return "" if default is None or isinstance(default, dict) else _toml(default)


def _toml(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
    return f"`{text}`"


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _table(rules: Iterable[Rule]) -> str:
    rows = [f"| {_cell(rule.kind)} | {_cell(rule.sentence)} |" for rule in rules]
    return "\n".join(["| what | what is told |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    for path, page in PAGES.items():
        path.write_text(page(), encoding="utf-8")
