"""Access: who signs, what buckets say of themselves, which grants a run needs, and what was found out about each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple


class Party(str, Enum):
    """Which of the two principals: the copier signs every copy, the reader only lists, HEADs and reads tags."""

    COPIER = "copier"
    READER = "reader"


class Scope(str, Enum):
    """What a grant is for."""

    SOURCE = "source bucket"
    DEST = "destination bucket"
    SOURCE_KEY = "source KMS key"
    DEST_KEY = "destination KMS key"
    REPORT = "report's bucket"
    MANIFEST = "manifest's bucket"


class Principal(NamedTuple):
    """One party, as far as it is known; None is unknown, never a guess.

    `arn` is what STS calls the caller (a session of a role, often), `role_arn` what a policy has to name: the role or
    the user itself. `expires` is in the form of `Listed.modified`, "" for credentials without an end. `chained`: the
    role was assumed with another role's session, which ends after an hour. `problem` says in one line why the
    credentials do not work, "" if they do; `refused` is who may not assume which role, both ARNs, where STS said that.
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
        """For a human: the ARN, and what the user knows the principal by."""
        return " ".join(filter(None, (self.arn or self.role_arn, f"({self.label})" if self.label else ""))) or "unknown"


class BucketSettings(NamedTuple):
    """What a bucket says of itself; None is unknown: it may not be read. `problem`: why it cannot be used at all.

    `partition` is the AWS partition of its Region (`aws-cn`). `ownership` is S3's name of the setting
    (`BucketOwnerEnforced`), `encryption` that of the default algorithm (`AES256`, `aws:kms`), `kms_key` its key as
    configured: an id, alias or ARN, "" for the AWS-managed one. `object_lock` is "off", "on", or the default retention
    (`GOVERNANCE 30 days`); `versioning` "off" or S3's word; `payer` is `BucketOwner` or `Requester`.
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
    """A source object that probes may ask about: the one that was denied, or one that a listing named.

    `size` and `kms_key` (an ARN, "" without KMS) are None as long as nobody may read them. `dest_key` is where the
    object would go, `there` whether the destination's listing has it.
    """

    key: str
    dest_key: str
    size: int | None = None
    kms_key: str | None = None
    there: bool | None = None


class Permission(NamedTuple):
    """One action that one party must be allowed. `resource` is the ARN that a policy names, `why` what it is for."""

    action: str
    party: Party
    place: Scope
    resource: str
    why: str


class FindingStatus(str, Enum):
    """What is known of a grant. `INFERRED`: it most likely holds, by an answer that needed it or something like it."""

    HOLDS = "holds"
    MISSING = "missing"
    INFERRED = "inferred"
    UNKNOWN = "cannot be probed"


class Finding(NamedTuple):
    """A grant, what is known of it, and how that was found out, in one line.

    `denied_by` says what an enhanced denial of S3 blamed ("an explicit deny in a resource-based policy"), else "".
    """

    permission: Permission
    status: FindingStatus
    how: str
    denied_by: str = ""


class Policy(NamedTuple):
    """One policy document, to be pasted. `place` says which policy it is, `attach_to` the ARN or name it belongs to."""

    place: str
    attach_to: str
    document: Mapping[str, Any]


class Examination(NamedTuple):
    """Everything the doctor found. `denied` is the call that was denied, if one was; `problems` are one line each.

    `reached`: both buckets were; what is wrong otherwise may pass.
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
        """The grants that are known to be missing."""
        return tuple(one for one in self.findings if one.status is FindingStatus.MISSING)

    @property
    def ok(self) -> bool:
        """Whether nothing is known to be wrong: an unknown is not."""
        return not self.missing and not self.problems

    def as_dict(self) -> dict[str, Any]:
        """JSON, for `--json`."""
        return {
            "ok": self.ok,
            "reached": self.reached,
            "source": self.source,
            "dest": self.dest,
            "denied": self.denied,
            "sample": self.sample,
            "principals": [one._asdict() for one in self.principals],
            "buckets": [one._asdict() for one in self.buckets],
            "grants": [
                {**one.permission._asdict(), "status": one.status.value, "how": one.how, "denied_by": one.denied_by}
                for one in self.findings
            ],
            "problems": list(self.problems),
            "traps": list(self.pitfalls),
            "policies": [one._asdict() for one in self.policies],
        }
