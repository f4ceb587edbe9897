"""Connections that ask the gate before they send (urllib3)."""

from __future__ import annotations

import socket
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hanolab_dawtools.cloud.http.exchange import Gate, GivenUp

# What the thread of an exchange sets for the connections that it makes or takes over.
current_gate: ContextVar[Gate | None] = ContextVar("current_gate", default=None)

if TYPE_CHECKING:
    _Connection = HTTPConnection
else:
    _Connection = object  # a part that is put before either kind of connection


class _Gated(_Connection):
    """What our connections do besides: ask the gate."""

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
        try:
            if gate:
                gate.connected(connection)
        except GivenUp:
            connection.close()
            raise
        return connection

    def send(self, content: Any) -> None:
        if self.sock is None:
            self.connect()
        gate = current_gate.get()
        if gate and not self._is_connecting:  # while connecting, a proxy is talked to
            gate.connected(self.sock)
            gate.begin_sending()
        super().send(content)


class _GatedHttp(_Gated, HTTPConnection):
    """A plain connection behind the gate."""


class _GatedHttps(_Gated, HTTPSConnection):
    """A TLS connection behind the gate."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _GatedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GatedHttps


POOL_CLASSES = {"http": _HttpPool, "https": _HttpsPool}
