"""What libcurl calls the ends without an answer, and what botocore would raise for each: its retry rules go by that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pycurl
from botocore import exceptions as boto_errors

from s3_crosscopy.adapters.boto.over_limit import OverLimit
from s3_crosscopy.model.input_limits import HEAD, Limit

READ_TIMED_OUT = -1
"""Our own: libcurl's clock of silence averages over seconds, in which S3's keep-alive white space is lost."""

_LARGE_HEAD = "Too large response headers"
"""The beginning of libcurl's text for an answer whose headers have more than 300 KiB, which is `HEAD` too."""
_TOO_LARGE = 100
"""CURLE_TOO_LARGE, which pycurl has no name for: one line of the head, or the number of them, is over a limit."""

_BY_CODE: Mapping[int, Callable[..., Exception]] = {
    READ_TIMED_OUT: boto_errors.ReadTimeoutError,
    pycurl.E_COULDNT_RESOLVE_HOST: boto_errors.EndpointConnectionError,
    pycurl.E_COULDNT_CONNECT: boto_errors.EndpointConnectionError,
    # The only time-out that libcurl is told is that of connecting.
    pycurl.E_OPERATION_TIMEDOUT: boto_errors.ConnectTimeoutError,
    pycurl.E_PARTIAL_FILE: boto_errors.ConnectionClosedError,
    pycurl.E_GOT_NOTHING: boto_errors.ConnectionClosedError,
    pycurl.E_SEND_ERROR: boto_errors.ConnectionClosedError,
    pycurl.E_RECV_ERROR: boto_errors.ConnectionClosedError,
    # `Transfer` refuses to send a second time over a new connection: the kept one was closed.
    pycurl.E_ABORTED_BY_CALLBACK: boto_errors.ConnectionClosedError,
    pycurl.E_SSL_CONNECT_ERROR: boto_errors.SSLError,
    pycurl.E_PEER_FAILED_VERIFICATION: boto_errors.SSLError,
    pycurl.E_SSL_CACERT_BADFILE: boto_errors.SSLError,
    pycurl.E_SSL_CERTPROBLEM: boto_errors.SSLError,
    pycurl.E_SSL_CIPHER: boto_errors.SSLError,
    pycurl.E_SSL_ISSUER_ERROR: boto_errors.SSLError,
}
_other: Callable[..., Exception] = boto_errors.HTTPClientError


def raised_for(code: int, text: str, url: str, over: Limit | None = None) -> Exception:
    """The exception that botocore's own HTTP session would end with. `over`: what came was over this limit."""
    if code == _TOO_LARGE or (code == pycurl.E_RECV_ERROR and text.startswith(_LARGE_HEAD)):
        over = HEAD
    if over is not None:
        return _other(error=OverLimit(over))
    kind = _BY_CODE.get(code)
    if kind is None:
        return _other(error=f"libcurl {code}: {text}")
    return kind(endpoint_url=url, error=text)
