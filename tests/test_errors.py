import ast
import functools
import inspect
import re
from pathlib import Path

import pytest

import hanolab_dawtools
from hanolab_dawtools import errors
from hanolab_dawtools.errors import HanolabError, WorkerDied

PACKAGE = Path(hanolab_dawtools.__file__).parent
FAMILY = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, HanolabError)
]
EXIT_CODES = {1, 2, 3, 4, 5, 6, 7, 8, 75, 77, 130}
PATH_ONLY = (Path("/music/song.rpp"),)
FACTS = {
    errors.Capped: {"retry_at": 0.0},
    errors.PollTimeout: {"task_id": "task_1"},
    errors.HostCallFailed: {"command": "place", "code": "gone"},
}
ARGUMENTS = {
    errors.PresetInvalid: ("/music/song.rpp", "job.stems", "it must be 2, 4 or 6"),
    errors.AudioFileError: (*PATH_ONLY, "it ends early"),
    errors.ProjectFileError: (*PATH_ONLY, "a bracket is missing"),
    errors.NotWritable: (*PATH_ONLY, "Permission denied"),
    errors.DiskFull: PATH_ONLY,
    errors.FileChanged: PATH_ONLY,
}


def documented_tree() -> dict[str, tuple[str, int | None]]:
    """Name -> (parent's name, exit code where one is written), from the module's docstring."""
    tree: dict[str, tuple[str, int | None]] = {}
    parent_at_depth: dict[int, str] = {}
    for line in errors.__doc__.splitlines():
        match = re.match(r"(    [│├└─ ]*)([A-Z]\w+)(?: +(?:exit )?(\d+))?", line)
        if match:
            depth = len(match[1])
            parent_at_depth[depth] = match[2]
            above = [at for at in parent_at_depth if at < depth]
            parent = parent_at_depth[max(above)] if above else "Exception"
            tree[match[2]] = (parent, int(match[3]) if match[3] else None)
    return tree


@functools.cache
def called_names() -> set[str]:
    """Every name that the package calls: an error may be made here and raised by the caller."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                names.add(node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
    return names


def make(kind: type[HanolabError]) -> HanolabError:
    return kind(*ARGUMENTS.get(kind, ("it went wrong",)), **FACTS.get(kind, {}))


def test_the_documented_tree_is_the_family():
    written = {name: parent for name, (parent, _) in documented_tree().items()}
    assert written == {kind.__name__: kind.__bases__[0].__name__ for kind in FAMILY}


def test_the_documented_exit_codes_are_the_real_ones():
    for name, (_, code) in documented_tree().items():
        if code is not None:
            assert getattr(errors, name).exit_code == code, name


@pytest.mark.parametrize("kind", FAMILY)
def test_every_class_has_the_exit_code_of_the_nearest_one_documented(kind):
    codes = {name: code for name, (_, code) in documented_tree().items()}
    documented = [codes[base.__name__] for base in kind.__mro__ if codes.get(base.__name__)]
    assert kind.exit_code == documented[0]
    assert kind.exit_code in EXIT_CODES
    # 1 is for mistakes of the program, and for a worker that ended without telling why.
    assert kind in {HanolabError, WorkerDied} or kind.exit_code != HanolabError.exit_code


@pytest.mark.parametrize("kind", FAMILY)
def test_every_class_says_one_sentence_and_a_hint(kind):
    error = make(kind)
    assert str(error)
    assert "\n" not in str(error)
    assert isinstance(error.hint, str)


@pytest.mark.parametrize("kind", [kind for kind in FAMILY if kind not in ARGUMENTS])
def test_a_hint_can_be_given(kind):
    assert kind("it went wrong", hint="Do this.", **FACTS.get(kind, {})).hint == "Do this."


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_an_error_about_a_file_names_it(kind):
    error = make(kind)
    assert str(getattr(error, "path", None) or error.where) == "/music/song.rpp"
    assert "/music/song.rpp" in str(error)


def test_a_project_error_names_the_line_if_there_is_one():
    error = errors.ProjectFileError(*PATH_ONLY, "a bracket is missing", line=7)
    assert "song.rpp, line 7: a bracket is missing" in str(error)
    assert "line" not in str(errors.ProjectFileError(*PATH_ONLY, "it is empty"))


@pytest.mark.parametrize(
    "kind", [kind for kind in FAMILY if kind is not HanolabError], ids=lambda kind: kind.__name__
)
def test_every_class_has_a_place_that_raises_it_or_a_class_below_it(kind):
    below = {other.__name__ for other in FAMILY if issubclass(other, kind)}
    assert below & called_names()
