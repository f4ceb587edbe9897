"""Hypothesis strategies: any effect table, any preset that is valid."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.audio.effects import Choice, Field, Parameter, Switch
from hanolab_dawtools.model import CapturePoint, Grouping, StemRole, Width

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
names = words.filter(lambda text: bool(text.strip()) and "$" not in text)
roles = st.sampled_from([role.value for role in StemRole])


def field_values(field: Field) -> st.SearchStrategy[Any]:
    """Any value that a parameter may have."""
    if isinstance(field, Parameter):
        return st.floats(field.minimum, field.maximum)
    if isinstance(field, Choice):
        return st.sampled_from(field.options)
    return st.booleans() if isinstance(field, Switch) else words


@st.composite
def effect_tables(draw, depth: int = 0) -> dict[str, Any]:
    """Any effect as a table of a preset; mixes in mixes, too."""
    usable = [name for name in EFFECTS if name != "mix" or depth < 2]
    effect = EFFECTS[draw(st.sampled_from(usable))]
    table: dict[str, Any] = {"effect": effect.name}
    if effect.parameters:
        for field in draw(st.lists(st.sampled_from(effect.parameters), unique=True, max_size=3)):
            table[field.name] = draw(field_values(field))
    if draw(st.booleans()):
        table["bypass"] = draw(st.booleans())
    if effect.name == "mix":
        branch = st.lists(effect_tables(depth + 1), max_size=2)
        table["branches"] = draw(st.lists(branch, min_size=1, max_size=2))
    if effect.name == "vst3":
        values = st.floats(-1e6, 1e6) | st.booleans() | words
        table["values"] = draw(st.dictionaries(names, values, max_size=3))
    return table


voices = st.fixed_dictionaries({}, optional={"id": words, "name": words})
jobs = st.one_of(
    st.just({"kind": "none"}),
    st.fixed_dictionaries(
        {"kind": st.just("separate")},
        optional={
            "engine": st.sampled_from(["local", "hanolab"]),
            "stems": st.sampled_from([2, 4, 6]),
            "only": st.lists(roles, unique=True),
        },
    ),
    st.fixed_dictionaries(
        {"kind": st.just("convert")},
        optional={
            "voice": voices,
            "reference": words,
            "pitch_shift": st.integers(-24, 24),
            "formant_shift": st.floats(-12, 12),
            "index_rate": st.floats(0, 1),
            "filter_radius": st.integers(0, 7),
            "rms_mix_rate": st.floats(0, 1),
            "protect": st.floats(0, 0.5),
            "full_song": st.booleans(),
            "width": st.sampled_from([width.value for width in Width]),
        },
    ),
    st.fixed_dictionaries({"kind": st.just("convert-flash")}, optional={"voice": voices}),
)
chains = st.lists(effect_tables(), max_size=3)
preset_tables = st.fixed_dictionaries(
    {"name": names},
    optional={
        "description": words,
        "tags": st.lists(words, max_size=3),
        "before": chains,
        "job": jobs,
        "after": st.dictionaries(roles, chains, max_size=2),
        "tail": st.sampled_from(["cut", "auto"]),
        "capture": st.fixed_dictionaries(
            {},
            optional={
                "point": st.sampled_from([point.value for point in CapturePoint]),
                "each": st.sampled_from([each.value for each in Grouping]),
            },
        ),
        "import": st.fixed_dictionaries(
            {},
            optional={
                "results": st.sampled_from(["tracks", "takes"]),
                "source": st.sampled_from(["mute", "keep", "both"]),
                "stems": st.lists(roles, unique=True),
                "names": names | st.sampled_from(["$track $stem", "$preset: $voice", "5 $"]),
                "colours": st.dictionaries(
                    roles, st.just("none") | st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
                ),
            },
        ),
    },
)
