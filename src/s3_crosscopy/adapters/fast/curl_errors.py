"""Maps libcurl's error codes to the exceptions that botocore would raise, which decide about retries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pycurl
from botocore import exceptions as boto_errors

from s3_crosscopy.adapters.boto.over_limit import OverLimit
from s3_crosscopy.adapters.boto.strict_parser import Unreadable
from s3_crosscopy.model.input_limits import HEAD, Limit

READ_TIMED_OUT = -1
"""A code of our own: libcurl's low-speed limit averages over seconds, and misses S3's keep-alive white space."""

_LARGE_HEAD = "Too large response headers"
"""The start of libcurl's text for a response with more than 300 KiB of headers, which is the limit `HEAD` too."""
_TOO_LARGE = 100
"""CURLE_TOO_LARGE, for which pycurl has no name: a header line, or the number of them, is over a limit."""

_ODD_HEAD = 8
"""CURLE_WEIRD_SERVER_REPLY, which pycurl names after FTP: a header cannot be right, such as a size below 0."""

_BY_CODE: Mapping[int, Callable[..., Exception]] = {
    READ_TIMED_OUT: boto_errors.ReadTimeoutError,
    pycurl.E_COULDNT_RESOLVE_HOST: boto_errors.EndpointConnectionError,
    pycurl.E_COULDNT_CONNECT: boto_errors.EndpointConnectionError,
    # The time-out for connecting is the only one that libcurl is given.
    pycurl.E_OPERATION_TIMEDOUT: boto_errors.ConnectTimeoutError,
    pycurl.E_PARTIAL_FILE: boto_errors.ConnectionClosedError,
    pycurl.E_GOT_NOTHING: boto_errors.ConnectionClosedError,
    pycurl.E_SEND_ERROR: boto_errors.ConnectionClosedError,
    pycurl.E_RECV_ERROR: boto_errors.ConnectionClosedError,
    # `Transfer` refuses to send a second time: the kept connection was closed.
    pycurl.E_ABORTED_BY_CALLBACK: boto_errors.ConnectionClosedError,
    pycurl.E_SSL_CONNECT_ERROR: boto_errors.SSLError,
    pycurl.E_PEER_FAILED_VERIFICATION: boto_errors.SSLError,
    pycurl.E_SSL_CACERT_BADFILE: boto_errors.SSLError,
    pycurl.E_SSL_CERTPROBLEM: boto_errors.SSLError,
    pycurl.E_SSL_CIPHER: boto_errors.SSLError,
    pycurl.E_SSL_ISSUER_ERROR: boto_errors.SSLError,
}
_other_error: Callable[..., Exception] = boto_errors.HTTPClientError


def raised_for(code: int, text: str, url: str, over: Limit | None = None) -> Exception:
    """The exception that botocore's own HTTP session would raise. `over`: the limit that the response exceeds."""
    if code == _TOO_LARGE or (code == pycurl.E_RECV_ERROR and text.startswith(_LARGE_HEAD)):
        over = HEAD
    if over is not None:
        return _other_error(error=OverLimit(over))
    if code == _ODD_HEAD:
        return Unreadable(f"its headers cannot be read ({text})")
    error_class = _BY_CODE.get(code)
    if error_class is None:
        return _other_error(error=f"libcurl {code}: {text}")
    return error_class(endpoint_url=url, error=text)
