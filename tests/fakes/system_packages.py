"""Tests that want a program of the system: skipped without it, but not where CI installs it."""

import os

import pytest


def need(is_there: object, package: str) -> None:
    """Skip the test unless `is_there`, naming the Debian package; in CI, fail it."""
    if is_there:
        return
    if os.environ.get("CI_TEST_PACKAGES"):
        pytest.fail(f"{package} is missing, and .ci/test-packages should have installed it")
    pytest.skip(f"needs the system's package {package}: apt-get install {package}")
