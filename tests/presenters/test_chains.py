"""The chains of a preset as the panel edits them; the plug-ins are real ones."""

import shutil
from pathlib import Path

import pytest
from fakes.acts import Acts
from fakes.chain_parts import AllowedPlugins, PresetInUse
from fakes.system_packages import need

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.chain_words import Found
from hanolab_dawtools.presenters.chains import ChainPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.schema import ConvertJob, SeparateJob
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders, load_settings

FOLDER = Path("/usr/lib/vst3")
GAIN, REVERB, MIX = (
    Found("", "", name="gain"),
    Found("", "", name="reverb"),
    Found("", "", name="mix"),
)
MISSING = {"effect": "vst3", "plugin": "Nobody", "vendor": "None", "path": "/nowhere/Nobody.vst3"}


@pytest.fixture
def acts():
    return Acts()


@pytest.fixture
def workers(acts):
    workers = Workers(acts)
    yield workers
    workers.close()


@pytest.fixture
def messages():
    return MessagesPresenter()


@pytest.fixture
def make(workers, messages):
    def made(*folders, **fields):
        holder = PresetInUse(**fields)
        return ChainPresenter(workers, holder, AllowedPlugins(*folders), messages), holder

    return made


@pytest.fixture
def zam():
    need(is_there=(FOLDER / "ZamComp.vst3").exists(), package="zam-plugins")
    return FOLDER


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("HANOLAB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("HANOLAB_PLUGIN_FOLDERS", raising=False)


def titles(chains):
    return [row.title for row in chains.view.rows]


def test_effects_are_added_behind_the_selected_one(make):
    chains, holder = make()
    for found in (GAIN, REVERB):
        chains.add(found)
    chains.select((0,))
    chains.add(Found("", "", name="delay"))
    assert [entry["effect"] for entry in holder.current.before] == ["gain", "delay", "reverb"]
    assert chains.view.selected == (1,)
    assert chains.view.editor.title == "Delay"


def test_a_separation_offers_a_chain_for_each_stem(make):
    chains, _ = make(job=SeparateJob(stems=4))
    places = {row.place for row in chains.view.places}
    assert {None, StemRole.VOCALS, StemRole.DRUMS, StemRole.BASS, StemRole.OTHER} <= places
    assert StemRole.CONVERTED not in places


def test_a_chain_of_a_result_is_put_behind_the_job(make):
    chains, holder = make(job=SeparateJob(stems=2))
    chains.choose_place(StemRole.VOCALS)
    chains.add(GAIN)
    assert [entry["effect"] for entry in holder.current.after[StemRole.VOCALS]] == ["gain"]
    assert holder.current.before == []
    chains.remove()
    assert holder.current.after == {}
    assert chains.view.place is StemRole.VOCALS


def test_a_chain_that_the_job_never_comes_to_is_shown_as_idle(make):
    chains, _ = make(job=ConvertJob(), after={"drums": [{"effect": "gain"}]})
    rows = {row.place: row for row in chains.view.places}
    assert rows[StemRole.DRUMS].is_idle
    assert not rows[StemRole.CONVERTED].is_idle


def test_another_preset_without_the_chain_shows_the_one_before(make):
    chains, holder = make(job=SeparateJob(stems=2))
    chains.choose_place(StemRole.VOCALS)
    holder.put(holder.current.model_copy(update={"job": ConvertJob()}))
    assert chains.view.place is None


def test_a_value_is_set_and_reset(make):
    chains, holder = make(before=[{"effect": "gain"}])
    chains.select((0,))
    chains.set_value("gain_db", -6.0)
    assert holder.current.before == [{"effect": "gain", "gain_db": -6.0}]
    assert chains.view.editor.knobs[0].value == -6.0
    assert chains.view.rows[0].summary == "-6 dB"
    chains.reset_value("gain_db")
    assert holder.current.before == [{"effect": "gain"}]


def test_a_value_out_of_its_range_is_told_and_changes_nothing(make, messages):
    chains, holder = make(before=[{"effect": "gain"}])
    chains.select((0,))
    chains.set_value("gain_db", 600.0)
    assert "-60 to 60 dB" in messages.view.current.sentence
    assert holder.current.before == [{"effect": "gain"}]
    assert holder.n_changes == 0


def test_a_bypassed_effect_is_kept(make):
    chains, holder = make(before=[{"effect": "gain"}])
    chains.set_bypass((0,), is_bypassed=True)
    assert holder.current.before == [{"effect": "gain", "bypass": True}]
    assert chains.view.rows[0].is_bypassed
    chains.set_bypass((0,), is_bypassed=False)
    assert holder.current.before == [{"effect": "gain"}]


def test_a_duplicate_has_the_same_values(make):
    chains, holder = make(before=[{"effect": "gain", "gain_db": 3.0}, {"effect": "reverb"}])
    chains.select((0,))
    chains.duplicate()
    assert holder.current.before[:2] == [{"effect": "gain", "gain_db": 3.0}] * 2
    assert chains.view.selected == (1,)


def test_removing_selects_what_came_up(make):
    chains, _ = make(before=[{"effect": "gain"}, {"effect": "reverb"}, {"effect": "delay"}])
    chains.select((1,))
    chains.remove()
    assert (titles(chains), chains.view.selected) == (["Gain", "Delay"], (1,))
    chains.remove()
    assert chains.view.selected == (0,)
    chains.remove()
    assert (titles(chains), chains.view.selected) == ([], None)


def test_alt_and_the_arrows_move_through_a_mix_and_out_of_it(make):
    chains, holder = make(before=[{"effect": "gain"}, {"effect": "mix", "branches": [[], []]}])
    chains.select((1,))
    chains.move_up()
    assert titles(chains) == ["Mix of branches", "Branch 1", "Branch 2", "Gain"]
    chains.select((1,))
    paths = []
    for step in (chains.move_in, chains.move_up, chains.move_down, chains.move_down):
        step()
        paths.append(chains.view.selected)
    assert paths == [(0, 1, 0), (0, 0, 0), (0, 1, 0), (1,)]
    chains.move_in()
    chains.move_out()
    assert chains.view.selected == (1,)
    assert [entry["effect"] for entry in holder.current.before] == ["mix", "gain"]


def test_moves_stop_at_the_ends(make):
    chains, holder = make(before=[{"effect": "gain"}, {"effect": "reverb"}])
    chains.select((0,))
    for step in (chains.move_up, chains.move_in, chains.move_out):
        step()
    chains.select((1,))
    chains.move_down()
    assert holder.n_changes == 0


def test_effects_are_added_to_the_selected_branch(make):
    chains, holder = make()
    chains.add(MIX)
    chains.select((0, 1))
    chains.add(REVERB)
    assert holder.current.before[0]["branches"] == [[], [{"effect": "reverb"}]]
    assert chains.view.selected == (0, 1, 0)


def test_branches_come_and_go(make, messages):
    chains, holder = make()
    chains.add(MIX)
    chains.add_branch()
    assert len(holder.current.before[0]["branches"]) == 3
    for _ in range(3):
        chains.select((0, 0))
        chains.remove()
    assert len(holder.current.before[0]["branches"]) == 1
    assert "at least one branch" in messages.view.current.sentence


def test_an_effect_that_cannot_stand_in_a_mix_is_refused_with_a_sentence(make, messages):
    chains, holder = make(before=[{"effect": "mix", "branches": [[]]}, {"effect": "pitch_shift"}])
    chains.select((0, 0))
    chains.add(Found("", "", name="gsm"))
    assert "cannot stand inside" in messages.view.current.sentence
    chains.move((1,), (0, 0, 0))
    assert holder.n_changes == 0


def test_too_many_mixes_inside_each_other_are_refused(make, messages):
    chains, _ = make()
    chains.add(MIX)
    while messages.view.current is None:
        chains.select((*chains.view.selected, 0))
        chains.add(MIX)
    assert "inside each other" in messages.view.current.sentence


def test_a_search_finds_names_and_meanings(make):
    chains, _ = make()
    assert "Delay" in [found.title for found in chains.find("echo")]
    assert chains.find("reverb")[0].title == "Reverb"
    assert [found.title for found in chains.find("LOUD soft compressor")] == ["Compressor"]
    assert chains.find("no such thing") == []


def test_nothing_of_an_unknown_selection_is_edited(make):
    chains, holder = make(before=[{"effect": "gain"}])
    for act in (chains.remove, chains.duplicate, chains.move_up, chains.move_down, chains.move_in):
        act()
    chains.select((7,))
    chains.set_value("gain_db", 1.0)
    assert chains.view.selected is None
    assert holder.n_changes == 0


def test_a_missing_plugin_is_shown_with_its_name_and_kept(make, acts):
    chains, holder = make(before=[MISSING, {"effect": "gain"}])
    chains.select((0,))
    acts.run_until(lambda: chains.view.editor.problem)
    assert "Nobody" in chains.view.rows[0].problem
    assert "plugin_folders" in chains.view.editor.hint
    chains.select((1,))
    chains.set_value("gain_db", 3.0)
    assert holder.current.before == [MISSING, {"effect": "gain", "gain_db": 3.0}]


def test_a_plugin_is_added_with_its_state_and_shows_its_own_parameters(make, acts, zam):
    chains, holder = make(zam)
    chains.find("zam")
    acts.run_until(lambda: chains.view.installed)
    found = [each for each in chains.find("zamcomp") if each.title == "ZamComp"]
    chains.add(found[0])
    assert chains.view.loading == "ZamComp"
    acts.run_until(lambda: holder.current.before)
    entry = holder.current.before[0]
    assert (entry["plugin"], entry["path"]) == ("ZamComp", str(zam / "ZamComp.vst3"))
    assert entry["state"]
    knobs = {knob.name: knob for knob in chains.view.editor.knobs}
    assert knobs["threshold_db"].unit == "dB"
    chains.set_value("threshold_db", -30.0)
    assert holder.current.before[0]["values"] == {"threshold_db": -30.0}
    chains.reset_value("threshold_db")
    assert "values" not in holder.current.before[0]


def test_the_knobs_of_a_plugin_in_a_preset_come_after_it_was_loaded(make, acts, zam):
    entry = {"effect": "vst3", "plugin": "ZamComp", "values": {"threshold_db": -30.0}}
    chains, _ = make(zam, before=[entry])
    chains.select((0,))
    assert chains.view.editor.is_loading
    acts.run_until(lambda: chains.view.editor.knobs)
    knobs = {knob.name: knob for knob in chains.view.editor.knobs}
    assert knobs["threshold_db"].value == -30.0
    assert knobs["threshold_db"].default != -30.0


def test_a_plugin_outside_of_the_allowed_folders_is_asked_for_once(make, acts, zam, config):
    chains, holder = make()
    chains.add_plugin(zam / "ZamComp.vst3" / "Contents")
    acts.run_until(lambda: chains.view.question)
    assert str(zam) in chains.view.question.sentence
    assert holder.current.before == []
    chains.shelf.allow_folder()
    acts.run_until(lambda: holder.current.before)
    assert load_settings().plugin_folders == (zam,)
    chains.add_plugin(zam / "ZamDelay.vst3")
    acts.run_until(lambda: len(holder.current.before) == 2)
    assert chains.view.question is None


def test_a_folder_that_is_not_allowed_stays_so(make, acts, zam, config):
    chains, holder = make()
    chains.add_plugin(zam / "ZamComp.vst3")
    acts.run_until(lambda: chains.view.question)
    chains.shelf.decline_folder()
    assert chains.view.question is None
    assert load_settings().plugin_folders == ()
    assert holder.n_changes == 0


@pytest.mark.usefixtures("config")
def test_a_variable_that_forbids_the_folder_is_named(make, acts, messages, zam, monkeypatch):
    monkeypatch.setenv("HANOLAB_PLUGIN_FOLDERS", "/somewhere/else")
    chains, _ = make()
    chains.add_plugin(zam / "ZamComp.vst3")
    acts.run_until(lambda: chains.view.question)
    chains.shelf.allow_folder()
    acts.run_until(lambda: messages.view.current)
    assert "HANOLAB_PLUGIN_FOLDERS" in messages.view.current.sentence


def test_a_preset_whose_plugin_lies_outside_offers_its_folder(make, acts, zam, config):
    path = str(zam / "ZamComp.vst3")
    entry = {"effect": "vst3", "plugin": "ZamComp", "path": path, "values": {"threshold_db": -9.0}}
    chains, holder = make(before=[entry])
    chains.select((0,))
    acts.run_until(lambda: chains.view.editor.outside)
    assert chains.view.editor.outside == zam
    chains.allow_plugin_folder()
    acts.run_until(lambda: chains.view.question)
    chains.shelf.allow_folder()
    acts.run_until(lambda: chains.view.editor.knobs)
    assert holder.current.before == [entry]


def test_another_plugin_takes_the_place_of_a_missing_one(make, acts, zam):
    chains, holder = make(zam, before=[{"effect": "gain"}, MISSING | {"bypass": True}])
    chains.select((1,))
    acts.run_until(lambda: chains.view.editor.problem)
    chains.locate_plugin(zam / "ZamComp.vst3")
    acts.run_until(lambda: holder.n_changes)
    entry = holder.current.before[1]
    assert (entry["plugin"], entry["bypass"]) == ("ZamComp", True)
    assert chains.view.editor.knobs


@pytest.mark.parametrize("name", ["song.wav", ""])
def test_a_file_that_is_no_plugin_is_refused(make, acts, messages, tmp_path, name):
    chains, _ = make(tmp_path)
    chains.add_plugin(tmp_path / name)
    acts.run_until(lambda: messages.view.current)
    assert "no VST3 plug-in" in messages.view.current.sentence
    assert chains.view.loading == ""


def test_a_broken_plugin_costs_a_sentence(make, acts, messages, tmp_path):
    (tmp_path / "Broken.vst3").write_bytes(b"nothing")
    chains, holder = make(tmp_path)
    chains.add_plugin(tmp_path / "Broken.vst3")
    acts.run_until(lambda: messages.view.current)
    assert "Broken" in messages.view.current.sentence
    assert holder.n_changes == 0


def test_a_plugin_that_was_installed_meanwhile_is_found_by_looking_again(make, acts, zam, tmp_path):
    chains, _ = make(tmp_path, before=[{"effect": "vst3", "plugin": "ZamComp"}])
    chains.select((0,))
    acts.run_until(lambda: chains.view.editor.problem)
    shutil.copytree(zam / "ZamComp.vst3", tmp_path / "ZamComp.vst3")
    chains.shelf.look_again()
    acts.run_until(lambda: chains.view.editor.knobs)
    assert not chains.view.rows[0].problem


@pytest.mark.usefixtures("config")
def test_jobs_may_use_a_folder_as_soon_as_it_is_allowed(workers, acts, messages, zam, tmp_path):
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    with Services(where=folders) as services:
        before = services.road
        chains = ChainPresenter(workers, PresetInUse(), services, messages)
        chains.add_plugin(zam / "ZamComp.vst3")
        acts.run_until(lambda: chains.view.question)
        chains.shelf.allow_folder()
        acts.run_until(lambda: chains.effects)
        assert services.plugins.is_allowed(zam / "ZamComp.vst3")
        assert services.road is not before
