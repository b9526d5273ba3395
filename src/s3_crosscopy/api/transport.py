"""Chooses the transport of a run by the option `transport`, what is installed, and the settings of the clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from s3_crosscopy.api.inputs import errors_naming
from s3_crosscopy.core.concurrency_window import threads_for
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.threads import ThreadTransport
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.ports import Transport

LISTERS = 2
"""Threads in addition to those of the window, for one page of each side that is always requested ahead."""


@contextmanager
def open_transport(spec: CopySpec, source: BotoS3, dest: BotoS3) -> Iterator[tuple[Transport, str]]:
    """The transport, and a text that says which it is and why.

    The run closes it within its own time limit; it is closed here if that was not reached. Raises InvalidInput if
    `fast` is requested and not possible, and the errors of credentials that cannot be obtained.
    """
    transport, why = _chosen(spec, source, dest)
    try:
        yield transport, why
    finally:
        transport.close(0)


def _chosen(spec: CopySpec, source: BotoS3, dest: BotoS3) -> tuple[Transport, str]:
    threads = threads_for(spec.options.max_concurrency) + LISTERS
    requested = spec.options.transport
    if requested == "boto3":
        return ThreadTransport(source, dest, threads), "boto3: requested"
    from s3_crosscopy.adapters.fast.compatibility import library, why_not

    with errors_naming("source"):
        reason = why_not(source, spec.source)
    with errors_naming("dest"):
        reason = reason or why_not(dest, spec.dest)
    if reason:
        if requested == "fast":
            raise InvalidInput(f"transport: 'fast' is not possible here: {reason}; 'auto' would take boto3")
        return ThreadTransport(source, dest, threads), f"boto3: {reason}"
    from s3_crosscopy.adapters.fast.curl_transport import CurlTransport

    return CurlTransport(source, dest, lambda wake: ThreadTransport(source, dest, threads, wake)), f"fast: {library()}"
