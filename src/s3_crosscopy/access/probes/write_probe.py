"""Probes permissions by writing an empty object and one upload at the reserved key, and removes both.

A killed process can leave something at that key only, and the next write probe removes it first. An object is not
written if it could not be removed: into a bucket that keeps it, or without the permission to delete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from s3_crosscopy.access.examination import BucketSettings, Finding, FindingStatus, Permission, Scope
from s3_crosscopy.access.probes.cleanup import Removal, why_not_removable
from s3_crosscopy.access.probes.context import ProbeContext
from s3_crosscopy.access.probes.probe_clients import ProbeResponse
from s3_crosscopy.access.rules.error_messages import of_kms
from s3_crosscopy.access.rules.probe_keys import probe_key
from s3_crosscopy.access.rules.probe_verdict import (
    ABORT,
    COMPLETE,
    CREATE,
    LIST_PARTS,
    PART,
    PUT,
    ProbeKind,
    missing_key_permission,
)
from s3_crosscopy.access.rules.write_verdict import WriteErrors, simpler, verdicts, write_args
from s3_crosscopy.core.transfer.copy_params import Args
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason

_BODY = b"s3-crosscopy"
Findings = dict[Permission, Finding]


def write_probe(
    context: ProbeContext, findings: Mapping[Permission, Finding], dest: BucketSettings | None, notes: list[str]
) -> Findings:
    """`findings` updated by writing; lines for the user are added to `notes`."""
    spec = context.spec
    if spec.single:
        notes.append(
            "nothing was written: for a single object a write probe would write at the copy's own key;"
            " examine the prefix of the destination instead"
        )
        return dict(findings)
    removal = Removal(context, probe_key(spec), notes)
    removal.remove_earlier()
    if why := _cannot_abort(findings):
        notes.append(f"nothing was written: {why}")
        return dict(findings)
    keeps = why_not_removable(context, dest, removal)
    if keeps:
        notes.append(f"only an upload was started, no object was written: {keeps}")
    try:
        return {**findings, **_Writer(context, findings, removal, may_complete=not keeps).run()}
    finally:
        removal.remove()


def _cannot_abort(findings: Mapping[Permission, Finding]) -> str:
    denied = any(
        finding.status is FindingStatus.MISSING and permission.action == "s3:AbortMultipartUpload"
        for permission, finding in findings.items()
    )
    return "s3:AbortMultipartUpload is denied, so an upload could not be removed" if denied else ""


class _Writer:
    """The writes of one probe. `may_complete`: an object may be written at the key, and is removed at the end."""

    def __init__(
        self, context: ProbeContext, findings: Mapping[Permission, Finding], removal: Removal, *, may_complete: bool
    ) -> None:
        self._context = context
        self._permissions = tuple(findings)
        self._removal = removal
        self._may_complete = may_complete
        self._args = write_args(context.spec.options, self._permissions)

    def run(self) -> Findings:
        """Send the writes; the findings by permission."""
        if not self._may_complete:
            errors, _ = self._try(self._create)
            findings = verdicts(self._permissions, CREATE, errors)
        else:
            errors, accepted = self._try(self._put)
            findings = verdicts(self._permissions, PUT, errors)
            if accepted is not None:
                self._create(accepted)
        upload_id = self._removal.upload
        return findings if upload_id is None else {**findings, **self._probe_upload(upload_id)}

    def _try(self, send: Callable[[Args], S3Error | None]) -> tuple[WriteErrors, Args | None]:
        """Send the full write and, if that fails, the simpler ones; also the arguments of the first that succeeded."""
        errors: dict[str | None, S3Error | None] = {None: send(self._args)}
        if errors[None] is None:
            return errors, self._args
        variants = simpler(self._args)
        for name, args in variants.items():
            errors[name] = send(args)
        for error in filter(None, errors.values()):
            self._context.note_obstacle(error)
        return errors, next((args for name, args in variants.items() if errors[name] is None), None)

    def _put(self, args: Args) -> S3Error | None:
        response = self._send_write("PutObject", Body=b"", **args)
        self._removal.wrote(response)
        return response.error

    def _send_write(self, call: str, **args: Any) -> ProbeResponse:
        """Send a write; if it is denied, once more with the precondition that a bucket policy may require of copies."""
        response = self._removal.send(call, **args)
        if response.error is None or response.error.reason is not Reason.DENIED:
            return response
        conditional = self._removal.send(call, IfNoneMatch="*", **args)
        return conditional if conditional.error is None else response

    def _create(self, args: Args) -> S3Error | None:
        response = self._removal.send("CreateMultipartUpload", **args)
        self._removal.began(response)
        return response.error

    def _probe_upload(self, upload_id: str) -> Findings:
        """Upload a part, list the parts, then complete the upload if that probes a KMS key, else abort it."""
        part = self._removal.send("UploadPart", UploadId=upload_id, PartNumber=1, Body=_BODY)
        listed = self._removal.send("ListParts", UploadId=upload_id)
        findings = self._findings(Scope.DEST, "s3:ListMultipartUploadParts", LIST_PARTS, listed.error)
        if part.error is not None:
            findings |= self._key_findings(PART, part.error)
        elif self._may_complete and any(_is_dest_decrypt(permission) for permission in self._permissions):
            parts = {"Parts": [{"PartNumber": 1, "ETag": part.value.get("ETag", "")}]} if part.value else {}
            completed = self._send_write("CompleteMultipartUpload", UploadId=upload_id, MultipartUpload=parts)
            self._removal.completed(upload_id, completed)
            findings |= self._key_findings(COMPLETE, completed.error)
        if self._removal.upload == upload_id:
            error = self._removal.abort(upload_id)
            findings |= self._findings(Scope.DEST, "s3:AbortMultipartUpload", ABORT, error)
        return findings

    def _findings(self, place: Scope, action: str, kind: ProbeKind, error: S3Error | None) -> Findings:
        dest = self._context.spec.dest
        return {
            permission: self._context.finding(permission, kind, dest, error)
            for permission in self._permissions
            if (permission.place, permission.action) == (place, action)
        }

    def _key_findings(self, kind: ProbeKind, error: S3Error | None) -> Findings:
        """The findings of a request about a started upload: s3:PutObject holds, so access denied means the KMS key."""
        if error is not None and error.reason is Reason.DENIED and not of_kms(error):
            why = "although the upload was started"
            return {
                permission: missing_key_permission(permission, kind, why)
                for permission in self._permissions
                if _is_dest_decrypt(permission)
            }
        return self._findings(Scope.DEST_KEY, "kms:Decrypt", kind, error)


def _is_dest_decrypt(permission: Permission) -> bool:
    return (permission.place, permission.action) == (Scope.DEST_KEY, "kms:Decrypt")
