"""Names of actions in the guide and its picture are those of files that ship."""

import re
import runpy
from pathlib import Path

import pytest

from hanolab_dawtools.package_data import host_bridge_folder

DOCS = Path(__file__).parents[2] / "docs"
SHIPPED = {path.name for path in (host_bridge_folder() / "reaper").glob("HanoLab_*.py")}


@pytest.mark.parametrize("page", ["reaper.md", "images/action-list.svg"])
def test_a_page_names_every_action_and_no_other(page):
    text = (DOCS / page).read_text("utf-8")
    assert set(re.findall(r"HanoLab_\w+\.py", text)) == SHIPPED
    assert set(re.findall(r"Script: (HanoLab_\w+\.py)", text)) == SHIPPED


def test_the_picture_is_as_its_script_draws_it():
    drawing = runpy.run_path(str(DOCS / "action_list.py"))
    assert (DOCS / "images/action-list.svg").read_text("utf-8") == drawing["picture"]()
