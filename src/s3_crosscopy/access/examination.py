"""Values of the doctor: principals, bucket settings, permissions, and what was found out about each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple


class Party(str, Enum):
    """One of the two principals: the copier signs every copy, the reader only lists, HEADs and reads tags."""

    COPIER = "copier"
    READER = "reader"


class Scope(str, Enum):
    """The bucket or KMS key that a permission is for."""

    SOURCE = "source bucket"
    DEST = "destination bucket"
    SOURCE_KEY = "source KMS key"
    DEST_KEY = "destination KMS key"
    REPORT = "report's bucket"
    MANIFEST = "manifest's bucket"
    INDEX = "ETag index's bucket"


class Principal(NamedTuple):
    """The known facts of one party. None means unknown, never a guess.

    label: The profile or connection by which the user knows the principal.
    arn: The caller's ARN by STS, often that of a role's session.
    role_arn: The ARN that a policy has to name: that of the role or user itself.
    account: The account id.
    expires: The end of the credentials, in the form of `Listed.modified`; "" for credentials without an end.
    chained: True if the role was assumed with the session of another role. Such a session ends after an hour.
    problem: One line that says why the credentials do not work; "" if they do.
    refused: The ARNs of a caller and of a role that it may not assume, where STS reported that.
    """

    party: Party
    label: str = ""
    arn: str | None = None
    role_arn: str | None = None
    account: str | None = None
    expires: str | None = None
    chained: bool | None = None
    problem: str = ""
    refused: tuple[str, str] | None = None

    @property
    def shown(self) -> str:
        """The ARN and the label, for people."""
        return f"{self.arn or self.role_arn or 'unknown'}{f' ({self.label})' if self.label else ''}"


class BucketSettings(NamedTuple):
    """The settings of a bucket. None means unknown: the setting could not be read.

    owner: The account id of the owner.
    partition: The AWS partition of the bucket's Region (`aws-cn`).
    ownership: S3's name of the Object Ownership setting (`BucketOwnerEnforced`).
    encryption: S3's name of the default algorithm (`AES256`, `aws:kms`).
    kms_key: The default key as configured: an id, alias or ARN; "" for aws/s3.
    versioning: "off", or S3's status (`Enabled`, `Suspended`).
    object_lock: "off", "on", or the default retention (`GOVERNANCE 30 days`).
    payer: `BucketOwner` or `Requester`.
    problem: One line that says why the bucket cannot be used at all; "" if it can.
    """

    place: Scope
    name: str
    owner: str | None = None
    region: str | None = None
    partition: str | None = None
    ownership: str | None = None
    encryption: str | None = None
    kms_key: str | None = None
    versioning: str | None = None
    object_lock: str | None = None
    payer: str | None = None
    problem: str = ""


class Sample(NamedTuple):
    """A source object to probe: the one that was denied, or one from a listing.

    dest_key: The key of its copy.
    size: In bytes; None if nobody may read it.
    kms_key: The ARN of its KMS key; "" without KMS, None if nobody may read it.
    there: True if the destination's listing has `dest_key`; None if unknown.
    """

    key: str
    dest_key: str
    size: int | None = None
    kms_key: str | None = None
    there: bool | None = None


class Permission(NamedTuple):
    """One action that one party needs. `resource` is the ARN that a policy names, `why` the purpose."""

    action: str
    party: Party
    place: Scope
    resource: str
    why: str


class FindingStatus(str, Enum):
    """The state of a permission. `INFERRED`: it most likely holds, by a response that needs it or a similar one."""

    HOLDS = "holds"
    MISSING = "missing"
    INFERRED = "inferred"
    UNKNOWN = "cannot be probed"


class Finding(NamedTuple):
    """A permission, what is known of it, and how that was found out, in one line.

    `denied_by` is the cause in S3's message ("an explicit deny in a resource-based policy"); "" if it names none.
    """

    permission: Permission
    status: FindingStatus
    how: str
    denied_by: str = ""


class Policy(NamedTuple):
    """A policy document to paste. `place` says which policy it is, `attach_to` is its principal, bucket or key."""

    place: str
    attach_to: str
    document: Mapping[str, Any]


class Examination(NamedTuple):
    """Everything that the doctor found. Pitfalls and problems are one line each.

    denied: The request that failed with access denied and led here; "" if none did.
    sample: The source key that was probed; "" for none.
    reached: True if both buckets were reached. If not, what is wrong may be transient.
    """

    source: str
    dest: str
    principals: tuple[Principal, ...]
    buckets: tuple[BucketSettings, ...]
    findings: tuple[Finding, ...]
    pitfalls: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()
    problems: tuple[str, ...] = ()
    denied: str = ""
    sample: str = ""
    reached: bool = True

    @property
    def missing(self) -> tuple[Finding, ...]:
        """The permissions that are known to be missing."""
        return tuple(finding for finding in self.findings if finding.status is FindingStatus.MISSING)

    @property
    def ok(self) -> bool:
        """True if nothing is known to be missing or wrong. What is unknown does not count."""
        return not self.missing and not self.problems

    def as_dict(self) -> dict[str, Any]:
        """The value of `--json`. `grants` and `traps` are the names of `permissions` and `pitfalls` until 1.0."""
        permissions = [
            {
                **finding.permission._asdict(),
                "status": finding.status.value,
                "how": finding.how,
                "denied_by": finding.denied_by,
            }
            for finding in self.findings
        ]
        return {
            "ok": self.ok,
            "reached": self.reached,
            "source": self.source,
            "dest": self.dest,
            "denied": self.denied,
            "sample": self.sample,
            "principals": [principal._asdict() for principal in self.principals],
            "buckets": [bucket._asdict() for bucket in self.buckets],
            "permissions": permissions,
            "grants": permissions,
            "problems": list(self.problems),
            "pitfalls": list(self.pitfalls),
            "traps": list(self.pitfalls),
            "policies": [policy._asdict() for policy in self.policies],
        }
