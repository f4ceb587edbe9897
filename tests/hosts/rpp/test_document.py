import os
from pathlib import Path

import pytest
from fakes.projects import ProjectText, TrackText, block, projects
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import FileChanged, ProjectFileError
from hanolab_dawtools.hosts.rpp import document as document_module
from hanolab_dawtools.hosts.rpp.document import MAX_DEPTH, Document

PATH = Path("song.rpp")
SMALL = b'<REAPER_PROJECT 0.1 "7.18/win64" 1\r\n  <TRACK\r\n    NAME a\r\n  >\r\n>\r\n'


def parse(content: bytes) -> Document:
    return Document.parse(content, PATH)


@given(projects())
def test_the_bytes_of_a_project_come_back_exactly(project):
    content = project.content()
    document = parse(content)
    assert document.content == content
    assert b"".join(document.lines) == content


@given(projects(), st.data())
def test_the_bytes_of_a_damaged_project_come_back_or_it_is_refused(project, data):
    content = bytearray(project.content())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        document = parse(bytes(content))
    except ProjectFileError:
        return
    assert b"".join(document.lines) == bytes(content)


@given(projects())
def test_every_block_starts_and_ends_with_its_brackets(project):
    document = parse(project.content())
    for start, found in document.blocks.items():
        assert found.start == start
        assert document.lines[start].strip().startswith(b"<" + found.name.encode())
        assert document.lines[found.stop - 1].strip() == b">"


@given(projects())
def test_entries_of_a_block_are_its_lines_and_inner_blocks_in_order(project):
    document = parse(project.content())
    for found in document.blocks.values():
        seen = []
        for number, child in document.entries(found):
            seen += child.lines if child else [number]
        assert seen == list(range(found.start + 1, found.stop - 1))


@pytest.mark.parametrize("eol", ["\r\n", "\n"])
@pytest.mark.parametrize("indent", ["  ", "\t", "", "    "])
def test_line_end_and_indent_are_those_of_the_file(eol, indent):
    document = parse(ProjectText(eol=eol, indent=indent).content())
    assert (document.eol, document.indent) == (eol.encode(), indent.encode())


def test_text_and_base64_lines_are_never_brackets():
    notes = ("> closes", "<OPENS", "  > too")
    document = parse(ProjectText(notes=notes).content())
    found = next(document.root.named("NOTES"))
    assert document.text_block(found) == "\n".join(notes)


@pytest.mark.parametrize("tail", [b"\0", b"\r\n\r\n", b" \t\n", b"\0\0\n"])
def test_blanks_and_nuls_behind_the_end_are_kept(tail):
    assert parse(SMALL + tail).content == SMALL + tail


def test_a_last_line_without_a_line_end_is_kept():
    assert b"".join(parse(SMALL.rstrip()).lines) == SMALL.rstrip()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\0", "empty"),
        (b"RIFF\x00\x01\x02WAVEfmt ", "not a REAPER project"),
        (b"hello\nworld\n", "not a REAPER project"),
        (b"<html>\n</html>\n", "not a REAPER project"),
        (b"<TRACK\n>\n<TRACK\n>\n", "track template"),
        (b"\xef\xbb\xbf" + SMALL, "UTF-8 byte order mark"),
        (SMALL.decode().encode("utf-16"), "UTF-16 byte order mark"),
        (SMALL.decode().encode("utf-16-le"), "not a REAPER project"),
        (SMALL.replace(b"\r\n", b"\r"), "cut short"),
    ],
)
def test_what_is_no_project_is_refused_by_one_sentence(content, reason):
    with pytest.raises(ProjectFileError, match=reason) as caught:
        parse(content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (SMALL[:-3], "<REAPER_PROJECT is never closed", 1),
        (SMALL[:50], "<TRACK is never closed", 2),
        (SMALL + b">\r\n", "unbalanced", 6),
        (SMALL + SMALL, "second root block", 6),
        (SMALL + b"text\r\n", "text follows", 6),
        (SMALL.replace(b"NAME a", b"NAME\0a"), "NUL", 3),
    ],
)
def test_a_damaged_project_is_refused_with_the_line_to_blame(content, reason, line):
    with pytest.raises(ProjectFileError, match=reason) as caught:
        parse(content)
    assert caught.value.line == line


@pytest.mark.parametrize("cut", range(1, len(SMALL) - 3, 7))
def test_a_project_cut_short_anywhere_is_refused(cut):
    with pytest.raises(ProjectFileError):
        parse(SMALL[:cut])


def test_a_project_nested_200_deep_is_refused_by_one_sentence():
    lines = block("DEEP")
    for _ in range(200):
        lines = block("DEEP", lines)
    project = ProjectText(tracks=(TrackText(chunks=(lines,)),))
    with pytest.raises(ProjectFileError, match=f"more than {MAX_DEPTH} deep"):
        parse(project.content())


def test_a_project_nested_just_within_the_limit_is_read():
    depth = MAX_DEPTH - 1
    parse(b"<REAPER_PROJECT 0.1\n" + b"<X\n" * depth + b">\n" * depth + b">\n")


def test_a_project_over_the_limit_of_size_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.rpp"
    path.write_bytes(SMALL)
    monkeypatch.setattr(document_module, "MAX_PROJECT_BYTES", len(SMALL) - 1)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(ProjectFileError, match="MB"):
        Document.read(path)


def test_a_missing_project_and_a_folder_are_refused_with_their_path(tmp_path):
    for path in (tmp_path / "none.rpp", tmp_path):
        with pytest.raises(ProjectFileError, match=str(path)):
            Document.read(path)


def test_a_read_project_knows_when_its_file_has_changed(tmp_path):
    path = tmp_path / "song.rpp"
    path.write_bytes(SMALL)
    document = Document.read(path)
    document.stamp.check()
    path.write_bytes(SMALL + b"\r\n")
    with pytest.raises(FileChanged):
        document.stamp.check()


@pytest.mark.soak
def test_a_project_of_100_mb_is_read():
    line = b"  " + b"A" * 128 + b"\r\n"
    n_lines = 100_000_000 // len(line)
    content = b"<REAPER_PROJECT 0.1\r\n" + line * n_lines + b">\r\n"
    document = parse(content)
    assert len(document.lines) == n_lines + 2
    assert document.content is content


def test_a_pipe_is_refused_instead_of_waited_on(tmp_path):
    pipe = tmp_path / "song.rpp"
    os.mkfifo(pipe)
    with pytest.raises(ProjectFileError, match="not a file"):
        Document.read(pipe)
