"""Connections that ask the gate before they send, and look where they led (urllib3)."""

from __future__ import annotations

import ipaddress
import socket
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hanolab_dawtools.cloud.http.exchange import Gate
from hanolab_dawtools.errors import CloudProtocolError

# What the thread of an exchange sets for the connections that it makes or takes over.
current_gate: ContextVar[Gate | None] = ContextVar("current_gate", default=None)
is_public_only: ContextVar[bool] = ContextVar("is_public_only", default=False)

if TYPE_CHECKING:
    _Connection = HTTPConnection
else:
    _Connection = object  # a part that is put before either kind of connection


class _Gated(_Connection):
    """What our connections do besides: ask the gate, and look where they led."""

    _is_connecting = False

    def connect(self) -> None:
        gate = current_gate.get()
        if gate:
            gate.check()
        self._is_connecting = True
        try:
            super().connect()
        finally:
            self._is_connecting = False
        if gate:
            gate.connected(self.sock)

    def _new_conn(self) -> socket.socket:
        connection: socket.socket = super()._new_conn()
        gate = current_gate.get()
        if gate:
            gate.connected(connection)
        self._check_address(connection)
        return connection

    def send(self, content: Any) -> None:
        if self.sock is None:
            self.connect()
        gate = current_gate.get()
        if gate and not self._is_connecting:  # while connecting, a proxy is talked to
            self._check_address(self.sock)  # an idle connection may come from another request
            gate.connected(self.sock)
            gate.begin_sending()
        super().send(content)

    def _check_address(self, connection: Any) -> None:
        if is_public_only.get() and not self.proxy:
            address = str(connection.getpeername()[0])
            if not ipaddress.ip_address(address.partition("%")[0]).is_global:
                connection.close()
                raise CloudProtocolError(f"a public URL leads to the private address {address}")


class _GatedHttp(_Gated, HTTPConnection):
    """A plain connection behind the gate."""


class _GatedHttps(_Gated, HTTPSConnection):
    """A TLS connection behind the gate."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _GatedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GatedHttps


POOL_CLASSES = {"http": _HttpPool, "https": _HttpsPool}
