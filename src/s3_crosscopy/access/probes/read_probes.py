"""The probes that list and read: one function for each kind of grant, each a request or two that only reads."""

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
    missing_key_grant,
    unknown,
)
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.model.outcomes import Reason


def lists_source(context: ProbeContext, permission: Permission) -> Finding:
    """LIST of the source."""
    said = list_source(context.clients, context.spec, permission.party)
    return context.finding(permission, LIST, context.spec.source, said.error)


def lists_dest(context: ProbeContext, permission: Permission) -> Finding:
    """LIST of the destination."""
    said = list_dest(context.clients, context.spec, permission.party)
    return context.finding(permission, LIST, context.spec.dest, said.error)


def reads_source(context: ProbeContext, permission: Permission) -> Finding:
    """HEAD of the sample; without one, of a key that is not there."""
    spec, sample = context.spec, context.sample
    if sample is None:
        said = context.head(permission.party, spec.source, missing_source_key(spec))
        return context.finding(permission, HEAD_MISSING, spec.source, said.error)
    said = context.head(permission.party, spec.source, sample.key, **version_of(spec))
    way = HEAD._replace(asked=f"HEAD of {sample.key!r}", hides=not context.exists(sample))
    return context.finding(permission, way, spec.source, said.error)


def reads_tags(context: ProbeContext, permission: Permission) -> Finding:
    """GetObjectTagging of the sample."""
    spec, sample = context.spec, context.sample
    if sample is None:
        return unknown(permission, "no object of the source is known to ask about")
    said = context.clients.ask(permission.party, spec.source, "GetObjectTagging", Key=sample.key, **version_of(spec))
    way = GET_TAGS._replace(asked=f"GetObjectTagging of {sample.key!r}", hides=not context.exists(sample))
    return context.finding(permission, way, spec.source, said.error)


def decrypts_source(context: ProbeContext, permission: Permission) -> Finding:
    """GET of the sample's first byte: KMS is asked once S3 itself has nothing against it."""
    spec, sample = context.spec, context.sample
    if sample is None or not sample.kms_key:
        return unknown(permission, "no object of the source is known that is encrypted with it")
    return _decrypts(context, permission, spec.source, sample.key, **version_of(spec))


def reads_dest(context: ProbeContext, permission: Permission) -> Finding:
    """HEAD of an object at the destination; without one, of a key that is not there."""
    dest, key = context.spec.dest, context.dest_object()
    if key is None:
        said = context.head(permission.party, dest, probe_key(context.spec))
        return context.finding(permission, HEAD_MISSING, dest, said.error)
    said = context.head(permission.party, dest, key)
    return context.finding(permission, HEAD._replace(asked=f"HEAD of {key!r}"), dest, said.error)


def decrypts_dest(context: ProbeContext, permission: Permission) -> Finding:
    """GET of the first byte of an object at the destination that has the same key, if one is known."""
    dest, key = context.spec.dest, context.dest_object()
    head = context.head(permission.party, dest, key) if key is not None else None
    used = kms_key_of(head.value) if head is not None and head.value is not None else ""
    if key is None or not used or permission.resource not in (used, UNKNOWN_KEY):
        return unknown(
            permission, "no object of the destination is known that is encrypted with it; only a write tells"
        )
    return _decrypts(context, permission, dest, key)


def reads_manifest(context: ProbeContext, permission: Permission) -> Finding:
    """HEAD of the manifest; of a former report's folder no file is known."""
    place = parse_location(context.spec.options.manifest, "manifest")
    if not place.key or place.key.endswith("/"):
        return unknown(permission, "the manifest is a report: its files are known only when it is read")
    bucket = context.spec.manifest_bucket or Bucket(place.bucket)
    said = context.head(permission.party, bucket, place.key)
    return context.finding(permission, HEAD._replace(asked=f"HEAD of {place}"), bucket, said.error)


def _decrypts(context: ProbeContext, permission: Permission, bucket: Bucket, key: str, **version: object) -> Finding:
    head = context.head(permission.party, bucket, key, **version)
    if head.value is None:
        return unknown(permission, "HEAD of the object is refused already, so that KMS could not be asked")
    way = GET_BYTE._replace(asked=f"GET of one byte of {key!r}")
    error = context.get(permission.party, bucket, key, head.value.get("ContentLength"), **version).error
    if error is not None and error.reason is Reason.DENIED and not of_kms(error):
        return missing_key_grant(permission, way, "although HEAD is not")
    return context.finding(permission, way, bucket, error)
