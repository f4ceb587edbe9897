"""The rules of docs/architecture.md that a program can check. Each failure names file and line."""

import ast
import functools
import graphlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hanolab_dawtools

PACKAGE = Path(hanolab_dawtools.__file__).parent
ROOT = Path(__file__).parents[1]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

BASE = ("errors", "events", "units", "durable", "model", "placement", "stem_roles", "redaction")
HOST_PARTS = (
    *(*BASE, "audio", "hosts.base", "hosts.outline"),
    *("hosts.capture_file", "hosts.stem_folder"),
)

# Who may import what: a module is ruled by the longest row that its name begins with, and may
# import the modules that begin with one of the names there.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "errors": (),
    "model": (),
    "placement": ("model",),
    "stem_roles": ("model",),
    "events": ("errors",),
    "units": ("errors",),
    "durable": ("errors",),
    "settings": ("errors", "settings_fields"),
    "settings_fields": (),
    "settings_writer": ("errors", "durable", "settings"),
    "package_data": ("errors",),
    "logs": ("redaction",),
    "redaction": (),
    "audio": (*BASE, "audio"),
    "presets": (*BASE, "presets", "audio.effects", "audio.effect_table", "audio.effect_entries"),
    "cloud": (*BASE, "cloud"),
    "jobs": (*BASE, "jobs"),
    "engines.base": BASE,
    "engines.through": (*BASE, "engines.base"),
    "engines.hanolab": (*BASE, "engines.base", "engines.hanolab", "cloud", "audio"),
    "engines.local": (*BASE, "engines.base", "engines.local", "audio"),
    "hosts": HOST_PARTS,
    "hosts.project": (*HOST_PARTS, "hosts.project"),
    "hosts.rpp": (*HOST_PARTS, "hosts.project", "hosts.rpp"),
    "hosts.reaper": (*HOST_PARTS, "hosts.project", "hosts.reaper"),
    "host_choice": (*BASE, "hosts"),
    "workers": (*BASE, "workers"),
    "workflows": (
        *(*BASE, "audio", "presets", "jobs", "engines.base", "hosts.base"),
        *("workers.base", "workflows"),
    ),
    "worker_side": (
        *(*BASE, "audio.plugins", "engines.base", "engines.local", "engines.through"),
        *("cloud.carrier", "host_choice", "settings", "workers", "workflows"),
    ),
    "services": (
        *(*BASE, "settings", "settings_fields", "package_data"),
        *("audio.plugins", "audio.effect_entries", "presets", "cloud"),
        *("jobs", "engines", "host_choice", "hosts", "workflows"),
        *("batching", "object_stores"),
    ),
    "object_stores": (*BASE, "settings_fields", "cloud", "workflows"),
    "clustering": (
        *(*BASE, "settings_fields", "cloud", "engines.local.weights", "worker_side", "workers"),
    ),
    "batching": (
        *(*BASE, "jobs", "workers", "worker_side", "clustering", "workflows"),
        *("settings", "settings_fields", "audio.plugins", "presets.library", "cloud.client"),
        *("engines.base", "engines.local.weights", "hosts.base"),
    ),
    "sandbox": (*BASE, "sandbox", "engines.base", "engines.local", "audio"),
    "presenters": (
        *(*BASE, "settings", "settings_fields", "settings_writer", "package_data", "logs"),
        *("audio", "presets", "workflows", "jobs.model", "engines.base", "engines.local.weights"),
        *("cloud.client", "cloud.credentials", "cloud.models", "cloud.retry"),
        *("hosts.base", "hosts.audio_survey", "hosts.rpp.survey", "hosts.reaper.install_reports"),
        *("hosts.outline", "hosts.rpp.outline", "hosts.reaper.watching", "host_choice"),
        *("services", "presenters"),
    ),
    "qt": (*BASE, "audio.buffer", "presenters", "qt", "services"),
    "cli": (
        *(*BASE, "settings_fields", "settings_writer", "logs"),
        *("jobs.model", "engines.base", "host_choice"),
        *("hosts.reaper.bridge_file", "hosts.reaper.connections"),
        *("engines.local.demo_music", "engines.local.weights"),
        *("cloud.client", "cloud.credentials", "cloud.storage"),
        *("sandbox.options", "sandbox.running", "sandbox.serve"),
        *("workers.limits", "presets", "workflows", "services", "presenters", "qt", "cli"),
    ),
    "__main__": ("cli",),
}

# Where each outside library may be named; "rest of the program" speaks our own types.
LIBRARY_PLACES: dict[str, tuple[str, ...]] = {
    "numpy": ("audio", "engines", "hosts", "presenters", "qt", "sandbox"),
    "scipy": ("audio", "engines.local"),
    "soundfile": ("audio.files",),
    "soxr": ("audio.resample",),
    "pedalboard": ("audio.pedalboards", "audio.plugin_worker"),
    "av": ("audio.containers",),
    "pyloudnorm": ("audio.levels",),
    "onnx": ("engines.local.networks",),
    "onnxruntime": ("engines.local.networks",),
    "sqlite3": ("jobs",),
    "pydantic": ("settings", "settings_fields", "cloud.models", "presets", "workflows.stored"),
    "platformdirs": ("settings",),
    "tomlkit": ("settings_writer", "presets.files"),
    "requests": ("cloud.http", "cloud.wire", "cloud.wire_session"),
    "urllib3": ("cloud.http", "cloud.wire", "cloud.wire_session"),
    "obstore": ("cloud.bucket", "cloud.objects"),
    "keyring": ("cloud.credentials",),
    "distributed": ("workers.cluster",),
    "starlette": ("sandbox",),
    "uvicorn": ("sandbox",),
    "pyworld": ("engines.local.voice",),
    "swift_f0": ("engines.local.voice",),
    "typer": ("cli",),
    "rich": ("cli",),
    "PyQt6": ("qt",),
    "pyqtgraph": ("qt",),
}

STARTS_WITHOUT = {
    "cli": {"PyQt6", "pyqtgraph", "pedalboard", "onnxruntime", "onnx", "requests"}
    | {"numpy", "scipy", "soundfile", "soxr", "pydantic", "sqlite3", "obstore", "keyring"}
    | {"starlette", "uvicorn", "tomlkit"},
    "presenters": {"PyQt6", "pyqtgraph"},
}

IMPORT_ALL = """
import importlib, json, pkgutil, sys
from hanolab_dawtools import {part}
for found in pkgutil.walk_packages({part}.__path__, {part}.__name__ + "."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(json.dumps(sorted(name.partition(".")[0] for name in sys.modules)))
"""

IMPORT_WATCHED = """
import importlib, os, sys, threading
import urllib3.util  # finds out by a bind whether this machine has IPv6, which is not ours

acts = []

def watch(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        acts.append((event, str(arguments[0])))
    if event in {"socket.connect", "socket.bind", "os.mkdir", "os.remove", "os.rename",
                 "subprocess.Popen", "os.system", "sqlite3.connect"}:
        acts.append((event, str(arguments[0])))

sys.addaudithook(watch)
threading.Thread.start = lambda thread: acts.append(("thread", repr(thread)))
for name in sys.argv[1:]:
    importlib.import_module(name)
assert not acts, acts
"""


@functools.cache
def modules() -> dict[str, Path]:
    """Name below the package ("audio.files"; "" for the package itself) -> file."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        .removesuffix("__init__")
        .rstrip("."): path
        for path in PACKAGE.rglob("*.py")
    }


@functools.cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def begins_with(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """Line and whole name of everything that a file imports, wherever it does."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of each module of our own that a file imports; not the package itself."""
    for line, name in imported_names(path):
        if begins_with(name, "hanolab_dawtools"):
            ours = name.removeprefix("hanolab_dawtools").lstrip(".")
            module = ours if ours in modules() else ours.rpartition(".")[0]
            if module:
                yield line, module


def rule_for(module: str) -> tuple[str, ...]:
    rows = [row for row in MAY_IMPORT if begins_with(module, row)]
    return MAY_IMPORT[max(rows, key=len)] if rows else ()


def python_files() -> list[Path]:
    folders = [PACKAGE, *(ROOT / name for name in ("tests", "benchmarks", "host_bridge"))]
    return [path for folder in folders for path in folder.rglob("*.py")]


def run_python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_imports_go_down_only():
    wrong = [
        f"{path}:{line}: {module} may not import {imported}"
        for module, path in modules().items()
        for line, imported in imported_modules(path)
        if not any(begins_with(imported, allowed) for allowed in rule_for(module))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_has_its_row():
    packages = {module for module, path in modules().items() if path.name == "__init__.py"}
    without = [
        module
        for module in set(modules()) - packages
        if not any(begins_with(module, row) for row in MAY_IMPORT)
    ]
    assert not without


def test_no_two_modules_need_each_other():
    graph = {module: {m for _, m in imported_modules(path)} for module, path in modules().items()}
    graphlib.TopologicalSorter(graph).prepare()


def test_every_library_is_named_in_its_place_only():
    wrong = []
    for module, path in modules().items():
        for line, name in imported_names(path):
            library = name.partition(".")[0]
            known = library in LIBRARY_PLACES
            if library == "hanolab_dawtools" or (library in sys.stdlib_module_names and not known):
                continue
            if not any(begins_with(module, place) for place in LIBRARY_PLACES.get(library, ())):
                wrong.append(f"{path}:{line}: {library} in {module}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", STARTS_WITHOUT)
def test_a_part_starts_without_what_would_slow_it_down(part):
    loaded = set(json.loads(run_python(IMPORT_ALL.format(part=part))))
    assert not loaded & STARTS_WITHOUT[part]


def test_nothing_happens_at_import():
    names = [f"hanolab_dawtools.{module}".rstrip(".") for module in modules()]
    run_python(IMPORT_WATCHED, *(name for name in names if not name.endswith("__main__")))


def test_the_package_itself_exports_its_version_alone():
    public = {name for name in vars(hanolab_dawtools) if not name.startswith("_")}
    assert hanolab_dawtools.__all__ == ["__version__"]
    assert public <= set(modules()) | {Path(name).name for name in modules()}


def test_no_file_is_too_long():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in python_files()}
    long = [
        f"{path}: {length} lines" for path, length in lengths.items() if length > MAX_FILE_LINES
    ]
    assert not long, "\n".join(long)


def test_no_function_is_too_long():
    long = [
        f"{path}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in python_files()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_every_module_says_what_it_is_for():
    assert not [path for path in PACKAGE.rglob("*.py") if not ast.get_docstring(syntax(path))]


def documented_map() -> tuple[set[str], set[str]]:
    """Names of parts (first column) and of modules (second) in the table of the map."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.search(r"^\| part \|.*?\n\n", text, re.MULTILINE | re.DOTALL)
    assert rows
    columns = [line.split("|")[1:3] for line in rows[0].splitlines()[2:] if line]
    parts, contents = zip(*columns, strict=True)
    return (
        {name.strip("/").replace("/", ".") for name in re.findall(r"`([\w/]+)`", " ".join(parts))},
        set(re.findall(r"`(\w+)`", " ".join(contents))),
    )


def test_the_documented_map_names_every_part():
    parts, _ = documented_map()
    tops = {module.partition(".")[0] for module in modules()} - {"", "__main__"}
    assert tops <= parts
    assert parts <= set(modules())


def test_the_documented_map_names_no_module_that_is_not_there():
    _, named = documented_map()
    assert named <= {module.rpartition(".")[2] for module in modules()}


@functools.cache
def project_texts() -> list[tuple[Path, list[str]]]:
    """Every text that the project's people wrote, as lines."""
    names = ["hanolab_dawtools", "tests", "benchmarks", "docs", "presets", "host_bridge", ".ci"]
    endings = {".py", ".md", ".toml", ".txt", ".sh", ".rpp", ".json", ".ini", ""}
    inside = [path for name in names for path in (ROOT / name).rglob("*")]
    beside = [path for path in ROOT.iterdir() if path.name != "LICENSE"]
    return [
        (path, path.read_bytes().decode("utf-8", "replace").splitlines())
        for path in inside + beside
        if path.suffix.lower() in endings and path.is_file() and "__pycache__" not in path.parts
    ]


# Written so that this file does not hold what it looks for.
UNWANTED = {
    "a package registry's host": r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|deb[.]debian",
    "a path of one machine": r"(?<![\w.])/(work|farm|root|home/\w+)/[\w.]|bash[_]jobs",
    "something unfinished": r"\b(TO[D]O|FIX[M]E)\b",
}


@pytest.mark.parametrize("kind", UNWANTED)
def test_no_text_holds(kind):
    unwanted = re.compile(UNWANTED[kind])
    found = [
        f"{path}:{number}: {line.strip()}"
        for path, lines in project_texts()
        for number, line in enumerate(lines, 1)
        if unwanted.search(line)
    ]
    assert not found, "\n".join(found)
