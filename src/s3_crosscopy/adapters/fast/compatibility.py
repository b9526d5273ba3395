"""Checks if a client's requests can take the fast path, and reads the settings of its connections.

botocore keeps these settings in partly private attributes; a client without the expected ones is incompatible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore
from botocore.exceptions import BotoCoreError
from botocore.httpsession import get_cert_path

from s3_crosscopy.adapters.boto.config_checks import one_line
from s3_crosscopy.adapters.boto.current_credentials import credentials_of
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.request_builder import RequestBuilder
from s3_crosscopy.adapters.fast.request_template import Incompatible
from s3_crosscopy.adapters.fast.responses import error_from
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.outcomes import Reason

EVENTS = (
    "provide-client-params", "before-parameter-build", "before-endpoint-resolution", "before-call", "request-created",
    "choose-signer", "before-sign", "before-send", "response-received", "before-parse", "needs-retry", "after-call",
    "after-call-error",
)  # fmt: skip
OPERATIONS = ("ListObjectsV2", "HeadObject", "CopyObject", "UploadPartCopy")
BOUNDS_HEADS = 0x080400
"""The first libcurl that limits the size of a response's headers; pycurl's wheels have 8.16 and newer ones."""
OWN = ("botocore", "boto3", "s3_crosscopy")
"""Packages whose event handlers change nothing after the request was captured."""


def why_not(port: BotoS3, bucket: Bucket) -> str:
    """The reason, in one line, why a bucket cannot be reached on the fast path with this client; "" if it can."""
    if reason := _why_no_library():
        return reason
    client = port.client
    for reason, applies in _REASONS:
        if applies(client, bucket.name):
            return reason
    if module := _foreign_handler(client):
        return f"{module} has registered botocore event handlers"
    builder = RequestBuilder(port)
    op = ListPage(Side.SOURCE, bucket, "")
    try:
        if (credentials := credentials_of(client)) is not None:
            # The loop's thread signs with the credentials that exist, and never fetches any.
            with translated("ListObjectsV2", bucket.name, ""):
                credentials.get_frozen_credentials()
        url = builder.prepared(op).url
        return _why_not_reached(client, url)
    except Incompatible as incompatible:
        return f"this client sends a request that is not supported: {incompatible}"
    except (S3Error, BotoCoreError) as error:
        failure = error if isinstance(error, S3Error) else error_from(op, error)
        if failure.reason is not Reason.INVALID:  # No credentials: boto3 would have none either.
            raise failure from failure.__cause__
        return one_line(error)
    finally:
        builder.close()


def library() -> str:
    """The native library and its version, for a log line."""
    import pycurl

    return f"pycurl {pycurl.version.split()[0].partition('/')[2]}"


def _why_no_library() -> str:
    try:
        import pycurl
    except ModuleNotFoundError:
        return "pycurl is not installed (pip installs it where it has wheels)"
    except ImportError as error:
        return f"pycurl cannot be loaded: {one_line(error)}"
    version = pycurl.version_info()
    if version[2] < BOUNDS_HEADS:
        return f"libcurl {version[1]} is older than 8.4, which bounds an answer's headers: install pycurl's wheel"
    return "" if hasattr(pycurl, "PREREQFUNCTION") else f"{library()} is too old"


def settings_of(client: Any, url: str) -> Any:
    """The connection settings of the client's own HTTP session, for requests to this URL."""
    from s3_crosscopy.adapters.fast.curl_easy import Settings

    config = client.meta.config
    verify = get_cert_path(_session(client)._verify)
    return Settings(
        connect_timeout_s=float(config.connect_timeout),
        read_timeout_s=float(config.read_timeout),
        verify=verify if url.startswith("https:") else False,
        tcp_keepalive=bool(getattr(config, "tcp_keepalive", False)),
    )


def _why_not_reached(client: Any, url: str) -> str:
    try:
        session = _session(client)
        if session._proxy_config.proxy_url_for(url) is not None:
            return "requests go through a proxy"
        if session._cert_file is not None:
            return "a client certificate is configured"
        settings = settings_of(client, url)
    except (AttributeError, TypeError, ValueError):
        return "this botocore keeps its network settings elsewhere"
    if settings.verify is None:
        return "this botocore keeps its network settings elsewhere"
    return ""


def _session(client: Any) -> Any:
    return client._endpoint.http_session


def _s3_config(client: Any, name: str) -> bool:
    return bool((client.meta.config.s3 or {}).get(name))


def _is_dual_stack(client: Any) -> bool:
    return bool(client.meta.config.use_dualstack_endpoint) or _s3_config(client, "use_dualstack_endpoint")


_REASONS: tuple[tuple[str, Callable[[Any, str], bool]], ...] = (
    ("an access point is no bucket", lambda _, bucket: bucket.startswith("arn:") or bucket.endswith("-s3alias")),
    ("S3 Express buckets have sessions of their own", lambda _, bucket: bucket.endswith("--x-s3")),
    ("requests are not signed", lambda client, _: client.meta.config.signature_version is botocore.UNSIGNED),
    ("FIPS endpoints are configured", lambda client, _: bool(client.meta.config.use_fips_endpoint)),
    ("dual-stack endpoints are configured", lambda client, _: _is_dual_stack(client)),
    ("transfer acceleration is configured", lambda client, _: _s3_config(client, "use_accelerate_endpoint")),
)


def _foreign_handler(client: Any) -> str:
    """The module of a handler that could see or change our requests; "" if there is none."""
    try:
        handlers = client.meta.events._emitter._handlers
        registered = [
            handler
            for event in EVENTS
            for operation in OPERATIONS
            for handler in handlers.prefix_search(f"{event}.s3.{operation}")
        ]
    except AttributeError:
        return "something (this botocore keeps its event handlers elsewhere)"
    modules = [_module(handler) for handler in registered]
    return next((module for module in modules if module.split(".")[0] not in OWN), "")


def _module(handler: Any) -> str:
    handler = getattr(handler, "func", handler)
    return str(getattr(handler, "__module__", None) or type(handler).__module__)
