"""What an item says of the job that made it."""

import json
from dataclasses import replace

import pytest
from fakes.placements import all_items, item_ids, place, placement, stem_files, timeline_of
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.provenance import origins, takes_line
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.tokens import MAX_LINE_BYTES, encode, split_fields

FACTS = {
    "kind": "separate",
    "engine": "local",
    "engine_version": "1",
    "parameters": {"stems": 2},
    "created_at": "told in job.json only",
}
CONTENT = ProjectText((TrackText(items=(ItemText(2.0),)),)).content()


def told(content: bytes) -> dict[str, list[str]]:
    """By the name of its playing take, what each item says."""
    document = Document.parse(content, placement().selection.source)
    items = all_items(read_timeline(document))
    return {item.take.name: origins(document, item) for item in items}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_stems_name_their_job_and_other_items_none(dialect):
    content = ProjectText((TrackText(items=(ItemText(2.0),)),), dialect).content()
    new, _ = place(content, placement(provenance=FACTS))
    job = ["job job-1 (separate, local)"]
    assert told(new) == {"gtr": [], "vocals.wav": job, "accompaniment.wav": job}


def test_the_item_holds_what_is_needed_to_make_the_stem_again():
    new, _ = place(CONTENT, placement(provenance=FACTS))
    lines = [line for line in new.split(b"\n") if line.split()[:1] == [b"hanolab"]]
    facts = [json.loads(split_fields(line)[1]) for line in lines]
    known = {key: FACTS[key] for key in ("kind", "engine", "engine_version", "parameters")}
    assert facts == [
        {"job": "job-1", "role": role, **known} for role in ("vocals", "accompaniment")
    ]


def test_an_item_with_takes_names_the_job_while_one_of_its_stems_plays():
    wanted = placement(0.0, 8.0, sources=item_ids(CONTENT), as_takes=True, provenance=FACTS)
    new, _ = place(CONTENT, wanted)
    assert told(new) == {"Vocals": ["job job-1 (separate, local)"]}
    assert told(new.replace(b"TAKE SEL", b"TAKE")) == {"gtr": []}


def test_takes_of_several_jobs_stand_in_one_block_and_the_playing_one_counts():
    content = CONTENT
    for job in ("one", "two"):
        wanted = placement(0.0, 8.0, sources=item_ids(content), as_takes=True, job_id=job)
        stems = stem_files(wanted, folder=placement().selection.source.parent / job)
        renamed = [
            replace(stem, path=stem.path.with_stem(f"{job}-{number}"))
            for number, stem in enumerate(stems)
        ]
        content, _ = place(content, wanted, stems=renamed)
    assert content.count(b"<EXT\r") == 1
    assert told(content) == {"Vocals": ["job two"]}


def test_a_part_of_a_stem_is_a_stem():
    new, _ = place(CONTENT, placement(0.0, 8.0))
    again, _ = place(new, placement(3.0, 4.0, sources=item_ids(new)[1:2], job_id="job-2"))
    parts = [item for item in all_items(timeline_of(again)) if item.take.name == "vocals.wav"]
    document = Document.parse(again, placement().selection.source)
    assert [origins(document, item) for item in parts] == [["job job-1"]] * 3 + [["job job-2"]]


@pytest.mark.parametrize(
    "value", ["'{'", "'[1]'", "'{}'", "'{\"job\": 3}'", "", "x", "'" + "[" * 3000 + "'"]
)
def test_data_of_others_under_our_key_says_nothing(value):
    block = f"      <EXT\r\n        hanolab {value}\r\n      >\r\n".encode()
    content = CONTENT.replace(b"      NAME gtr\r\n", block + b"      NAME gtr\r\n")
    assert told(content) == {"gtr": []}


@given(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False) | st.lists(st.text())))
def test_any_parameters_come_back_or_stay_out_when_they_are_too_long(parameters):
    wanted = placement(provenance=FACTS | {"parameters": parameters})
    line = takes_line(wanted, stem_files(wanted))
    assert len(encode(line)) <= MAX_LINE_BYTES
    key, value = split_fields(encode(line))
    facts = json.loads(value)
    assert (key, facts["job"], facts["engine"]) == ("hanolab_job-1", "job-1", "local")
    assert facts.get("parameters", parameters) == parameters


def test_parameters_that_no_line_can_hold_are_left_out():
    wanted = placement(provenance=FACTS | {"parameters": {"prompt": "ä" * 5000}})
    new, _ = place(CONTENT, wanted)
    assert max(len(line) for line in new.split(b"\n")) <= MAX_LINE_BYTES
    assert told(new)["vocals.wav"] == ["job job-1 (separate, local)"]
