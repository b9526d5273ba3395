"""Which grants hold, asked without writing anything: one table from grants to the requests that tell.

All are GETs and HEADs but two, which name an upload that does not exist: S3 says so only after it has decided whether
the caller might go on with it. PutObjectTagging and PutObjectAcl on a missing key would be such questions too; they
tell nothing on Ceph (it looks for the key first), and would write if somebody made the key meanwhile.
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
    LIST_UPLOADS,
    PART_OF_NO_UPLOAD,
    PARTS_OF_NO_UPLOAD,
    unknown,
)
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.location import Bucket

_ANY_PART = {"Parts": [{"PartNumber": 1, "ETag": f'"{"0" * 32}"'}]}


class ProbeResults(NamedTuple):
    """A finding for each grant, in their order. `notes` are one line each: a leftover, what could not be removed.

    `problems` are one line each for what stops the run whatever the grants are: a wrong Region, a disabled key.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def probe(
    grants: Sequence[Permission],
    spec: CopySpec,
    callers: ProbeClients,
    sample: Sample | None,
    *,
    write: bool = False,
    dest: BucketSettings | None = None,
) -> ProbeResults:
    """Find out about each of `grants` (any subset of `plan.grants.needed`, so that few are asked about for little).

    `write=True` also writes below the destination's prefix and removes it again (`write_probe`); `dest` then says
    whether the bucket would let it be removed. Never raises an S3Error.
    """
    asker = ProbeContext(callers, spec, sample)
    findings = {grant: _PROBES.get((grant.place, grant.action), _nothing_tells)(asker, grant) for grant in grants}
    notes: list[str] = []
    if write and not asker.problems:
        findings = write_probe(asker, findings, dest, notes)
    elif any(grant.place is Scope.DEST for grant in grants):
        notes += _leftovers(asker)
    return ProbeResults(tuple(findings[grant] for grant in grants), tuple(notes), asker.problems)


def _leftovers(asker: ProbeContext) -> list[str]:
    """A probe that died after it had written. For a single object the key is the copy's own."""
    key = probe_key(asker.spec)
    if asker.spec.single or not shows(list_dest(asker.callers, asker.spec, Party.COPIER), key):
        return []
    where = f"s3://{asker.spec.dest.name}/{key}"
    return [f"{where} was left there by a write probe that did not come to its end; the next write probe removes it"]


def _nothing_tells(_: ProbeContext, grant: Permission) -> Finding:
    return unknown(grant, "nothing but a write tells")


def _puts_object(asker: ProbeContext, grant: Permission) -> Finding:
    """UploadPart, because Ceph stumbles over CompleteMultipartUpload (500).

    But for a single object: a PUT goes to the reserved key only. Whatever a server makes of the rest of such a
    request, it cannot harm an object there.
    """
    spec, key = asker.spec, probe_key(asker.spec)
    if spec.single:
        args = {"Key": key, "UploadId": NO_UPLOAD, "MultipartUpload": _ANY_PART}
        said = asker.callers.ask(grant.party, spec.dest, "CompleteMultipartUpload", **args)
        return asker.finding(grant, COMPLETE_NO_UPLOAD, spec.dest, said.error)
    return _part_of_nothing(asker, grant, spec.dest, key)


def _part_of_nothing(asker: ProbeContext, grant: Permission, bucket: Bucket, key: str) -> Finding:
    args = {"Key": key, "UploadId": NO_UPLOAD, "PartNumber": 1, "Body": b""}
    said = asker.callers.ask(grant.party, bucket, "UploadPart", **args)
    return asker.finding(grant, PART_OF_NO_UPLOAD, bucket, said.error)


def _writes_report(asker: ProbeContext, grant: Permission) -> Finding:
    place = report_probe(asker.spec.options.report or "")
    return _part_of_nothing(asker, grant, asker.spec.report_bucket or Bucket(place.bucket), place.key)


def _aborts(asker: ProbeContext, grant: Permission) -> Finding:
    dest, key = asker.spec.dest, probe_key(asker.spec)
    said = asker.callers.ask(grant.party, dest, "AbortMultipartUpload", Key=key, UploadId=NO_UPLOAD)
    return asker.finding(grant, ABORT_NO_UPLOAD, dest, said.error)


def _lists_parts(asker: ProbeContext, grant: Permission) -> Finding:
    dest, key = asker.spec.dest, probe_key(asker.spec)
    said = asker.callers.ask(grant.party, dest, "ListParts", Key=key, UploadId=NO_UPLOAD)
    return asker.finding(grant, PARTS_OF_NO_UPLOAD, dest, said.error)


def _lists_uploads(asker: ProbeContext, grant: Permission) -> Finding:
    spec = asker.spec
    said = asker.callers.ask(grant.party, spec.dest, "ListMultipartUploads", Prefix=spec.dest_prefix, MaxUploads=1)
    return asker.finding(grant, LIST_UPLOADS, spec.dest, said.error)


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
    (Scope.DEST_KEY, "kms:Decrypt"): decrypts_dest,
    (Scope.REPORT, "s3:PutObject"): _writes_report,
    (Scope.MANIFEST, "s3:GetObject"): reads_manifest,
}
