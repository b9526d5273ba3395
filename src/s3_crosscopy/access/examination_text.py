"""Formats an examination as plain text: for log files, terminals without colours, and exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s3_crosscopy.access.examination import BucketSettings, Examination, Finding, FindingStatus, Policy, Principal
from s3_crosscopy.access.rules.next_steps import next_steps
from s3_crosscopy.access.rules.policies import how_to_attach, to_json
from s3_crosscopy.core.timestamps import to_second

NEXT_STEPS = "next:"
SUGGESTED_POLICIES = "suggested policies:"
UNKNOWN = "unknown"
MARKS = {
    FindingStatus.HOLDS: "holds",
    FindingStatus.MISSING: "MISSING",
    FindingStatus.INFERRED: "inferred",
    FindingStatus.UNKNOWN: "not probed",
}
"""Marks for text without colours; MISSING is in upper case to be noticed."""


def examination_text(examination: Examination, *, only_missing: bool = False) -> str:
    """The whole examination. `only_missing` leaves out the permissions that are not in question."""
    return "\n".join(_lines(examination, only_missing))


def verdict(examination: Examination) -> str:
    """One line that says what is wrong."""
    if examination.problems:
        return examination.problems[0]
    if not examination.missing:
        return "no permission is known to be missing"
    first, others = examination.missing[0].permission, len(examination.missing) - 1
    line = f"the {first.party.value} is missing permission {first.action} at the {first.place.value} ({first.resource})"
    return (
        f"{line}, and {others} more {'permission is' if others == 1 else 'permissions are'} missing" if others else line
    )


def principal_text(principal: Principal) -> str:
    """A principal on one line."""
    details = [f"account {principal.account or UNKNOWN}"]
    if principal.expires:
        details.append(f"until {to_second(principal.expires)}Z")
    if principal.chained:
        details.append("a chained role")
    return f"{principal.shown}, {', '.join(details)}"


def bucket_text(bucket: BucketSettings) -> str:
    """The settings of a bucket on one line."""
    key = f" with {bucket.kms_key or 'aws/s3'}" if (bucket.encryption or "").startswith("aws:kms") else ""
    settings = (
        ("owner", bucket.owner),
        ("Region", bucket.region),
        ("ownership", bucket.ownership),
        ("encryption", bucket.encryption and f"{bucket.encryption}{key}"),
        ("versioning", bucket.versioning),
        ("Object Lock", bucket.object_lock),
        ("payer", bucket.payer),
    )
    return f"s3://{bucket.name}: " + ", ".join(f"{name} {value or UNKNOWN}" for name, value in settings)


def policies_text(policies: Iterable[Policy]) -> Iterator[str]:
    """Policies with what to attach each to, ready to be pasted, line by line."""
    for policy in policies:
        yield f"{policy.place}: {how_to_attach(policy)}"
        yield from to_json(policy.document).splitlines()


def _lines(examination: Examination, only_missing: bool) -> Iterator[str]:
    if examination.denied:
        yield examination.denied
    yield verdict(examination)
    for principal in examination.principals:
        yield f"  {principal.party.value + ':':<8} {principal_text(principal)}"
    for bucket in examination.buckets:
        yield f"  {bucket_text(bucket)}"
    yield from _permissions(_in_question(examination) if only_missing else examination.findings)
    yield from _listed("problems:", examination.problems)
    yield from _listed("pitfalls:", examination.pitfalls)
    yield from _listed(NEXT_STEPS, next_steps(examination))
    if examination.policies:
        yield SUGGESTED_POLICIES
        yield from policies_text(examination.policies)


def _in_question(examination: Examination) -> tuple[Finding, ...]:
    """The missing permissions; if there are none, those that are not known to hold."""
    return examination.missing or tuple(
        finding for finding in examination.findings if finding.status is not FindingStatus.HOLDS
    )


def _permissions(findings: tuple[Finding, ...]) -> Iterator[str]:
    if not findings:
        return
    yield "permissions:"
    for finding in findings:
        permission = finding.permission
        how = f"{finding.how}; {finding.denied_by}" if finding.denied_by else finding.how
        subject = f"{permission.party.value} {permission.action} on {permission.resource}"
        yield f"  {MARKS[finding.status]:<10} {subject}: {how}"


def _listed(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  {line}" for line in lines)
