"""Pages that are made from tables of the program say what these tables say now."""

from __future__ import annotations

import runpy
from pathlib import Path

from hanolab_dawtools.hosts.rpp.rules import RENDERED, RULES

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_on_what_is_rendered_is_as_the_table_makes_it() -> None:
    generator = runpy.run_path(str(DOCS / "generate.py"))
    text = generator["PAGE"].read_text(encoding="utf-8")
    assert text == generator["page"](), "run `make docs` and commit the page"


def test_the_page_names_every_rule() -> None:
    text = (DOCS / "what-is-rendered.md").read_text(encoding="utf-8")
    for told in (*RENDERED, *(rule.kind for rule in RULES), *(rule.sentence for rule in RULES)):
        assert told.replace("|", r"\|") in text
