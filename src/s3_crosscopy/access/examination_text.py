"""An examination as text: for a log file, a terminal without colours, and the one exception that carries it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s3_crosscopy.access.examination import BucketSettings, Examination, Finding, FindingStatus, Policy, Principal
from s3_crosscopy.access.rules.policies import how_to_attach, to_json

SUGGESTED_POLICIES = "suggested policies:"
UNKNOWN = "unknown"
MARKS = {
    FindingStatus.HOLDS: "holds",
    FindingStatus.MISSING: "MISSING",
    FindingStatus.INFERRED: "inferred",
    FindingStatus.UNKNOWN: "not probed",
}
"""A log has no colours: what is missing is written so that the eye finds it."""


def examination_text(found: Examination, *, only_missing: bool = False) -> str:
    """Everything that was found. `only_missing` leaves out the grants that are not in question."""
    return "\n".join(_lines(found, only_missing))


def verdict(found: Examination) -> str:
    """What is wrong, in one line."""
    if found.problems:
        return found.problems[0]
    if not found.missing:
        return "no grant is known to be missing"
    first, more = found.missing[0].permission, len(found.missing) - 1
    line = f"the {first.party.value} lacks {first.action} at the {first.place.value} ({first.resource})"
    return f"{line}, and {more} more {'permission is' if more == 1 else 'permissions are'} missing" if more else line


def principal_text(one: Principal) -> str:
    """A party on one line."""
    more = [f"account {one.account or UNKNOWN}"]
    if one.expires:
        more.append(f"until {one.expires[:19]}Z")
    if one.chained:
        more.append("a chained role")
    return f"{one.shown}, {', '.join(more)}"


def bucket_text(one: BucketSettings) -> str:
    """What a bucket says of itself, on one line."""
    key = f" with {one.kms_key or 'aws/s3'}" if (one.encryption or "").startswith("aws:kms") else ""
    said = (
        ("owner", one.owner),
        ("Region", one.region),
        ("ownership", one.ownership),
        ("encryption", one.encryption and f"{one.encryption}{key}"),
        ("versioning", one.versioning),
        ("Object Lock", one.object_lock),
        ("payer", one.payer),
    )
    return f"s3://{one.name}: " + ", ".join(f"{name} {value or UNKNOWN}" for name, value in said)


def policies_text(policies: Iterable[Policy]) -> Iterator[str]:
    """Policies with where they belong, ready to be pasted, line by line."""
    for policy in policies:
        yield f"{policy.place}: {how_to_attach(policy)}"
        yield from to_json(policy.document).splitlines()


def _lines(found: Examination, only_missing: bool) -> Iterator[str]:
    if found.denied:
        yield found.denied
    yield verdict(found)
    for principal in found.principals:
        yield f"  {principal.party.value + ':':<8} {principal_text(principal)}"
    for bucket in found.buckets:
        yield f"  {bucket_text(bucket)}"
    yield from _grants(_in_question(found) if only_missing else found.findings)
    yield from _listed("problems:", found.problems)
    yield from _listed("traps:", found.pitfalls)
    if found.policies:
        yield SUGGESTED_POLICIES
        yield from policies_text(found.policies)


def _in_question(found: Examination) -> tuple[Finding, ...]:
    """What is missing or, where nothing is known to be, what might."""
    return found.missing or tuple(one for one in found.findings if one.status is not FindingStatus.HOLDS)


def _grants(findings: tuple[Finding, ...]) -> Iterator[str]:
    if not findings:
        return
    yield "grants:"
    for one in findings:
        permission = one.permission
        how = f"{one.how}; {one.denied_by}" if one.denied_by else one.how
        yield f"  {MARKS[one.status]:<10} {permission.party.value} {permission.action} on {permission.resource}: {how}"


def _listed(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  {line}" for line in lines)
