"""What lies in one folder inside REAPER, as a file system of any of the three systems has it."""

import ast
import re

import pytest

from hanolab_dawtools.package_data import host_bridge_folder

SCRIPTS = sorted((host_bridge_folder() / "reaper").glob("*.py"))
ENTRIES = [path for path in SCRIPTS if path.name.startswith("HanoLab_")]


def test_there_are_the_twelve_of_the_action_list():
    assert len(ENTRIES) == 12


def test_no_two_scripts_are_one_file_where_capitals_are_not_told_apart():
    names = [path.name.lower() for path in SCRIPTS]
    assert not {name for name in names if names.count(name) > 1}, "Windows and macOS keep only one"


def test_a_name_fits_into_the_action_list_file_without_quotes():
    assert all(re.fullmatch(r"[A-Za-z0-9_]+\.py", path.name) for path in SCRIPTS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_ascii_that_python_3_7_reads(path):
    ast.parse(path.read_bytes().decode("ascii"), feature_version=(3, 7))
