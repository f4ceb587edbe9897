"""`hanolab presets` as a user meets it: lists, words, files in and out, and mistakes named."""

import io
import json
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from fakes.read_only import public_folder, read_only

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presets.json_schema import preset_schema

BAD = """\
name = "Bad"
[[before]]
effect = "gain"
gain_db = 99
[job]
kind = "convert"
protect = 0.7
pitch_shit = 2
"""


@pytest.fixture
def own(hanolab) -> Path:
    """The folder of the user's presets."""
    return Path(hanolab.environment["HANOLAB_CONFIG_DIR"]) / "presets"


@pytest.fixture
def bad(tmp_path) -> Path:
    path = tmp_path / "bad.toml"
    path.write_text(BAD, encoding="utf-8")
    return path


def test_the_list_tells_whose_a_preset_is(hanolab):
    hanolab("presets", "new", "karaoke", "--from", "Karaoke")
    hanolab("presets", "new", "Mine", "--set", "kind=convert", "--set", "engine=hanolab")
    rows = [line.split("\t") for line in hanolab("presets").out.splitlines()]
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["Telephone"][0] == "effects"
    assert by_name["Telephone"][3] == "factory"
    assert by_name["karaoke"][3] == "yours instead of the factory's"
    assert by_name["Mine"] == ["convert", "hanolab", "", "yours"]
    assert "Karaoke" not in by_name


def test_the_list_is_narrowed_by_every_tag_that_is_named(hanolab):
    done = hanolab("presets", "list", "--tag", "Vocals", "--tag", "remix", "--json")
    assert [each["name"] for each in done.document["presets"]] == ["Vocals for a remix"]
    assert "No preset has such tags" in hanolab("presets", "list", "--tag", "none").err


def test_files_that_cannot_be_used_are_listed_with_the_reason(hanolab, own):
    hanolab("presets", "new", "Good")
    (own / "broken.toml").write_text("name = 3", encoding="utf-8")
    (own / "dangling.toml").symlink_to(own / "gone")
    (own / "folder.toml").mkdir()
    (own / "twin.toml").write_bytes((own / "Good.toml").read_bytes())
    done = hanolab("presets", "list")
    assert done.code == 0
    assert "Good\teffects" in done.out
    assert done.out.count("cannot be used") == 4
    assert "broken.toml, name: it must be text, not 3" in done.err
    assert "dangling.toml: No such file" in done.err
    assert "folder.toml: it is no file" in done.err
    assert "twin.toml, name: Good.toml has the same name, and counts" in done.err


def test_five_hundred_presets_are_listed_in_under_a_second(hanolab, own):
    hanolab("presets", "list")  # what is imported once is not what is measured
    own.mkdir(parents=True)
    text = (presets_folder() / "podcast-voice.toml").read_text("utf-8")
    for number in range(500):
        renamed = text.replace("Podcast voice", f"Podcast {number}")
        (own / f"{number}.toml").write_text(renamed, encoding="utf-8")
    began = time.process_time()
    done = hanolab("presets", "list")
    assert time.process_time() - began < 1.0
    assert len(done.out.splitlines()) >= 500


def test_show_says_what_a_preset_does_needs_and_which_knobs_do_nothing(hanolab, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        name = "Mine"
        before = [{ effect = "vst3", plugin = "NoSuchPlugin" }]
        [job]
        kind = "convert"
        engine = "hanolab"
        index_rate = 0
        filter_radius = 5
        voice = { name = "Ada" }
        """,
        encoding="utf-8",
    )
    done = hanolab("presets", "show", path)
    assert "Convert by the HanoLab cloud (costs credits), with the voice Ada" in done.out
    assert "'NoSuchPlugin' is missing: install NoSuchPlugin" in done.out
    assert "voice 'Ada' was not looked up (not logged in)" in done.out
    assert "filter_radius: no effect unless the server finds pitches by `harvest`" in done.out
    document = hanolab("presets", "show", path, "--json").document
    assert document["preset"]["job"]["filter_radius"] == 5
    assert [need["is_met"] for need in document["needs"]] == [None, False]


def test_a_voice_is_looked_up_in_the_account(in_cloud, tmp_path):
    (voice, *_) = in_cloud("voices", "--json").document["voices"]
    in_cloud("presets", "new", "A", "--set", "kind=convert", "--set", f"voice.name={voice['name']}")
    assert f"is here (in your account it is {voice['id']})" in in_cloud("presets", "show", "A").out
    in_cloud("presets", "new", "B", "--set", "kind=convert", "--set", "voice.name=Nobody")
    assert "'Nobody' is missing: choose one of yours" in in_cloud("presets", "show", "B").out


@pytest.mark.parametrize("name", ["Größe ★ 音", "Gro\u0308ße", "a/b\\c", "..", "con", "x" * 80])
def test_any_name_is_saved_found_and_removed(hanolab, own, name):
    made = hanolab("presets", "new", name, "--json").document
    assert Path(made["path"]).parent == own
    assert hanolab("presets", "show", name.upper(), "--json").document["name"] == name
    assert hanolab("presets", "remove", name).code == 0
    assert not list(own.iterdir())


def test_a_name_typed_in_another_unicode_form_is_the_same(hanolab):
    hanolab("presets", "new", "Größe")
    assert hanolab("presets", "show", "gro\u0308ße").code == 0


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 81])
def test_a_name_that_is_none_is_refused(hanolab, own, name):
    assert hanolab("presets", "new", name).code == 6
    assert not own.exists()


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--from", "Nix"], 6, "there is no preset 'Nix'"),
        (["--from", "Karaoke", "--from-job", "1"], 2, "exclude each other"),
        (["--from-job", "1"], 7, "1"),
        (["--set", "stems"], 2, "'stems' sets nothing"),
        (["--from", "Karaoke", "--set", "stems=3"], 6, "must be 2, 4 or 6, not 3"),
        (["--set", "kind=convert", "--set", "protekt=0.1"], 6, "Did you mean protect?"),
    ],
)
def test_what_cannot_be_made_is_told(hanolab, own, options, code, told):
    done = hanolab("presets", "new", "X", *options)
    assert done.code == code
    assert told in done.err
    assert not own.exists()


def test_a_preset_is_replaced_only_by_force(hanolab):
    assert hanolab("presets", "new", "X").code == 0
    assert hanolab("presets", "new", "x").code == 2
    assert hanolab("presets", "new", "x", "--from", "Telephone", "--force").code == 0
    assert hanolab("presets", "show", "X", "--json").document["preset"]["before"]


def test_a_preset_is_made_of_what_a_job_did(hanolab, tmp_path):
    music = tmp_path / "music.wav"
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 44_100)).astype(np.float32)
    write_audio(music, AudioBuffer(noise, 44_100))
    ran = hanolab("apply", "Telephone", music, "--set", "before[5].gain_db=-3", "--json")
    assert ran.code == 0, ran.err
    (job,) = hanolab("jobs", "list", "--json").document["jobs"]
    made = hanolab("presets", "new", "Again", "--from-job", job["job"], "--json").document
    telephone = tomllib.loads((presets_folder() / "telephone.toml").read_text("utf-8"))
    telephone["before"][5]["gain_db"] = -3.0
    assert made["preset"]["before"] == telephone["before"]
    assert made["preset"]["import"] == telephone["import"]


def test_every_mistake_in_every_file_is_named(hanolab, bad):
    hanolab("presets", "new", "Fine")
    done = hanolab("presets", "check", bad, "fine", bad.with_name("none.toml"))
    assert done.code == 6
    assert "before[0]: gain_db of the effect gain must be -60 to 60 dB, not 99" in done.err
    assert "job.protect: it must be 0 to 0.5, not 0.7" in done.err
    assert "Did you mean pitch_shift?" in done.err
    assert "none.toml: No such file" in done.err
    assert "Fine: correct" in done.out
    as_json = hanolab("presets", "check", bad, "--json").document
    fields = {each["field"] for each in as_json["presets"][0]["mistakes"]}
    assert fields == {"before[0]", "job.protect", "job.pitch_shit"}


def test_check_without_names_checks_all_of_the_users(hanolab, own, bad):
    assert "no presets yet" in hanolab("presets", "check").err
    own.mkdir(parents=True)
    (own / "bad.toml").write_bytes(bad.read_bytes())
    assert hanolab("presets", "check").code == 6


def test_a_preset_goes_to_another_machine_and_back_in_the_same_bytes(hanolab, own, tmp_path):
    content = b'# mine\r\nname = "\xc3\x9cber"\r\n\r\n[job]\r\nkind   = "separate"\r\n'
    (tmp_path / "sent.toml").write_bytes(content)
    assert hanolab("presets", "import", tmp_path / "sent.toml").code == 0
    assert hanolab("presets", "export", "über", "-o", tmp_path).code == 0
    assert (tmp_path / "Über.toml").read_bytes() == content
    assert hanolab("presets", "export", "Über").out.encode() == content
    again = hanolab("presets", "export", "Über", "-o", tmp_path)
    assert (again.code, "exists already" in again.err) == (2, True)


def test_a_preset_is_imported_from_a_pipe(hanolab, own, monkeypatch):
    piped = io.TextIOWrapper(io.BytesIO(b'name = "Piped"'))
    monkeypatch.setattr(io, "StringIO", lambda: piped)  # what the fixture takes as stdin
    assert hanolab("presets", "import", "-").code == 0
    assert (own / "Piped.toml").read_bytes() == b'name = "Piped"'


def test_import_says_what_is_missing_here_and_how_to_replace_it(hanolab, tmp_path):
    clip = tmp_path / "gone.wav"
    path = tmp_path / "sent.toml"
    path.write_text(
        f"name = 'Sent'\n[job]\nkind = 'convert'\nreference = '{clip}'\nvoice = {{ id = 'vm_1' }}",
        encoding="utf-8",
    )
    done = hanolab("presets", "import", path)
    assert done.code == 0
    assert "is missing: name a clip of yours with --reference CLIP" in done.out
    assert "voice 'vm_1' was not looked up (not logged in)" in done.out


def test_of_several_files_all_are_imported_or_none(hanolab, own, tmp_path, bad):
    good = tmp_path / "good.toml"
    good.write_text('name = "Good"', encoding="utf-8")
    done = hanolab("presets", "import", good, bad)
    assert done.code == 6
    assert "before[0]" in done.err
    assert "job.protect" in done.err
    assert not own.exists()
    assert hanolab("presets", "import", good, good).code == 6
    assert not own.exists()
    assert hanolab("presets", "import", good).code == 0
    conflict = hanolab("presets", "import", good)
    assert (conflict.code, "Nothing was imported" in conflict.err) == (2, True)
    assert hanolab("presets", "import", good, "--force").code == 0


def test_the_schema_is_printed_for_editors(hanolab):
    assert json.loads(hanolab("presets", "schema").out) == preset_schema()


def test_a_folder_that_cannot_be_written_is_told(hanolab):
    with public_folder() as home:
        hanolab.environment["HANOLAB_CONFIG_DIR"] = str(home)
        with read_only(home):
            done = hanolab("presets", "new", "X")
            assert hanolab("presets", "list").code == 0
    assert done.code == 8
    assert "cannot write" in done.err


def test_a_factory_preset_is_not_removed(hanolab):
    done = hanolab("presets", "remove", "Karaoke")
    assert (done.code, "comes with the program" in done.err) == (2, True)


def test_a_removed_preset_gives_way_to_the_factorys(hanolab):
    hanolab("presets", "new", "Karaoke", "--from", "Telephone")
    assert "factory preset of the same name" in hanolab("presets", "remove", "karaoke").out
    assert hanolab("presets", "show", "karaoke", "--json").document["preset"]["job"]
