"""Checks if the source still has a key, and if both sides answer at all."""

from __future__ import annotations

from functools import partial

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.outage_rules import Sign, sign_of
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.pending_request import OnEnd
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Head, ListPage, Side
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3

MISSING_KEY = "s3-crosscopy-asks-whether-s3-is-there"
"""A key that no bucket has ends with this, after the prefix. It is only asked for."""


class SourceCheck:
    """Asks the source for objects as they are now. No thread is held meanwhile, but for a LIST that confirms a 404.

    `listed`: the run found its keys in a listing.
    """

    def __init__(self, spec: CopySpec, source: S3, dispatcher: Dispatcher, *, listed: bool) -> None:
        self._spec = spec
        self._source = source
        self._dispatcher = dispatcher
        self._listed = listed

    def begin(self, job: CopyJob, on_end: OnEnd) -> None:
        """Ask for a job's object; `on_end` gets its facts, or None if the source certainly does not have it.

        A HEAD's 404 is not certain for a key that was `listed`, nor if it does not come from S3 itself: then a LIST of
        exactly this key decides. Every other error ends it, and a 404 that no LIST confirms.
        """

        def answered(job: CopyJob, facts: Facts | None, error: S3Error | None) -> None:
            if error is None or not not_found(error.reason):
                on_end(job, facts, error)
                return
            confirm = partial(confirm_404, self._spec, self._source, job.source.key, error, listed=self._listed)
            self._dispatcher.call(confirm, on_end, job)

        version = self._spec.options.source_version_id
        self._dispatcher.send(Head(Side.SOURCE, self._spec.source, job.source.key, version=version), answered, job)


def confirm_404(spec: CopySpec, source: S3, key: str, error: S3Error, *, listed: bool) -> None:
    """Return if a HEAD's 404 certainly means that the source does not have the key; otherwise raise it."""
    if error.reason is Reason.MISSING and not listed:
        return
    # A listing does not show versions.
    if spec.options.source_version_id is None and not _lists(spec, source, key):
        return
    raise error


def _lists(spec: CopySpec, source: S3, key: str) -> bool:
    """Return True if a LIST of exactly this key has it: it would be the first key with this prefix."""
    page = source.list_page(ListPage(Side.SOURCE, spec.source, key, max_keys=1))
    return bool(page.objects) and page.objects[0].key == key


def silent_side(spec: CopySpec, source: S3, dest: S3) -> S3Error | None:
    """Return the error of a side that does not answer a HEAD, or None. A refusal is an answer too."""
    for side, bucket, prefix in ((source, spec.source, spec.source_prefix), (dest, spec.dest, spec.dest_prefix)):
        try:
            side.head(bucket, f"{prefix}{MISSING_KEY}")
        except S3Error as error:
            if sign_of(error.reason, error.code, error.status) is not Sign.ANSWERED:
                return error
    return None
