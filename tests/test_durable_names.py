import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanolab_dawtools.durable import MAX_NAME_BYTES, safe_name, unused_path

# Reserved by Windows, with any ending: learn.microsoft.com, "Naming Files, Paths, and Namespaces".
DEVICES = ["CON", "PRN", "AUX", "NUL", "COM1", "COM9", "COM²", "LPT0", "LPT³", "CONIN$"]


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
@example("")
@example(". . a . .")
@example("\ud800")
@example("\udcff" * 200)
@example("e\u0301" * 200)
@example("한" * 100)
@example(" " * 300 + "x")
def test_a_safe_name_is_one_that_every_system_takes(text):
    name = safe_name(text)
    assert 0 < len(name.encode("utf-8")) <= MAX_NAME_BYTES + 1
    assert not set(name) & set('<>:"/\\|?*')
    assert all(unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"} for letter in name)
    assert name == name.strip(" .")
    assert unicodedata.is_normalized("NFC", name)
    assert safe_name(name) == name


@given(st.text(alphabet="abcXYZ 019äöüあ漢字-_()&'!", min_size=1, max_size=40))
def test_an_innocent_name_stays_as_it_is(text):
    innocent = unicodedata.normalize("NFC", f"x{text}x")
    assert safe_name(innocent) == innocent


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("ending", ["", ".wav", ".a.b", " .wav"])
def test_a_device_of_windows_is_no_name(device, ending):
    assert safe_name(device.lower() + ending) == f"_{device.lower()}{ending}"


@pytest.mark.parametrize("text", ["", " ", "...", ". .", "\u3000"])
def test_what_leaves_nothing_becomes_the_fallback(text):
    assert safe_name(text, fallback="song") == "song"


def test_a_safe_name_can_be_created(tmp_path):
    path = tmp_path / f"{safe_name(chr(0) + '/..' + 'ü' * 500)}.wav"
    path.write_bytes(b"")
    assert path.parent == tmp_path
    assert path.exists()


def test_an_unused_path_counts_up_before_the_suffix(tmp_path):
    wanted = tmp_path / "vocals.wav"
    made = []
    for _ in range(3):
        made.append(unused_path(wanted).name)
        unused_path(wanted).touch()
    assert made == ["vocals.wav", "vocals-2.wav", "vocals-3.wav"]


def test_a_link_to_nothing_counts_as_used(tmp_path: Path):
    (tmp_path / "vocals.wav").symlink_to(tmp_path / "nowhere")
    assert unused_path(tmp_path / "vocals.wav").name == "vocals-2.wav"
