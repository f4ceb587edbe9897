"""Rows come from the schema; idle knobs are told with the reason; engines with what is missing."""

import pytest
from fakes.acts import Acts

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.parameter_rows import RowKind, rows_of
from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.files import checked_preset
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings


class Desk:
    """The presenter over the program's own parts, in a folder of their own."""

    def __init__(self, folder, **settings):
        where = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
        self.services = Services(Settings(**settings), where)
        self.acts = Acts()
        self.workers = Workers(self.acts)
        self.messages = MessagesPresenter()
        self.presets = PresetPresenter(self.services.presets, self.workers, self.messages)
        self.parameters = ParametersPresenter(self.presets, self.services, self.workers)

    @property
    def view(self):
        return self.parameters.view

    def row(self, key):
        return next(row for row in self.view.rows if row.key == key)

    def look(self):
        self.parameters.look()
        self.acts.run_until(lambda: self.view.engines)
        return {facts.name: facts for facts in self.view.engines}


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.workers.close()


def rows(job, engine="local", **parts):
    preset = checked_preset({"name": "x", "job": job, **parts}, "a test")
    return {row.key: row for row in rows_of(preset, engine)}


def idle(job, engine):
    return {key for key, row in rows(job, engine).items() if row.is_idle and row.section == "job"}


@pytest.mark.parametrize(
    ("job", "engine", "expected"),
    [
        ({}, "local", {"voice", "index_rate", "filter_radius", "full_song"}),
        ({"reference": "clip.wav"}, "local", {"voice", "filter_radius", "full_song"}),
        ({}, "hanolab", {"reference", "formant_shift", "filter_radius"}),
        (
            {"index_rate": 0.0},
            "hanolab",
            {"reference", "formant_shift", "filter_radius", "protect"},
        ),
        ({"engine": "hanolab"}, "local", {"reference", "formant_shift", "filter_radius"}),
    ],
)
def test_knobs_without_effect_are_idle_with_the_reason(job, engine, expected):
    assert idle({"kind": "convert"} | job, engine) == {f"job.{name}" for name in expected}
    made = rows({"kind": "convert"} | job, engine)
    assert all(made[f"job.{name}"].reason for name in expected)


def test_a_value_that_is_off_is_told_without_making_the_knob_idle():
    protect = rows({"kind": "convert", "protect": 0.5})["job.protect"]
    assert not protect.is_idle
    assert "0.5 is off" in protect.reason


def test_reasons_name_knobs_as_the_panel_does():
    told = [row.reason for row in rows({"kind": "convert"}, "local").values()]
    told += [row.reason for row in rows({"kind": "convert", "index_rate": 0.0}, "hanolab").values()]
    assert not [reason for reason in told if "_" in reason or "=" in reason or "--" in reason]


def test_stems_to_choose_from_are_those_that_the_job_makes():
    only = rows({"kind": "separate", "stems": 4})["job.only"]
    assert [value for value, _ in only.options] == ["vocals", "drums", "bass", "other"]
    assert "job.only" not in rows({"kind": "separate", "stems": 2})
    assert "import.stems" not in rows({"kind": "none"})


def test_what_only_new_tracks_have_is_idle_for_takes():
    made = rows({"kind": "separate"}, **{"import": {"results": "takes", "source": "keep"}})
    for key in ("import.folder", "import.inherit", "import.source"):
        assert made[key].is_idle
        assert made[key].reason


@pytest.mark.parametrize("kind", ["separate", "convert", "convert-flash", "none"])
def test_every_number_has_a_range_and_a_step_that_reaches_both_ends(kind):
    for row in rows({"kind": kind}).values():
        if row.kind is RowKind.NUMBER:
            assert row.low <= row.default <= row.high
            n_steps = (row.high - row.low) / row.step
            assert n_steps == pytest.approx(round(n_steps))


def test_setting_and_resetting_go_through_the_preset(desk):
    desk.presets.edit({"job.kind": "convert"})
    desk.parameters.set("job.pitch_shift", 7)
    assert desk.presets.current.job.pitch_shift == 7
    assert not desk.row("job.pitch_shift").is_default
    desk.parameters.reset("job.pitch_shift")
    assert desk.presets.current.job.pitch_shift == 0


def test_colours_are_set_and_reset_as_a_table(desk):
    desk.parameters.set("import.colours", {"vocals": "#112233"})
    assert desk.presets.current.import_.colours == {StemRole.VOCALS: "#112233"}
    desk.parameters.reset("import.colours")
    assert desk.presets.current.import_.colours == {}


def test_fewer_stems_take_the_choice_among_them_along(desk):
    desk.parameters.set("job.stems", 6)
    desk.parameters.set("job.only", ("drums", "piano"))
    desk.parameters.set("job.stems", 4)
    assert desk.presets.current.job.only == [StemRole.DRUMS]
    desk.parameters.set("job.stems", 2)
    assert desk.presets.current.job.only == []


def test_a_change_of_kind_keeps_what_both_kinds_know(desk):
    desk.presets.edit({"job.kind": "convert", "job.isolate": True})
    desk.parameters.choose_kind("convert-flash")
    assert desk.view.kind == "convert-flash"
    assert desk.presets.current.job.isolate


def test_what_is_missing_is_a_sentence_with_the_next_step(desk):
    facts = desk.look()
    assert "weights" in facts["local"].missing
    assert facts["local"].next_step
    assert not facts["local"].is_paid
    assert "base URL" in facts["hanolab"].missing
    assert "login" in facts["hanolab"].next_step
    assert facts["hanolab"].is_paid


def test_a_preview_of_a_voice_needs_no_weights(desk):
    desk.presets.edit({"job.kind": "convert"})
    facts = desk.look()["local"]
    assert facts.is_ready
    assert "preview" in facts.can


@pytest.mark.parametrize(
    ("values", "words"),
    [({"job.stems": 6}, "6 stems"), ({"job.kind": "convert-flash"}, "convert-flash")],
)
def test_what_an_engine_cannot_do_is_said_once_it_is_asked_for(desk, values, words):
    desk.look()
    desk.presets.edit(values)
    desk.acts.run_until(lambda: any(facts.cannot for facts in desk.view.engines))
    facts = {facts.name: facts for facts in desk.view.engines}
    assert words in facts["local"].cannot
    assert not facts["hanolab"].cannot


def test_effects_alone_need_no_engine(desk):
    desk.look()
    desk.presets.edit({"job.kind": "none"})
    assert desk.view.engine_in_use == ""
    assert desk.view.facts is None


def test_the_usual_engine_is_the_settings(tmp_path):
    desk = Desk(tmp_path, engine="hanolab")
    assert desk.view.engine_in_use == "hanolab"
    desk.parameters.choose_engine("local")
    assert desk.view.engine_in_use == "local"
    desk.parameters.choose_engine(None)
    assert not desk.presets.view.is_dirty
    desk.workers.close()
