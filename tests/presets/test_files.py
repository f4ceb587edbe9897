"""Presets as text: nothing is lost, and every mistake is named."""

from contextlib import suppress

import pytest
from fakes.any_preset import preset_tables
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import PresetInvalid
from hanolab_dawtools.presets import files
from hanolab_dawtools.presets.files import (
    checked_preset,
    look_at,
    parse_preset,
    preset_text,
    read_preset,
)
from hanolab_dawtools.presets.schema import FORMAT, Preset


@given(table=preset_tables)
def test_any_preset_comes_back_as_it_was_and_in_the_same_bytes(table):
    preset = checked_preset(table, "a test")
    text = preset_text(preset)
    again = parse_preset(text.encode(), "a test")
    assert again == preset
    assert preset_text(again) == text


@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_preset_or_refused(content):
    with suppress(PresetInvalid):
        assert isinstance(parse_preset(content, "a file"), Preset)


@pytest.mark.parametrize(
    ("table", "field", "told"),
    [
        ({"before": [{"effect": "gain", "gain_db": 300}]}, "before[0]", "-60 to 60 dB"),
        ({"before": [{"effect": "echo"}]}, "before[0]", "there is no effect 'echo'"),
        ({"job": {"kind": "convert", "pitch_shit": 3}}, "job.pitch_shit", "no such field"),
        ({"job": {"kind": "convert", "protect": 0.7}}, "job.protect", "must be 0 to 0.5, not 0.7"),
        ({"job": {"kind": "convert", "protect": "x"}}, "job.protect", "0 to 0.5, not 'x'"),
        ({"job": {"kind": "convert", "protect": float("nan")}}, "job.protect", "0 to 0.5, not nan"),
        (
            {"job": {"kind": "convert", "pitch_shift": 2.5}},
            "job.pitch_shift",
            "a whole number from -24 to 24, not 2.5",
        ),
        ({"job": {"kind": "convert", "pitch_shift": True}}, "job.pitch_shift", "24, not true"),
        ({"job": {"kind": "convert", "voice": "Ada"}}, "job.voice", "must be a table, not 'Ada'"),
        ({"job": {"kind": "separate", "stems": 3}}, "job.stems", "must be 2, 4 or 6, not 3"),
        ({"import": {"folder": "yes"}}, "import.folder", "must be true or false, not 'yes'"),
        ({"job": {"kind": "sing"}}, "job.kind", "none, separate, convert, convert-flash"),
        ({"impor": {}}, "impor", "no such field"),
        ({"import": {"colours": {"vocals": "red"}}}, "import.colours.vocals", "#"),
        ({"import": {"names": "$trak"}}, "import.names", "no wildcard $trak. Did you mean $track"),
        ({"after": {"vox": []}}, "after.vox", "vocals"),
        ({"name": ""}, "name", "at least 1"),
        ({"name": 3}, "name", "must be text, not 3"),
        ({"capture": {"point": "bus"}}, "capture.point", "item"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(table, field, told):
    with pytest.raises(PresetInvalid) as caught:
        checked_preset({"name": "x"} | table, "song.toml")
    assert caught.value.field.startswith(field)
    assert f"song.toml, {field}" in str(caught.value)
    assert told in str(caught.value)


def test_every_mistake_is_named_and_not_the_first_alone():
    text = b"""
        name = "x"
        tail = "long"
        [[before]]
        effect = "compressor"
        threshold_db = 7
        ratio = "a"
        [[before]]
        effect = "mix"
        branches = [[{ effect = "gain", gain_db = 99 }]]
        [job]
        kind = "convert"
        protect = 0.7
        pitch_shit = 2
    """
    preset, mistakes = look_at(text, "a test")
    assert preset is None
    places = [mistake.field for mistake in mistakes]
    assert sorted(places) == ["before[0]", "before[1]", "job.pitch_shit", "job.protect", "tail"]
    of_compressor = next(str(each) for each in mistakes if each.field == "before[0]")
    assert "-100 to 0 dB, not 7" in of_compressor
    assert "1 to 100, not 'a'" in of_compressor


@pytest.mark.parametrize(
    ("table", "suggestion"),
    [
        ({"job": {"kind": "convert", "pitch_shit": 3}}, "pitch_shift"),
        ({"impor": {}}, "import"),
        ({"import": {"colour": {}}}, "colours"),
        ({"job": {"kind": "convert", "voice": {"nam": "x"}}}, "name"),
    ],
)
def test_a_misspelt_field_is_answered_with_the_right_one(table, suggestion):
    with pytest.raises(PresetInvalid) as caught:
        checked_preset({"name": "x"} | table, "song.toml")
    assert caught.value.hint == f"Did you mean {suggestion}?"


def test_a_preset_of_a_newer_program_is_refused():
    with pytest.raises(PresetInvalid, match=f"reads up to {FORMAT}") as caught:
        parse_preset(b'format = 99\nname = "x"', "new.toml")
    assert "Update" in caught.value.hint


def test_an_older_format_is_upgraded_when_it_is_read(monkeypatch):
    def rename(table):
        return {"format": 2, "name": table["title"]}

    monkeypatch.setattr(files, "UPGRADES", (rename,))
    monkeypatch.setattr(files, "FORMAT", 2)
    with pytest.raises(PresetInvalid, match="format"):  # this program's own models are of format 1
        parse_preset(b'format = 1\ntitle = "old"', "old.toml")
    monkeypatch.setattr(files, "UPGRADES", (lambda table: {"name": table["title"]},))
    assert parse_preset(b'format = 1\ntitle = "old"', "old.toml").name == "old"


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    preset = checked_preset({"name": "Größe ★", "job": {"kind": "convert"}}, "a test")
    for mark in (b"", b"\xef\xbb\xbf"):
        (tmp_path / "a.toml").write_bytes(mark + preset_text(preset).encode())
        assert read_preset(tmp_path / "a.toml") == preset


@pytest.mark.parametrize("content", [b"\xff\xfe", b"name = ", b"[" * 100_000])
def test_what_is_no_text_or_no_toml_is_told(tmp_path, content):
    (tmp_path / "bad.toml").write_bytes(content)
    with pytest.raises(PresetInvalid, match=r"bad\.toml"):
        read_preset(tmp_path / "bad.toml")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(PresetInvalid, match="No such file"):
        read_preset(tmp_path / "none.toml")
