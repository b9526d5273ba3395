"""Probes permissions without writing: one table from permissions to the requests that show whether they hold.

Most are GETs and HEADs. The others name an upload that does not exist, which S3 reports only after it has authorized
the request. PutObjectTagging and PutObjectAcl on a missing key are not used: Ceph looks for the key first, and they
would write if the key were created meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from s3_crosscopy.access.examination import BucketSettings, Finding, Party, Permission, Sample, Scope
from s3_crosscopy.access.probes.context import ProbeContext
from s3_crosscopy.access.probes.probe_clients import ProbeClients
from s3_crosscopy.access.probes.read_probes import (
    decrypts_dest,
    decrypts_source,
    lists_dest,
    lists_source,
    reads_dest,
    reads_manifest,
    reads_source,
    reads_tags,
)
from s3_crosscopy.access.probes.sample import list_dest, shows
from s3_crosscopy.access.probes.write_probe import write_probe
from s3_crosscopy.access.rules.probe_keys import NO_UPLOAD, probe_key, report_probe
from s3_crosscopy.access.rules.probe_verdict import (
    ABORT_NO_UPLOAD,
    COMPLETE_NO_UPLOAD,
    HEAD_MISSING,
    LIST_UPLOADS,
    LIST_VERSIONS,
    PART_OF_NO_UPLOAD,
    PARTS_OF_NO_UPLOAD,
    VERSIONING,
    unknown,
)
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.location import Bucket

_ANY_PART = {"Parts": [{"PartNumber": 1, "ETag": f'"{"0" * 32}"'}]}


class ProbeResults(NamedTuple):
    """A finding for each permission, in their order.

    notes: One line each for the user: an object left by an earlier probe, an object that could not be removed.
    problems: One line each for what ends the run whatever the permissions are: a wrong Region, a disabled key.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def probe(
    permissions: Sequence[Permission],
    spec: CopySpec,
    clients: ProbeClients,
    sample: Sample | None,
    *,
    write: bool = False,
    dest: BucketSettings | None = None,
) -> ProbeResults:
    """Probe each of `permissions`, any subset of `permissions.needed`. Never raises an S3Error.

    `write=True` also writes below the destination's prefix and removes that again (`write_probe`); `dest` then says
    whether the bucket would let it be removed.
    """
    context = ProbeContext(clients, spec, sample)
    findings = {
        permission: _PROBES.get((permission.place, permission.action), _needs_a_write)(context, permission)
        for permission in permissions
    }
    notes: list[str] = []
    if write and not context.problems:
        findings = write_probe(context, findings, dest, notes)
    elif any(permission.place is Scope.DEST for permission in permissions):
        notes += _earlier_probe_notes(context)
    return ProbeResults(tuple(findings[permission] for permission in permissions), tuple(notes), context.problems)


def _earlier_probe_notes(context: ProbeContext) -> list[str]:
    """A note on the object of a probe that was killed. For a single object the key is that of the copy: none."""
    key = probe_key(context.spec)
    if context.spec.single or not shows(list_dest(context.clients, context.spec, Party.COPIER), key):
        return []
    where = f"s3://{context.spec.dest.name}/{key}"
    return [f"{where} is left from a write probe that did not finish; the next write probe removes it"]


def _needs_a_write(_: ProbeContext, permission: Permission) -> Finding:
    return unknown(permission, "only a write shows it")


def _puts_object(context: ProbeContext, permission: Permission) -> Finding:
    """Probe s3:PutObject by UploadPart, because Ceph answers CompleteMultipartUpload with a 500.

    For a single object by CompleteMultipartUpload: a PUT is sent to the reserved key only, so that no server can change
    a real object by misreading it.
    """
    spec, key = context.spec, probe_key(context.spec)
    if spec.single:
        args = {"Key": key, "UploadId": NO_UPLOAD, "MultipartUpload": _ANY_PART}
        response = context.clients.ask(permission.party, spec.dest, "CompleteMultipartUpload", **args)
        return context.finding(permission, COMPLETE_NO_UPLOAD, spec.dest, response.error)
    return _part_of_no_upload(context, permission, spec.dest, key)


def _part_of_no_upload(context: ProbeContext, permission: Permission, bucket: Bucket, key: str) -> Finding:
    args = {"Key": key, "UploadId": NO_UPLOAD, "PartNumber": 1, "Body": b""}
    response = context.clients.ask(permission.party, bucket, "UploadPart", **args)
    return context.finding(permission, PART_OF_NO_UPLOAD, bucket, response.error)


def _writes_report(context: ProbeContext, permission: Permission) -> Finding:
    location = report_probe(context.spec.options.report or "")
    return _part_of_no_upload(context, permission, context.spec.report_bucket or Bucket(location.bucket), location.key)


def _writes_index(context: ProbeContext, permission: Permission) -> Finding:
    bucket, key = _index_place(context)
    return _part_of_no_upload(context, permission, bucket, key)


def _reads_index(context: ProbeContext, permission: Permission) -> Finding:
    bucket, key = _index_place(context)
    return context.finding(permission, HEAD_MISSING, bucket, context.head(permission.party, bucket, key).error)


def _index_place(context: ProbeContext) -> tuple[Bucket, str]:
    location = report_probe(context.spec.options.etag_index or "")
    return context.spec.etag_index_bucket or Bucket(location.bucket), location.key


def _is_optional(_: ProbeContext, permission: Permission) -> Finding:
    return unknown(permission, "optional, so it is not probed")


def _aborts(context: ProbeContext, permission: Permission) -> Finding:
    dest, key = context.spec.dest, probe_key(context.spec)
    response = context.clients.ask(permission.party, dest, "AbortMultipartUpload", Key=key, UploadId=NO_UPLOAD)
    return context.finding(permission, ABORT_NO_UPLOAD, dest, response.error)


def _lists_parts(context: ProbeContext, permission: Permission) -> Finding:
    dest, key = context.spec.dest, probe_key(context.spec)
    response = context.clients.ask(permission.party, dest, "ListParts", Key=key, UploadId=NO_UPLOAD)
    return context.finding(permission, PARTS_OF_NO_UPLOAD, dest, response.error)


def _lists_uploads(context: ProbeContext, permission: Permission) -> Finding:
    spec = context.spec
    response = context.clients.ask(
        permission.party, spec.dest, "ListMultipartUploads", Prefix=spec.dest_prefix, MaxUploads=1
    )
    return context.finding(permission, LIST_UPLOADS, spec.dest, response.error)


def _reads_versioning(context: ProbeContext, permission: Permission) -> Finding:
    dest = context.spec.dest
    response = context.clients.ask(permission.party, dest, "GetBucketVersioning")
    return context.finding(permission, VERSIONING, dest, response.error)


def _lists_versions(context: ProbeContext, permission: Permission) -> Finding:
    spec = context.spec
    response = context.clients.ask(
        permission.party, spec.dest, "ListObjectVersions", Prefix=spec.dest_prefix, MaxKeys=1
    )
    return context.finding(permission, LIST_VERSIONS, spec.dest, response.error)


def _reads_report(context: ProbeContext, permission: Permission) -> Finding:
    location = report_probe(context.spec.options.report or "")
    bucket = context.spec.report_bucket or Bucket(location.bucket)
    return context.finding(permission, HEAD_MISSING, bucket, context.head(permission.party, bucket, location.key).error)


def _only_by_a_delete(_: ProbeContext, permission: Permission) -> Finding:
    return unknown(permission, "only a delete shows it")


_PROBES: Mapping[tuple[Scope, str], Callable[[ProbeContext, Permission], Finding]] = {
    (Scope.SOURCE, "s3:ListBucket"): lists_source,
    (Scope.SOURCE, "s3:GetObject"): reads_source,
    (Scope.SOURCE, "s3:GetObjectVersion"): reads_source,
    (Scope.SOURCE, "s3:GetObjectTagging"): reads_tags,
    (Scope.SOURCE, "s3:GetObjectVersionTagging"): reads_tags,
    (Scope.SOURCE_KEY, "kms:Decrypt"): decrypts_source,
    (Scope.DEST, "s3:ListBucket"): lists_dest,
    (Scope.DEST, "s3:GetObject"): reads_dest,
    (Scope.DEST, "s3:PutObject"): _puts_object,
    (Scope.DEST, "s3:AbortMultipartUpload"): _aborts,
    (Scope.DEST, "s3:ListMultipartUploadParts"): _lists_parts,
    (Scope.DEST, "s3:ListBucketMultipartUploads"): _lists_uploads,
    (Scope.DEST, "s3:DeleteObject"): _only_by_a_delete,
    (Scope.DEST, "s3:GetBucketVersioning"): _reads_versioning,
    (Scope.DEST, "s3:ListBucketVersions"): _lists_versions,
    (Scope.DEST, "s3:DeleteObjectVersion"): _is_optional,
    (Scope.DEST_KEY, "kms:Decrypt"): decrypts_dest,
    (Scope.REPORT, "s3:PutObject"): _writes_report,
    (Scope.REPORT, "s3:GetObject"): _reads_report,
    (Scope.MANIFEST, "s3:GetObject"): reads_manifest,
    (Scope.INDEX, "s3:PutObject"): _writes_index,
    (Scope.INDEX, "s3:GetObject"): _reads_index,
    (Scope.INDEX, "s3:ListBucket"): _is_optional,
    (Scope.INDEX, "s3:DeleteObject"): _is_optional,
}
