"""Removing what a write probe wrote, and what an earlier one left: nothing but the reserved key is ever touched."""

from __future__ import annotations

from s3_crosscopy.access.examination import BucketSettings, Party
from s3_crosscopy.access.probes.context import ProbeContext
from s3_crosscopy.access.probes.probe_clients import ProbeResponse
from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason

MOST_LEFTOVERS = 20
"""Versions of the reserved key that are removed at most: each is a probe that died."""


class Removal:
    """What has to go in the end, at one key. Lines for the user are added to `notes`."""

    def __init__(self, context: ProbeContext, key: str, notes: list[str]) -> None:
        self._context = context
        self._key = key
        self._notes = notes
        self._versions: list[str | None] = []
        self._uploads: list[str] = []

    @property
    def upload(self) -> str | None:
        """The newest upload that is open."""
        return self._uploads[-1] if self._uploads else None

    def tell(self, call: str, **args: object) -> ProbeResponse:
        """A request of the copier about the key."""
        return self._context.clients.tell(Party.COPIER, self._context.spec.dest, call, Key=self._key, **args)

    def wrote(self, said: ProbeResponse) -> None:
        """An object is there now; in a versioned bucket it is one of several."""
        if said.value is not None:
            self._versions.append(said.value.get("VersionId"))

    def began(self, said: ProbeResponse) -> None:
        """An upload is open now."""
        if said.value is not None and (upload_id := said.value.get("UploadId")):
            self._uploads.append(str(upload_id))

    def completed(self, upload_id: str, said: ProbeResponse) -> None:
        """The upload has become an object."""
        if said.ok:
            self._uploads.remove(upload_id)
            self.wrote(said)

    def abort(self, upload_id: str) -> S3Error | None:
        """Abort an upload now; what is gone already is no error."""
        error = self.tell("AbortMultipartUpload", UploadId=upload_id).error
        if error is None or error.reason is Reason.MISSING:
            self._uploads.remove(upload_id)
            return None
        return error

    def may_delete(self, *, versioned: bool) -> S3Error | None:
        """Delete what is not there: it changes nothing, and takes the grant that removing will take."""
        return self.tell("DeleteObject", **({"VersionId": "null"} if versioned else {})).error

    def leftovers(self) -> None:
        """What earlier probes left at the key."""
        for upload_id in self._open_uploads():
            self._uploads.append(upload_id)
            self.abort(upload_id)
        for _ in range(MOST_LEFTOVERS):
            head = self.tell("HeadObject")
            if head.value is None or not self._delete(head.value.get("VersionId")):
                break

    def remove(self) -> None:
        """Everything that was written, and tell what would not go."""
        for upload_id in tuple(self._uploads):
            error = self.abort(upload_id)
            if error is not None:
                self._notes.append(f"the upload {upload_id} of {self._where} could not be aborted: {cause(error)}")
        # Where there are no versions, one delete is enough for all.
        for version in dict.fromkeys(self._versions):
            self._delete(version)
        self._versions.clear()

    def _delete(self, version: str | None) -> bool:
        error = self.tell("DeleteObject", **({"VersionId": version} if version is not None else {})).error
        if error is not None:
            which = f" (version {version})" if version is not None else ""
            self._notes.append(f"{self._where}{which} could not be removed, please do: {cause(error)}")
        return error is None

    def _open_uploads(self) -> tuple[str, ...]:
        clients, dest = self._context.clients, self._context.spec.dest
        said = clients.tell(Party.COPIER, dest, "ListMultipartUploads", Prefix=self._key)
        rows = said.value.get("Uploads", ()) if said.value is not None else ()
        return tuple(str(row["UploadId"]) for row in rows if row.get("Key") == self._key and "UploadId" in row)

    @property
    def _where(self) -> str:
        return f"s3://{self._context.spec.dest.name}/{self._key}"


def why_not_removable(context: ProbeContext, dest: BucketSettings | None, removal: Removal) -> str:
    """Why an object at the key might stay; "" if it can certainly be removed without a trace."""
    versioned = _is_versioned(context, dest)
    if versioned is None:
        return "whether the bucket keeps versions is not known, nor whether it would keep a locked one"
    lock = dest.object_lock if dest is not None else None
    if versioned and lock not in ("off", "on"):
        return f"its Object Lock would keep it ({lock or 'not known'})"
    if removal.may_delete(versioned=versioned) is not None:
        return f"{'s3:DeleteObjectVersion' if versioned else 's3:DeleteObject'} is denied, so that it would stay"
    return ""


def _is_versioned(context: ProbeContext, dest: BucketSettings | None) -> bool | None:
    """From the setting, else from an object: one in a bucket without versions has none, and no Object Lock."""
    if dest is not None and dest.versioning is not None:
        return dest.versioning != "off"
    key = context.dest_object()
    head = context.head(Party.COPIER, context.spec.dest, key) if key is not None else None
    if head is None or head.value is None:
        return None
    return "VersionId" in head.value
