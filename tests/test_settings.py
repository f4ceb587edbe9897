import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.errors import SettingsInvalid
from hanolab_dawtools.settings import FOLDER_VARIABLES, folders, load_settings
from hanolab_dawtools.settings_fields import Settings


@pytest.fixture
def settings_file(tmp_path, monkeypatch) -> Path:
    """Where the settings file would be; no variable of the machine is seen."""
    for variable in [name for name in os.environ if name.startswith("HANOLAB_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HANOLAB_CONFIG_DIR", str(tmp_path))
    return tmp_path / "settings.toml"


def test_without_a_file_everything_has_its_default(settings_file):
    assert load_settings() == Settings()
    assert not settings_file.exists()


def test_the_file_is_read(settings_file):
    settings_file.write_text('engine = "local"\ncache_limit_gb = 5\nn_threads = 3\nlog = "debug"\n')
    assert load_settings() == Settings(cache_limit_gb=5.0, n_threads=3, log="debug")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(settings_file):
    settings_file.write_bytes(b"\xef\xbb\xbfn_threads = 3\r\nlog = 'error'\r\n")
    assert load_settings() == Settings(n_threads=3, log="error")


def test_a_variable_beats_the_file(settings_file, monkeypatch):
    settings_file.write_text("n_threads = 3\ncache_limit_gb = 1.5\n")
    monkeypatch.setenv("HANOLAB_N_THREADS", "7")
    assert load_settings() == Settings(n_threads=7, cache_limit_gb=1.5)


def test_folders_of_plugins_are_a_list_in_the_file_and_like_path_in_the_variable(
    settings_file, monkeypatch, tmp_path
):
    settings_file.write_text("plugin_folders = ['~/vst3', '/usr/lib/vst3']\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    folders = (tmp_path / "vst3", Path("/usr/lib/vst3"))
    assert load_settings().plugin_folders == folders
    monkeypatch.setenv("HANOLAB_PLUGIN_FOLDERS", os.pathsep.join(["/a", "/b c"]))
    assert load_settings().plugin_folders == (Path("/a"), Path("/b c"))


def test_an_empty_variable_counts_as_none(settings_file, monkeypatch):
    settings_file.write_text("n_threads = 3\n")
    monkeypatch.setenv("HANOLAB_N_THREADS", "")
    assert load_settings().n_threads == 3


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_has_a_variable_and_says_what_is_allowed(settings_file, monkeypatch, field):
    monkeypatch.setenv(f"HANOLAB_{field.upper()}", "?")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"HANOLAB_{field.upper()} holds '?', but it must be ")
    allowed = Settings.model_fields[field].metadata
    bounds = [getattr(fact, "ge", getattr(fact, "le", None)) for fact in allowed]
    told = {float(number) for number in re.findall(r"\d+", message)}
    assert {float(bound) for bound in bounds if bound is not None} <= told


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("n_threads = 0", "n_threads"),
        ("plugin_folders = ['vst3']", "plugin_folders"),
        ("plugin_folders = ['/vst3', 3]", "plugin_folders"),
        ("plugin_folders = ['/vst3', '~nobody-of-this-name/vst3']", "plugin_folders"),
        ("plugin_folders = { a = '/vst3' }", "plugin_folders"),
        ("plugin_folders = true", "plugin_folders"),
        ("n_threads = 257", "n_threads"),
        ("n_threads = 2.0", "n_threads"),
        ("n_threads = true", "n_threads"),
        ("n_threads = '4'", "n_threads"),
        ("cache_limit_gb = -0.1", "cache_limit_gb"),
        ("cache_limit_gb = nan", "cache_limit_gb"),
        ("cache_limit_gb = inf", "cache_limit_gb"),
        ("cache_limit_gb = '5'", "cache_limit_gb"),
        ("engine = 'none'", "engine"),
        ("engine = 1", "engine"),
        ("log = 'loud'", "log"),
        ("[log]", "log"),
    ],
)
def test_a_wrong_value_is_told_with_file_and_field(settings_file, line, field):
    settings_file.write_text(line)
    with pytest.raises(SettingsInvalid) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{settings_file} sets {field} to ")
    assert "it must be" in str(caught.value)
    assert str(settings_file) in caught.value.hint


def test_the_file_is_refused_also_where_a_variable_would_win(settings_file, monkeypatch):
    settings_file.write_text("n_threads = 0\n")
    monkeypatch.setenv("HANOLAB_N_THREADS", "7")
    with pytest.raises(SettingsInvalid, match="sets n_threads to 0"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("engin", "Did you mean engine?"),
        ("n_thread", "Did you mean n_threads?"),
        (
            "colour",
            f"There are: {', '.join(Settings.model_fields)}.",
        ),
    ],
)
def test_an_unknown_setting_of_the_file_is_told(settings_file, name, hint):
    settings_file.write_text(f"{name} = 1\n")
    with pytest.raises(SettingsInvalid, match=f"'{name}', which does not exist") as caught:
        load_settings()
    assert caught.value.hint == hint


def test_a_misspelt_variable_is_told(settings_file, monkeypatch):
    monkeypatch.setenv("HANOLAB_NTHREADS", "4")
    with pytest.raises(SettingsInvalid, match="HANOLAB_NTHREADS") as caught:
        load_settings()
    assert caught.value.hint == "Did you mean n_threads?"


def test_a_variable_of_another_version_is_left_alone(settings_file, monkeypatch):
    monkeypatch.setenv("HANOLAB_API_KEY", "secret")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"n_threads = 4\nlog =\n", "is not TOML: .*line 2"),
        (b"# one\n# two\nlog = '\xff'\n", "is not UTF-8 text: line 3"),
        (b"a = " + b"[" * 5000, "is not TOML"),
        (b"n_threads = " + b"9" * 5000, "is not TOML"),
        (b"log = 'info'\nlog = 'info'\n", "is not TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_told(settings_file, content, reason):
    settings_file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match=reason) as caught:
        load_settings()
    assert str(settings_file) in str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_told(settings_file):
    settings_file.mkdir()
    with pytest.raises(SettingsInvalid, match="Is a directory"):
        load_settings()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_content_of_the_file_brings_another_error(settings_file, content):
    settings_file.write_bytes(content)
    with suppress(SettingsInvalid):
        assert isinstance(load_settings(), Settings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(sorted(Settings.model_fields)),
    value=st.integers() | st.floats() | st.text(alphabet="abc\"'"),
)
def test_no_value_brings_another_error_and_accepted_ones_are_in_range(settings_file, field, value):
    shown = value if not isinstance(value, str) else f"'''{value.replace(chr(39), '')}'''"
    settings_file.write_text(f"{field} = {shown}\n")
    try:
        loaded = load_settings()
    except SettingsInvalid:
        return
    assert loaded.n_threads is None or 1 <= loaded.n_threads <= 256
    assert 0 <= loaded.cache_limit_gb <= 100_000


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().n_threads = 4


@pytest.mark.parametrize(("kind", "variable"), FOLDER_VARIABLES.items())
def test_each_folder_has_its_variable(monkeypatch, tmp_path, kind, variable):
    before = folders()
    monkeypatch.setenv(variable, str(tmp_path))
    for other in FOLDER_VARIABLES:
        expected = tmp_path if other == kind else getattr(before, other)
        assert getattr(folders(), other) == expected


def test_folders_are_whole_paths_and_are_not_made(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HANOLAB_DATA_DIR", "here/data")
    monkeypatch.setenv("HANOLAB_CACHE_DIR", "~/cache")
    assert folders().data == tmp_path / "here" / "data"
    assert folders().cache == tmp_path / "cache"
    assert list(tmp_path.iterdir()) == []


def test_a_home_folder_nobody_has_is_told(monkeypatch):
    monkeypatch.setenv("HANOLAB_LOG_DIR", "~nobody-of-this-name/logs")
    with pytest.raises(SettingsInvalid, match="HANOLAB_LOG_DIR"):
        folders()


def test_the_platform_decides_where_no_variable_does(tmp_path):
    code = "from hanolab_dawtools.settings import folders; f = folders(); print(f.config, f.data)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "conf")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        str(tmp_path / "conf" / "hanolab"),
        str(tmp_path / ".local" / "share" / "hanolab"),
    ]
