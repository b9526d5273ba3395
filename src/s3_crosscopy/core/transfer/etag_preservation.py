"""Decides how a copy can keep its source's ETag (`preserve_etag`), and names the reason if it did not.

An ETag without `-N` is that of content written in one request, which one CopyObject repeats up to 5 GiB. One with `-N`
is that of N parts: only an upload with the same part sizes has it. The copy's own ETag verifies the result.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from s3_crosscopy.core.transfer.copy_params import MAX_COPY_BYTES
from s3_crosscopy.core.transfer.multipart_layout import may_be_uniform, parts_in_etag, uniform_part_bytes
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.model.outcomes import EtagLoss, Verified


class Way(Enum):
    """The requests that copy an object."""

    COPY_OBJECT = "one CopyObject"
    OWN_LAYOUT = "an upload in the source's part layout"
    BY_SIZE = "by multipart_threshold, as without preserve_etag"


class EtagRule(NamedTuple):
    """One row of the table. `possible`: the size allows to keep the ETag. `loss`: the reason why it cannot be kept."""

    in_parts: bool
    possible: bool
    way: Way
    loss: EtagLoss | None


ETAG_RULES = (
    EtagRule(False, True, Way.COPY_OBJECT, None),
    EtagRule(False, False, Way.BY_SIZE, EtagLoss.ABOVE_LIMIT),
    EtagRule(True, True, Way.OWN_LAYOUT, None),
    EtagRule(True, False, Way.BY_SIZE, EtagLoss.IMPOSSIBLE),
)


def etag_rule(source: Listed) -> EtagRule:
    """Return the row of the table for a listed object."""
    parts = parts_in_etag(source.etag)
    possible = source.size <= MAX_COPY_BYTES if parts is None else may_be_uniform(source.size, parts)
    return ETAG_RULES[2 * (parts is not None) + (not possible)]


def make_in_parts(options: CopyOptions) -> Callable[[Listed], bool]:
    """Return the function that tells if a listed object is copied by an upload, as far as its listing shows."""
    threshold = options.multipart_threshold
    if not options.preserve_etag:
        return lambda source: source.size >= threshold

    def in_parts(source: Listed) -> bool:
        way = etag_rule(source).way
        return way is Way.OWN_LAYOUT or (way is Way.BY_SIZE and source.size >= threshold)

    return in_parts


def needs_first_part(source: Listed) -> bool:
    """Return True if a HEAD of the first part can show a uniform layout; of a single part the size is known."""
    rule = etag_rule(source)
    return rule.way is Way.OWN_LAYOUT and parts_in_etag(source.etag) != 1


def own_layout(source: Listed, first: Facts | None) -> int | EtagLoss:
    """Return the uniform size of the source's parts in bytes, or the reason why there is none.

    first: the HEAD of the first part; None if there was none, or it was refused.
    """
    rule, parts = etag_rule(source), parts_in_etag(source.etag)
    if parts is None or rule.loss is not None:
        return rule.loss or EtagLoss.OTHER
    if parts == 1:
        return source.size
    if first is None or first.parts != parts:
        return EtagLoss.UNKNOWN
    return uniform_part_bytes(source.size, parts, first.size) or EtagLoss.UNEVEN


def keeps_etags(options: CopyOptions) -> bool:
    """Return True if a run counts the ETags that its copies keep."""
    return options.preserve_etag and not options.dry_run


def encryption_loss(options: CopyOptions, source: Facts | None) -> EtagLoss | None:
    """Return the reason if encryption certainly changes the ETag. source: the result of its HEAD, None without one."""
    if source is not None and source.encryption.startswith("aws:kms"):
        return EtagLoss.SOURCE_KMS
    return EtagLoss.COPY_KMS if options.uses_kms else None


def etag_loss(
    options: CopyOptions, source: Listed, verified: Verified, known: EtagLoss | None, facts: Facts | None
) -> str:
    """Return the reason why a copy does not have its source's ETag, "" if it has it, or need not.

    known: the reason that was known before the copy, or None. facts: the HEAD of the source, None without one.
    """
    if not options.preserve_etag or verified is Verified.ETAG:
        return ""
    loss = etag_rule(source).loss or known or encryption_loss(options, facts) or EtagLoss.OTHER
    return str(loss.value)
