"""The published schema says of presets what the program itself says."""

import tomllib

import pytest
from fakes.any_preset import preset_tables
from hypothesis import given
from jsonschema_rs import Draft202012Validator, meta

from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.errors import PresetInvalid
from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presets.files import checked_preset, preset_text
from hanolab_dawtools.presets.json_schema import preset_schema
from hanolab_dawtools.presets.schema import ConvertJob, Preset

SCHEMA = preset_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FACTORY = sorted(presets_folder().glob("*.toml"))


def mistakes(table):
    return [error.instance_path for error in VALIDATOR.iter_errors(table)]


def test_the_schema_is_one():
    meta.validate(SCHEMA)


@pytest.mark.parametrize("path", FACTORY, ids=lambda path: path.stem)
def test_every_factory_preset_is_valid(path):
    assert not mistakes(tomllib.loads(path.read_text("utf-8")))


@given(table=preset_tables)
def test_any_preset_is_valid_as_it_is_written_by_hand_and_by_the_program(table):
    assert not mistakes(table)
    assert not mistakes(tomllib.loads(preset_text(checked_preset(table, "a test"))))


@pytest.mark.parametrize(
    "part",
    [
        {"name": ""},
        {"name": " "},
        {"name": "two\nlines"},
        {"nam": "x"},
        {"format": 2},
        {"tail": "long"},
        {"job": {}},
        {"job": {"stems": 2}},
        {"job": {"kind": "sing"}},
        {"job": {"kind": "separate", "stems": 3}},
        {"job": {"kind": "separate", "only": ["vox"]}},
        {"job": {"kind": "convert", "protect": 0.7}},
        {"job": {"kind": "convert", "pitch_shift": 2.5}},
        {"job": {"kind": "convert", "full_song": "yes"}},
        {"job": {"kind": "convert-flash", "engine": "local"}},
        {"before": [{"effect": "echo"}]},
        {"before": [{"effect": "gain", "gain_db": 99}]},
        {"before": [{"effect": "gain", "gain": 3}]},
        {"before": [{"effect": "mix"}]},
        {"before": [{"effect": "mix", "branches": [[{"effect": "echo"}]]}]},
        {"before": [{"effect": "gain"}] * 101},
        {"after": {"vox": []}},
        {"after": {"vocals": [{"effect": "gain", "bypass": 1}]}},
        {"import": {"colours": {"vocals": "red"}}},
        {"import": {"names": ""}},
        {"capture": {"each": "song"}},
    ],
)
def test_what_the_program_refuses_the_schema_refuses_too(part):
    table = {"name": "x"} | part
    with pytest.raises(PresetInvalid):
        checked_preset(table, "a test")
    assert mistakes(table)


def test_every_effect_is_in_it_with_each_parameter_described():
    by_name = {each["title"]: each for each in SCHEMA["$defs"]["Chain"]["items"]["oneOf"]}
    assert set(by_name) == set(EFFECTS)
    for effect in EFFECTS.values():
        described = by_name[effect.name]["properties"]
        assert {each.name for each in effect.parameters} <= set(described)
        assert by_name[effect.name]["description"]


@pytest.mark.parametrize("model", [Preset, ConvertJob])
def test_every_field_is_described_for_its_user(model):
    assert not [
        name
        for name, field in model.model_fields.items()
        if not field.description and name != "kind"
    ]
