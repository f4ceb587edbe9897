"""Edits of chains: every one is undone by its opposite, and nothing gets lost on the way."""

import random

import pytest

from hanolab_dawtools.audio.effect_table import checked
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.whole_effects import WHOLE_EFFECTS
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.presenters.chain_edits import (
    MAX_EFFECTS,
    NOT_IN_A_MIX,
    chain_at,
    check_place,
    effect_at,
    inserted,
    moved,
    proven,
    removed,
    replaced,
    walk,
    without_branch,
)
from hanolab_dawtools.presets.schema import Preset


def gain(db):
    return checked(EffectSpec("gain", {"gain_db": float(db)}))


def mix(*branches):
    return checked(EffectSpec("mix", branches=branches))


CHAIN = (gain(1), mix((gain(2), mix((gain(3),), ())), (), (gain(4), gain(5))), gain(6))


def gains(chain):
    return sorted(spec.number("gain_db") for _, spec in walk(chain) if spec.name == "gain")


def test_every_path_of_a_walk_leads_to_its_effect():
    for path, spec in walk(CHAIN):
        assert effect_at(CHAIN, path) == spec


@pytest.mark.parametrize("path", [(9,), (0, 0, 0), (1, 3, 0), (1, 1, 0), (1, 0, 1, 5, 0)])
def test_a_path_that_leads_nowhere_names_nothing(path):
    assert effect_at(CHAIN, path) is None


def test_what_was_inserted_is_removed_again():
    for path, _ in walk(CHAIN):
        there = inserted(CHAIN, path, gain(9))
        assert effect_at(there, path) == gain(9)
        assert removed(there, path) == CHAIN


def test_a_replaced_effect_leaves_all_others():
    for path, _ in walk(CHAIN):
        there = replaced(CHAIN, path, gain(9))
        assert effect_at(there, path) == gain(9)
        assert len(chain_at(there, path[:-1])) == len(chain_at(CHAIN, path[:-1]))


def test_a_moved_effect_is_at_its_new_path_and_nothing_is_lost():
    places = [path for path, _ in walk(CHAIN)]
    ends = [(*path[:-1], path[-1] + 1) for path in places] + [(1, 1, 0)]
    for source in places:
        for to in places + ends:
            there, path = moved(CHAIN, source, to)
            assert effect_at(there, path) == effect_at(CHAIN, source)
            assert gains(there) == gains(CHAIN)


def test_random_moves_lose_nothing():
    rng, chain = random.Random(7), CHAIN
    for _ in range(300):
        places = [path for path, _ in walk(chain)]
        chain, _ = moved(chain, rng.choice(places), rng.choice(places))
    assert gains(chain) == gains(CHAIN)


def test_a_mix_cannot_be_moved_into_itself():
    assert moved(CHAIN, (1,), (1, 0, 0)) == (CHAIN, (1,))


def test_moving_to_a_place_that_is_not_there_does_nothing():
    assert moved(CHAIN, (0,), (5, 0, 0)) == (CHAIN, (0,))


def test_the_last_branch_of_a_mix_stays():
    one = without_branch(mix((gain(1),), ()), 0)
    assert one == mix(())
    with pytest.raises(UsageError, match="at least one branch"):
        without_branch(one, 0)


def test_a_chain_takes_as_many_effects_as_its_file_may_hold():
    full = (gain(0),) * MAX_EFFECTS
    Preset(name="full", before=[{"effect": "gain"}] * MAX_EFFECTS)
    assert proven(full) == full
    with pytest.raises(UsageError, match="at most"):
        proven((*full, gain(0)))
    with pytest.raises(ValueError, match="at most"):
        Preset(name="over", before=[{"effect": "gain"}] * (MAX_EFFECTS + 1))


def test_a_chain_inside_a_mix_has_the_same_limit():
    with pytest.raises(UsageError, match="at most"):
        proven((mix((gain(0),) * (MAX_EFFECTS + 1)),))


def test_what_cannot_stand_in_a_mix_is_what_cannot_be_streamed():
    assert NOT_IN_A_MIX == WHOLE_EFFECTS


@pytest.mark.parametrize("name", sorted(NOT_IN_A_MIX))
def test_an_effect_that_cannot_be_streamed_is_kept_out_of_mixes(name):
    spec = checked(EffectSpec(name))
    check_place((3,), spec)
    with pytest.raises(UsageError, match="cannot be streamed"):
        check_place((3, 0, 0), spec)
    with pytest.raises(UsageError, match="cannot be streamed"):
        check_place((3, 0, 0), EffectSpec("mix", branches=((spec,),)))
