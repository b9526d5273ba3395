"""Which data path a run takes: the option `transport`, what is installed, and whether the clients fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from s3_crosscopy.api.inputs import told_as
from s3_crosscopy.core.concurrency_window import threads_for
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.threads import ThreadTransport
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.ports import Transport

LISTERS = 2
"""Threads beside those of the window: one page a side is always under way."""


@contextmanager
def lane_for(spec: CopySpec, source: BotoS3, dest: BotoS3) -> Iterator[tuple[Transport, str]]:
    """The lane, and in words which it is and why. Raises InvalidInput when `fast` is wished and does not fit.
    Credentials that cannot be had are told here, as where a side is opened.

    Whoever uses the lane closes it within his grace; this is for the ends before that.
    """
    lane, said = _chosen(spec, source, dest)
    try:
        yield lane, said
    finally:
        lane.close(0)


def _chosen(spec: CopySpec, source: BotoS3, dest: BotoS3) -> tuple[Transport, str]:
    threads = threads_for(spec.options.max_concurrency) + LISTERS
    wish = spec.options.transport
    if wish == "boto3":
        return ThreadTransport(source, dest, threads), "boto3: as wished"
    from s3_crosscopy.adapters.fast.compatibility import library, why_not

    with told_as("source"):
        reason = why_not(source, spec.source)
    with told_as("dest"):
        reason = reason or why_not(dest, spec.dest)
    if reason:
        if wish == "fast":
            raise InvalidInput(f"transport: 'fast' is not possible here: {reason}; 'auto' would take boto3")
        return ThreadTransport(source, dest, threads), f"boto3: {reason}"
    from s3_crosscopy.adapters.fast.curl_transport import CurlTransport

    return CurlTransport(source, dest, lambda wake: ThreadTransport(source, dest, threads, wake)), f"fast: {library()}"
