"""What a server can do to a client, one misbehaviour each; for `scripted_server`."""

from __future__ import annotations

import json
from typing import Any

from fakes.scripted_server import Behaviour, Connection

ENDLESS_BLOCK = b"x" * 65536


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A whole answer; header names are written with underscores."""

    def play(connection: Connection) -> None:
        connection.send(head(status, **{"content_length": str(len(body)), **headers}) + body)

    return play


def json_answer(status: int, value: Any, **headers: str) -> Behaviour:
    return answer(status, json.dumps(value).encode(), content_type="application/json", **headers)


def head(status: int, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def closes_before_the_head(connection: Connection) -> None:
    connection.close()


def resets_before_the_head(connection: Connection) -> None:
    connection.reset()


def closes_within_the_head(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 20")
    connection.close()


def closes_within_the_body(connection: Connection) -> None:
    connection.send(head(202, content_length="100") + b'{"task_id": "t')
    connection.close()


def resets_within_the_body(connection: Connection) -> None:
    connection.send(head(202, content_length="100") + b'{"task_id": "t')
    connection.reset()


def closes_within_a_chunk(connection: Connection) -> None:
    connection.send(head(202, transfer_encoding="chunked") + b'10\r\n{"task_id"')
    connection.close()


def says_nothing(connection: Connection) -> None:
    connection.closing.wait()
    connection.close()


def drips_the_head(connection: Connection) -> None:
    connection.drip(b"HTTP/1.1 202 Accepted\r\nX-Slow: " + b"x" * 60_000)


def drips_the_body(connection: Connection) -> None:
    connection.send(head(202, content_length="60000"))
    connection.drip(b" " * 60_000)


def sends_without_end(connection: Connection) -> None:
    connection.send(head(202, content_type="application/json"))
    while not connection.closing.is_set():
        connection.send(ENDLESS_BLOCK)


def sends_headers_without_end(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 202 Accepted\r\n")
    while not connection.closing.is_set():
        connection.send(b"X-More: " + b"x" * 1000 + b"\r\n")


def sends_no_http(connection: Connection) -> None:
    connection.send(b"220 mail.example.com ESMTP\r\n")
    connection.close()


def sends_a_broken_chunk(connection: Connection) -> None:
    connection.send(head(202, transfer_encoding="chunked") + b"zz\r\n{}\r\n")
    connection.close()


def sends_what_is_no_gzip(connection: Connection) -> None:
    answer(202, b'{"task_id": "t1"}', content_encoding="gzip")(connection)


# Each of these leaves it open whether the server accepted what it was sent.
DOUBTFUL = [
    closes_before_the_head,
    resets_before_the_head,
    closes_within_the_head,
    closes_within_the_body,
    resets_within_the_body,
    closes_within_a_chunk,
    says_nothing,
    drips_the_head,
    drips_the_body,
    sends_without_end,
    sends_headers_without_end,
    sends_no_http,
    sends_a_broken_chunk,
    sends_what_is_no_gzip,
]
