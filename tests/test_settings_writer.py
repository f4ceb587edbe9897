import os
from pathlib import Path

import pytest

from hanolab_dawtools.errors import SettingsInvalid
from hanolab_dawtools.settings import load_settings
from hanolab_dawtools.settings_fields import PriceSettings, StorageSettings
from hanolab_dawtools.settings_writer import update_settings


@pytest.fixture
def settings_file(tmp_path, monkeypatch) -> Path:
    """Where the settings file would be; no variable of the machine is seen."""
    for variable in [name for name in os.environ if name.startswith("HANOLAB_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HANOLAB_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config" / "settings.toml"


def test_a_first_value_makes_the_file(settings_file):
    assert update_settings({"engine": "hanolab", "base_url": "https://api.test"}) == settings_file
    loaded = load_settings()
    assert (loaded.engine, loaded.base_url) == ("hanolab", "https://api.test")


def test_everything_else_of_the_file_stays_as_it_is(settings_file):
    settings_file.parent.mkdir()
    before = '# mine\nlog = "debug"  # loud\n\n[storage]\n# the bucket\nbucket = "old"\n'
    settings_file.write_text(before)
    update_settings({"storage": {"bucket": "new", "region": "eu"}, "n_threads": 3})
    assert settings_file.read_text() == (
        '# mine\nlog = "debug"  # loud\nn_threads = 3\n\n[storage]\n# the bucket\n'
        'bucket = "new"\nregion = "eu"\n'
    )
    assert load_settings().storage == StorageSettings(bucket="new", region="eu")


def test_none_takes_a_value_out(settings_file):
    update_settings({"n_threads": 3, "storage": {"kind": "sandbox", "account": "me"}})
    update_settings({"n_threads": None, "base_url": None, "storage": {"account": None}})
    assert load_settings().n_threads is None
    assert load_settings().storage == StorageSettings(kind="sandbox")


def test_a_field_of_a_table_in_one_line_can_be_set(settings_file):
    settings_file.parent.mkdir()
    settings_file.write_text('[pricing]\n"separate/2stem" = { per_minute = 1.5 }\n')
    update_settings({"pricing": {"separate/2stem": {"per_call": 2}, "convert": {"per_call": 1}}})
    assert load_settings().pricing == {
        "separate/2stem": PriceSettings(per_minute=1.5, per_call=2),
        "convert": PriceSettings(per_call=1),
    }


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"engine": "cloud"}, "sets engine to 'cloud', but it must be"),
        ({"storage": {"url": "ftp://x"}}, "sets storage.url to 'ftp://x', but it must be"),
        ({"storage": {"buckets": "x"}}, "'storage.buckets', which does not exist"),
        ({"pricing": {"separate/2stem": {"per_call": -1}}}, "pricing.separate/2stem.per_call"),
        ({"pricing": {"convert": {}}}, "sets pricing.convert to {}"),
        ({"pricing": {"seperate/2stem": {"per_call": 1}}}, "'pricing.seperate/2stem', which"),
    ],
)
def test_what_is_not_allowed_is_told_and_not_written(settings_file, values, told):
    update_settings({"log": "debug"})
    before = settings_file.read_bytes()
    with pytest.raises(SettingsInvalid) as caught:
        update_settings(values)
    assert told in str(caught.value)
    assert settings_file.read_bytes() == before


def test_a_file_that_is_broken_already_is_left_alone(settings_file):
    settings_file.parent.mkdir()
    settings_file.write_text("log = \n")
    with pytest.raises(SettingsInvalid, match="is not TOML"):
        update_settings({"log": "debug"})
    assert settings_file.read_text() == "log = \n"


def test_a_folder_in_the_way_is_told(settings_file):
    settings_file.parent.write_text("no folder")
    with pytest.raises(SettingsInvalid, match="cannot read"):
        update_settings({"log": "debug"})
