"""`hanolab presets edit` with real editors: what is wrong never counts, and is never lost."""

from pathlib import Path

import pytest

COMMENT = "# all by hand"


@pytest.fixture
def own(hanolab) -> Path:
    """The folder of the user's presets, with one in it."""
    folder = Path(hanolab.environment["HANOLAB_CONFIG_DIR"]) / "presets"
    hanolab("presets", "new", "Mine", "--from", "Octave up")
    path = folder / "Mine.toml"
    path.write_text(f"{COMMENT}\n{path.read_text('utf-8')}", encoding="utf-8")
    return folder


@pytest.fixture
def edit(hanolab, own):
    """Edits a preset by sed."""

    def edited(script, name="mine", *options):
        hanolab.environment["EDITOR"] = f"sed -i '{script}'"
        return hanolab("presets", "edit", name, *options)

    return edited


def drafts(own):
    folder = own / "drafts"
    return list(folder.iterdir()) if folder.exists() else []


def text_of(own, name="Mine"):
    return (own / f"{name}.toml").read_text("utf-8")


def test_a_good_edit_is_saved_with_the_users_comments(edit, own):
    assert edit("s/pitch_shift = 12/pitch_shift = 7/").code == 0
    assert COMMENT in text_of(own)
    assert "pitch_shift = 7" in text_of(own)
    assert not drafts(own)


def test_nothing_is_written_when_nothing_was_changed(edit, own):
    before = (own / "Mine.toml").stat()
    assert "Nothing was changed" in edit("").out
    assert (own / "Mine.toml").stat().st_mtime_ns == before.st_mtime_ns
    assert not drafts(own)


def test_a_bad_edit_is_kept_aside_and_the_next_one_goes_on_with_it(edit, own, hanolab):
    before = text_of(own)
    done = edit("s/pitch_shift = 12/pitch_shift = 99/")
    assert done.code == 6
    assert "job.pitch_shift: it must be a whole number from -24 to 24, not 99" in done.err
    assert "It is kept in" in done.err
    assert text_of(own) == before
    assert "Mine\tconvert" in hanolab("presets", "list").out
    again = edit("s/pitch_shift = 99/pitch_shift = 9/")
    assert "goes on with the edit" in again.err
    assert "pitch_shift = 9" in text_of(own)
    assert not drafts(own)


def test_an_edit_that_was_kept_aside_can_be_dropped(edit, own):
    edit("s/pitch_shift = 12/pitch_shift = 99/")
    assert edit("s/pitch_shift = 12/pitch_shift = 5/", "mine", "--anew").code == 0
    assert "pitch_shift = 5" in text_of(own)


def test_the_editor_opens_again_as_often_as_the_user_wants(hanolab, own, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/= 120$/= 11/; s/= 12$/= 120/' \"$1\"\n")
    editor.chmod(0o755)
    hanolab.environment["VISUAL"] = str(editor)
    code, shown = hanolab.at_terminal("presets", "edit", "mine", dialogue=[("again?", "y\n")])
    assert code == 0, shown
    assert "not 120" in shown
    assert "pitch_shift = 11" in text_of(own)


def test_no_at_the_question_keeps_the_edit_too(hanolab, own):
    hanolab.environment["EDITOR"] = "sed -i s/format/fromat/"
    code, shown = hanolab.at_terminal("presets", "edit", "mine", dialogue=[("again?", "n\n")])
    assert code == 6
    assert "Did you mean format?" in shown
    assert len(drafts(own)) == 1


def test_a_factory_preset_is_edited_as_a_copy(edit, own, hanolab):
    assert "instead of the factory's" in edit("s/Everything/All/", "karaoke").out
    assert 'description = "All' in text_of(own, "Karaoke")
    assert "yours instead of the factory's" in hanolab("presets", "list").out


def test_an_edit_that_changes_the_name_changes_the_name(edit, own, hanolab):
    assert edit('s/name = "Mine"/name = "Yours"/').code == 0
    names = [line.split("\t")[0] for line in hanolab("presets", "list").out.splitlines()]
    assert "Yours" in names
    assert "Mine" not in names
    assert not drafts(own)


def test_an_edit_that_takes_anothers_name_is_kept_aside(edit, own, hanolab):
    hanolab("presets", "new", "Other", "--set", "description=the other one")
    done = edit('s/name = "Mine"/name = "OTHER"/')
    assert done.code == 2
    assert "there is a preset 'OTHER' already" in done.err
    assert "the other one" in text_of(own, "Other")
    assert len(drafts(own)) == 1


def test_a_broken_preset_is_repaired_by_an_edit(edit, own, hanolab):
    (own / "hurt.toml").write_text("name = hurt", encoding="utf-8")
    assert edit('s/= hurt/= "Healed"/', "hurt").code == 0
    assert hanolab("presets", "show", "healed").code == 0


@pytest.mark.parametrize(
    ("editor", "told"),
    [("no-such-editor", "cannot be started: No such file"), ("false", "ended with 1")],
)
def test_an_editor_that_fails_changes_nothing(hanolab, own, editor, told):
    hanolab.environment["EDITOR"] = editor
    done = hanolab("presets", "edit", "mine")
    assert done.code == 6
    assert told in done.err
    assert not drafts(own)


def test_without_any_editor_the_variable_is_named(hanolab, own, tmp_path):
    hanolab.environment |= {"EDITOR": "", "VISUAL": "", "PATH": str(tmp_path)}
    done = hanolab("presets", "edit", "mine")
    assert (done.code, "EDITOR" in done.err) == (6, True)


def test_what_was_changed_elsewhere_meanwhile_is_not_written_over(hanolab, own, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text(
        f"#!/bin/sh\necho '# other' >> '{own / 'Mine.toml'}'\necho '# me' >> \"$1\"\n"
    )
    editor.chmod(0o755)
    hanolab.environment["EDITOR"] = str(editor)
    assert hanolab("presets", "edit", "mine").code == 8
    assert "# other" in text_of(own)
    assert "# me" in drafts(own)[0].read_text("utf-8")
