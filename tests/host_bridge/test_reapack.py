"""ReaPack's package header and index, read by its own grammar."""

import datetime as dt
import hashlib
import re
import runpy
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest

from hanolab_dawtools import __version__
from hanolab_dawtools.package_data import host_bridge_folder

ROOT = Path(__file__).parents[2]
SCRIPTS = host_bridge_folder() / "reaper"
SHIPPED = {path.name for path in SCRIPTS.glob("*_*.py")}
ENTRIES = {name for name in SHIPPED if name.startswith("HanoLab_")}
BASE = "https://example.org/a folder/0.1.0".replace(" ", "%20")
TAGS = {"description", "version", "author", "about", "changelog", "provides", "link"} | {
    "screenshot",
    "donation",
    "metapackage",
    "noindex",
}
SECTIONS = {"main", "midi_editor", "midi_inlineeditor", "midi_eventlisteditor", "mediaexplorer"}
MAX_SEGMENT = 65535


@pytest.fixture(scope="module")
def generator():
    return runpy.run_path(str(ROOT / "docs" / "reapack.py"))


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> ET.Element:
    path = tmp_path_factory.mktemp("reapack") / "index.xml"
    command = [sys.executable, ROOT / "docs/reapack.py", "--base", f"{BASE}/", "--to", path]
    subprocess.run(command, check=True)
    return ET.fromstring(path.read_bytes())


def header_tags() -> dict[str, list[str]]:
    """Tag -> its value and the indented lines below it."""
    tags: dict[str, list[str]] = {}
    block = (SCRIPTS / "HanoLab.py").read_text("ascii").partition("\n\n")[0]
    for line in block.splitlines():
        found = re.fullmatch(r"# @(\w+) ?(.*)", line)
        if found:
            current = tags.setdefault(found[1], [found[2]] if found[2] else [])
        else:
            current.append(re.fullmatch(r"#(?:  ? ?(.*))?", line)[1] or "")
    return tags


def version_segments(text: str) -> list[int]:
    assert re.match(r"[0-9]", text)
    return [int(part) for part in re.findall(r"[0-9]+", text)]


def test_the_header_is_as_the_script_makes_it(generator):
    text = (SCRIPTS / "HanoLab.py").read_text("ascii")
    assert text == generator["header"](), "run docs/reapack.py --header and commit the file"


def test_the_header_has_known_tags_and_the_programs_version():
    tags = header_tags()
    assert set(tags) <= TAGS
    assert {"description", "version", "author", "about", "provides"} <= set(tags)
    assert tags["version"] == [__version__]
    assert max(version_segments(__version__)) <= MAX_SEGMENT


def test_the_header_provides_every_script_once_and_the_entries_for_the_action_list():
    lines = [re.fullmatch(r"\[(main|nomain)\] (\S+)", line) for line in header_tags()["provides"]]
    provided = {name: [line[1] for line in lines if fnmatchcase(name, line[2])] for name in SHIPPED}
    assert provided == {name: ["main" if name in ENTRIES else "nomain"] for name in SHIPPED}


def test_the_index_is_one_package_in_one_category(index):
    assert (index.tag, index.get("version")) == ("index", "1")
    assert index.get("name")
    (category,) = index
    assert category.tag == "category"
    (package,) = category
    assert (package.tag, package.get("type")) == ("reapack", "script")
    assert package.get("desc")
    assert [child.tag for child in package] == ["metadata", "version"]
    assert package.findtext("metadata/description").startswith("{\\rtf1")


def test_the_index_is_of_this_version_and_has_a_time(index):
    version = index.find("category/reapack/version")
    assert version.get("name") == __version__
    assert version.get("author")
    moment = dt.datetime.fromisoformat(version.get("time"))
    assert moment.tzinfo == dt.UTC


def test_every_script_is_a_source_with_its_digest_below_the_base(index):
    sources = index.findall("category/reapack/version/source")
    assert [source.get("file") for source in sources] == sorted(SHIPPED)
    for source in sources:
        name = source.get("file")
        digest = hashlib.sha256((SCRIPTS / name).read_bytes()).hexdigest()
        assert source.get("hash") == f"1220{digest}"  # sha2-256, 32 bytes
        assert source.text == f"{BASE}/{name}"
        assert unquote(Path(urlsplit(source.text).path).name) == name


def test_the_entries_alone_stand_in_the_action_list(index):
    sources = index.findall("category/reapack/version/source")
    listed = {source.get("file"): source.get("main") for source in sources}
    assert {name for name, main in listed.items() if main} == ENTRIES
    assert {main for main in listed.values() if main} <= SECTIONS


def test_reapacks_folder_is_not_the_one_that_we_copy_to(index):
    assert index.get("name").lower() != "hanolab"


@pytest.mark.parametrize("base", ["somewhere", "https://example.org/?a=1", "ftp://example.org/"])
def test_a_base_that_is_no_folder_is_refused(base, tmp_path):
    command = [sys.executable, ROOT / "docs/reapack.py", "--base", base]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "URL of a folder" in done.stderr
