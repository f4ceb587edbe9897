"""An HTTP server on this machine that answers as a test wants, byte by byte if need be."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FileServer:
    """`answer` is called with the handler and the request; it may write anything, or nothing."""

    url: str
    answer: Callable[["Handler", Request], None] | None = None
    requests: list[Request] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    file_server: FileServer
    reads_body = True

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; header names with underscores for hyphens."""
        headers.setdefault("Content_Length", str(len(body)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """End the connection at once, whatever was promised."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def linger(self, seconds: float = 60.0) -> None:
        """Say nothing until the test is over."""
        self.file_server.closing.wait(seconds)

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if self.reads_body else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self.file_server.requests.append(request)
        assert self.file_server.answer
        try:
            self.file_server.answer(self, request)
        except OSError:
            self.close_connection = True  # the client went: that is what many tests want

    do_GET = do_PUT = do_DELETE = do_POST = do_MKCOL = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the terminal."""


@contextmanager
def file_server(*, tls: ssl.SSLContext | None = None, **attributes: object) -> Iterator[FileServer]:
    """A server for the length of a test; `attributes` are set on its handler."""
    handler = type("TestHandler", (Handler,), attributes)
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    http.daemon_threads = True
    if tls:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    http.handle_error = lambda *_: None
    server = FileServer(f"{'https' if tls else 'http'}://127.0.0.1:{http.server_address[1]}")
    handler.file_server = server
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        http.server_close()
        thread.join()
