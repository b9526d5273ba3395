"""The permissions that a run needs, and why: one table, for the doctor's probes, the printed policies and the docs.

Sources: the S3 API reference's "Permissions" of each operation, the service authorization reference, and for KMS the
S3 User Guide ("Using server-side encryption with AWS KMS keys").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.access.examination import Party, Permission, Scope
from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.access_points import access_point
from s3_crosscopy.model.location import Location, parse_location
from s3_crosscopy.model.options import CopyOptions

UNKNOWN_KEY = "THE-KEY-ARN"
"""Placeholder in a resource for a KMS key that is not known."""


class RunNeeds(NamedTuple):
    """The facts of a run that decide which permissions it needs.

    two: True if the reader is another principal than the copier.
    source_key, dest_key: KMS key ARNs; "" without KMS, None if unknown.
    partition: The AWS partition of the ARNs (`aws`, `aws-cn`).
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
    """A condition of a rule; `text` is its wording in the docs, "" for always."""

    holds: Callable[[RunNeeds], bool]
    text: str


class PermissionRule(NamedTuple):
    """One rule of the table: the action, its party and scope, the condition and the purpose."""

    action: str
    party: Party
    place: Scope
    when: Condition
    why: str


def _keeps_tags(needs: RunNeeds) -> bool:
    return needs.options.tags == "keep"


def _of_version(needs: RunNeeds) -> bool:
    return needs.options.source_version_id is not None


def _reads_dest(needs: RunNeeds) -> bool:
    options = needs.options
    listed = options.verification == "listing" or options.extraneous in ("count", "delete")
    return listed or needs_destination(options.overwrite)


_ALWAYS = Condition(lambda _: True, "")
_NO_VERSION = Condition(lambda needs: not _of_version(needs), "unless source_version_id")
_VERSION = Condition(_of_version, "source_version_id")
_TAGS_KEPT = Condition(
    lambda needs: _keeps_tags(needs) and not _of_version(needs), 'tags="keep", unless source_version_id'
)
_VERSION_TAGS_KEPT = Condition(
    lambda needs: _keeps_tags(needs) and _of_version(needs), 'source_version_id and tags="keep"'
)
_TAGS_WRITTEN = Condition(lambda needs: needs.options.tags not in ("drop", {}), 'unless tags="drop"')
_ACL = Condition(lambda needs: needs.options.acl_policy is not None, "acl_policy")
_READS_DEST = Condition(
    _reads_dest, 'unless overwrite="always", verification="responses" and extraneous="report" or "keep"'
)
_SOURCE_KMS = Condition(lambda needs: bool(needs.source_key), "objects encrypted with KMS")
_DEST_KMS = Condition(lambda needs: bool(needs.dest_key), "copies encrypted with KMS")
_REPORT_AT_S3 = Condition(lambda needs: _location(needs.options.report) is not None, "report at S3")
_MANIFEST_AT_S3 = Condition(lambda needs: _location(needs.options.manifest) is not None, "manifest at S3")
_DELETES = Condition(lambda needs: needs.options.extraneous == "delete", 'extraneous="delete"')
_UNDOES = Condition(
    lambda needs: needs.options.extraneous == "delete" and not needs.options.permanent_delete,
    'extraneous="delete", unless permanent_delete',
)
_DELETES_WITH_REPORT = Condition(
    lambda needs: _DELETES.holds(needs) and _REPORT_AT_S3.holds(needs), 'extraneous="delete" and report at S3'
)
_INDEX_AT_S3 = Condition(lambda needs: _location(needs.options.etag_index) is not None, "etag_index at S3")

_READER, _COPIER = Party.READER, Party.COPIER
_COPIES, _HEADS = (
    "CopyObject and UploadPartCopy read the source",
    "HEAD: compares, and reads the properties of large objects",
)

PERMISSIONS: tuple[PermissionRule, ...] = (
    PermissionRule(
        "s3:ListBucket", _READER, Scope.SOURCE, _ALWAYS, "lists the source; without it S3 answers 403 for a missing key"
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
    PermissionRule("s3:ListBucket", _COPIER, Scope.DEST, _READS_DEST, "lists the destination, to skip what is there"),
    PermissionRule(
        "s3:GetObject", _COPIER, Scope.DEST, _READS_DEST, "HEAD: compares, and finds a copy whose response was lost"
    ),
    PermissionRule("s3:PutObject", _COPIER, Scope.DEST, _ALWAYS, "CopyObject and uploads write the copy"),
    PermissionRule("s3:PutObjectTagging", _COPIER, Scope.DEST, _TAGS_WRITTEN, "writes the copy's tags"),
    PermissionRule("s3:PutObjectAcl", _COPIER, Scope.DEST, _ACL, "sets the ACL of the copies"),
    PermissionRule(
        "s3:AbortMultipartUpload", _COPIER, Scope.DEST, _ALWAYS, "removes the parts of a large object that failed"
    ),
    PermissionRule("s3:ListMultipartUploadParts", _COPIER, Scope.DEST, _ALWAYS, "resumes the upload of a large object"),
    PermissionRule(
        "s3:ListBucketMultipartUploads", _COPIER, Scope.DEST, _ALWAYS, "finds an upload that could not be recorded"
    ),
    PermissionRule("kms:GenerateDataKey", _COPIER, Scope.DEST_KEY, _DEST_KMS, "encrypts the copies"),
    PermissionRule("kms:Decrypt", _COPIER, Scope.DEST_KEY, _DEST_KMS, "copies in parts, and HEAD with checksums"),
    PermissionRule("s3:DeleteObject", _COPIER, Scope.DEST, _DELETES, "deletes keys that the source does not have"),
    PermissionRule("s3:GetBucketVersioning", _COPIER, Scope.DEST, _DELETES, "finds out if deletes can be undone"),
    PermissionRule(
        "s3:ListBucketVersions", _COPIER, Scope.DEST, _UNDOES, "finds the delete marker of a delete without a response"
    ),
    PermissionRule(
        "s3:DeleteObjectVersion",
        _COPIER,
        Scope.DEST,
        _UNDOES,
        "optional: s3-crosscopy undelete removes delete markers; without it somebody else has to",
    ),
    PermissionRule("s3:GetObject", _COPIER, Scope.REPORT, _DELETES_WITH_REPORT, "a retry reads which keys were judged"),
    PermissionRule("s3:PutObject", _COPIER, Scope.REPORT, _REPORT_AT_S3, "writes the report"),
    PermissionRule("s3:GetObject", _READER, Scope.MANIFEST, _MANIFEST_AT_S3, "reads the manifest"),
    PermissionRule("s3:PutObject", _COPIER, Scope.INDEX, _INDEX_AT_S3, "writes the ETag index"),
    PermissionRule("s3:GetObject", _COPIER, Scope.INDEX, _INDEX_AT_S3, "reads the ETag index"),
    PermissionRule(
        "s3:ListBucket",
        _COPIER,
        Scope.INDEX,
        _INDEX_AT_S3,
        "optional: a first run finds that there is no ETag index yet; without it S3 answers 403, and the run warns",
    ),
    PermissionRule(
        "s3:DeleteObject",
        _COPIER,
        Scope.INDEX,
        _INDEX_AT_S3,
        "optional: removes the files of former ETag indexes; without it they stay",
    ),
)
"""The reader's rules apply to the copier where there is no separate reader."""

OF_BUCKET = frozenset(
    {"s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetBucketVersioning", "s3:ListBucketVersions"}
)


def needed(needs: RunNeeds) -> tuple[Permission, ...]:
    """The permissions that a run needs, each once, in the table's order."""
    by_key: dict[tuple[str, Party, Scope], Permission] = {}
    for rule in PERMISSIONS:
        if not rule.when.holds(needs):
            continue
        party = rule.party if needs.two else Party.COPIER
        key = (rule.action, party, rule.place)
        other = by_key.get(key)
        # One principal has both purposes; the copier's own is in front.
        why = rule.why if other is None else f"{rule.why}; {other.why}"
        by_key[key] = Permission(rule.action, party, rule.place, _resource(rule, needs), why)
    return tuple(by_key.values())


def _resource(rule: PermissionRule, needs: RunNeeds) -> str:
    if rule.place is Scope.SOURCE_KEY:
        return needs.source_key or UNKNOWN_KEY
    if rule.place is Scope.DEST_KEY:
        return needs.dest_key or UNKNOWN_KEY
    bucket, keys = _bucket_and_keys(rule.place, needs)
    point = access_point(bucket)
    if point is not None:
        return point.arn if rule.action in OF_BUCKET else f"{point.arn}/object/{keys}"
    arn = f"arn:{needs.partition}:s3:::{bucket}"
    return arn if rule.action in OF_BUCKET else f"{arn}/{keys}"


def _bucket_and_keys(place: Scope, needs: RunNeeds) -> tuple[str, str]:
    """The bucket, and its keys as a policy's resource names them."""
    spec = needs.spec
    if place is Scope.SOURCE:
        return spec.source.name, _keys(spec.source_prefix, whole=spec.single)
    if place is Scope.DEST:
        return spec.dest.name, _keys(spec.dest_prefix, whole=spec.single)
    options = needs.options
    places = {Scope.REPORT: options.report, Scope.MANIFEST: options.manifest, Scope.INDEX: options.etag_index}
    location = _location(places[place])
    assert location is not None, "the rule's condition requires a location"
    whole = place is Scope.MANIFEST and not location.key.endswith("/")
    prefix = location.key if whole or not location.key or location.key.endswith("/") else f"{location.key}/"
    return location.bucket, _keys(prefix, whole=whole)


def _location(text: str | None) -> Location | None:
    return parse_location(text, "report") if text is not None and text.startswith("s3://") else None


def _keys(prefix: str, *, whole: bool) -> str:
    """A key or prefix as part of a resource, with `*`, `?` and `$` escaped (IAM User Guide, "Resource")."""
    escaped = "".join(f"${{{char}}}" if char in "*?$" else char for char in prefix)
    return escaped if whole else f"{escaped}*"
