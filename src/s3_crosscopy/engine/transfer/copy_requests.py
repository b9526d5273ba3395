"""Builds the CopyObject of an object: from the arguments of its storage class, and what new headers add to it."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.transfer.copy_params import Args, Subject, copy_args
from s3_crosscopy.core.transfer.header_choice import HeadersOf, NewHeaders, may_need_facts, new_content, replaces
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.untold import untold_error
from s3_crosscopy.model.objects import NOTHING
from s3_crosscopy.model.operations import NO_HEADERS, Copy

CopyOf = Callable[[CopyJob, str], Copy]
"""A function from a job, and what its copy expects at the destination, to its CopyObject.

Raises S3Error for an object whose copy would lose metadata.
"""


def make_copy_of(spec: CopySpec, headers_of: HeadersOf) -> CopyOf:
    """Return the function for a run: one without any thought of headers if no copy replaces them or metadata."""
    plain = _make_plain(spec)
    if not may_need_facts(spec.options):
        return plain
    options, args_of = spec.options, _args_by_class(spec)

    def copy_of(job: CopyJob, expected: str) -> Copy:
        new = headers_of(job.source.key)
        op = plain(job, expected)
        if not replaces(options, new):
            return op
        kept = job.facts if options.metadata == "keep" else None
        if kept is not None and kept.untold:
            raise untold_error(spec, job.source, kept.untold)
        return op._replace(
            args=args_of(job.source.storage_class, new),
            headers=new_content(job.facts, new),
            metadata=kept.metadata if kept is not None else NO_HEADERS,
        )

    return copy_of


def _make_plain(spec: CopySpec) -> CopyOf:
    known: dict[str, Args] = {}
    version, dest_key = spec.options.source_version_id, spec.dest_key

    def copy_of(job: CopyJob, expected: str) -> Copy:
        source = job.source
        args = known.get(source.storage_class)
        if args is None:
            args = known[source.storage_class] = copy_args(Subject(spec.options, source.storage_class))
        key, etag, none = source.key, source.etag, NO_HEADERS
        # As `Copy(...)` in half the time: this is done for every object.
        values = (spec.source, key, spec.dest, dest_key(key), etag, args, version, none, none, expected)
        return tuple.__new__(Copy, values)

    return copy_of


def _args_by_class(spec: CopySpec) -> Callable[[str, NewHeaders], Args]:
    """Return the arguments that all copies of a storage class have whose content headers or metadata are replaced."""
    known: dict[str, Args] = {}

    def args_of(storage_class: str, new: NewHeaders) -> Args:
        args = known.get(storage_class)
        if args is None:
            args = known[storage_class] = copy_args(Subject(spec.options, storage_class, headers=new or NOTHING))
        return args

    return args_of
