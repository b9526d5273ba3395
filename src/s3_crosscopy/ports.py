"""Interfaces between the engine and the outside: S3, clock, checkpoint, report and events.

Two of them reach S3. `Transport` is non-blocking, for the frequent requests: list a page, HEAD an object, copy an
object, copy a part. `S3` is blocking, for all others. The engine's loop runs in one thread and owns the transport;
methods are called from other threads only where their description says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part, Version
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, Done, ListPage, Throttled, TransportOp

if TYPE_CHECKING:
    from s3_crosscopy.model.checkpoint import CheckpointState
    from s3_crosscopy.model.etag_index import Block, IndexSegment
    from s3_crosscopy.model.events import Event
    from s3_crosscopy.model.open_uploads import OpenUploads
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.model.report_row import ReportRow, SegmentRows


class Transport(Protocol):
    """Runs S3 requests without blocking. One thread owns it; only `wake` may be called from others.

    It retries transient errors itself, by the connection's retry settings, before it reports an error.
    """

    @property
    def capacity(self) -> int:
        """The largest useful number of concurrent requests; no concurrency window is larger."""

    def submit(self, op: TransportOp, token: object) -> None:
        """Start a request. Never blocks and never raises an S3 error: `reap` returns that with `token`."""

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        """Return the requests completed since the last call, in any order.

        Blocks up to `timeout_s` seconds for the first; returns an empty sequence on timeout.
        """

    def in_flight(self) -> int:
        """Return the number of requests submitted and not yet reaped, including those that wait for a retry."""

    def wake(self) -> None:
        """Make a waiting `reap` return at once. The one method that other threads may call."""

    def close(self, grace_s: float) -> Sequence[object]:
        """Wait up to `grace_s` seconds for requests in flight; return the tokens of those whose outcome is unknown.

        Idempotent. Nothing may be submitted afterwards. Requests that completed meanwhile are dropped: call `reap`
        before if their outcome matters.
        """


class S3(Protocol):
    """Blocking client of one principal. Safe to call from several threads; raises S3Error only.

    `Bucket.owner` and `Bucket.requester_pays` are sent with every request.
    """

    def head(
        self,
        bucket: Bucket,
        key: str,
        *,
        if_match: str | None = None,
        part: int | None = None,
        version: str | None = None,
    ) -> Facts:
        """HeadObject with checksums.

        if_match: ETag that the object must have, or None. part: part number, None for the whole object.
        version: version id, None for the current version.
        S3's own 404 raises with Reason.MISSING; one without S3's request id, as of a proxy, with Reason.UNCONFIRMED.
        """

    def list_page(self, op: ListPage) -> Page:
        """ListObjectsV2, one page."""

    def tags(self, bucket: Bucket, key: str, version: str | None = None) -> Mapping[str, str]:
        """GetObjectTagging; empty if the object has no tags."""

    def put_tags(self, bucket: Bucket, key: str, tags: Mapping[str, str]) -> None:
        """PutObjectTagging: replaces the object's tags. Idempotent."""

    def delete_object(self, bucket: Bucket, key: str, etag: str, version: str = "") -> str:
        """Delete exactly one object: this `version`, or, with "", the current one if it has this `etag`.

        Returns the version id of the delete marker that was made, "" if there is none: the bucket has no versions, or
        a version was deleted. Raises with Reason.CHANGED if the key has another ETag. An object that no longer exists
        may raise with Reason.MISSING.
        """

    def versioning(self, bucket: Bucket) -> str:
        """GetBucketVersioning: `Enabled`, `Suspended`, or "" if the bucket never had versions."""

    def newest_version(self, bucket: Bucket, key: str) -> Version | None:
        """ListObjectVersions: the newest version of exactly this key, or its delete marker; None if it has neither."""

    def create_upload(self, bucket: Bucket, key: str, args: Mapping[str, object], since: str = "") -> str:
        """CreateMultipartUpload with `args` by S3's API names; returns the upload id. Not idempotent.

        If the client library repeated the request, an earlier attempt whose response was lost may have created another
        upload: those of this key initiated since `since` (as `Listed.modified`) are aborted.
        """

    def complete_upload(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        """CompleteMultipartUpload; `Copied.etag` is "" if the server sends none."""

    def abort_upload(self, bucket: Bucket, key: str, upload_id: str) -> None:
        """AbortMultipartUpload. An upload that no longer exists is no error."""

    def list_parts(self, bucket: Bucket, key: str, upload_id: str) -> Sequence[Part]:
        """ListParts: all parts of an upload, in order. Raises with Reason.MISSING if the upload does not exist."""

    def region(self, bucket: Bucket) -> str | None:
        """Return the bucket's Region, None if no response names it. Raises with Reason.MISSING without a bucket."""

    def uploads_of(self, bucket: Bucket, key: str) -> Sequence[tuple[str, str]]:
        """Return the incomplete uploads of exactly this key: upload id, and time of initiation as `Listed.modified`."""

    def renew(self) -> None:
        """Get new credentials from their source after S3 reported that the old ones expired. Blocks.

        Raises S3Error if that fails, with a retryable reason if the error is transient.
        """

    def refresh_due(self) -> bool:
        """Return True if the credentials expire soon and can be refreshed. Called often; never blocks."""

    def refresh(self) -> bool:
        """Refresh credentials that expire soon; return True if that succeeded, else the old ones stay. Blocks."""


class BlockingS3(S3, Protocol):
    """Blocking client that also sends the frequent requests; `engine.threads` makes a `Transport` of it."""

    def copy(self, op: Copy) -> Copied:
        """CopyObject; an error in the body of a 200 response is raised like any other."""

    def copy_part(self, op: CopyPart) -> Part:
        """UploadPartCopy; an error in the body of a 200 response is raised like any other."""

    def throttled(self) -> int:
        """Return the number of attempts throttled so far, including those retried within one call. Monotonic."""


class Clock(Protocol):
    """The clock of this machine. Never compared with S3's times."""

    def now(self) -> float:
        """Return the monotonic time in seconds since any origin."""

    def utc(self) -> float:
        """Return the time in seconds since 1970, which may be set back. Only to be shown to people."""


class Checkpoint(Protocol):
    """Stores the newest state of a run, from which a later attempt resumes.

    `save` is called from a thread of its own, one call at a time, every few seconds, and only with states of at most
    `room` bytes of JSON. The engine repeats it after StoreAway, without a time limit. Any other exception stops the
    run, which protects against a second run of the same task.
    """

    @property
    def room(self) -> int:
        """The number of bytes of JSON that it stores. Read once, before the run starts."""

    def load(self) -> tuple[CheckpointState, float] | None:
        """Return the last saved state and the time of its save in seconds since 1970, or None to start over.

        Called once, before any `save` and before anything is written, also by runs that do not resume. Raises
        InvalidInput if the stored state must not be replaced or cannot be written, and StoreAway if the store is not
        reachable now.
        """

    def save(self, state: CheckpointState) -> None:
        """Replace the stored state, durably before returning. Atomic: a crash leaves the old state or the new one."""


class ReportStore(Protocol):
    """Writes the rows of a report to a folder or an S3 prefix. Called from a thread of its own, one call at a time.

    The process may end after any call: a segment written again replaces the old one, and readers use only files that
    `finish` lists.
    """

    def new_segment(self) -> SegmentRows:
        """Return a segment without rows, for `write_segment`. Called from any thread."""

    def write_segment(self, number: int, rows: Any) -> None:
        """Write segment `number` (from 0) durably before returning: `rows` of `new_segment`, which are committed."""

    def write_rest(self, rows: Sequence[ReportRow]) -> None:
        """Write rows that are not committed, durably before returning. Only this attempt's `finish` may list them."""

    def write_uploads(self, unfinished: OpenUploads) -> None:
        """Record the incomplete uploads durably, replacing those recorded before. Called with every save."""

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        """Write the last uncommitted rows, the failed keys as a manifest, the index and the summary.

        The index lists exactly `segments` segments and the uncommitted rows, which a later attempt replaces.
        """


class EtagIndex(Protocol):
    """Stores the ETags of each object and of its copy. Called from threads: `read` from several, the rest from one.

    Of several runs with one place, the one that wrote its first file last is the one that writes. In all others `save`
    and `finish` raise PermanentFailure and change nothing. All writes raise S3Error and RetryableFailure.

    segments: those of the last complete run, which stay readable until `finish`; none if it has no usable index.
    pending: the blocks that an earlier attempt of this run recorded and did not write as segments.
    not_removed: why files of the former index could not be removed, "" if they were; set by `finish`.
    """

    segments: Sequence[IndexSegment]
    pending: Sequence[Block]
    not_removed: str

    def read(self, segment: IndexSegment) -> list[Block]:
        """Return the blocks of a segment.

        Raises ValueError or CrossCopyError, with a text that follows the segment's name, and FileNotFoundError.
        """

    def write(self, blocks: Sequence[Block]) -> None:
        """Write a segment of the new index, durably before returning."""

    def save(self, run: str, pending: Sequence[Block]) -> None:
        """Record what was written so far, and all other rows, for a later attempt of the run that began at `run`."""

    def finish(self, run: str) -> None:
        """Replace the index by the segments that this run and its earlier attempts wrote; remove what is not in it."""


class EventSink(Protocol):
    """Receives events for log lines, a progress bar or metrics. Called by the loop, per batch or every few seconds."""

    def emit(self, event: Event) -> None:
        """Show or store one event. Must be quick; an exception stops the run."""
