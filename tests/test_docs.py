"""Pages that are made from tables of the program say what these tables say now."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.hosts.rpp.rules import RENDERED, RULES
from hanolab_dawtools.presets.schema import (
    ConvertJob,
    FlashJob,
    ImportPolicy,
    Preset,
    SeparateJob,
)

DOCS = Path(__file__).parents[1] / "docs"


GENERATOR = runpy.run_path(str(DOCS / "generate.py"))


@pytest.mark.parametrize("path", GENERATOR["PAGES"], ids=lambda path: path.stem)
def test_a_page_is_as_its_table_makes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == GENERATOR["PAGES"][path](), "run `make docs` and commit the page"


def test_the_page_names_every_rule() -> None:
    text = (DOCS / "what-is-rendered.md").read_text(encoding="utf-8")
    for told in (*RENDERED, *(rule.kind for rule in RULES), *(rule.sentence for rule in RULES)):
        assert told.replace("|", r"\|") in text


def test_the_page_on_effects_names_every_effect_parameter_and_range() -> None:
    text = (DOCS / "effects.md").read_text(encoding="utf-8")
    for effect in EFFECTS.values():
        section = text.partition(f"\n## {effect.name}\n")[2].partition("\n## ")[0]
        assert effect.meaning in section
        assert effect.note in section
        assert all(f"| `{each.name}` | {each.allowed} |" in section for each in effect.parameters)


@pytest.mark.parametrize("model", [Preset, ConvertJob, SeparateJob, FlashJob, ImportPolicy])
def test_the_page_on_presets_names_every_field(model: type) -> None:
    text = (DOCS / "preset-reference.md").read_text(encoding="utf-8")
    for name, field in model.model_fields.items():
        assert name == "kind" or f"| `{field.alias or name}` |" in text
        assert (field.description or "") in text
