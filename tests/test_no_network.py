"""The guard of conftest.py itself."""

import socket
import urllib.request

import pytest

FAILED = pytest.fail.Exception


@pytest.mark.parametrize("host", ["192.0.2.1", "8.8.8.8"])
def test_connecting_to_another_machine_fails_the_test(host):
    with socket.socket() as sock, pytest.raises(FAILED, match="tried to connect"):
        sock.connect((host, 80))


def test_looking_up_a_name_fails_the_test():
    with pytest.raises(FAILED, match="tried to look up"):
        urllib.request.urlopen("http://example.org/")


def test_this_machine_may_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as client:
            assert client.getpeername()[1] == port
