"""Examines the access of a planned copy: principals, bucket settings, permissions, pitfalls and suggested policies.

Sends the requests and passes the responses to `access.rules`, which makes none. Writes nothing without `write=True`.
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
from s3_crosscopy.access.rules.policies import additions, policies
from s3_crosscopy.access.rules.policy_context import PolicyContext, expected_elsewhere
from s3_crosscopy.access.rules.policy_remarks import remarks
from s3_crosscopy.access.rules.policy_types import advice, can_be_allowed
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
    """Examine the access of a planned copy.

    Args:
        spec: The copy.
        copier: Clients of the principal that signs every copy.
        reader: Clients of the principal that lists and HEADs the source. None: the copier does that too.
        denied: The request that failed with access denied and led here. None: no request did.
        key: Source key to probe. None: the key of `denied`, else the first real key of a listing.
        write: True also writes one empty object and one upload below the destination, and removes both.
        arns: ARNs of principals, used where STS does not report them. None: none is known.

    Returns:
        What was found. An S3Error is never raised: access denied is a finding.

    Raises:
        InvalidInput: The two principals use two S3 services, between which nothing can be copied.
    """
    from s3_crosscopy.access.probes.bucket_settings import bucket_facts
    from s3_crosscopy.access.probes.probe_clients import ProbeClients
    from s3_crosscopy.access.probes.probe_table import ProbeResults, probe
    from s3_crosscopy.access.probes.sample import find_sample
    from s3_crosscopy.adapters.boto.partitions import dns_suffix_of

    check_services(copier, reader)
    clients = ProbeClients(copier, reader)
    principals = _principals(copier, reader, arns or {})
    owners = [principal.account for principal in principals if principal.account is not None]
    source = bucket_facts(clients, Scope.SOURCE, spec.source, owners)
    dest = bucket_facts(clients, Scope.DEST, spec.dest, owners)
    sample = find_sample(clients, spec, key or _denied_key(spec, denied))
    needs = RunNeeds(
        spec,
        reader is not None,
        source_key=_source_key(source, sample),
        dest_key=_dest_key(spec, dest),
        partition=_partition(principals[0], source, dest),
    )
    broken = [*filter(None, (*(principal.problem for principal in principals), source.problem, dest.problem))]
    probed = ProbeResults(()) if broken else probe(needed(needs), spec, clients, sample, write=write, dest=dest)
    missing = [finding for finding in probed.findings if finding.status is FindingStatus.MISSING]
    forbidden = [finding for finding in missing if not can_be_allowed(finding.denied_by)]
    unreached = {} if broken else _unreached(clients, spec)
    buckets = (source, dest, *expected_elsewhere(spec))
    policy_context = PolicyContext(principals, buckets, needs.partition, dns_suffix=dns_suffix_of(needs.partition))
    suggested = (
        *(policy for principal in principals if principal.refused for policy in policies_to_assume(*principal.refused)),
        *additions(policies([finding.permission for finding in missing if finding not in forbidden], policy_context)),
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
            *(_remarks(principals, (copier, reader), arns or {}) if suggested else ()),
            *remarks(suggested, policy_context, single=spec.single),
        ),
        policies=suggested,
        problems=(
            *broken,
            *not_reached(unreached, len({spec.source.name, spec.dest.name})),
            *probed.problems,
            *map(_no_allow_helps, forbidden),
            *_similar_source(spec, clients),
        ),
        reached=not unreached,
        denied=_denied_text(denied) if denied is not None else "",
        sample=sample.key if sample is not None else "",
    )


def _principals(copier: S3Clients, reader: S3Clients | None, arns: Mapping[Party, str | None]) -> tuple[Principal, ...]:
    """Identify both parties; `arns` replace the role's ARN, and the account where STS does not report it."""
    from s3_crosscopy.access.probes.caller_identity import identify

    principals: list[Principal] = []
    for party, clients in ((Party.COPIER, copier), (Party.READER, reader)):
        if clients is None:
            continue
        principal = identify(clients, party)
        if (arn := arns.get(party)) is not None:
            principal = principal._replace(role_arn=role_arn_of(arn), account=principal.account or account_of(arn))
        principals.append(principal)
    return tuple(principals)


def _partition(copier: Principal, *buckets: BucketSettings) -> str:
    """The AWS partition in the copier's ARN, else that of the buckets' Regions."""
    if copier.role_arn is not None:
        return partition_of(copier.role_arn)
    return next((bucket.partition for bucket in buckets if bucket.partition is not None), "aws")


def _unreached(clients: ProbeClients, spec: CopySpec) -> dict[str, S3Error]:
    """The buckets of which no request had a useful response, each with its first error."""
    errors = {name: clients.unreached(name) for name in (spec.source.name, spec.dest.name)}
    return {name: error for name, error in errors.items() if error is not None}


def _remarks(
    principals: Sequence[Principal], clients_of: Sequence[S3Clients | None], arns: Mapping[Party, str | None]
) -> Iterator[str]:
    """Remarks on role ARNs that were derived from the ARN of a session."""
    for principal, clients in zip(principals, clients_of, strict=False):
        known = clients is not None and clients.role_arn is not None
        derived = not known and arns.get(principal.party) is None
        if derived and principal.arn is not None and principal.role_arn is not None:
            yield from filter(None, [path_remark(principal.arn, principal.role_arn)])


def _similar_source(spec: CopySpec, clients: ProbeClients) -> Iterator[str]:
    """One line that suggests another source, where the given one is known to be absent and a similar one exists."""
    from s3_crosscopy.access.probes.sample import is_absent, list_below

    location = place_to_look(spec)
    if location is not None and is_absent(clients, spec):
        yield from filter(None, [what_was_meant(spec, has_objects=list_below(clients, spec, location))])


def _denied_text(denied: S3Error) -> str:
    why = cause(denied)
    details = f": {why}" if why != f"{denied.call} is denied" else ""
    request = f" (request id {denied.request_id})" if denied.request_id else ""
    return f"{denied.call} was denied for s3://{denied.bucket}/{denied.key}{details}{request}"


def _denied_key(spec: CopySpec, denied: S3Error | None) -> str | None:
    """The source key of a denied request; None if it was not about one object."""
    if denied is None or denied.call == "ListObjectsV2":
        return None
    if denied.bucket == spec.source.name and denied.key.startswith(spec.source_prefix):
        return denied.key or None
    if denied.bucket == spec.dest.name and denied.key.startswith(spec.dest_prefix):
        return spec.source_prefix + denied.key[len(spec.dest_prefix) :] or None
    return None


def _source_key(source: BucketSettings, sample: Sample | None) -> str | None:
    """The KMS key of the source objects: that of the sample, else that of the bucket's default encryption."""
    return sample.kms_key if sample is not None and sample.kms_key is not None else _default_key(source)


def _dest_key(spec: CopySpec, dest: BucketSettings) -> str | None:
    """The KMS key of the copies. aws/s3 needs no permission, and other accounts cannot use it."""
    if spec.options.kms_encryption_type is not None:
        return spec.options.kms_key_id or ""
    return _default_key(dest)


def _default_key(bucket: BucketSettings) -> str | None:
    if bucket.encryption is None:
        return None
    return bucket.kms_key if bucket.encryption.startswith("aws:kms") else ""


def _no_allow_helps(finding: Finding) -> str:
    permission, denied_by = finding.permission, finding.denied_by
    how = "forbidden by" if denied_by.startswith("an ") else "denied, because"
    return f"{permission.action} on {permission.resource} is {how} {denied_by}: {advice(denied_by)}"
