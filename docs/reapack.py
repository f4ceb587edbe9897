"""Writes what ReaPack, REAPER's package manager, needs: the package's header and the index.

`python docs/reapack.py --base URL --to index.xml` writes an index for scripts that lie at URL,
which is the folder `host_bridge/reaper` of one version; the index may lie anywhere. `--header`
writes the header that `reapack-index` reads, `host_bridge/reaper/HanoLab.py`; a test holds it
against this script.
"""  # noqa: INP001 - a script beside the pages

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from hanolab_dawtools import __version__, durable
from hanolab_dawtools.hosts.reaper.installed_scripts import entry_scripts, shipped_scripts
from hanolab_dawtools.package_data import host_bridge_folder

# Installed to Scripts/<index>/<category>: another folder than the one `hanolab reaper install`
# copies to, so that each knows its own files.
INDEX_NAME, CATEGORY = "HanoLab ReaPack", "Actions"
PACKAGE, TITLE, AUTHOR = "HanoLab.py", "HanoLab: stems and voices", "HanoLab"
ABOUT = """\
Stem separation, voice conversion and effect presets as actions: mark a region, run an action,
and it comes back as new tracks, aligned to the sample, in one undo step.

These scripts only talk to REAPER. The work is done by the program hanolab_dawtools, which is
installed apart from them. After installing this package, and after every update, run once:

hanolab reaper install

It tells the scripts where the program is. Python must be set up in REAPER's preferences
(Plug-ins > ReaScript); hanolab reaper install --set-python does it while REAPER is closed.
"""
_SHA_256 = b"\x12\x20"  # multihash: the algorithm and the digest's length in bytes
SCRIPTS = host_bridge_folder() / "reaper"


def header() -> str:
    """The package file: nothing but a header in comments, and what it lists is installed."""
    lines = [
        f"@description {TITLE}",
        f"@version {__version__}",
        f"@author {AUTHOR}",
        "@metapackage",
        "@provides",
        "  [main] HanoLab_*.py",
        "  [nomain] hanolab_*.py",
        "@about",
        *(f"  {line}" for line in ABOUT.splitlines()),
    ]
    text = "\n".join(f"# {line}".rstrip() for line in lines)
    return f"{text}\n\n# ruff: noqa: D100 - the head is ReaPack's\n"


def index(names: Mapping[str, bytes], base: str, time: datetime) -> bytes:
    """The index of a repository with this one package, whose scripts lie below `base`."""
    root = ET.Element("index", version="1", name=INDEX_NAME)
    category = ET.SubElement(root, "category", name=CATEGORY)
    package = ET.SubElement(category, "reapack", name=PACKAGE, type="script", desc=TITLE)
    description = ET.SubElement(ET.SubElement(package, "metadata"), "description")
    description.text = _rich_text(ABOUT)
    stamp = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    version = ET.SubElement(package, "version", name=__version__, author=AUTHOR, time=stamp)
    entries = set(entry_scripts(names))
    for name in sorted(names):
        digest = _SHA_256 + hashlib.sha256(names[name]).digest()
        attributes = {"file": name, "hash": digest.hex()}
        if name in entries:
            attributes["main"] = "main"
        source = ET.SubElement(version, "source", attributes)
        source.text = f"{base.rstrip('/')}/{quote(name)}"
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _rich_text(text: str) -> str:
    """RTF, which ReaPack shows; `text` is ASCII without braces and backslashes."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return "{\\rtf1\\ansi " + "\\par\\par ".join(paragraphs) + "\\par}"


def _base(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"https", "http", "file"} or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError("must be the URL of a folder")
    return text


def main() -> None:
    """Write what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--header", action="store_true", help=f"write {PACKAGE}")
    parser.add_argument("--base", type=_base, help="URL of the folder that holds the scripts")
    parser.add_argument("--to", type=Path, default=Path("index.xml"), help="the index to write")
    arguments = parser.parse_args()
    if arguments.header:
        durable.write_text(SCRIPTS / PACKAGE, header())
    if arguments.base:
        content = index(shipped_scripts(SCRIPTS), arguments.base, datetime.now(UTC))
        durable.write_bytes(arguments.to, content)
    if not (arguments.header or arguments.base):
        parser.error("nothing to do: give --header, or --base URL")


if __name__ == "__main__":
    main()
