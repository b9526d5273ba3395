"""Compares a source object with the destination's: decision tables for listings, and the comparison after two HEADs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.core.timestamps import is_later_by, is_newer
from s3_crosscopy.model.objects import Facts, KnownCopy, Listed
from s3_crosscopy.model.outcomes import Action, Decision
from s3_crosscopy.model.s3_limits import ARCHIVE_CLASSES

Decide = Callable[[Listed, Listed | None], Decision]

NEW = Decision(Action.COPY, "new")
ALWAYS = Decision(Action.COPY, "always")
SIZE_DIFFERS = Decision(Action.COPY, "size differs")
ETAG_DIFFERS = Decision(Action.COPY, "etag differs")
CHECKSUM_DIFFERS = Decision(Action.COPY, "checksum differs")
SOURCE_NEWER = Decision(Action.COPY, "source newer")
WITHIN_A_DAY = Decision(Action.COPY, "multipart source, copied within a day of it")
SAME_ETAG = Decision(Action.SKIP, "same etag")
SAME_SIZE = Decision(Action.SKIP, "same size")
SAME_CHECKSUM = Decision(Action.SKIP, "same checksum")
COPY_NEWER = Decision(Action.SKIP, "copy newer")
SAME_AS_INDEXED = Decision(Action.SKIP, "same as indexed")
PROVEN = Decision(Action.SKIP, "proven by the last complete run")
COPIED_EARLIER = Decision(Action.EARLIER, "copied earlier")
NO_KEY = Decision(Action.FILTER, "prefix marker")
GONE = Decision(Action.MISS, "not at the source")
EXISTS = Decision(Action.SKIP, "exists")
UNCLEAR = Decision(Action.COMPARE, "etag unclear")
ARCHIVED_LEFT_OUT = Decision(Action.SKIP, "archived")
ARCHIVED_REFUSED = Decision(Action.REFUSE, "archived")
TOO_LONG = Decision(Action.REFUSE, "key too long")

UNCHANGED = frozenset((SAME_ETAG, SAME_CHECKSUM, COPY_NEWER, SAME_AS_INDEXED))
"""The decisions, each by a comparison of two objects, after which the ETag index has their ETags as unchanged."""

UPLOAD_S = 86_400
"""Assumed longest duration of a multipart upload, in seconds: a day. S3A's committers start uploads in a job's tasks
and complete them when the whole job commits; S3 itself sets no limit."""

ANY = None


class Rule(NamedTuple):
    """One row of a decision table. A condition is True, False, or None (any). The first row that applies decides."""

    exists: bool | None
    same_size: bool | None
    same_etag: bool | None
    copy_newer: bool | None
    decision: Decision


_ABSENT = Rule(False, ANY, ANY, ANY, NEW)
_OTHER_SIZE = Rule(True, False, ANY, ANY, SIZE_DIFFERS)

# A copy of the same second as its source counts as older, because S3's times are whole seconds.
_IF_CHANGED: dict[str, tuple[Rule, ...]] = {
    "auto": (_ABSENT, _OTHER_SIZE, Rule(True, True, True, ANY, SAME_ETAG), Rule(True, True, False, ANY, UNCLEAR)),
    "etag": (_ABSENT, _OTHER_SIZE, Rule(True, True, True, ANY, SAME_ETAG), Rule(True, True, False, ANY, ETAG_DIFFERS)),
    "checksum": (_ABSENT, _OTHER_SIZE, Rule(True, True, True, ANY, SAME_ETAG), Rule(True, True, False, ANY, UNCLEAR)),
    "size": (_ABSENT, _OTHER_SIZE, Rule(True, True, ANY, ANY, SAME_SIZE)),
    "mtime": (
        _ABSENT,
        _OTHER_SIZE,
        Rule(True, True, ANY, True, COPY_NEWER),
        Rule(True, True, ANY, False, SOURCE_NEWER),
    ),
}


def rules(overwrite: str, compare: str) -> tuple[Rule, ...]:
    """Return the decision table for a run's options."""
    if overwrite == "always":
        return (Rule(ANY, ANY, ANY, ANY, ALWAYS),)
    if overwrite == "never":
        return (_ABSENT, Rule(True, ANY, ANY, ANY, EXISTS))
    return _IF_CHANGED[compare]


def needs_destination(overwrite: str) -> bool:
    """Return True if any rule depends on the destination; otherwise it is not listed."""
    return overwrite != "always"


def make_decide(overwrite: str, compare: str) -> Decide:
    """Return the decision table as a function with a single look-up, because it is called for every object."""
    table = rules(overwrite, compare)
    absent = _first(table, exists=False, same_size=False, same_etag=False, copy_newer=False)
    present = tuple(
        _first(table, exists=True, same_size=bool(i & 1), same_etag=bool(i & 2), copy_newer=bool(i & 4))
        for i in range(8)
    )

    def decide(source: Listed, dest: Listed | None) -> Decision:
        if dest is None:
            return absent
        return present[(source.size == dest.size) + 2 * (source.etag == dest.etag)]

    def decide_by_time(source: Listed, dest: Listed | None) -> Decision:
        if dest is None:
            return absent
        newer = is_newer(dest.modified, source.modified)
        return present[(source.size == dest.size) + 2 * (source.etag == dest.etag) + 4 * newer]

    # Times are compared only if a rule depends on them.
    return decide if present[:4] == present[4:] else decide_by_time


def make_indexed(decide: Decide) -> Decide:
    """Return the same decisions, except that a copy which the ETag index knows is unchanged."""

    def decide_indexed(source: Listed, dest: Listed | None) -> Decision:
        if type(dest) is KnownCopy and source.size == dest.size:
            return SAME_AS_INDEXED
        return decide(source, dest)

    return decide_indexed


def _first(table: tuple[Rule, ...], **facts: bool) -> Decision:
    for row in table:
        if all(getattr(row, name) in (ANY, value) for name, value in facts.items()):
            return row.decision
    raise AssertionError(f"the table has no row for {facts}")


def archived(source: Listed, policy: str) -> Decision | None:
    """Return the decision for an object that must be restored before it can be read; None for any other.

    policy: the option `archived`. GLACIER_IR can be read; a listing does not show Intelligent-Tiering's archive tiers.
    """
    if source.storage_class not in ARCHIVE_CLASSES or source.restored:
        return None
    return ARCHIVED_LEFT_OUT if policy == "skip" else ARCHIVED_REFUSED


def decide_by_facts(source: Facts, dest: Facts) -> Decision:
    """Decide for two objects of the same size whose ETags differ: by checksums, MD5s, or times of modification.

    An ETag is an MD5 of the content only without KMS. Between multipart objects it is comparable only for equal part
    layouts, which different `-N` suffixes exclude, and equal ones do not guarantee.
    """
    if source.size != dest.size:
        return SIZE_DIFFERS
    if source.etag == dest.etag:
        return SAME_ETAG
    if _same_kind_of_checksum(source, dest):
        return SAME_CHECKSUM if source.checksum == dest.checksum else CHECKSUM_DIFFERS
    if is_md5(source) and is_md5(dest):
        return ETAG_DIFFERS
    return decide_by_times(source, dest)


def decide_by_times(source: Facts | Listed, dest: Facts | Listed) -> Decision:
    """Decide for two objects of the same size by their times of modification alone."""
    if not is_newer(dest.modified, source.modified):
        return SOURCE_NEWER
    # A multipart source has the time at which its upload started: its content may be newer than the copy.
    if _in_parts(source.etag) and not is_later_by(dest.modified, source.modified, UPLOAD_S):
        return WITHIN_A_DAY
    return COPY_NEWER


def _same_kind_of_checksum(source: Facts, dest: Facts) -> bool:
    """Return True if both have a checksum of the whole content; a COMPOSITE one depends on the part layout."""
    first, second = source.checksum, dest.checksum
    if first is None or second is None or "COMPOSITE" in (first.kind, second.kind):
        return False
    return first.algorithm == second.algorithm


def _in_parts(etag: str) -> bool:
    """Return True if the ETag is that of an object uploaded in parts: it ends in `-N`."""
    _, dash, number = etag.rpartition("-")
    return dash != "" and number.isdigit()


def has_plain_etag(it: Facts | Listed) -> bool:
    """Return True if the ETag is an MD5, unless KMS encrypts the object."""
    return "-" not in it.etag and len(it.etag) == 32


def is_md5(facts: Facts) -> bool:
    """Return True if the ETag is an MD5 of the content."""
    return has_plain_etag(facts) and not facts.encryption.startswith("aws:kms")
