"""Our lines in reaper-kb.ini: REAPER's own ids, and not a byte of anybody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.reaper.kb_ini import (
    action_id,
    registrations,
    restored,
    with_scripts,
    without_scripts,
)

SCRIPTS = ("HanoLab/HanoLab_open_panel.py", "HanoLab/HanoLab_show_status.py")
# Lines of files that REAPER wrote, published by their users: on Windows, macOS and Linux.
REAL = [
    ("RS1ee9bb229dabffe151848d7efa3c10f748e1a1cf", "Cockos/lyrics.lua"),
    ("RS4c352caf20c6e37250633e237dd5d59847f7633a", "RemoveMIDI/Chunkparser.py"),
    ("RS424da0ec2e2f158d36fc1289d19ec1a349b185f0", "RemoveMIDI/Remove CC events.py"),
    ("RS42ab70fd2ac65e9a003787709bb85f18c36dee52", "nvk-ReaScripts/SEARCH/nvk_SEARCH.lua"),
    ("RS47ce3899bf04e6f3cd2035247a37c0c1fe9e8a23", "ReaCoMa 2.0/fluid-ampslice.lua"),
]

any_line = st.one_of(
    st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")),
    st.sampled_from(
        [
            b'SCR 4 0 RS12 "Custom: x.lua" x.lua',
            b'SCR 4 32060 RS7d3c_12 "Custom: x.lua" "a b/x.lua"',
            b'SCR 4 0 RS13 "Custom: HanoLab_open_panel.py" Else/HanoLab_open_panel.py',
            b"KEY 1 65 _RS12 0",
            b"SCR",
            b'SCR 4 0 RS14 "unfinished',
            b"",
        ]
    ),
)
any_file = st.builds(
    lambda lines, end, is_ended: end.join(lines) + (end if is_ended else b""),
    st.lists(any_line, max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)


@pytest.mark.parametrize(("known", "script"), REAL)
def test_the_id_is_the_one_that_reaper_gives(known, script):
    assert action_id(script) == known


def test_a_script_is_registered_as_reaper_writes_it():
    after = with_scripts(b"", SCRIPTS[1:], newline=b"\n").decode()
    assert after == (
        f'SCR 516 0 {action_id(SCRIPTS[1])} "Custom: HanoLab_show_status.py" '
        "HanoLab/HanoLab_show_status.py\n"
    )


def test_a_path_with_a_space_stands_in_quotes_and_is_found_again():
    script = "HanoLab ReaPack/Actions/HanoLab_open_panel.py"
    after = with_scripts(b"", [script], newline=b"\n")
    assert after.endswith(f' "{script}"\n'.encode())
    assert registrations(after)[0].script == script


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_lines_end_as_the_others_do(newline):
    before = newline.join([b"KEY 1 65 40001 0", b"KEY 1 66 40002 0", b""])
    after = with_scripts(before, SCRIPTS, newline=b"?")
    assert after.startswith(before)
    assert after.count(newline) == after.count(b"\n") == 4


def test_a_last_line_without_an_end_is_not_fused_with_ours():
    before = b"KEY 1 65 40001 0\r\nKEY 1 66 40002 0"
    after = with_scripts(before, SCRIPTS, newline=b"\n")
    assert after.split(b"\r\n")[:2] == [b"KEY 1 65 40001 0", b"KEY 1 66 40002 0"]
    assert [each.script for each in registrations(after)] == list(SCRIPTS)


def test_a_registered_script_is_not_registered_again_and_its_line_is_kept():
    before = b'SCR 4 0 RSmine "Custom: My panel" HanoLab/HanoLab_open_panel.py\n'
    after = with_scripts(before, SCRIPTS, newline=b"\n")
    assert after.startswith(before)
    assert len(registrations(after)) == 2
    assert with_scripts(after, SCRIPTS, newline=b"\n") == after


def test_another_section_or_folder_does_not_count_as_registered():
    before = (
        b'SCR 4 32060 RS7d3c_1 "Custom: HanoLab_open_panel.py" HanoLab/HanoLab_open_panel.py\n'
        b'SCR 4 0 RS2 "Custom: HanoLab_open_panel.py" Else/HanoLab_open_panel.py\n'
    )
    after = with_scripts(before, SCRIPTS[:1], newline=b"\n")
    assert len(registrations(after)) == 3


def test_taking_out_leaves_scripts_of_the_same_name_elsewhere():
    other = b'SCR 4 0 RS2 "Custom: HanoLab_open_panel.py" Else/HanoLab_open_panel.py\n'
    midi = b'SCR 4 32060 RS7d3c_1 "Custom: HanoLab_open_panel.py" HanoLab/HanoLab_open_panel.py\n'
    assert without_scripts(midi + other, SCRIPTS) == other


def test_a_backslash_in_a_path_is_a_slash():
    before = b'SCR 4 0 RS2 "Custom: HanoLab_open_panel.py" HanoLab\\HanoLab_open_panel.py\r\n'
    assert with_scripts(before, SCRIPTS[:1], newline=b"\n") == before


def test_what_another_program_added_since_stays():
    before = b"KEY 1 65 40001 0"
    added = with_scripts(before, SCRIPTS, newline=b"\n") + b"KEY 1 66 40002 0\n"
    after = restored(added, before, SCRIPTS, newline=b"\n")
    assert after == b"KEY 1 65 40001 0\nKEY 1 66 40002 0\n"


def test_a_file_that_was_not_there_is_not_there_after():
    added = with_scripts(b"", SCRIPTS, newline=b"\n")
    assert restored(added, None, SCRIPTS, newline=b"\n") is None
    assert restored(added, b"", SCRIPTS, newline=b"\n") == b""


@given(before=any_file)
def test_any_file_comes_back_to_the_byte(before):
    added = with_scripts(before, SCRIPTS, newline=b"\n")
    assert {each.script for each in registrations(added)} >= set(SCRIPTS)
    assert restored(added, before, SCRIPTS, newline=b"\n") == before


@given(before=any_file)
def test_any_file_keeps_every_line(before):
    added = with_scripts(before, SCRIPTS, newline=b"\n")
    assert added.startswith(before)
    assert without_scripts(added, SCRIPTS).rstrip(b"\r\n") == before.rstrip(b"\r\n")
