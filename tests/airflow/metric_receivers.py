"""What metrics are sent to: a StatsD server on UDP, and an OpenTelemetry collector that takes protobuf over HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

PREFIX = "airflow.s3_crosscopy."
HEARD_EVERY_S = 0.2


class Sent(NamedTuple):
    """One value of one of our metrics, its name without prefixes."""

    name: str
    kind: str
    value: float
    tags: dict[str, str]


class Statsd:
    """A UDP socket that reads what it gets until the block ends."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(HEARD_EVERY_S)
        self.port: int = self._socket.getsockname()[1]
        self._datagrams: list[bytes] = []
        self._over = threading.Event()

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator[Statsd]:
        server = cls()
        thread = threading.Thread(target=server._listen)
        thread.start()
        try:
            yield server
        finally:
            server._over.set()
            thread.join()
            server._socket.close()

    def sent(self) -> list[Sent]:
        """In their order."""
        lines = [line for datagram in self._datagrams for line in datagram.decode().splitlines()]
        return [_statsd_line(line) for line in lines if line.startswith(PREFIX)]

    def _listen(self) -> None:
        # Once more after the end: what was sent before it may still wait in the socket.
        while True:
            over = self._over.is_set()
            try:
                while True:
                    self._datagrams.append(self._socket.recv(65_535))
            except TimeoutError:
                if over:
                    return


def _statsd_line(line: str) -> Sent:
    names, _, rest = line.removeprefix(PREFIX).rpartition(":")
    name, *tags = names.split(",")
    value, kind = rest.split("|")[:2]
    return Sent(name, {"c": "counter", "g": "gauge", "ms": "timing"}[kind], float(value), _pairs(tags))


def _pairs(tags: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (tag.partition("=") for tag in tags)}


class Collector:
    """An OTLP/HTTP collector. Counters are cumulative for each process that sends them."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []
        bodies = self._bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    @classmethod
    @contextmanager
    def listening(cls) -> Iterator[Collector]:
        collector = cls()
        thread = threading.Thread(target=collector._server.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            collector._server.shutdown()
            thread.join()
            collector._server.server_close()

    def sent(self) -> list[Sent]:
        """Every value of every export."""
        requests = [ExportMetricsServiceRequest.FromString(body) for body in self._bodies]
        scopes = [scope for request in requests for one in request.resource_metrics for scope in one.scope_metrics]
        return [each for scope in scopes for metric in scope.metrics for each in _points(metric)]


def _points(metric: Metric) -> list[Sent]:
    if not metric.name.startswith(PREFIX):
        return []
    kinds = {"sum": "counter", "gauge": "gauge", "exponential_histogram": "timing", "histogram": "timing"}
    shape = metric.WhichOneof("data")
    assert shape is not None
    return [
        Sent(
            metric.name.removeprefix(PREFIX),
            kinds[shape],
            point.sum if kinds[shape] == "timing" else point.as_int or point.as_double,
            {one.key: one.value.string_value for one in point.attributes},
        )
        for point in getattr(metric, shape).data_points
    ]
