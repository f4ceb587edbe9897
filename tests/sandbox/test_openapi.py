"""The OpenAPI document and the sandbox agree: schemathesis makes requests of the one for the other.

Every operation gets valid and invalid requests. A status that is not documented, an answer of
another shape, invalid data accepted, valid data refused, or a server error fails.
"""

import re
from contextlib import closing
from pathlib import Path

import pytest
import schemathesis
import yaml
from fakes.sandbox import SandboxProcess
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from hanolab_dawtools.sandbox.app import Api
from hanolab_dawtools.sandbox.options import API, SandboxOptions
from hanolab_dawtools.sandbox.state import Sandbox

DOCUMENT = Path(__file__).parents[2] / "docs" / "hanolab-openapi.yaml"
SCHEMA = schemathesis.openapi.from_path(DOCUMENT)
SPECIFICATION = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
URL_PATTERN = re.compile(SPECIFICATION["components"]["schemas"]["InputUrl"]["pattern"])
PLENTY = 10**9
# By hand: `SCHEMA.parametrize` gives all operations one name, and parallel runs then check one.
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openapi") / "sandbox"
    limits = {"credits": PLENTY, "n_in_flight": PLENTY, "n_per_hour": PLENTY}
    with SandboxProcess(folder, faults=["task_failure*0"], **limits) as process:
        yield process  # tasks fail before they cost any time


def test_the_document_names_every_endpoint_of_the_api_and_no_other(tmp_path):
    with closing(Sandbox(SandboxOptions(tmp_path))) as state:
        routes = Api(state, "http://127.0.0.1:1").app().routes
    served = {
        (re.sub(r"{\w+}", "{}", route.path), method.lower())
        for route in routes
        for method in route.methods - {"HEAD"}
        if route.path.startswith(API)
    }
    documented = {
        (re.sub(r"{\w+}", "{}", path), method)
        for path, operations in SPECIFICATION["paths"].items()
        for method in operations.keys() - {"parameters"}
    }
    assert served == documented


def local(case: Case, base_url: str) -> None:
    """Let valid input URLs lead to this machine: the sandbox fetches what it accepts."""
    if isinstance(case.body, dict) and URL_PATTERN.match(str(case.body.get("input_url"))):
        case.body["input_url"] = f"{base_url}{API}/uploads/nothing"


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_requests_and_answers_are_as_documented(operation, mode, sandbox):
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=15,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Case) -> None:
        local(case, sandbox.base_url)
        headers = {"Authorization": f"Bearer {sandbox.key}"}
        case.call_and_validate(base_url=sandbox.base_url, headers=headers, timeout=30)

    check()
