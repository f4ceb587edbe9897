"""Where actions take from and put to: tabs, unsaved projects, regions; and what they ask first."""

from __future__ import annotations

from pathlib import Path

from fakes.action_runs import (
    MOST_TICKS,
    band_spec,
    finish_actions,
    reaper_with,
    run_to_end,
    start_action,
    track_names,
)
from fakes.reaper import FakeReaper

from hanolab_dawtools.hosts.reaper import connections, facts

SEPARATE = "HanoLab_separate_into_2_stems.py"
CONVERT = "HanoLab_convert_with_last_preset.py"
VOICE = ["--set", "kind=convert", "--set", "engine=hanolab", "--set", "voice.id=vm_warm"]


def reaper_of(hanolab, *projects, **options: object) -> FakeReaper:
    home = Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent
    return reaper_with(hanolab.environment, home, *projects, **options)


def test_what_is_never_saved_has_the_name_that_facts_give_it() -> None:
    assert connections.UNTITLED == facts.UNTITLED


def test_stems_come_back_to_the_tab_they_came_from(hanolab_with_weights, tmp_path: Path) -> None:
    with reaper_of(hanolab_with_weights, band_spec(tmp_path / "song")) as reaper:
        reaper.install()
        start_action(reaper, SEPARATE)
        reaper.wait_until(lambda: len(reaper.tooltips) >= 2, MOST_TICKS)  # it has been looked at
        reaper.open_tab({"path": str(tmp_path / "other.rpp")})
        reaper.switch_tab(1)
        finish_actions(reaper)
        assert [len(reaper.snapshot(tab)["tracks"]) for tab in (0, 1)] == [4, 0]
        assert track_names(reaper) == []  # the other tab is still shown


def test_the_tab_that_is_shown_at_the_click_is_meant(hanolab_with_weights, tmp_path: Path) -> None:
    other = band_spec(tmp_path / "other")
    with reaper_of(hanolab_with_weights, band_spec(tmp_path / "song"), other) as reaper:
        reaper.install()
        start_action(reaper, SEPARATE)
        reaper.switch_tab(1)  # before the program has come to ask
        assert reaper.tooltips == []
        finish_actions(reaper)
        assert [len(reaper.snapshot(tab)["tracks"]) for tab in (0, 1)] == [4, 1]


def test_stems_of_an_unsaved_project_lie_where_it_records(
    hanolab_with_weights, tmp_path: Path
) -> None:
    with reaper_of(hanolab_with_weights, band_spec(tmp_path / "song", path="")) as reaper:
        reaper.install()
        run_to_end(reaper, SEPARATE)
        assert track_names(reaper)[2:] == ["Vocals", "Accompaniment"]
        assert "the project was never saved: the stems lie in" in reaper.console
        item = reaper.snapshot()["tracks"][2]["items"][0]
        path = Path(item["takes"][0]["source"]["file"])
        assert path.is_file()
        assert path.parent.parent.name == "HanoLab"


def test_weights_are_asked_for_once_with_their_size_and_licence(hanolab, tmp_path: Path) -> None:
    with reaper_of(hanolab, band_spec(tmp_path / "song")) as reaper:
        reaper.install()
        reaper.answer("no")
        run_to_end(reaper, SEPARATE)
        (box,) = reaper.dialogs
        assert "MB" in box["text"]
        assert "licen" in box["text"].lower()
        assert "nothing was fetched" in reaper.tooltips[-1]
        assert hanolab("jobs").out.startswith("No jobs yet")


def test_a_conversion_tells_once_whose_voice_it_may_be(in_cloud, sandbox, tmp_path: Path) -> None:
    made = in_cloud("presets", "new", "Warm", *VOICE)
    assert made.code == 0, made.err
    with reaper_of(in_cloud, band_spec(tmp_path / "song")) as reaper:
        reaper.install()
        for answer in ("warm", "yes"):
            reaper.answer(answer)
        run_to_end(reaper, CONVERT)
        assert "Karaoke" not in reaper.console  # it converts nothing
        texts = [dialog["text"] for dialog in reaper.dialogs]
        assert ["singer's consent" in text for text in texts] == [False, True]
        assert len(track_names(reaper)) == 3
        reaper.edit({"time_selection": [1.5, 2.5]})
        reaper.answer("no")
        run_to_end(reaper, CONVERT)
        assert "singer's consent" not in reaper.dialogs[-1]["text"]
        assert len(reaper.dialogs) == 3


def test_music_from_words_goes_on_a_new_track(in_cloud, tmp_path: Path) -> None:
    with reaper_of(in_cloud, band_spec(tmp_path / "song")) as reaper:
        reaper.install()
        run_to_end(reaper, "HanoLab_show_status.py")
        outcome = in_cloud(
            *("generate", "slow piano", "--into", "reaper", "--at", "2", "--duration", "5"),
            *("--engine", "hanolab", "--tier", "draft", "--yes", "-q"),
        )
        assert outcome.code == 0, outcome.err
        track = reaper.snapshot()["tracks"][-1]
        assert track["name"] == "slow piano"
        assert track["items"][0]["values"]["D_POSITION"] == 2.0
