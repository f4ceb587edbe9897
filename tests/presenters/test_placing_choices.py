"""What can be chosen about placing, and what a choice of stems means for the preset."""

import pytest

from hanolab_dawtools.model import HostName, StemRole
from hanolab_dawtools.presenters.placing_choices import (
    Target,
    layout_choices,
    possible_roles,
    source_choices,
    stem_choices,
    target_choices,
    with_stem,
)
from hanolab_dawtools.presets.schema import (
    ConvertJob,
    FlashJob,
    ImportPolicy,
    NoJob,
    Preset,
    SeparateJob,
)

VOCALS, DRUMS, BASS, OTHER = (
    StemRole.VOCALS,
    StemRole.DRUMS,
    StemRole.BASS,
    StemRole.OTHER,
)
FOUR = (VOCALS, DRUMS, BASS, OTHER)
WITH_RESIDUAL = (*FOUR, StemRole.RESIDUAL)


def enabled(choices) -> list[str]:
    return [choice.value for choice in choices if not choice.reason]


@pytest.mark.parametrize(
    ("host", "target", "layouts"),
    [
        (HostName.REAPER, Target.HOST, ["tracks", "takes", "lanes"]),
        (HostName.RPP, Target.HOST, ["tracks", "takes"]),
        (HostName.RPP, Target.PROJECT, ["tracks", "takes"]),
        (HostName.RPP, Target.FOLDER, []),
        (HostName.AUDIO_FILE, Target.HOST, []),
    ],
)
def test_layouts_are_those_that_the_host_has(host, target, layouts) -> None:
    assert enabled(layout_choices(host, target)) == layouts


def test_only_a_project_file_can_be_written_to_another_one() -> None:
    assert enabled(target_choices(HostName.RPP, None)) == ["host", "project", "folder"]
    for host in (HostName.REAPER, HostName.AUDIO_FILE):
        assert enabled(target_choices(host, None)) == ["host", "folder"]


def test_nothing_is_muted_where_results_are_files_or_takes() -> None:
    assert enabled(source_choices(HostName.REAPER, Target.HOST, "tracks"))
    assert not enabled(source_choices(HostName.REAPER, Target.HOST, "takes"))
    assert not enabled(source_choices(HostName.REAPER, Target.FOLDER, "tracks"))
    assert not enabled(source_choices(HostName.AUDIO_FILE, Target.HOST, "tracks"))


@pytest.mark.parametrize(
    ("job", "roles"),
    [
        (NoJob(), [StemRole.PROCESSED]),
        (SeparateJob(stems=4), list(FOUR)),
        (SeparateJob(stems=4, only=[DRUMS]), [DRUMS, StemRole.REST]),
        (ConvertJob(), [StemRole.CONVERTED]),
        (FlashJob(isolate=True), [StemRole.ACCOMPANIMENT, StemRole.CONVERTED]),
    ],
)
def test_stems_are_those_that_a_preset_makes(job, roles) -> None:
    assert list(possible_roles(Preset(name="one", job=job))) == roles


def test_leaving_a_stem_out_names_the_others() -> None:
    policy = with_stem(ImportPolicy(), FOUR, DRUMS, is_chosen=False)
    assert policy.stems == [VOCALS, BASS, OTHER]
    assert [stem.is_chosen for stem in stem_choices(FOUR, policy)] == [True, False, True, True]


def test_choosing_all_stems_again_names_none() -> None:
    policy = with_stem(ImportPolicy(stems=[VOCALS, BASS, OTHER]), FOUR, DRUMS, is_chosen=True)
    assert policy.stems == []


@pytest.mark.parametrize("is_chosen", [True, False])
def test_what_is_left_over_is_placed_or_not_like_any_stem(is_chosen: bool) -> None:
    policy = with_stem(ImportPolicy(), WITH_RESIDUAL, StemRole.RESIDUAL, is_chosen=is_chosen)
    assert policy.stems == []
    assert policy.residual == ("auto" if is_chosen else "never")
    assert stem_choices(WITH_RESIDUAL, policy)[-1].is_chosen is is_chosen


def test_what_is_left_over_stays_when_another_stem_is_left_out() -> None:
    policy = with_stem(ImportPolicy(), WITH_RESIDUAL, VOCALS, is_chosen=False)
    assert policy.stems == [DRUMS, BASS, OTHER, StemRole.RESIDUAL]
    assert policy.residual == "auto"
