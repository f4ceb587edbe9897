import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools import errors
from hanolab_dawtools.audio.plugins import PluginFailed
from hanolab_dawtools.errors import AudioFileError, HanolabError, SetupError, WeightsMissing
from hanolab_dawtools.workers.portable import (
    Places,
    failure_as_data,
    failure_from_data,
    files_in,
)

HERE = Places(Path("/owner/jobs/J ö"), {"abc.wav": Path("/music/Größe.wav")})
THERE = Places(Path("/scratch/job"), {"abc.wav": Path("/scratch/inputs/abc.wav")})

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["/owner/jobs/J ö/stems/a.wav", "/owner/jobs/J ö", "/music/Größe.wav", "$folder", "$$x", "~"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_packed_and_unpacked_here_is_what_it_was(value):
    assert HERE.unpacked(json.loads(json.dumps(HERE.packed(value)))) == value


@given(VALUES)
def test_no_path_of_here_is_in_what_is_packed(value):
    packed = json.dumps(HERE.packed({"values": value}), ensure_ascii=False)
    keys = json.dumps(list(_keys(value)), ensure_ascii=False)
    assert "/owner/jobs" in keys or "/owner/jobs" not in packed


def _keys(value):
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _keys(one)


def test_paths_mean_the_same_elsewhere():
    packed = HERE.packed({"stem": "/owner/jobs/J ö/stems/vocals.wav", "in": "/music/Größe.wav"})
    assert THERE.unpacked(packed) == {
        "stem": "/scratch/job/stems/vocals.wav",
        "in": "/scratch/inputs/abc.wav",
    }


@pytest.mark.parametrize(
    "ticket",
    [{"input_path": "/music/Größe.wav", "n_frames": 3}, "/music/Größe.wav", ["/music/Größe.wav"]],
)
def test_paths_in_tickets_are_found(ticket):
    there = THERE.unpacked(HERE.packed({"text": json.dumps(ticket)}))
    assert "Gr" not in there["text"]
    assert "/scratch/inputs/abc.wav" in there["text"]
    assert json.loads(HERE.unpacked(THERE.packed(there))["text"]) == ticket


def test_an_input_that_lies_in_the_folder_is_an_input():
    here = Places(Path("/j"), {"n.wav": Path("/j/capture/x.wav")})
    assert files_in(here.packed(["/j/capture/x.wav", "/j/capture/y.wav"])) == [["capture", "y.wav"]]


def test_a_home_folder_is_found_as_it_is_written(monkeypatch):
    monkeypatch.setenv("HOME", "/music")
    here = Places(Path("/j"), {"n.wav": Path("/music/halls/x.wav")})
    assert THERE.packed("/scratch/job") == {"$folder": []}
    assert here.packed(["~/halls/x.wav", "~/halls/y.wav"]) == [{"$input": "n.wav"}, "~/halls/y.wav"]


def test_each_file_is_named_once_in_order():
    packed = HERE.packed({"a": "/owner/jobs/J ö/b.wav", "b": ["/owner/jobs/J ö/a/ü.wav"] * 2})
    assert files_in(packed) == [["b.wav"], ["a", "ü.wav"]]


@pytest.mark.parametrize("parts", [[".."], ["a", "..", ".."], ["/etc"], ["a\\b"], [""], ["a\0"]])
def test_a_worker_cannot_name_a_file_outside_of_the_folder(parts):
    with pytest.raises(ValueError, match="no path below"):
        HERE.path(parts)


def test_sentences_name_the_files_of_here():
    sentence = "cannot read audio from /scratch/job/stems/a.wav: /scratch/inputs/abc.wav is odd"
    told = "cannot read audio from /owner/jobs/J ö/stems/a.wav: /music/Größe.wav is odd"
    assert HERE.told(sentence, THERE) == told


@pytest.mark.parametrize(
    "error",
    [
        WeightsMissing("no weights", hint="fetch them"),
        AudioFileError(Path("a.wav"), "it is odd", hint="h"),
        errors.Capped("full", retry_at=3.5),
        errors.DiskFull(Path("x")),
    ],
)
def test_a_failure_is_the_same_as_data(error):
    found = failure_from_data(json.loads(json.dumps(failure_as_data(error))))
    assert type(found) is type(error)
    assert (str(found), vars(found)) == (str(error), vars(error))


def test_a_failure_of_a_class_of_its_own_is_the_nearest_that_all_know():
    assert type(failure_from_data(failure_as_data(PluginFailed("crashed")))) is SetupError


def test_an_unknown_class_of_failure_is_a_failure_all_the_same():
    data = {"kind": "FromTheFuture", "message": "m", "kept": {"hint": ""}, "paths": {}}
    assert type(failure_from_data(data)) is HanolabError
