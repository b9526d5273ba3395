"""The probes that list and read: one function for each kind of permission, with one or two read-only requests."""

from __future__ import annotations

from s3_crosscopy.access.examination import Finding, Permission
from s3_crosscopy.access.probes.context import ProbeContext
from s3_crosscopy.access.probes.sample import kms_key_of, list_dest, list_source, version_of
from s3_crosscopy.access.rules.error_messages import of_kms
from s3_crosscopy.access.rules.permissions import UNKNOWN_KEY
from s3_crosscopy.access.rules.probe_keys import missing_source_key, probe_key
from s3_crosscopy.access.rules.probe_verdict import (
    GET_BYTE,
    GET_TAGS,
    HEAD,
    HEAD_MISSING,
    LIST,
    missing_key_permission,
    unknown,
)
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.model.outcomes import Reason


def lists_source(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a LIST of the source."""
    response = list_source(context.clients, context.spec, permission.party)
    return context.finding(permission, LIST, context.spec.source, response.error)


def lists_dest(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a LIST of the destination."""
    response = list_dest(context.clients, context.spec, permission.party)
    return context.finding(permission, LIST, context.spec.dest, response.error)


def reads_source(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a HEAD of the sample; without one, of a key that does not exist."""
    spec, sample = context.spec, context.sample
    if sample is None:
        response = context.head(permission.party, spec.source, missing_source_key(spec))
        return context.finding(permission, HEAD_MISSING, spec.source, response.error)
    response = context.head(permission.party, spec.source, sample.key, **version_of(spec))
    kind = HEAD._replace(asked=f"HEAD of {sample.key!r}", hides=not context.exists(sample))
    return context.finding(permission, kind, spec.source, response.error)


def reads_tags(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by GetObjectTagging of the sample."""
    spec, sample = context.spec, context.sample
    if sample is None:
        return unknown(permission, "no object of the source is known to probe")
    response = context.clients.ask(
        permission.party, spec.source, "GetObjectTagging", Key=sample.key, **version_of(spec)
    )
    kind = GET_TAGS._replace(asked=f"GetObjectTagging of {sample.key!r}", hides=not context.exists(sample))
    return context.finding(permission, kind, spec.source, response.error)


def decrypts_source(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a GET of the sample's first byte: S3 calls KMS after it has authorized the request itself."""
    spec, sample = context.spec, context.sample
    if sample is None or not sample.kms_key:
        return unknown(permission, "no object of the source is known that is encrypted with it")
    return _decrypts(context, permission, spec.source, sample.key, **version_of(spec))


def reads_dest(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a HEAD of an object at the destination; without one, of a key that does not exist."""
    dest, key = context.spec.dest, context.dest_object()
    if key is None:
        response = context.head(permission.party, dest, probe_key(context.spec))
        return context.finding(permission, HEAD_MISSING, dest, response.error)
    response = context.head(permission.party, dest, key)
    return context.finding(permission, HEAD._replace(asked=f"HEAD of {key!r}"), dest, response.error)


def decrypts_dest(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a GET of the first byte of an object at the destination with the same KMS key, if one is known."""
    dest, key = context.spec.dest, context.dest_object()
    head = context.head(permission.party, dest, key) if key is not None else None
    kms_key = kms_key_of(head.value) if head is not None and head.value is not None else ""
    if key is None or not kms_key or permission.resource not in (kms_key, UNKNOWN_KEY):
        return unknown(
            permission, "no object of the destination is known that is encrypted with it; only a write shows it"
        )
    return _decrypts(context, permission, dest, key)


def reads_manifest(context: ProbeContext, permission: Permission) -> Finding:
    """Probe by a HEAD of the manifest. A report as manifest stays unknown: its file names are not known."""
    location = parse_location(context.spec.options.manifest, "manifest")
    if not location.key or location.key.endswith("/"):
        return unknown(permission, "the manifest is a report: its files are known only when it is read")
    bucket = context.spec.manifest_bucket or Bucket(location.bucket)
    response = context.head(permission.party, bucket, location.key)
    return context.finding(permission, HEAD._replace(asked=f"HEAD of {location}"), bucket, response.error)


def _decrypts(context: ProbeContext, permission: Permission, bucket: Bucket, key: str, **version: object) -> Finding:
    head = context.head(permission.party, bucket, key, **version)
    if head.value is None:
        return unknown(permission, "HEAD of the object is denied already, so KMS could not be asked")
    kind = GET_BYTE._replace(asked=f"GET of one byte of {key!r}")
    error = context.get(permission.party, bucket, key, head.value.get("ContentLength"), **version).error
    if error is not None and error.reason is Reason.DENIED and not of_kms(error):
        return missing_key_permission(permission, kind, "although HEAD is not")
    return context.finding(permission, kind, bucket, error)
