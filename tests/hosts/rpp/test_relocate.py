from pathlib import Path

import pytest
from fakes.line_diff import difference
from fakes.placements import PROJECT, all_items, place, placement, timeline_of
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, block, projects
from hypothesis import given

from hanolab_dawtools.errors import ProjectFileError, UsageError

SUB = Path("/music/mixes/new/song.rpp")
OTHER = Path("/archive/song.rpp")


def file_after(file: str, target: Path, dialect: str = "7.7") -> str:
    tracks = (TrackText(items=(ItemText(file=file),)),)
    content = ProjectText(tracks, DIALECTS[dialect]).content()
    new, _ = place(content, placement(), target=target)
    return all_items(timeline_of(new))[0].take.source.file


@pytest.mark.parametrize(
    ("file", "target", "expected"),
    [
        ("a.wav", SUB, "../../a.wav"),
        ('"Media/a b.wav"', SUB, "../../Media/a b.wav"),
        ("a.wav", OTHER, "../music/a.wav"),
        ("../x/a.wav", OTHER, "../music/../x/a.wav"),
        (r"samples\a.wav", SUB, r"..\..\samples\a.wav"),
        ("/abs/a.wav", SUB, "/abs/a.wav"),
        (r"C:\a.wav", SUB, r"C:\a.wav"),
        (r"\\server\a.wav", SUB, r"\\server\a.wav"),
        ('""', SUB, ""),
        ("a.wav", PROJECT.with_name("b.rpp"), "a.wav"),
    ],
)
def test_a_relative_path_still_leads_to_its_file(file, target, expected):
    assert file_after(file, target) == expected


def test_a_bare_name_in_a_windows_project_gets_backslashes():
    assert file_after("a.wav", SUB, "7.18") == r"..\..\a.wav"


def test_a_trailing_flag_of_an_mp3_stays():
    tracks = (TrackText(items=(ItemText(file="a.mp3 1", kind="MP3"),)),)
    new, _ = place(ProjectText(tracks).content(), placement(), target=SUB)
    assert rb"FILE ..\..\a.mp3 1" in new


def test_paths_of_the_project_of_sections_pictures_and_frozen_items_are_rewritten_and_listed():
    inner = block("SOURCE WAVE", "FILE in.wav")
    section = block("SOURCE SECTION", "LENGTH 4", inner)
    frozen = block("FREEZE 0", ItemText(file="old.wav").lines(DIALECTS["7.7"]))
    item = ItemText(source=section, extra=("RESOURCEFN pic.png",))
    track = TrackText(items=(item,), chunks=(frozen,))
    content = ProjectText((track,), DIALECTS["7.7"], settings=("RENDER_FILE out/x.wav",)).content()
    new, placed = place(content, placement(), target=SUB)
    for line in (
        b'RECORD_PATH ../../Media ""',
        b"RENDER_FILE ../../out/x.wav",
        b"FILE ../../in.wav",
        b"FILE ../../old.wav",
        b"RESOURCEFN ../../pic.png",
    ):
        assert line in new
    assert len(placed.changes) == placed.tokens_changed == 5


def test_stems_are_named_relative_to_the_new_project():
    content = ProjectText(dialect=DIALECTS["7.7"]).content()
    new, _ = place(content, placement(), target=SUB)
    file = all_items(timeline_of(new))[-1].take.source.file
    assert file == "../../HanoLab/chorus-1/accompaniment.wav"


@given(projects())
def test_a_copy_in_another_folder_differs_only_in_what_is_listed(project):
    content = project.content()
    try:
        new, placed = place(content, placement(), target=SUB)
    except ProjectFileError:
        return
    counts = (placed.lines_inserted, placed.tokens_changed)
    assert difference(content, new, placed.changes) == counts


def test_a_folder_whose_name_no_quoting_can_hold_is_refused():
    source = Path('/music/it\'s "`"/song.rpp')
    content = ProjectText().content()
    with pytest.raises(UsageError, match="cannot name the file"):
        place(content, placement(source=source), target=SUB)


def test_the_way_back_leads_through_links_to_the_real_folder(tmp_path):
    real = tmp_path / "disk" / "deep" / "mixes"
    real.mkdir(parents=True)
    (tmp_path / "mixes").symlink_to(real)
    source = tmp_path / "song.rpp"
    content = ProjectText(dialect=DIALECTS["7.7"]).content()
    new, _ = place(content, placement(source=source), target=tmp_path / "mixes" / "song.rpp")
    file = all_items(timeline_of(new))[0].take.source.file
    assert (real / file).resolve() == tmp_path / "Media" / "a b.wav"
