"""The library: factory and user's presets, changes from the command line, and what is missing."""

from pathlib import Path

import pytest

from hanolab_dawtools.errors import PresetInvalid, PresetNotFound, UsageError
from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presets.changes import parse_assignment, with_values
from hanolab_dawtools.presets.files import checked_preset
from hanolab_dawtools.presets.library import PresetLibrary
from hanolab_dawtools.presets.needs import NeedKind, missing_needs, needs_of, with_own_voice


@pytest.fixture
def library(tmp_path: Path) -> PresetLibrary:
    return PresetLibrary(tmp_path / "mine", presets_folder())


def preset(**table):
    return checked_preset({"name": "Mine"} | table, "a test")


CONVERT = {"kind": "convert", "voice": {"id": "vm_1", "name": "Ada"}}


def test_every_factory_preset_can_be_used(library):
    entries = library.entries()
    assert len(entries) >= 10
    assert not [entry.problem for entry in entries if entry.problem]
    assert all(entry.preset.description and entry.preset.tags for entry in entries)


def test_no_factory_preset_needs_an_account_or_a_machine(library):
    assert not [need for entry in library.entries() for need in needs_of(entry.preset)]


def test_a_users_preset_stands_before_the_factorys_of_the_same_name(library):
    library.save(checked_preset({"name": "karaoke", "description": "my own"}, "a test"))
    entry = library.entry("KARAOKE")
    assert (entry.is_factory, entry.shadows, entry.preset.description) == (False, True, "my own")
    library.remove("Karaoke")
    assert library.entry("Karaoke").is_factory


def test_a_factory_preset_is_not_removed(library):
    with pytest.raises(UsageError, match="comes with the program"):
        library.remove("Karaoke")
    assert library.entry("Karaoke").path.exists()


def test_a_preset_is_replaced_only_when_it_may_be(library):
    first = library.save(preset())
    with pytest.raises(UsageError, match="there is a preset 'Mine' already"):
        library.save(preset(description="new"))
    assert library.save(preset(description="new"), may_replace=True) == first
    assert library.get("mine").description == "new"


def test_names_that_are_one_as_a_file_are_two_presets(library):
    for name in ("a/b", "a:b"):
        library.save(checked_preset({"name": name}, "a test"))
    assert {library.get("a/b").name, library.get("a:b").name} == {"a/b", "a:b"}


def test_an_unknown_name_is_answered_with_the_nearest(library):
    with pytest.raises(PresetNotFound) as caught:
        library.get("Karoake")
    assert caught.value.hint == "Did you mean 'Karaoke'?"


def test_a_bad_file_is_listed_with_its_reason_and_hides_no_other(library):
    library.user_folder.mkdir()
    (library.user_folder / "broken.toml").write_text("name = 3", encoding="utf-8")
    entry = library.entry("broken")
    assert entry.preset is None
    assert "name" in str(entry.problem)
    assert library.get("Karaoke")
    with pytest.raises(PresetInvalid):
        library.get("broken")


def test_the_first_of_two_files_of_one_name_counts_and_the_other_is_told(library):
    first = library.save(preset(description="first"))
    (library.user_folder / "Z.toml").write_bytes(first.read_bytes())
    of_that_name = [entry for entry in library.entries() if entry.name == "Mine"]
    assert [entry.path.name for entry in of_that_name] == ["Mine.toml", "Z.toml"]
    assert "Mine.toml has the same name, and counts" in str(of_that_name[1].problem)
    assert library.get("mine").description == "first"


def test_a_name_is_found_in_every_unicode_form(library):
    library.save(checked_preset({"name": "Größe"}, "a test"))
    for typed in ("gro\u0308ße", "GRÖSSE", " größe "):
        assert library.get(typed).name == "Größe"


def test_nothing_is_written_through_a_link_that_leads_nowhere(library, tmp_path):
    library.user_folder.mkdir()
    (library.user_folder / "a_b.toml").symlink_to(tmp_path / "elsewhere.toml")
    assert library.save(checked_preset({"name": "a/b"}, "a test")).name == "a_b-2.toml"
    assert not (tmp_path / "elsewhere.toml").exists()


def test_a_file_is_kept_byte_for_byte(library):
    content = b"\xef\xbb\xbf# by hand\r\nname = 'x' # yes\r\n"
    assert library.put(content, "a test").read_bytes() == content
    assert library.get("X").name == "x"
    with pytest.raises(PresetInvalid, match="a test"):
        library.put(b"name = 1", "a test", may_replace=True)
    assert library.own_path("x").read_bytes() == content


def test_another_kind_of_job_keeps_the_fields_that_it_has(library):
    flash = with_values(preset(job=CONVERT | {"pitch_shift": 3}), {"kind": "convert-flash"})
    assert flash.job.voice.id == "vm_1"
    made = with_values(flash, {"stems": 4, "job.kind": "separate"})
    assert made.job.stems == 4


@pytest.mark.parametrize(
    ("text", "place"),
    [("protekt=0.1", "job.protekt"), ("impor=1", "impor"), ("voice.nam=Ada", "job.voice.nam")],
)
def test_a_misspelt_name_is_looked_for_where_it_is_nearest(text, place):
    with pytest.raises(PresetInvalid, match="there is no such field") as caught:
        with_values(preset(job=CONVERT), dict([parse_assignment(text)]))
    assert caught.value.field == place
    assert caught.value.hint.startswith("Did you mean")


@pytest.mark.parametrize(
    ("text", "value_at"),
    [
        ("pitch_shift=5", lambda it: it.job.pitch_shift == 5),
        ("job.index_rate=.5", lambda it: it.job.index_rate == 0.5),
        ("before[0].gain_db=-3", lambda it: it.before[0].get("gain_db") == -3.0),
        ("import.names=$track new", lambda it: it.import_.names == "$track new"),
        ("tags=['a', 'b']", lambda it: it.tags == ["a", "b"]),
        ("job.voice.id=vm_9", lambda it: it.job.voice.id == "vm_9"),
    ],
)
def test_a_value_is_set_by_its_place(text, value_at):
    before = preset(job=CONVERT, before=[{"effect": "gain"}])
    after = with_values(before, dict([parse_assignment(text)]))
    assert value_at(after)
    assert not value_at(before)


@pytest.mark.parametrize("text", ["pitch_shift", "=3", "before[4].gain_db=1", "a b=1", "name.x=1"])
def test_what_sets_nothing_is_refused(text):
    with pytest.raises(UsageError):
        with_values(preset(job=CONVERT), dict([parse_assignment(text)]))


@pytest.mark.parametrize("text", ["protect=0.9", "pitch=3", "before[0].gain_db=99"])
def test_a_wrong_value_is_refused_like_in_a_file(text):
    with pytest.raises(PresetInvalid, match="'Mine' as changed"):
        with_values(
            preset(job=CONVERT, before=[{"effect": "gain"}]), dict([parse_assignment(text)])
        )


def test_a_voice_of_another_account_is_found_by_its_name():
    other = {"vm_77": "ada", "vm_78": "Bob"}
    assert with_own_voice(preset(job=CONVERT), other).job.voice.id == "vm_77"
    assert not missing_needs(preset(job=CONVERT), voices=other, plugins=[])


def test_a_voice_that_is_not_there_is_told_with_the_way_out():
    (need,) = missing_needs(preset(job=CONVERT), voices={"vm_2": "Bob"}, plugins=[])
    assert (need.kind, need.field, need.name) == (NeedKind.VOICE, "job.voice", "Ada")
    assert "--voice ID" in need.way_out
    assert with_own_voice(preset(job=CONVERT), {"vm_2": "Bob"}).job.voice.id == "vm_1"


def test_what_belongs_to_a_machine_is_told_wherever_it_stands(tmp_path):
    clip = tmp_path / "there.wav"
    clip.write_bytes(b"")
    inside = {"effect": "convolution", "impulse_response": str(tmp_path / "gone.wav")}
    chain = [
        {"effect": "vst3", "plugin": "ZamComp"},
        {"effect": "mix", "branches": [[], [inside]]},
        {"effect": "convolution", "impulse_response": str(clip)},
    ]
    made = preset(before=chain, after={"vocals": [{"effect": "vst3", "plugin": "Other"}]})
    missing = missing_needs(made, voices=None, plugins=[Path("/plugins/ZamComp.vst3")])
    assert [(need.kind, need.field) for need in missing] == [
        (NeedKind.IMPULSE_RESPONSE, "before[1].branches[1][0].impulse_response"),
        (NeedKind.PLUGIN, "after.vocals[0]"),
    ]
