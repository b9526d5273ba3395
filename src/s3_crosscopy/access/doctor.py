"""`examine()`: who signs, what the buckets say of themselves, which grants hold, and the policies that mend the rest.

Asks, and puts together what the pure parts make of the answers. Writes nothing unless told to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from s3_crosscopy.access.examination import (
    BucketSettings,
    Examination,
    Finding,
    FindingStatus,
    Party,
    Principal,
    Sample,
    Scope,
)
from s3_crosscopy.access.rules.arns import account_of, partition_of, path_remark, role_arn_of
from s3_crosscopy.access.rules.assume_role import policies_to_assume
from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.access.rules.permissions import RunNeeds, needed
from s3_crosscopy.access.rules.pitfalls import PitfallContext, pitfalls
from s3_crosscopy.access.rules.policies import additions, policies, remarks
from s3_crosscopy.access.rules.policy_context import PolicyContext, expected_elsewhere
from s3_crosscopy.access.rules.policy_types import advice, is_mended
from s3_crosscopy.access.rules.probe_verdict import not_reached
from s3_crosscopy.adapters.boto.service_check import check_services
from s3_crosscopy.core.source_hints import place_to_look, what_was_meant
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import S3Error

if TYPE_CHECKING:
    from s3_crosscopy.access.probes.probe_clients import ProbeClients
    from s3_crosscopy.adapters.boto.clients import S3Clients


def examine(
    spec: CopySpec,
    copier: S3Clients,
    reader: S3Clients | None = None,
    *,
    denied: S3Error | None = None,
    key: str | None = None,
    write: bool = False,
    arns: Mapping[Party, str | None] | None = None,
) -> Examination:
    """Examine the access of a planned copy. Never raises an S3Error: a denial is an answer.

    Raises InvalidInput where the two principals are at two S3 services: nothing could be copied between them.

    `denied` is the request that led here, if one did. `key` is the source object to ask about (by default the one that
    was denied, or the first that a listing names). `write` also writes one small object and one upload below the
    destination, and removes both. `arns` say who the principals are where STS does not tell.
    """
    from s3_crosscopy.access.probes.bucket_settings import bucket_facts
    from s3_crosscopy.access.probes.probe_clients import ProbeClients
    from s3_crosscopy.access.probes.probe_table import ProbeResults, probe
    from s3_crosscopy.access.probes.sample import find_sample
    from s3_crosscopy.adapters.boto.partitions import dns_suffix_of

    check_services(copier, reader)
    callers = ProbeClients(copier, reader)
    principals = _principals(copier, reader, arns or {})
    owners = [one.account for one in principals if one.account is not None]
    source = bucket_facts(callers, Scope.SOURCE, spec.source, owners)
    dest = bucket_facts(callers, Scope.DEST, spec.dest, owners)
    sample = find_sample(callers, spec, key or _denied_key(spec, denied))
    need = RunNeeds(
        spec,
        reader is not None,
        source_key=_source_key(source, sample),
        dest_key=_dest_key(spec, dest),
        partition=_partition(principals[0], source, dest),
    )
    broken = [*filter(None, (*(one.problem for one in principals), source.problem, dest.problem))]
    probed = ProbeResults(()) if broken else probe(needed(need), spec, callers, sample, write=write, dest=dest)
    lacking = [one for one in probed.findings if one.status is FindingStatus.MISSING]
    forbidden = [one for one in lacking if not is_mended(one.denied_by)]
    unreached = {} if broken else _unreached(callers, spec)
    buckets = (source, dest, *expected_elsewhere(spec))
    policy_context = PolicyContext(principals, buckets, need.partition, dns_suffix=dns_suffix_of(need.partition))
    mends = (
        *(policy for one in principals if one.refused for policy in policies_to_assume(*one.refused)),
        *additions(policies([one.permission for one in lacking if one not in forbidden], policy_context)),
    )
    return Examination(
        source=spec.source_url,
        dest=spec.dest_url,
        principals=principals,
        buckets=(source, dest),
        findings=probed.findings,
        pitfalls=(
            *pitfalls(PitfallContext(spec.options, principals[0], source, dest, sample)),
            *probed.notes,
            *(_remarks(principals, (copier, reader), arns or {}) if mends else ()),
            *remarks(mends, policy_context, single=spec.single),
        ),
        policies=mends,
        problems=(
            *broken,
            *not_reached(unreached, len({spec.source.name, spec.dest.name})),
            *probed.problems,
            *map(_no_allow_helps, forbidden),
            *_misspelt(spec, callers),
        ),
        reached=not unreached,
        denied=_denied_text(denied) if denied is not None else "",
        sample=sample.key if sample is not None else "",
    )


def _principals(copier: S3Clients, reader: S3Clients | None, arns: Mapping[Party, str | None]) -> tuple[Principal, ...]:
    """Both parties; an ARN that was given stands where STS does not tell."""
    from s3_crosscopy.access.probes.caller_identity import identify

    found: list[Principal] = []
    for party, access in ((Party.COPIER, copier), (Party.READER, reader)):
        if access is None:
            continue
        one = identify(access, party)
        if (given := arns.get(party)) is not None:
            one = one._replace(role_arn=role_arn_of(given), account=one.account or account_of(given))
        found.append(one)
    return tuple(found)


def _partition(copier: Principal, *buckets: BucketSettings) -> str:
    """By what STS calls the copier, else by where the buckets are."""
    if copier.role_arn is not None:
        return partition_of(copier.role_arn)
    return next((one.partition for one in buckets if one.partition is not None), "aws")


def _unreached(callers: ProbeClients, spec: CopySpec) -> dict[str, S3Error]:
    """The buckets of which nothing was heard, and why."""
    asked = {name: callers.unreached(name) for name in (spec.source.name, spec.dest.name)}
    return {name: error for name, error in asked.items() if error is not None}


def _remarks(
    principals: Sequence[Principal], by: Sequence[S3Clients | None], arns: Mapping[Party, str | None]
) -> Iterator[str]:
    """Remarks on a role's ARN that only its session told."""
    for one, access in zip(principals, by, strict=False):
        known = access is not None and access.role_arn is not None
        if one.arn is not None and one.role_arn is not None and not known and arns.get(one.party) is None:
            yield from filter(None, [path_remark(one.arn, one.role_arn)])


def _misspelt(spec: CopySpec, callers: ProbeClients) -> Iterator[str]:
    """The line for a source that is known not to be there, where it is likely what was meant."""
    from s3_crosscopy.access.probes.sample import is_absent, list_below

    place = place_to_look(spec)
    if place is not None and is_absent(callers, spec):
        yield from filter(None, [what_was_meant(spec, found=list_below(callers, spec, place))])


def _denied_text(denied: S3Error) -> str:
    why = cause(denied)
    more = f": {why}" if why != f"{denied.call} is denied" else ""
    request = f" (request id {denied.request_id})" if denied.request_id else ""
    return f"{denied.call} was denied for s3://{denied.bucket}/{denied.key}{more}{request}"


def _denied_key(spec: CopySpec, denied: S3Error | None) -> str | None:
    """The source key of a denied request, if it was about one object."""
    if denied is None or denied.call == "ListObjectsV2":
        return None
    if denied.bucket == spec.source.name and denied.key.startswith(spec.source_prefix):
        return denied.key or None
    if denied.bucket == spec.dest.name and denied.key.startswith(spec.dest_prefix):
        return spec.source_prefix + denied.key[len(spec.dest_prefix) :] or None
    return None


def _source_key(source: BucketSettings, sample: Sample | None) -> str | None:
    """The key that the objects are encrypted with: the sample's own, else that of the bucket's default."""
    return sample.kms_key if sample is not None and sample.kms_key is not None else _default_key(source)


def _dest_key(spec: CopySpec, dest: BucketSettings) -> str | None:
    """The key that the copies will be encrypted with. The AWS-managed one needs no grant (and allows no stranger)."""
    if spec.options.kms_encryption_type is not None:
        return spec.options.kms_key_id or ""
    return _default_key(dest)


def _default_key(bucket: BucketSettings) -> str | None:
    if bucket.encryption is None:
        return None
    return bucket.kms_key if bucket.encryption.startswith("aws:kms") else ""


def _no_allow_helps(one: Finding) -> str:
    how = "forbidden by" if one.denied_by.startswith("an ") else "denied, because"
    return f"{one.permission.action} on {one.permission.resource} is {how} {one.denied_by}: {advice(one.denied_by)}"
