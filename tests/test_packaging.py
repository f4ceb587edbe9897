import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import hanolab_dawtools
from hanolab_dawtools import package_data
from hanolab_dawtools.errors import SetupError
from hanolab_dawtools.package_data import presets_folder

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

LIST_DATA = """
import json, pathlib
from hanolab_dawtools.package_data import host_bridge_folder, presets_folder

def listed(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                  if path.is_file() and "__pycache__" not in path.parts)

folders = [presets_folder(), host_bridge_folder()]
print(json.dumps([[str(folder), listed(folder)] for folder in folders]))
"""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(target: Path, *kinds: str) -> Path:
    """Build without a network; gives the wheel."""
    run(sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", target, ROOT)
    (wheel,) = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), "--wheel")


def new_environment(folder: Path) -> Path:
    """An environment that sees the libraries installed here, but not the project; its Python."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # A path named in a .pth is searched for modules, while the .pth files in it (which point at
    # the checkout) are not read.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return python


def install(python: Path, *what: str | Path) -> None:
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, *what)


@pytest.fixture(scope="module")
def installed(tmp_path_factory, wheel) -> Path:
    """Python of an environment that the wheel is installed in."""
    python = new_environment(tmp_path_factory.mktemp("installed"))
    install(python, wheel)
    return python


def requirements(texts: list[str]) -> set[tuple[str, str]]:
    """Name and versions of each."""
    each = [Requirement(text) for text in texts]
    return {(canonicalize_name(one.name), str(one.specifier)) for one in each}


def files_below(folder: Path) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    kept = [path for path in found if "__pycache__" not in path.parts]
    return sorted(path.relative_to(folder).as_posix() for path in kept)


def test_a_wheel_brings_its_data(installed, tmp_path):
    told = json.loads(run(installed, "-c", LIST_DATA, cwd=tmp_path))
    for (folder, names), name in zip(told, ["presets", "host_bridge"], strict=True):
        assert Path(folder).is_relative_to(installed.parents[1])
        assert names == files_below(ROOT / name)


def test_an_editable_install_finds_the_data_of_the_checkout(tmp_path):
    """The suite runs in one: `make` installs the checkout so."""
    origin = metadata.distribution("hanolab_dawtools").read_text("direct_url.json")
    assert json.loads(origin or "{}").get("dir_info") == {"editable": True}
    told = json.loads(run(sys.executable, "-c", LIST_DATA, cwd=tmp_path))
    assert [Path(folder) for folder, _ in told] == [ROOT / "presets", ROOT / "host_bridge"]


def test_an_installation_without_its_data_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(package_data, "_PACKAGE_FOLDER", tmp_path / "hanolab_dawtools")
    with pytest.raises(SetupError, match="lacks its folder 'presets'") as caught:
        presets_folder()
    assert caught.value.hint


def test_the_command_is_installed_and_tells_its_version(installed, tmp_path):
    told = run(installed.parent / "hanolab", "--version", cwd=tmp_path)
    assert hanolab_dawtools.__version__ in told


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata_name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        told = Parser().parsestr(archive.read(metadata_name).decode())
    assert told["Name"] == "hanolab_dawtools"
    assert told["Version"] == hanolab_dawtools.__version__
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "GPL-3.0-or-later"
    assert any(name.endswith("licenses/LICENSE") for name in names)
    plain = [text for text in told.get_all("Requires-Dist") if "extra ==" not in text]
    assert requirements(plain) == requirements(PROJECT["dependencies"])


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    code = {f"hanolab_dawtools/{name}" for name in files_below(ROOT / "hanolab_dawtools")}
    data = {
        f"hanolab_dawtools/_data/{folder}/{name}"
        for folder in ("presets", "host_bridge")
        for name in files_below(ROOT / folder)
    }
    assert names == code | data


def test_the_source_archive_builds_the_same_wheel(wheel, tmp_path):
    through_archive = build(tmp_path)  # both, the wheel from the archive
    with zipfile.ZipFile(wheel) as straight, zipfile.ZipFile(through_archive) as other:
        assert straight.namelist() == other.namelist()
        assert all(straight.read(name) == other.read(name) for name in straight.namelist())


def test_every_dependency_has_a_fitting_pinned_version():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin) for pin in pins)
    named = [pin.split("==") for pin in pins]
    pinned = {canonicalize_name(name): version for name, version in named}
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        wanted = Requirement(text)
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, text


@pytest.mark.parametrize(
    ("python_text", "said"),
    [
        (None, "apt-get install -y --no-install-recommends make python3 python3-venv libgl1"),
        ("exit 1", "is too old: Python 3.11 or newer is needed"),
    ],
)
def test_a_system_that_lacks_something_is_told_what(tmp_path, python_text, said):
    if python_text:
        (tmp_path / "python3").write_text(f"#!/bin/sh\n{python_text}\n")
        (tmp_path / "python3").chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", ROOT / ".ci" / "system-packages"],
        env={"PATH": os.fspath(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
