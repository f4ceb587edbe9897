import pytest

from hanolab_dawtools.engines.local.channels import MAX_CHANNELS, channel_groups
from hanolab_dawtools.errors import EngineCannot


@pytest.mark.parametrize("n_channels", range(1, MAX_CHANNELS + 1))
def test_every_channel_is_in_one_group_of_one_or_two(n_channels: int) -> None:
    groups = channel_groups(n_channels)
    assert [channel for group in groups for channel in group] == list(range(n_channels))
    assert {len(group) for group in groups} <= {1, 2}


def test_centre_and_low_frequency_channel_of_surround_sound_are_alone() -> None:
    assert channel_groups(6) == ((0, 1), (2,), (3,), (4, 5))


def test_more_channels_than_memory_allows_are_refused() -> None:
    with pytest.raises(EngineCannot, match="at most 16 channels, not 17"):
        channel_groups(MAX_CHANNELS + 1)
