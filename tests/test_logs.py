import logging
import logging.handlers
import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools import logs
from hanolab_dawtools.logs import configure_logging, without_secrets

logger = logging.getLogger("hanolab_dawtools.somewhere")
WORD = st.text(alphabet="abcdefXYZ0123456789_-.~+/", min_size=8, max_size=40)


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Leave the package's logger as it was."""
    package = logging.getLogger("hanolab_dawtools")
    level, propagate, handlers = package.level, package.propagate, list(package.handlers)
    yield
    for handler in set(package.handlers) - set(handlers):
        handler.close()
    package.handlers[:] = handlers
    package.setLevel(level)
    package.propagate = propagate


def test_what_is_logged_stands_in_the_file_with_time_and_place(tmp_path):
    path = configure_logging("info", tmp_path / "logs")
    logger.info("opened %s", "Lied für Übü.rpp")
    assert path == tmp_path / "logs" / "hanolab.log"
    line = path.read_text(encoding="utf-8")
    assert line.endswith("INFO hanolab_dawtools.somewhere: opened Lied für Übü.rpp\n")
    assert line[4] == line[7] == "-"
    assert "Z" in line


@pytest.mark.parametrize(("level", "n_lines"), [("debug", 4), ("info", 3), ("error", 1)])
def test_the_level_decides_what_is_written(tmp_path, level, n_lines):
    path = configure_logging(level, tmp_path)
    for write in (logger.debug, logger.info, logger.warning, logger.error):
        write("line")
    assert len(path.read_text().splitlines()) == n_lines


def test_a_second_call_replaces_the_first(tmp_path):
    first = configure_logging("info", tmp_path / "1")
    second = configure_logging("info", tmp_path / "2")
    logger.info("once")
    assert first.read_text() == ""
    assert second.read_text().count("once") == 1


def test_the_files_stay_within_their_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "MAX_FILE_BYTES", 10_000)
    configure_logging("info", tmp_path)
    for index in range(2000):
        logger.info("line %d %s", index, "x" * 50)
    files = list(tmp_path.iterdir())
    assert len(files) == 1 + logs.OLD_FILES
    assert all(path.stat().st_size <= 10_000 for path in files)
    assert "line 1999 " in (tmp_path / "hanolab.log").read_text()


def test_an_endless_record_is_cut(tmp_path):
    path = configure_logging("info", tmp_path)
    logger.info("x" * 1_000_000)
    assert path.stat().st_size < logs.MAX_RECORD_CHARACTERS + 200


def test_a_name_that_is_no_utf_8_is_logged(tmp_path):
    path = configure_logging("info", tmp_path)
    logger.info("opened %s", os.fsdecode(b"\xff.rpp"))
    assert "opened \\udcff.rpp" in path.read_text()


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert configure_logging("info", tmp_path / "file" / "logs") is None
    logger.error("lost")
    assert capsys.readouterr() == ("", "")


def test_a_disk_that_fills_up_later_stops_nothing(tmp_path, capsys):
    (tmp_path / "hanolab.log").symlink_to("/dev/full")
    configure_logging("info", tmp_path)
    logger.error("lost")
    assert capsys.readouterr() == ("", "")


def test_a_secret_in_a_traceback_is_hidden(tmp_path):
    path = configure_logging("info", tmp_path)
    try:
        raise RuntimeError("401 for https://api.example/v1?key=abc, Authorization: Bearer abcdefgh")
    except RuntimeError:
        logger.exception("no answer with api_key=%s", "sk-1234")
    text = path.read_text()
    assert "RuntimeError: 401 for https://api.example/v1?[hidden]" in text
    assert not any(secret in text for secret in ("key=abc", "abcdefgh", "sk-1234"))


@pytest.mark.parametrize(
    "template",
    [
        "Authorization: Bearer {}",
        "{{'Authorization': 'Bearer {}'}}",
        "HANOLAB_API_KEY={}",
        '{{"api_key": "{}", "kind": "separate"}}',
        "apikey: {}",
        "secret = '{}'",
        "GET https://storage.example/in.flac?X-Amz-Signature={}&X-Amz-Expires=9",
        "PUT https://user:{}@dav.example/stems",
        "access_token='{} with spaces'",
    ],
)
@given(secret=WORD)
def test_no_secret_is_left(template, secret):
    text = f"before {template.format(secret)} after"
    hidden = without_secrets(text)
    assert secret not in hidden.replace("before", "").replace("after", "")
    assert hidden.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "opened /music/Key West/monkey: 2.rpp",
        "region 2 at 0:12.500, key signature unknown",
        "https://example.org/page says why",
    ],
)
def test_what_is_no_secret_stays(text):
    assert without_secrets(text) == text
