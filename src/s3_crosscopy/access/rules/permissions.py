"""Which grants a run needs, and why: one table. The doctor probes them, the policies grant them, the docs list them.

Sources: the S3 API reference's "Permissions" of each operation, the service authorization reference, and for KMS the
S3 User Guide ("Using server-side encryption with AWS KMS keys").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.access.examination import Party, Permission, Scope
from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.location import Location, parse_location
from s3_crosscopy.model.options import CopyOptions

UNKNOWN_KEY = "THE-KEY-ARN"
"""Stands in a resource for a key that nobody could name."""


class RunNeeds(NamedTuple):
    """What decides about the grants. `source_key` and `dest_key` are key ARNs, "" for no KMS, None for unknown.

    `two`: the reader is another principal than the copier. `partition` is that of the ARNs (`aws`, `aws-cn`).
    """

    spec: CopySpec
    two: bool
    source_key: str | None = None
    dest_key: str | None = None
    partition: str = "aws"

    @property
    def options(self) -> CopyOptions:
        """The run's options."""
        return self.spec.options


class Condition(NamedTuple):
    """A condition: what it asks of a run, and in words for the docs, "" for always."""

    holds: Callable[[RunNeeds], bool]
    text: str


class PermissionRule(NamedTuple):
    """One rule of the table: the action, for whom, on what, when, and why."""

    action: str
    party: Party
    place: Scope
    when: Condition
    why: str


def _keeps_tags(need: RunNeeds) -> bool:
    return need.options.tags == "keep"


def _of_version(need: RunNeeds) -> bool:
    return need.options.source_version_id is not None


def _looks_there(need: RunNeeds) -> bool:
    return needs_destination(need.options.overwrite) or need.options.verification == "listing"


_ALWAYS = Condition(lambda _: True, "")
_NO_VERSION = Condition(lambda need: not _of_version(need), "unless source_version_id")
_VERSION = Condition(_of_version, "source_version_id")
_TAGS_KEPT = Condition(
    lambda need: _keeps_tags(need) and not _of_version(need), 'tags="keep", unless source_version_id'
)
_VERSION_TAGS_KEPT = Condition(
    lambda need: _keeps_tags(need) and _of_version(need), 'source_version_id and tags="keep"'
)
_TAGS_WRITTEN = Condition(lambda need: need.options.tags not in ("drop", {}), 'unless tags="drop"')
_ACL = Condition(lambda need: need.options.acl_policy is not None, "acl_policy")
_LOOKS_THERE = Condition(_looks_there, 'unless overwrite="always" and verification="responses"')
_SOURCE_KMS = Condition(lambda need: bool(need.source_key), "objects encrypted with KMS")
_DEST_KMS = Condition(lambda need: bool(need.dest_key), "copies encrypted with KMS")
_REPORT_AT_S3 = Condition(lambda need: _location(need.options.report) is not None, "report at S3")
_MANIFEST_AT_S3 = Condition(lambda need: _location(need.options.manifest) is not None, "manifest at S3")

_READER, _COPIER = Party.READER, Party.COPIER
_COPIES, _HEADS = (
    "CopyObject and UploadPartCopy read the source",
    "HEAD: compares, and tells the facts of large objects",
)

PERMISSIONS: tuple[PermissionRule, ...] = (
    PermissionRule(
        "s3:ListBucket", _READER, Scope.SOURCE, _ALWAYS, "lists the source; without it a missing key answers 403"
    ),
    PermissionRule("s3:GetObject", _READER, Scope.SOURCE, _NO_VERSION, _HEADS),
    PermissionRule("s3:GetObjectVersion", _READER, Scope.SOURCE, _VERSION, _HEADS),
    PermissionRule("s3:GetObjectTagging", _READER, Scope.SOURCE, _TAGS_KEPT, "reads the tags of large objects"),
    PermissionRule(
        "s3:GetObjectVersionTagging", _READER, Scope.SOURCE, _VERSION_TAGS_KEPT, "reads the tags of large objects"
    ),
    PermissionRule("kms:Decrypt", _READER, Scope.SOURCE_KEY, _SOURCE_KMS, "HEAD with checksums of encrypted objects"),
    PermissionRule("s3:GetObject", _COPIER, Scope.SOURCE, _NO_VERSION, _COPIES),
    PermissionRule("s3:GetObjectVersion", _COPIER, Scope.SOURCE, _VERSION, _COPIES),
    PermissionRule("s3:GetObjectTagging", _COPIER, Scope.SOURCE, _TAGS_KEPT, "CopyObject copies the tags"),
    PermissionRule(
        "s3:GetObjectVersionTagging", _COPIER, Scope.SOURCE, _VERSION_TAGS_KEPT, "CopyObject copies the tags"
    ),
    PermissionRule("kms:Decrypt", _COPIER, Scope.SOURCE_KEY, _SOURCE_KMS, "reads encrypted objects"),
    PermissionRule("s3:ListBucket", _COPIER, Scope.DEST, _LOOKS_THERE, "lists the destination, to skip what is there"),
    PermissionRule(
        "s3:GetObject", _COPIER, Scope.DEST, _LOOKS_THERE, "HEAD: compares, and finds a copy whose answer was lost"
    ),
    PermissionRule("s3:PutObject", _COPIER, Scope.DEST, _ALWAYS, "CopyObject and uploads write the copy"),
    PermissionRule("s3:PutObjectTagging", _COPIER, Scope.DEST, _TAGS_WRITTEN, "writes the copy's tags"),
    PermissionRule("s3:PutObjectAcl", _COPIER, Scope.DEST, _ACL, "acl_policy"),
    PermissionRule(
        "s3:AbortMultipartUpload", _COPIER, Scope.DEST, _ALWAYS, "clears up after a large object that failed"
    ),
    PermissionRule(
        "s3:ListMultipartUploadParts", _COPIER, Scope.DEST, _ALWAYS, "goes on with the upload of a large object"
    ),
    PermissionRule(
        "s3:ListBucketMultipartUploads", _COPIER, Scope.DEST, _ALWAYS, "finds an upload that could not be recorded"
    ),
    PermissionRule("kms:GenerateDataKey", _COPIER, Scope.DEST_KEY, _DEST_KMS, "encrypts the copies"),
    PermissionRule("kms:Decrypt", _COPIER, Scope.DEST_KEY, _DEST_KMS, "copies in parts, and HEAD with checksums"),
    PermissionRule("s3:PutObject", _COPIER, Scope.REPORT, _REPORT_AT_S3, "writes the report"),
    PermissionRule("s3:GetObject", _READER, Scope.MANIFEST, _MANIFEST_AT_S3, "reads the manifest"),
)
"""The reader's rows are the copier's where there is no other reader."""

_OF_BUCKET = frozenset({"s3:ListBucket", "s3:ListBucketMultipartUploads"})


def needed(need: RunNeeds) -> tuple[Permission, ...]:
    """The grants of a run, each once, in the table's order."""
    found: dict[tuple[str, Party, Scope], Permission] = {}
    for row in PERMISSIONS:
        if not row.when.holds(need):
            continue
        party = row.party if need.two else Party.COPIER
        same = (row.action, party, row.place)
        before = found.get(same)
        # For one principal both reasons count; the copier's own is the weightier one.
        why = row.why if before is None else f"{row.why}; {before.why}"
        found[same] = Permission(row.action, party, row.place, _resource(row, need), why)
    return tuple(found.values())


def _resource(row: PermissionRule, need: RunNeeds) -> str:
    if row.place is Scope.SOURCE_KEY:
        return need.source_key or UNKNOWN_KEY
    if row.place is Scope.DEST_KEY:
        return need.dest_key or UNKNOWN_KEY
    bucket, keys = _where(row.place, need)
    arn = f"arn:{need.partition}:s3:::{bucket}"
    return arn if row.action in _OF_BUCKET else f"{arn}/{keys}"


def _where(place: Scope, need: RunNeeds) -> tuple[str, str]:
    """The bucket, and the keys in it as a resource names them."""
    spec = need.spec
    if place is Scope.SOURCE:
        return spec.source.name, _keys(spec.source_prefix, whole=spec.single)
    if place is Scope.DEST:
        return spec.dest.name, _keys(spec.dest_prefix, whole=spec.single)
    location = _location(need.options.report if place is Scope.REPORT else need.options.manifest)
    assert location is not None, "the row's condition asked for it"
    whole = place is Scope.MANIFEST and not location.key.endswith("/")
    prefix = location.key if whole or not location.key or location.key.endswith("/") else f"{location.key}/"
    return location.bucket, _keys(prefix, whole=whole)


def _location(text: str | None) -> Location | None:
    return parse_location(text, "report") if text is not None and text.startswith("s3://") else None


def _keys(prefix: str, *, whole: bool) -> str:
    """A key or a prefix in a resource, where `*`, `?` and `$` mean something else (IAM User Guide, "Resource")."""
    escaped = "".join(f"${{{char}}}" if char in "*?$" else char for char in prefix)
    return escaped if whole else f"{escaped}*"
