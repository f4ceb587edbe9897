"""The Python keys of reaper.ini, set and put back without touching another byte."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.reaper.reaper_ini import (
    read_python_keys,
    restored,
    values_for,
    with_values,
)

LIBRARY = PurePosixPath("/opt/py/lib/libpython3.11.so.1.0")
VALUES = {
    "reascript": "1",
    "pythonlibpath64": "/opt/py/lib",
    "pythonlibdll64": "libpython3.11.so.1.0",
}
any_line = st.one_of(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    st.sampled_from(
        [b"[REAPER]", b"[reaper]", b" [Reaper] ", b"[other]", b"", b"  ", b"=", b"reascript=3"]
    ),
    st.sampled_from([b"ReaScript = 0", b"pythonlibpath64=", b"PYTHONLIBDLL64=x.dll"]),
)
any_file = st.builds(
    lambda lines, end, is_ended: end.join(lines) + (end if is_ended else b""),
    st.lists(any_line, max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)


@pytest.mark.parametrize("header", [b"[REAPER]", b"[reaper]", b"[Reaper]"])
def test_keys_are_read_in_any_letter_case_of_the_right_section_only(header):
    keys = read_python_keys(
        b"[other]\nreascript=7\n" + header + b"\r\nReaScript=1\r\n[x]\nreascript=0"
    )
    assert keys.enabled == "1"
    assert keys.library is None


def test_the_first_of_two_keys_counts():
    assert read_python_keys(b"[reaper]\nreascript=2\nreascript=1\n").is_enabled is False


@pytest.mark.parametrize(
    ("text", "expected"), [("0", False), ("1", True), ("2", False), ("3", True)]
)
def test_bit_0_switches_python_on(text, expected):
    assert read_python_keys(f"[reaper]\nreascript={text}\n".encode()).is_enabled is expected


def test_other_bits_of_the_switch_are_kept():
    keys = read_python_keys(b"[reaper]\nreascript=2\n")
    assert values_for(LIBRARY, keys)["reascript"] == "3"


def test_the_library_is_a_folder_and_a_bare_name():
    assert values_for(LIBRARY, read_python_keys(b"")) == VALUES


def test_values_are_set_where_the_keys_are():
    before = b"a=1\r\n[REAPER]\r\nPythonLibDll64=old.dll\r\nreascript=1\r\nz=2\r\n[x]\r\ny=1\r\n"
    after = with_values(before, VALUES, newline=b"\n")
    assert after == (
        b"a=1\r\n[REAPER]\r\nPythonLibDll64=libpython3.11.so.1.0\r\nreascript=1\r\nz=2\r\n"
        b"pythonlibpath64=/opt/py/lib\r\n[x]\r\ny=1\r\n"
    )


def test_new_keys_stand_before_the_blank_lines_that_end_the_section():
    after = with_values(b"[reaper]\nz=2\n\n[x]\ny=1\n", {"reascript": "1"}, newline=b"\n")
    assert after == b"[reaper]\nz=2\nreascript=1\n\n[x]\ny=1\n"


def test_a_file_without_the_section_gets_it_behind_its_last_line():
    after = with_values(b"[x]\ny=1", {"reascript": "1"}, newline=b"\n")
    assert after == b"[x]\ny=1\n[reaper]\nreascript=1\n"


def test_a_byte_order_mark_does_not_hide_the_section():
    after = with_values(b"\xef\xbb\xbf[reaper]\nz=1\n", {"reascript": "1"}, newline=b"\n")
    assert after == b"\xef\xbb\xbf[reaper]\nz=1\nreascript=1\n"


def test_what_reaper_wrote_since_stays_and_the_keys_go_back():
    before = b"[reaper]\nreascript=0\nz=1\n"
    rewritten = with_values(before, VALUES, newline=b"\n").replace(b"z=1", b"z=2") + b"[new]\n"
    assert (
        restored(rewritten, before, VALUES, newline=b"\n") == b"[reaper]\nreascript=0\nz=2\n[new]\n"
    )


def test_a_library_that_the_user_chose_since_stays():
    before = b"[reaper]\nz=1\n"
    changed = with_values(before, VALUES, newline=b"\n").replace(b"libpython3.11", b"libpython3.12")
    after = restored(changed, before, VALUES, newline=b"\n")
    assert after == b"[reaper]\nz=1\npythonlibdll64=libpython3.12.so.1.0\n"


@given(before=any_file)
def test_any_file_takes_the_values_and_comes_back_to_the_byte(before):
    after = with_values(before, VALUES, newline=b"\n")
    keys = read_python_keys(after)
    assert [keys.enabled, keys.folder, keys.name] == list(VALUES.values())
    assert with_values(after, VALUES, newline=b"\n") == after
    assert restored(after, before, VALUES, newline=b"\n") == before


@given(before=any_file)
def test_any_file_keeps_its_other_lines(before):
    def others(content):
        names = (b"reascript", b"pythonlib", b"[reaper]")
        lines = content.replace(b"\r\n", b"\n").split(b"\n")
        return [line for line in lines if line and not line.strip().lower().startswith(names)]

    assert others(with_values(before, VALUES, newline=b"\n")) == others(before)
