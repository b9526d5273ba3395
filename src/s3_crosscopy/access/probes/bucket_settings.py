"""What a bucket says of itself, asked with requests that only read; what may not be read is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s3_crosscopy.access.examination import BucketSettings, Party, Scope
from s3_crosscopy.access.probes.probe_clients import ProbeClients, ProbeResponse
from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.access.rules.probe_verdict import obstacle
from s3_crosscopy.adapters.boto.partitions import partition_of_region
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason

NOBODY = "000000000000"
"""No account has this id: a server that serves a request with it as the expected owner does not look."""

_NO_SETTING: Mapping[str, str] = {
    # Without the setting ACLs count and a writer owns what it writes (User Guide, "Controlling ownership of objects").
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetObjectLockConfiguration": "ObjectLockConfigurationNotFoundError",
}


def bucket_facts(
    clients: ProbeClients, place: Scope, bucket: Bucket, owner_candidates: Sequence[str] = ()
) -> BucketSettings:
    """Ask everything. Never raises. `owner_candidates` are account ids that may own it; `bucket.owner` is one."""
    facts = BucketSettings(place, bucket.name)
    party = _who_gets_in(clients, place, bucket)
    head = clients.ask(party, Bucket(bucket.name), "HeadBucket")
    region = _region(head)
    facts = facts._replace(region=region, partition=partition_of_region(region) if region else None)
    if problem := _problem(clients, party, bucket, head):
        return facts._replace(problem=problem)
    facts = facts._replace(owner=_owner(clients, party, bucket, owner_candidates))
    if bucket.owner is not None and head.ok and not owned_by(clients, party, bucket.name, bucket.owner):
        return facts._replace(problem=wrong_owner(bucket))
    encryption, key = _encryption(_setting(clients, place, bucket, "GetBucketEncryption"))
    return facts._replace(
        ownership=_ownership(_setting(clients, place, bucket, "GetBucketOwnershipControls")),
        encryption=encryption,
        kms_key=key,
        versioning=_versioning(_setting(clients, place, bucket, "GetBucketVersioning")),
        object_lock=_object_lock(_setting(clients, place, bucket, "GetObjectLockConfiguration")),
        payer=_payer(_setting(clients, place, bucket, "GetBucketRequestPayment")),
    )


def wrong_owner(bucket: Bucket) -> str:
    """The line for a bucket that certainly belongs to another account than expected."""
    return (
        f"s3://{bucket.name} does not belong to the account {bucket.owner} that was expected to own it:"
        " check the bucket's name, or correct the expected owner"
    )


def owned_by(clients: ProbeClients, party: Party, name: str, account: str) -> bool:
    """Whether S3 serves the bucket with this account as the expected owner. A server that does not look always does."""
    return clients.ask(party, Bucket(name, account), "HeadBucket").ok


def _who_gets_in(clients: ProbeClients, place: Scope, bucket: Bucket) -> Party:
    parties = clients.parties(place)
    return next((one for one in parties if clients.ask(one, Bucket(bucket.name), "HeadBucket").ok), parties[0])


def _region(head: ProbeResponse) -> str | None:
    """From the header, which comes with a refusal too."""
    response = head.value if head.error is None else getattr(head.error.__cause__, "response", None)
    region = (response or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    return str(region) if region else None


def _problem(clients: ProbeClients, party: Party, bucket: Bucket, head: ProbeResponse) -> str:
    if head.error is None:
        return ""
    error = head.error
    if error.status == 400:
        # A HEAD has no body to say why; a LIST has.
        listed = clients.ask(party, bucket, "ListObjectsV2", MaxKeys=1)
        error = listed.error or error
        return obstacle(error) or f"s3://{bucket.name}: {cause(error)}"
    return obstacle(error)


def _owner(clients: ProbeClients, party: Party, bucket: Bucket, candidates: Sequence[str]) -> str | None:
    """The one candidate that S3 takes for the owner; None unless it is known to refuse all others."""
    ids = [one for one in dict.fromkeys((bucket.owner, *candidates)) if one is not None]
    if not ids or not clients.ask(party, Bucket(bucket.name), "HeadBucket").ok:
        return None
    refused = clients.ask(party, Bucket(bucket.name, NOBODY), "HeadBucket").error
    if refused is None or refused.reason is not Reason.DENIED:
        return None
    return next((one for one in ids if owned_by(clients, party, bucket.name, one)), None)


def _setting(clients: ProbeClients, place: Scope, bucket: Bucket, call: str) -> Mapping[str, Any] | None:
    """The answer of whoever may ask; {} where S3 says that there is no such setting, None where nobody may know."""
    for party in clients.parties(place):
        said = clients.ask(party, bucket, call)
        if said.value is not None:
            return said.value
        if _is_no_setting(call, said.error):
            return {}
    return None


def _is_no_setting(call: str, error: S3Error | None) -> bool:
    return error is not None and error.code == _NO_SETTING.get(call)


# Ceph answers a setting that it does not have with a 200 and nothing in it: the member is there and empty. That is
# unknown; a setting that is known not to be made ({}) has no such member.


def _ownership(said: Mapping[str, Any] | None) -> str | None:
    if said is None:
        return None
    if "OwnershipControls" not in said:
        return "ObjectWriter"
    rules = said["OwnershipControls"].get("Rules") or ()
    return next((str(rule["ObjectOwnership"]) for rule in rules), None)


def _encryption(said: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """Algorithm and key; "" for an algorithm is none, which AWS has not had since 2023. No key: not KMS."""
    if said is None:
        return None, None
    if "ServerSideEncryptionConfiguration" not in said:
        return "", None
    for rule in said["ServerSideEncryptionConfiguration"].get("Rules") or ():
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        if "SSEAlgorithm" in default:
            algorithm = str(default["SSEAlgorithm"])
            return algorithm, str(default.get("KMSMasterKeyID", "")) if algorithm.startswith("aws:kms") else None
    return None, None


def _versioning(said: Mapping[str, Any] | None) -> str | None:
    return None if said is None else str(said.get("Status", "off"))


def _object_lock(said: Mapping[str, Any] | None) -> str | None:
    if said is None:
        return None
    config = said.get("ObjectLockConfiguration")
    if config is None:
        return "off"
    if config.get("ObjectLockEnabled") != "Enabled":
        return None
    default = config.get("Rule", {}).get("DefaultRetention", {})
    if not default.get("Mode"):
        return "on"
    number, unit = (default["Days"], "day") if default.get("Days") else (default.get("Years"), "year")
    return f"{default['Mode']} {number} {unit}{'' if number == 1 else 's'}"


def _payer(said: Mapping[str, Any] | None) -> str | None:
    return None if said is None else said.get("Payer")
