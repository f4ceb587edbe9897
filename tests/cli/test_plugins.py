"""`hanolab plugins`: what there is, what it has, and its way into a preset."""

import json
from pathlib import Path

import pytest
from fakes.system_packages import need

FOLDER = Path("/usr/lib/vst3")


@pytest.fixture
def allowed(hanolab):
    need(is_there=(FOLDER / "ZamComp.vst3").exists(), package="zam-plugins")
    hanolab.environment["HANOLAB_PLUGIN_FOLDERS"] = str(FOLDER)
    return hanolab


def test_without_an_allowed_folder_it_is_said_how_to_allow_one(hanolab):
    done = hanolab("plugins")
    assert done.code == 0
    assert "plugin_folders" in done.err


def test_the_plugins_of_the_allowed_folder_are_listed(allowed):
    names = [each["name"] for each in allowed("plugins", "--json").document["plugins"]]
    assert "ZamComp" in names


def test_parameters_are_shown_with_their_ranges(allowed):
    done = allowed("plugins", "show", "ZamComp")
    assert "ZamComp by Damien Zammit" in done.out
    assert "threshold_db" in done.out


def test_an_entry_with_its_state_makes_a_preset_that_can_be_checked(allowed, tmp_path):
    entry = allowed("plugins", "show", "ZamComp", "--set", "threshold_db=-30", "--entry")
    preset = tmp_path / "squeezed.toml"
    preset.write_text(f'format = 1\nname = "Squeezed"\n\n{entry.out}', encoding="utf-8")
    assert allowed("presets", "check", str(preset)).code == 0
    again = allowed("plugins", "show", "ZamComp", "--set", "threshold_db=-30", "--json").document
    assert f'state = "{again["entry"]["state"]}"' in entry.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["show", "Nothing"], 6, "the plug-in Nothing was not found"),
        (["show", "ZamComp", "--set", "warmth=1"], 6, "has no parameter 'warmth'"),
        (["show", "ZamComp", "--set", "warmth"], 2, "sets nothing"),
    ],
)
def test_what_cannot_be_shown_is_told(allowed, arguments, code, told):
    done = allowed("plugins", *arguments)
    assert done.code == code
    assert told in done.err


def test_json_is_one_document(allowed):
    assert json.loads(allowed("plugins", "show", "ZamComp", "--json").out)["entry"]["state"]
