"""Which grants hold, found out by writing: an empty object and one upload at the reserved key, both removed again.

What this process leaves if it dies is at that key only, and the next write probe begins with removing it. No object is
written that could not be removed: into a bucket that keeps it, or without the grant to delete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from s3_crosscopy.access.examination import BucketSettings, Finding, FindingStatus, Permission, Scope
from s3_crosscopy.access.probes.cleanup import Removal, why_not_removable
from s3_crosscopy.access.probes.context import ProbeContext
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
    missing_key_grant,
)
from s3_crosscopy.access.rules.write_verdict import Trials, simpler, verdicts, write_args
from s3_crosscopy.core.transfer.copy_params import Args
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason

_BODY = b"s3-crosscopy"
Findings = dict[Permission, Finding]


def write_probe(
    context: ProbeContext, findings: Mapping[Permission, Finding], dest: BucketSettings | None, notes: list[str]
) -> Findings:
    """`findings` with what writing told; lines for the user are added to `notes`."""
    spec = context.spec
    if spec.single:
        notes.append(
            "nothing was written: for a single object a write probe would be in the copy's own place;"
            " ask about the prefix that it goes to"
        )
        return dict(findings)
    removal = Removal(context, probe_key(spec), notes)
    removal.leftovers()
    if why := _cannot_abort(findings):
        notes.append(f"nothing was written: {why}")
        return dict(findings)
    keeps = why_not_removable(context, dest, removal)
    if keeps:
        notes.append(f"only an upload was begun, no object was written: {keeps}")
    try:
        return {**findings, **_Writer(context, findings, removal, may_complete=not keeps).run()}
    finally:
        removal.remove()


def _cannot_abort(findings: Mapping[Permission, Finding]) -> str:
    denied = any(
        one.status is FindingStatus.MISSING and permission.action == "s3:AbortMultipartUpload"
        for permission, one in findings.items()
    )
    return "s3:AbortMultipartUpload is denied, so that an upload would stay" if denied else ""


class _Writer:
    """The writes of one probe. `may_complete`: an object may be left at the key, to be removed in the end."""

    def __init__(
        self, context: ProbeContext, findings: Mapping[Permission, Finding], removal: Removal, *, may_complete: bool
    ) -> None:
        self._context = context
        self._grants = tuple(findings)
        self._removal = removal
        self._may_complete = may_complete
        self._args = write_args(context.spec.options, self._grants)

    def run(self) -> Findings:
        """What was found out, by grant."""
        if not self._may_complete:
            trials, _ = self._try(self._create)
            found = verdicts(self._grants, CREATE, trials)
        else:
            trials, worked = self._try(self._put)
            found = verdicts(self._grants, PUT, trials)
            if worked is not None:
                self._create(worked)
        upload_id = self._removal.upload
        return found if upload_id is None else {**found, **self._go_on(upload_id)}

    def _try(self, send: Callable[[Args], S3Error | None]) -> tuple[Trials, Args | None]:
        """The full write and, if that fails, the simpler ones; with the arguments of the first that was made."""
        trials: dict[str | None, S3Error | None] = {None: send(self._args)}
        if trials[None] is None:
            return trials, self._args
        tried = simpler(self._args)
        for name, args in tried.items():
            trials[name] = send(args)
        for error in filter(None, trials.values()):
            self._context.note_obstacle(error)
        return trials, next((args for name, args in tried.items() if trials[name] is None), None)

    def _put(self, args: Args) -> S3Error | None:
        said = self._removal.tell("PutObject", Body=b"", **args)
        self._removal.wrote(said)
        return said.error

    def _create(self, args: Args) -> S3Error | None:
        said = self._removal.tell("CreateMultipartUpload", **args)
        self._removal.began(said)
        return said.error

    def _go_on(self, upload_id: str) -> Findings:
        """A part, the list of parts, and the end: completed where that tells of a key, else aborted."""
        part = self._removal.tell("UploadPart", UploadId=upload_id, PartNumber=1, Body=_BODY)
        listed = self._removal.tell("ListParts", UploadId=upload_id)
        found = self._judged(Scope.DEST, "s3:ListMultipartUploadParts", LIST_PARTS, listed.error)
        if part.error is not None:
            found |= self._judged_key(PART, part.error)
        elif self._may_complete and any(_is_dest_decrypt(permission) for permission in self._grants):
            parts = {"Parts": [{"PartNumber": 1, "ETag": part.value.get("ETag", "")}]} if part.value else {}
            done = self._removal.tell("CompleteMultipartUpload", UploadId=upload_id, MultipartUpload=parts)
            self._removal.completed(upload_id, done)
            found |= self._judged_key(COMPLETE, done.error)
        if self._removal.upload == upload_id:
            error = self._removal.abort(upload_id)
            found |= self._judged(Scope.DEST, "s3:AbortMultipartUpload", ABORT, error)
        return found

    def _judged(self, place: Scope, action: str, way: ProbeKind, error: S3Error | None) -> Findings:
        dest = self._context.spec.dest
        return {
            permission: self._context.finding(permission, way, dest, error)
            for permission in self._grants
            if (permission.place, permission.action) == (place, action)
        }

    def _judged_key(self, way: ProbeKind, error: S3Error | None) -> Findings:
        """Of an upload that was begun: PutObject holds, so that a denial is for want of the key."""
        if error is not None and error.reason is Reason.DENIED and not of_kms(error):
            why = "although the upload was begun"
            return {
                permission: missing_key_grant(permission, way, why)
                for permission in self._grants
                if _is_dest_decrypt(permission)
            }
        return self._judged(Scope.DEST_KEY, "kms:Decrypt", way, error)


def _is_dest_decrypt(permission: Permission) -> bool:
    return (permission.place, permission.action) == (Scope.DEST_KEY, "kms:Decrypt")
