"""Starts the canned S3 front (nginx and a page of Lua, from Debian) on a core of its own, on a free port."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.packages import ensure_nginx
from bench.timing import Failed

__all__ = ["Front", "Shape", "ensure_nginx", "front", "serving"]

HERE = Path(__file__).parent / "front"
TRIES = 3
START_S = 60.0
"""A million rows of a listing are made in 2 s before the first answer; others may want the machine too."""
_ETAG = "<ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag>"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


class Shape(NamedTuple):
    """What is served: so many keys under `s3://src/data/` and `s3://full/data/`, and one object in `large`.

    Latencies are of a request's answer. `counting` costs the server a fifth of its rate and is off where the server's
    rate matters.

    differing: "" for the same objects on both sides, "parts" for equal sizes and ETags of other part layouts,
    "checksums" for the same with checksums of the whole objects, which are equal, or "kms" for plain ETags of which
    those of `full` are no MD5s, because it is encrypted.
    """

    keys: int
    tls: bool = False
    copy_s: float = 0.0
    list_s: float = 0.0
    head_s: float = 0.0
    counting: bool = False
    large_bytes: int = 0
    large_parts: int = 1
    differing: str = ""


class Front(NamedTuple):
    """A running front. `ca`: the certificate to trust, None without TLS."""

    url: str
    ca: str | None
    master: int

    def counts(self) -> dict[str, int]:
        """Requests by kind, and how many were open at most (`peak`, `peak_parts`, `peak_lists`)."""
        counts: dict[str, int] = json.loads(self._told("counts"))
        return counts

    def first_new(self, *, forget: bool = False) -> float | None:
        """Time of the first copy to `kept` of a key that it did not have, since this was forgotten; None before it."""
        return float(self._told("first_new", b"" if forget else None)) or None

    def _told(self, name: str, body: bytes | None = None) -> bytes:
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        with urllib.request.urlopen(f"{self.url}/__{name}", body, context=context) as answer:
            told: bytes = answer.read()
        return told


@contextmanager
def front(keys: int, cpu: int) -> Iterator[str]:
    """The endpoint of a plain front with so many keys under `s3://src/data/`, pinned to one core."""
    with serving(Shape(keys), cpu) as one:
        yield one.url


@contextmanager
def serving(shape: Shape, cpu: int) -> Iterator[Front]:
    """A front of this shape, pinned to one core; its process ends with the context."""
    ensure_nginx()
    with tempfile.TemporaryDirectory(prefix="s3-front-") as name:
        directory = Path(name)
        directory.chmod(0o755)  # nginx's worker is another user
        ca = _throw_away_certificate(directory) if shape.tls else None
        with _nginx(directory, shape, cpu) as (port, server):
            yield Front(f"{'https' if ca else 'http'}://127.0.0.1:{port}", ca, server.pid)


@contextmanager
def _nginx(directory: Path, shape: Shape, cpu: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A process that listens. Somebody else may take the port before it does: then it is another one's turn."""
    for _ in range(TRIES):
        port = _free_port()
        for source in HERE.iterdir():
            (directory / source.name).write_text(_filled(source.read_text(), _values(shape, str(directory), port, cpu)))
        with (directory / "said").open("wb") as said:
            command = ["nginx", "-c", str(directory / "nginx.conf")]
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=said)
        try:
            if _listens(port, server):
                yield port, server
                return
        finally:
            server.terminate()
            server.wait(10)
    told = (directory / "said").read_text(errors="replace").strip().splitlines()
    raise Failed(f"the canned front did not start: {told[-1] if told else 'it said nothing'}")


def _values(shape: Shape, directory: str, port: int, cpu: int) -> dict[str, str]:
    date = "<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    copied = f"{_XML}<CopyObjectResult {_NAMESPACE}>{date}{_ETAG}</CopyObjectResult>"
    counting = f"access_by_lua_file {directory}/counting.lua; log_by_lua_file {directory}/counted.lua;"
    return {
        "DIR": directory,
        "PORT": str(port),
        "CPU_MASK": "1" + "0" * cpu,
        "KEYS": str(shape.keys),
        "LARGE": str(shape.large_bytes),
        "PARTS": str(shape.large_parts),
        "DIFFERING": shape.differing,
        "TLS": "ssl" if shape.tls else "",
        "CERTIFICATE": f"ssl_certificate {directory}/ca.pem; ssl_certificate_key {directory}/key.pem;" * shape.tls,
        "COPY": _copy(shape),
        "COPIED": copied,
        "PART_COPIED": f"{_XML}<CopyPartResult {_NAMESPACE}>{date}{_ETAG}</CopyPartResult>",
        "COPY_S": str(shape.copy_s),
        "LIST_S": str(shape.list_s),
        "HEAD_S": str(shape.head_s),
        "COUNTING": counting if shape.counting else "",
    }


def _copy(shape: Shape) -> str:
    """The answer to a copy. Without `echo` it has no timer."""
    if shape.copy_s or shape.counting:
        return "rewrite ^ /__copy last;"
    return "rewrite ^ /__copy_at_once last;"


def _filled(text: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(f"@{mark}@", value)
    return text


def _throw_away_certificate(directory: Path) -> str:
    """A certificate for 127.0.0.1 that is its own CA and lasts a day."""
    ca = str(directory / "ca.pem")
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    made = ("-keyout", str(directory / "key.pem"), "-out", ca, "-days", "1", "-nodes")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", *made, *subject], check=True, capture_output=True)
    return ca


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int, server: subprocess.Popen[bytes]) -> bool:
    """Whether it does before it ends."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            # From a port of its own: from the very one that it looks for, it would find itself.
            probe.bind(("127.0.0.1", 0))
            if probe.getsockname()[1] != port and probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False
