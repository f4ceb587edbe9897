"""The key in the variable goes to the API that it is for, and to no other."""

import pytest
from fakes.cloud_services import CloudServices

from hanolab_dawtools.errors import NotLoggedIn
from hanolab_dawtools.services import Services

KEY = "hl_key_of_the_first_server"


def test_a_job_of_another_server_does_not_get_the_key(tmp_path, monkeypatch):
    """A job stores its server; the settings name another one by the time it is resumed."""
    monkeypatch.setenv("HANOLAB_API_KEY", KEY)
    with (
        CloudServices(tmp_path, "http://127.0.0.1:9") as services,
        pytest.raises(NotLoggedIn, match=r"this belongs to http://127\.0\.0\.1:8") as caught,
    ):
        Services.client(services, "http://127.0.0.1:8")
    assert KEY not in str(caught.value) + caught.value.hint


def test_the_server_of_the_settings_gets_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HANOLAB_API_KEY", KEY)
    with CloudServices(tmp_path, "http://127.0.0.1:9") as services:
        assert Services.client(services).base_url == "http://127.0.0.1:9"
