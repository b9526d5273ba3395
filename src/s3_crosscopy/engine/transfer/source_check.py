"""Asks the source for one key again, in the way that found it, which alone tells whether the key is gone.

And asks both sides for a key that nobody has, which tells whether they are there at all.
"""

from __future__ import annotations

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.outage_rules import Sign, sign_of
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3

NOBODYS = "s3-crosscopy-asks-whether-s3-is-there"
"""Follows the prefix in the name of a key that nobody has. It is only asked for."""


def ask(spec: CopySpec, source: S3, key: str, *, listed: bool) -> Facts | None:
    """The object as it is now; None if it is certain that the source does not have it.

    A HEAD's 404 alone does not make that certain for a key that was `listed`, nor where S3 did not answer it itself: a
    LIST of exactly this key does. Raises S3Error for every other answer, and for a 404 that nothing confirms.
    """
    version = spec.options.source_version_id
    try:
        return source.head(spec.source, key, version=version)
    except S3Error as error:
        if not not_found(error.reason):
            raise
        if error.reason is Reason.MISSING and not listed:
            return None
        # A listing tells nothing of versions.
        if version is None and not _lists(spec, source, key):
            return None
        raise


def _lists(spec: CopySpec, source: S3, key: str) -> bool:
    """Tells whether a LIST of exactly this key has it: it would be the first that begins so."""
    page = source.list_page(ListPage(Side.SOURCE, spec.source, key, max_keys=1))
    return bool(page.objects) and page.objects[0].key == key


def silent_side(spec: CopySpec, source: S3, dest: S3) -> S3Error | None:
    """The error of a side that does not answer a HEAD, or None. A refusal is an answer too."""
    for side, bucket, prefix in ((source, spec.source, spec.source_prefix), (dest, spec.dest, spec.dest_prefix)):
        try:
            side.head(bucket, f"{prefix}{NOBODYS}")
        except S3Error as error:
            if sign_of(error.reason, error.code, error.status) is not Sign.ANSWERED:
                return error
    return None
