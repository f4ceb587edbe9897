"""GUIDs that a job gives: the same in every run, another for every purpose, from any text."""

from __future__ import annotations

import re

import pytest

from hanolab_dawtools.hosts.project.identity import stable_guid

GUID = re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}")


@pytest.mark.parametrize("item", ["{AAAA}", "", "Größe", "\udcff\udc80", "{A\nB}", "x" * 5000])
def test_the_same_job_and_item_give_the_same_guid(item: str) -> None:
    guid = stable_guid("job-1", "item", item)
    assert GUID.fullmatch(guid)
    assert guid == stable_guid("job-1", "item", item)
    assert guid not in {stable_guid("job-2", "item", item), stable_guid("job-1", "take", item)}


def test_ids_that_differ_in_bytes_that_are_no_text_differ() -> None:
    assert stable_guid("job-1", "\udcff") != stable_guid("job-1", "\udcfe")


def test_the_guid_of_a_stored_job_stays_what_it_was() -> None:
    assert stable_guid("job-1", "folder") == "{F2108E9D-7101-56BA-9054-4E7A3AD991D3}"
