import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.workers import limits
from hanolab_dawtools.workers.limits import (
    bytes_text,
    free_bytes,
    parse_bytes,
    usable_cores,
    usable_memory_bytes,
)


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("4GB", 4_000_000_000),
        ("4 gb", 4_000_000_000),
        ("4G", 4_000_000_000),
        ("1.5GiB", 3 << 29),
        ("800M", 800_000_000),
        (" 512 MiB ", 512 << 20),
        (".5TB", 500_000_000_000),
        ("2.KB", 2000),
        ("1000000B", 1_000_000),
    ],
)
def test_an_amount_is_read_with_its_unit(text: str, n_bytes: int) -> None:
    assert parse_bytes(text) == n_bytes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "GB",
        "four GB",
        "-4GB",
        "0GB",
        "0.1B",
        "4 potatoes",
        "4GBs",
        "1e9B",
        "٤GB",
        "4G B",
        "9" * 400 + "GB",
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is no amount of memory") as caught:
        parse_bytes(text)
    assert "4GB" in caught.value.hint


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert parse_bytes(text) > 0


@given(st.integers(10_000_000, 10**14))
def test_an_amount_for_people_is_read_back_to_a_twentieth(n_bytes: int) -> None:
    assert parse_bytes(bytes_text(n_bytes)) == pytest.approx(n_bytes, rel=0.051)


def test_this_machine_has_a_processor_and_memory() -> None:
    assert usable_cores() >= 1
    assert 0 < usable_memory_bytes() < free_bytes()


def test_without_a_word_of_the_system_half_of_all_memory_is_free() -> None:
    assert 0.3 < limits._half_of_all() / (free_bytes() or 1) < 20


@pytest.mark.parametrize(
    ("quota", "n_cores"),
    [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", sys.maxsize)],
)
def test_a_containers_quota_bounds_the_processors(tmp_path: Path, quota: str, n_cores: int) -> None:
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    assert limits._cores_of_quota(tmp_path) == n_cores


def test_a_containers_limit_bounds_the_memory(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("800000\n")
    (tmp_path / "memory.stat").write_text("anon 300000\ninactive_file 400000\n")
    assert limits._left_in_container(tmp_path) == 600_000
    (tmp_path / "memory.max").write_text("max\n")
    assert limits._left_in_container(tmp_path) == sys.maxsize


def test_without_a_container_there_is_no_bound(tmp_path: Path) -> None:
    assert limits._left_in_container(tmp_path) == sys.maxsize
    assert limits._cores_of_quota(tmp_path) == sys.maxsize
