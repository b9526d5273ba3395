"""Makes clients read responses with many headers: http.client accepts 100, an object may have 700 of metadata alone.

S3 allows 2 KB of user metadata, and each entry is a header of its own. http.client's limit is a constant of the module;
instead of raising it for the whole process, the connections of our clients give it many lines as one.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPResponse,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from s3_crosscopy.adapters.boto.read_timeouts import ReadsSooner
from s3_crosscopy.adapters.boto.response_limits import MeteredSocket, bounds_asked

BLOCK_BYTES = 8 * 1024
"""http.client reads 100 "lines" of this size at most: 800 KB of headers; S3 sends some 10 KB."""
_ENDS = (b"\r\n", b"\n", b"")


def take_many_headers(client: Any) -> None:
    """Make a client read such responses. Changes nothing if botocore keeps its private connection pools elsewhere."""
    session: Any = getattr(getattr(client, "_endpoint", None), "http_session", None)
    manager: Any = getattr(session, "_manager", None)
    if hasattr(session, "_pool_classes_by_scheme") and hasattr(manager, "pool_classes_by_scheme"):
        session._pool_classes_by_scheme = manager.pool_classes_by_scheme = dict(_POOLS)


class _Blocks:
    """A file whose `readline` returns many header lines at once; the status line and the end of the headers alone."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._next: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def readline(self, limit: int) -> bytes:
        block = self._line(limit)
        if block.startswith(b"HTTP/") or block in _ENDS:
            return block
        while len(block) < BLOCK_BYTES:
            line = self._line(limit)
            if line in _ENDS or len(block) + len(line) >= limit:
                self._next = line
                break
            block += line
        return block

    def _line(self, limit: int) -> bytes:
        line, self._next = self._next, None
        return line if line is not None else bytes(self._file.readline(limit))


class _Response(AWSHTTPResponse):  # type: ignore[misc]
    fp: Any

    def __init__(self, sock: Any, *args: Any, status_tuple: Any = None, **kwargs: Any) -> None:
        self._bounds = bounds_asked()
        source = sock if self._bounds is None else MeteredSocket(sock, self._bounds)
        super().__init__(source, *args, status_tuple=status_tuple, **kwargs)

    def begin(self) -> None:
        file: Any = self.fp
        self.fp = _Blocks(file)
        try:
            super().begin()
        finally:
            if self.fp is not None:  # it is None once the connection was closed
                self.fp = file
        if self._bounds is not None:
            self._bounds.begin_body(self.status)


class _OwnResponses:
    """Replaces also the response class that botocore sets if the server responds before it has the body."""

    @property
    def response_class(self) -> Any:
        return self.__dict__.get("_response_class", _Response)

    @response_class.setter
    def response_class(self, made: Any) -> None:
        self.__dict__["_response_class"] = partial(_Response, **getattr(made, "keywords", {}))


class _Connection(_OwnResponses, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _TlsConnection(_OwnResponses, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _Pool(ReadsSooner, AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _Connection


class _TlsPool(ReadsSooner, AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _TlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}
