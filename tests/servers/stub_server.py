"""A scriptable HTTP/1.1 server for tests at the wire: faults that no real S3 server produces on demand.

Rules answer requests, by themselves or with what an upstream server answers (`FORWARD`). Path and headers
go there as they came, Host included, so that signatures stay valid. Knows HTTP; S3's bodies are
`answers.py`'s.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from tests.servers.http_messages import Answer, Pass, Request, Response

# A rule answers a request or leaves it (None) to the next one. Called from the connections' threads.
Rule: TypeAlias = Callable[[Request], Answer | None]

WITHOUT_A_SOCKET: dict[str, Callable[[Request], Response]] = {}
"""Upstreams that are in this process and answer a call: half the time of a request and a connection to them."""
UPSTREAM_TIMEOUT_S = 60.0
JOIN_TIMEOUT_S = 5.0
# They describe the upstream's connection or framing; the stub frames its own answers.
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
# Not one that botocore retries, so a request that no rule expected fails the test at once.
UNEXPECTED = Response(501, body=b"<Error><Code>NotImplemented</Code><Message>no rule for this</Message></Error>")


class StubServer:
    """A running stub: `rules` may be replaced at any time, `requests` are all that came, in order."""

    def __init__(self, rules: Sequence[Rule] = (), upstream: str | None = None, *, host: str = "127.0.0.1") -> None:
        self.rules = list(rules)
        self.upstream = upstream
        self.stopping = threading.Event()
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._listener = _Listener(self, host)
        named = f"[{host}]" if ":" in host else host
        self.endpoint_url = f"http://{named}:{self._listener.server_port}"

    @classmethod
    @contextmanager
    def start(cls, *rules: Rule, upstream: str | None = None) -> Iterator[StubServer]:
        """Serve on a free port; `upstream` is the endpoint that `FORWARD` and `forward` use."""
        with cls.serving(cls(rules, upstream)) as stub:
            yield stub

    @staticmethod
    @contextmanager
    def serving(stub: StubServer) -> Iterator[StubServer]:
        """Let a stub that somebody made serve."""
        thread = threading.Thread(target=stub._listener.serve_forever, args=(0.05,), name="stub", daemon=True)
        thread.start()
        try:
            yield stub
        finally:
            stub.stopping.set()
            stub._listener.shutdown()
            stub._listener.close_connections()
            stub._listener.server_close()
            thread.join(JOIN_TIMEOUT_S)

    @property
    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._requests)

    def requests_of(self, operation: str) -> list[Request]:
        return [request for request in self.requests if request.operation == operation]

    def answer(self, request: Request) -> Response:
        """The first rule's answer that is one. Without rules an upstream gets everything."""
        with self._lock:
            self._requests.append(request)
            rules = list(self.rules)
        answer: Answer | None = None if rules or self.upstream is None else Pass.FORWARD
        for rule in rules:
            answer = rule(request)
            if answer is not None:
                break
        if answer is None:
            return UNEXPECTED
        return answer if isinstance(answer, Response) else self.forward(request)

    def forward(self, request: Request) -> Response:
        """Send the request on as it came; a rule calls this to act after the upstream did."""
        assert self.upstream is not None, "FORWARD needs an upstream"
        called = WITHOUT_A_SOCKET.get(self.upstream)
        response = self._sent(request, self.upstream) if called is None else called(request)
        kept = {name: value for name, value in response.headers.items() if name.lower() not in HOP_BY_HOP}
        if request.method == "HEAD":
            kept |= {name: value for name, value in response.headers.items() if name.lower() == "content-length"}
        return Response(response.status, kept, response.body)

    @staticmethod
    def _sent(request: Request, endpoint_url: str) -> Response:
        address = urlsplit(endpoint_url)
        head = [f"{request.method} {request.target} HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in request.headers.items()]
        raw = "\r\n".join([*head, "", ""]).encode("latin-1") + request.body
        with socket.create_connection((address.hostname, address.port or 80), UPSTREAM_TIMEOUT_S) as upstream:
            upstream.sendall(raw)
            # The response has a file of its own: after an error it would keep the socket open until it is collected.
            with closing(HTTPResponse(upstream, method=request.method)) as answer:
                answer.begin()
                return Response(answer.status, dict(answer.getheaders()), answer.read())


class _Connection(BaseHTTPRequestHandler):
    """One client connection: reads requests, hands them to the stub, writes answers."""

    protocol_version = "HTTP/1.1"
    # Head and body go out in one write without Nagle's delay: else each answer would wait 40 ms for an ACK.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Listener

    def handle_expect_100(self) -> bool:
        # The write buffer would keep it back, and botocore waits a second for it.
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def handle_any(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self._write(Response(411, {"Connection": "close"}))
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        # Not self.path: http.server collapses its leading slashes.
        target = self.requestline.split(" ")[1]
        response = self.server.stub.answer(Request(self.command, target, self.headers, body))
        self.server.stub.stopping.wait(response.delay_s)
        if response.drop:
            self.close_connection = True
        else:
            self._write(response)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815 - http.server's names

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status)
        headers = {"Content-Length": str(len(response.body)), **response.headers}
        headers.setdefault("Date", self.date_time_string())
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.cut_at])
        self.wfile.flush()
        if response.cut_at is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: what came is in `StubServer.requests`."""


class _Listener(ThreadingHTTPServer):
    """Keeps the open connections, so that stopping ends their threads instead of leaving them to read."""

    request_queue_size = 1024
    # Non-daemon threads are joined in server_close().
    daemon_threads = False

    def __init__(self, stub: StubServer, host: str) -> None:
        self.stub = stub
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((host, 0), _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):  # The client may have been faster.
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests are about; an error of a rule is printed."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
