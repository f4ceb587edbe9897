"""The preset in use: found, changed, saved, reverted; nothing that was edited is ever lost."""

import pytest
from fakes.acts import Acts

from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.preset_view import PLAIN, NameCheck
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.files import read_preset
from hanolab_dawtools.presets.library import PresetLibrary


class Desk:
    """A presenter over real folders, its work done as an event loop would."""

    def __init__(self, folder):
        self.folder = folder / "presets"
        self.folder.mkdir()
        self.acts = Acts()
        self.workers = Workers(self.acts)
        self.messages = MessagesPresenter()
        library = PresetLibrary(self.folder, presets_folder())
        self.presets = PresetPresenter(library, self.workers, self.messages)
        self.reload()

    def reload(self):
        self.presets.refresh()
        self.acts.run_until(lambda: not self.presets.view.is_loading)

    def put(self, name, text="", file="own.toml"):
        path = self.folder / file
        path.write_text(f"name = {name!r}\n{text}", encoding="utf-8")
        self.reload()
        return path

    def choose(self, name):
        self.presets.choose(self.row(name).path)

    def row(self, name):
        return next(row for row in self.presets.view.rows if row.name == name)

    def said(self):
        """Run acts until something is told, and the list is read again."""
        before = len(self.messages.view.history)
        self.acts.run_until(lambda: len(self.messages.view.history) > before)
        self.acts.run_until(lambda: not self.presets.view.is_loading)
        return self.messages.view.current


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.workers.close()


def test_it_starts_with_a_plain_separation_of_the_factory(desk):
    view = desk.presets.view
    assert (view.current.name, view.what, view.state) == ("Separate", "separate", "factory")
    assert not view.is_dirty
    assert desk.row("Separate").is_current


@pytest.mark.parametrize(("what", "name"), PLAIN.items())
def test_every_quick_choice_starts_from_a_factory_preset_of_its_kind(desk, what, name):
    desk.choose("Telephone" if what != "none" else "Karaoke")
    desk.presets.start(what)
    assert desk.presets.current.name == name
    assert desk.presets.current.job.kind == what
    assert not desk.presets.view.is_dirty


def test_a_quick_choice_that_holds_already_changes_nothing(desk):
    desk.choose("Karaoke")
    desk.presets.start("separate")
    assert desk.presets.current.name == "Karaoke"


@pytest.mark.parametrize(
    ("text", "found"),
    [("oct up", {"Octave up"}), ("KARAOKÉ", {"Karaoke"}), ("no such thing", set())],
)
def test_a_search_finds_every_word_case_and_accents_aside(desk, text, found):
    desk.presets.search(text)
    assert {row.name for row in desk.presets.view.rows} == found
    desk.presets.search("")
    assert len(desk.presets.view.rows) == desk.presets.view.n_all


def test_a_broken_file_is_listed_with_its_reason_and_hides_no_other(desk):
    desk.put("Broken", "[job]\nkind = 'separate'\nstems = 3\n")
    row = desk.row("own")
    assert "job.stems: it must be 2, 4 or 6" in row.problem
    desk.presets.choose(row.path)
    assert desk.presets.current.name == "Separate"
    assert "job.stems" in desk.messages.view.current.sentence
    assert desk.row("Karaoke")


def test_an_edit_is_told_once_and_marks_the_preset(desk):
    told = []
    desk.presets.current_changed.connect(lambda: told.append(desk.presets.current.job.stems))
    assert desk.presets.edit({"job.stems": 4})
    assert told == [4]
    view = desk.presets.view
    assert view.is_dirty
    assert view.state == "factory, changed"
    assert desk.row("Separate").is_dirty
    desk.presets.edit({"job.stems": 2})
    assert not desk.presets.view.is_dirty


def test_a_wrong_value_is_refused_in_a_sentence_and_changes_nothing(desk):
    assert not desk.presets.edit({"import.names": "$trak"})
    assert "$track" in desk.messages.view.current.sentence
    assert not desk.presets.view.is_dirty


def test_revert_drops_the_changes(desk):
    desk.presets.edit({"job.stems": 4})
    desk.presets.revert()
    assert desk.presets.current.job.stems == 2
    assert not desk.presets.view.can_revert


def test_changes_stay_with_their_preset_while_another_is_looked_at(desk):
    desk.presets.edit({"job.stems": 6})
    desk.choose("Karaoke")
    assert not desk.presets.view.is_dirty
    assert desk.presets.unsaved == ("Separate",)
    desk.choose("Separate")
    assert desk.presets.current.job.stems == 6
    assert desk.presets.view.is_dirty


def test_a_saved_factory_preset_becomes_the_users_and_says_so(desk):
    desk.choose("Karaoke")
    desk.presets.edit({"job.stems": 4})
    assert "instead of the factory's" in desk.presets.view.save_words
    desk.presets.save()
    assert "instead of the factory's" in desk.said().hint
    assert desk.presets.view.state == "yours instead of the factory's"
    assert read_preset(desk.folder / "Karaoke.toml").job.stems == 4
    assert desk.presets.unsaved == ()


def test_a_removed_shadow_shows_the_factorys_again(desk):
    path = desk.put("Karaoke", "[job]\nkind = 'separate'\nstems = 4\n")
    desk.choose("Karaoke")
    desk.presets.remove_current()
    assert "factory's preset of this name shows again" in desk.presets.view.question.sentence
    desk.presets.answer(yes=True)
    desk.acts.run_until(lambda: desk.presets.view.state == "factory")
    assert not path.exists()
    assert desk.presets.current.job.stems == 2


def test_a_question_that_is_declined_removes_nothing(desk):
    path = desk.put("Mine")
    desk.presets.remove(path)
    desk.presets.answer(yes=False)
    assert desk.presets.view.question is None
    assert path.exists()


def test_a_file_that_was_changed_elsewhere_is_not_written_over(desk):
    path = desk.put("Mine", "[job]\nkind = 'separate'\n")
    desk.choose("Mine")
    desk.presets.edit({"job.stems": 4})
    path.write_text("name = 'Mine'\n[job]\nkind = 'separate'\nstems = 6\n", encoding="utf-8")
    desk.presets.save()
    assert "changed" in desk.said().sentence
    assert read_preset(path).job.stems == 6
    assert desk.presets.current.job.stems == 4


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 81])
def test_a_name_that_the_library_refuses_is_refused_as_it_is_typed(desk, name):
    assert not desk.presets.check_name(name).is_allowed


def test_saved_by_another_name_it_goes_on_with_that(desk):
    desk.presets.edit({"job.stems": 4})
    assert desk.presets.check_name("Four") == NameCheck()
    desk.presets.save_as("Four")
    desk.said()
    view = desk.presets.view
    assert (view.current.name, view.state, view.is_dirty) == ("Four", "yours", False)
    desk.choose("Separate")
    assert desk.presets.current.job.stems == 2


def test_a_name_in_use_is_replaced_only_after_a_question(desk):
    path = desk.put("Mine", "[job]\nkind = 'convert'\n")
    assert desk.presets.check_name("mine").replaces
    desk.presets.save_as("mine")
    assert "Replace" in desk.presets.view.question.sentence
    assert read_preset(path).job.kind == "convert"
    desk.presets.answer(yes=True)
    desk.said()
    assert read_preset(path).job.kind == "separate"


def test_a_preset_whose_file_is_gone_stays_in_use_and_can_be_saved(desk):
    path = desk.put("Mine", "[job]\nkind = 'convert'\n")
    desk.choose("Mine")
    desk.presets.edit({"job.pitch_shift": 5})
    path.unlink()
    desk.reload()
    assert desk.presets.current.job.pitch_shift == 5
    assert desk.presets.view.state == "not saved, changed"
    desk.presets.save()
    desk.said()
    assert read_preset(desk.folder / "Mine.toml").job.pitch_shift == 5


def test_imported_files_come_as_they_are_and_the_last_is_in_use(desk, tmp_path):
    source = tmp_path / "from elsewhere.toml"
    source.write_text("# a remark\nname = 'Brought'\n", encoding="utf-8")
    desk.presets.import_files([source])
    desk.said()
    assert desk.presets.current.name == "Brought"
    assert (desk.folder / "Brought.toml").read_bytes() == source.read_bytes()


def test_of_files_with_a_mistake_in_one_none_is_imported(desk, tmp_path):
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text("name = 'Good'\n", encoding="utf-8")
    bad.write_text("name = 3\n", encoding="utf-8")
    desk.presets.import_files([good, bad])
    assert "bad.toml" in desk.said().sentence
    assert not list(desk.folder.iterdir())


def test_an_import_of_a_name_in_use_asks_first(desk, tmp_path):
    path = desk.put("Mine", "[job]\nkind = 'convert'\n")
    source = tmp_path / "mine.toml"
    source.write_text("name = 'MINE'\n", encoding="utf-8")
    desk.presets.import_files([source])
    desk.acts.run_until(lambda: desk.presets.view.question)
    assert read_preset(path).job.kind == "convert"
    desk.presets.answer(yes=True)
    desk.said()
    assert read_preset(path).job.kind == "none"


def test_an_export_is_the_file_itself_or_what_was_changed_in_it(desk, tmp_path):
    path = desk.put("Mine", "# a remark\n")
    desk.choose("Mine")
    desk.presets.export(tmp_path)
    desk.said()
    assert (tmp_path / "Mine.toml").read_bytes() == path.read_bytes()
    desk.presets.edit({"description": "other"})
    desk.presets.export(tmp_path / "other.toml")
    desk.said()
    assert read_preset(tmp_path / "other.toml").description == "other"


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(desk, tmp_path):
    desk.folder.rmdir()
    desk.folder.write_text("no folder")
    desk.presets.save_as("New")
    assert "cannot" in desk.said().sentence
    assert desk.presets.current.name == "Separate"
