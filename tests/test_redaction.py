"""Signed links lose what opens them, and nothing else."""

from __future__ import annotations

import pytest

from hanolab_dawtools.redaction import without_queries, without_signatures


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.b/c.wav?sig=1&x=2", "https://a.b/c.wav?[hidden]"),
        ('{"url": "http://a.b/?k=v"}', '{"url": "http://a.b/?[hidden]"}'),
        ("see https://a.b/c, key: Am? yes", "see https://a.b/c, key: Am? yes"),
        ("what? https://a.b/c", "what? https://a.b/c"),
        ("", ""),
    ],
)
def test_only_the_queries_of_urls_are_taken_out(text, shown):
    assert without_queries(text) == shown


def test_urls_are_found_in_all_json_values():
    value = {"a": ["https://a.b/?k=v", 1, None], "b": {"c": '{"url": "https://a.b/?k"}'}}
    assert without_signatures(value) == {
        "a": ["https://a.b/?[hidden]", 1, None],
        "b": {"c": '{"url": "https://a.b/?[hidden]"}'},
    }
