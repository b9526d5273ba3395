"""Reads the settings of a bucket with read-only requests; what may not be read is unknown."""

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
"""An id of no account: a server that accepts it as the expected owner does not check owners."""

_NO_SETTING: Mapping[str, str] = {
    # Without it ACLs are enabled, and a writer owns what it writes (User Guide, "Controlling ownership of objects").
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetObjectLockConfiguration": "ObjectLockConfigurationNotFoundError",
}


def bucket_facts(
    clients: ProbeClients, place: Scope, bucket: Bucket, owner_candidates: Sequence[str] = ()
) -> BucketSettings:
    """All settings of a bucket. Never raises an S3Error.

    `owner_candidates` are account ids that may own the bucket, in addition to `bucket.owner`.
    """
    settings = BucketSettings(place, bucket.name)
    party = _party_with_access(clients, place, bucket)
    head = clients.ask(party, Bucket(bucket.name), "HeadBucket")
    region = _region(head)
    settings = settings._replace(region=region, partition=partition_of_region(region) if region else None)
    if problem := _problem(clients, party, bucket, head):
        return settings._replace(problem=problem)
    settings = settings._replace(owner=_owner(clients, party, bucket, owner_candidates))
    if bucket.owner is not None and head.ok and not owned_by(clients, party, bucket.name, bucket.owner):
        return settings._replace(problem=wrong_owner(bucket))
    encryption, key = _encryption(_setting(clients, place, bucket, "GetBucketEncryption"))
    return settings._replace(
        ownership=_ownership(_setting(clients, place, bucket, "GetBucketOwnershipControls")),
        encryption=encryption,
        kms_key=key,
        versioning=_versioning(_setting(clients, place, bucket, "GetBucketVersioning")),
        object_lock=_object_lock(_setting(clients, place, bucket, "GetObjectLockConfiguration")),
        payer=_payer(_setting(clients, place, bucket, "GetBucketRequestPayment")),
    )


def wrong_owner(bucket: Bucket) -> str:
    """One line for a bucket that certainly belongs to another account than the expected one."""
    return (
        f"s3://{bucket.name} does not belong to the account {bucket.owner} that was expected to own it:"
        " check the bucket's name, or correct the expected owner"
    )


def owned_by(clients: ProbeClients, party: Party, name: str, account: str) -> bool:
    """True if S3 accepts this account as the expected owner. A server that does not check owners accepts any."""
    return clients.ask(party, Bucket(name, account), "HeadBucket").ok


def _party_with_access(clients: ProbeClients, place: Scope, bucket: Bucket) -> Party:
    """The first party that HeadBucket succeeds for, else the first of all."""
    parties = clients.parties(place)
    return next((party for party in parties if clients.ask(party, Bucket(bucket.name), "HeadBucket").ok), parties[0])


def _region(head: ProbeResponse) -> str | None:
    """The Region in the response's header, which S3 also sends with errors."""
    response = head.value if head.error is None else getattr(head.error.__cause__, "response", None)
    region = (response or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    return str(region) if region else None


def _problem(clients: ProbeClients, party: Party, bucket: Bucket, head: ProbeResponse) -> str:
    """One line if the bucket cannot be used at all, else ""."""
    if head.error is None:
        return ""
    error = head.error
    if error.status == 400:
        # A HEAD has no body with the cause; a LIST has.
        listed = clients.ask(party, bucket, "ListObjectsV2", MaxKeys=1)
        error = listed.error or error
        return obstacle(error) or f"s3://{bucket.name}: {cause(error)}"
    return obstacle(error)


def _owner(clients: ProbeClients, party: Party, bucket: Bucket, candidates: Sequence[str]) -> str | None:
    """The candidate that S3 accepts as the owner; None if the server does not check owners, or rejects all."""
    ids = [account for account in dict.fromkeys((bucket.owner, *candidates)) if account is not None]
    if not ids or not clients.ask(party, Bucket(bucket.name), "HeadBucket").ok:
        return None
    rejection = clients.ask(party, Bucket(bucket.name, NOBODY), "HeadBucket").error
    if rejection is None or rejection.reason is not Reason.DENIED:
        return None
    return next((account for account in ids if owned_by(clients, party, bucket.name, account)), None)


def _setting(clients: ProbeClients, place: Scope, bucket: Bucket, call: str) -> Mapping[str, Any] | None:
    """The response to the party that may read a setting; {} if the bucket has no such setting, None if unknown."""
    for party in clients.parties(place):
        response = clients.ask(party, bucket, call)
        if response.value is not None:
            return response.value
        if _is_no_setting(call, response.error):
            return {}
    return None


def _is_no_setting(call: str, error: S3Error | None) -> bool:
    return error is not None and error.code == _NO_SETTING.get(call)


# For a setting that it does not have, Ceph sends a 200 whose member is there and empty: the setting is unknown then. A
# setting that is known not to exist ({}) has no such member.


def _ownership(response: Mapping[str, Any] | None) -> str | None:
    if response is None:
        return None
    if "OwnershipControls" not in response:
        return "ObjectWriter"
    rules = response["OwnershipControls"].get("Rules") or ()
    return next((str(rule["ObjectOwnership"]) for rule in rules), None)


def _encryption(response: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """Algorithm and key. Algorithm "": no default encryption, impossible at AWS since 2023. Key None: not KMS."""
    if response is None:
        return None, None
    if "ServerSideEncryptionConfiguration" not in response:
        return "", None
    for rule in response["ServerSideEncryptionConfiguration"].get("Rules") or ():
        default = rule.get("ApplyServerSideEncryptionByDefault", {})
        if "SSEAlgorithm" in default:
            algorithm = str(default["SSEAlgorithm"])
            return algorithm, str(default.get("KMSMasterKeyID", "")) if algorithm.startswith("aws:kms") else None
    return None, None


def _versioning(response: Mapping[str, Any] | None) -> str | None:
    return None if response is None else str(response.get("Status", "off"))


def _object_lock(response: Mapping[str, Any] | None) -> str | None:
    if response is None:
        return None
    config = response.get("ObjectLockConfiguration")
    if config is None:
        return "off"
    if config.get("ObjectLockEnabled") != "Enabled":
        return None
    default = config.get("Rule", {}).get("DefaultRetention", {})
    if not default.get("Mode"):
        return "on"
    number, unit = (default["Days"], "day") if default.get("Days") else (default.get("Years"), "year")
    return f"{default['Mode']} {number} {unit}{'' if number == 1 else 's'}"


def _payer(response: Mapping[str, Any] | None) -> str | None:
    return None if response is None else response.get("Payer")
