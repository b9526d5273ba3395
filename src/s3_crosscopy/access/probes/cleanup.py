"""Removes what a write probe wrote, and what an earlier one left, at the reserved key only."""

from __future__ import annotations

from s3_crosscopy.access.examination import BucketSettings, Party
from s3_crosscopy.access.probes.context import ProbeContext
from s3_crosscopy.access.probes.probe_clients import ProbeResponse
from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason

MOST_EARLIER_OBJECTS = 20
"""Maximum number of versions of the reserved key to remove; each is from a probe that was killed."""


class Removal:
    """The objects and uploads to remove at one key. Lines for the user are added to `notes`."""

    def __init__(self, context: ProbeContext, key: str, notes: list[str]) -> None:
        self._context = context
        self._key = key
        self._notes = notes
        self._versions: list[str | None] = []
        self._uploads: list[str] = []

    @property
    def upload(self) -> str | None:
        """The newest open upload."""
        return self._uploads[-1] if self._uploads else None

    def send(self, call: str, **args: object) -> ProbeResponse:
        """Send a request of the copier about the key."""
        return self._context.clients.send(Party.COPIER, self._context.spec.dest, call, Key=self._key, **args)

    def wrote(self, response: ProbeResponse) -> None:
        """Record a written object; in a versioned bucket, its version."""
        if response.value is not None:
            self._versions.append(response.value.get("VersionId"))

    def began(self, response: ProbeResponse) -> None:
        """Record an open upload."""
        if response.value is not None and (upload_id := response.value.get("UploadId")):
            self._uploads.append(str(upload_id))

    def completed(self, upload_id: str, response: ProbeResponse) -> None:
        """Record that an upload became an object."""
        if response.ok:
            self._uploads.remove(upload_id)
            self.wrote(response)

    def abort(self, upload_id: str) -> S3Error | None:
        """Abort an upload now; None if it is gone."""
        error = self.send("AbortMultipartUpload", UploadId=upload_id).error
        if error is None or error.reason is Reason.MISSING:
            self._uploads.remove(upload_id)
            return None
        return error

    def may_delete(self, *, versioned: bool) -> S3Error | None:
        """Delete an object that does not exist: changes nothing, and needs the permission that `remove` needs."""
        return self.send("DeleteObject", **({"VersionId": "null"} if versioned else {})).error

    def remove_earlier(self) -> None:
        """Remove what earlier probes left at the key."""
        for upload_id in self._open_uploads():
            self._uploads.append(upload_id)
            self.abort(upload_id)
        for _ in range(MOST_EARLIER_OBJECTS):
            head = self.send("HeadObject")
            if head.value is None or not self._delete(head.value.get("VersionId")):
                break

    def remove(self) -> None:
        """Remove everything that was written, and add a note for what could not be removed."""
        for upload_id in tuple(self._uploads):
            error = self.abort(upload_id)
            if error is not None:
                self._notes.append(f"the upload {upload_id} of {self._where} could not be aborted: {cause(error)}")
        # Without versions, one delete is enough for all.
        for version in dict.fromkeys(self._versions):
            self._delete(version)
        self._versions.clear()

    def _delete(self, version: str | None) -> bool:
        error = self.send("DeleteObject", **({"VersionId": version} if version is not None else {})).error
        if error is not None:
            which = f" (version {version})" if version is not None else ""
            self._notes.append(f"{self._where}{which} could not be removed, please remove it: {cause(error)}")
        return error is None

    def _open_uploads(self) -> tuple[str, ...]:
        clients, dest = self._context.clients, self._context.spec.dest
        response = clients.send(Party.COPIER, dest, "ListMultipartUploads", Prefix=self._key)
        uploads = response.value.get("Uploads", ()) if response.value is not None else ()
        ids = (upload.get("UploadId") for upload in uploads if upload.get("Key") == self._key)
        return tuple(str(upload_id) for upload_id in ids if upload_id is not None)

    @property
    def _where(self) -> str:
        return f"s3://{self._context.spec.dest.name}/{self._key}"


def why_not_removable(context: ProbeContext, dest: BucketSettings | None, removal: Removal) -> str:
    """Why an object at the key might stay; "" if it can certainly be removed without a trace."""
    versioned = _is_versioned(context, dest)
    if versioned is None:
        return "it is not known whether the bucket is versioned, nor whether Object Lock would keep the object"
    lock = dest.object_lock if dest is not None else None
    if versioned and lock not in ("off", "on"):
        return f"its Object Lock would keep it ({lock or 'not known'})"
    if removal.may_delete(versioned=versioned) is not None:
        return f"{'s3:DeleteObjectVersion' if versioned else 's3:DeleteObject'} is denied, so it could not be removed"
    return ""


def _is_versioned(context: ProbeContext, dest: BucketSettings | None) -> bool | None:
    """True if the bucket is versioned, by its setting or else by an object's version id; None if unknown."""
    if dest is not None and dest.versioning is not None:
        return dest.versioning != "off"
    key = context.dest_object()
    head = context.head(Party.COPIER, context.spec.dest, key) if key is not None else None
    if head is None or head.value is None:
        return None
    return "VersionId" in head.value
