"""The ports: everything the core needs from the outside, as contracts. Two of them reach S3.

Non-blocking requests (list a page, copy, copy a part) complete, they do not block: `Transport`. The others block: `S3`.
One thread runs the loop that owns the transport; nothing here is called from anywhere else unless it says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, Done, ListPage, Throttled, TransportOp

if TYPE_CHECKING:
    from s3_crosscopy.model.checkpoint import CheckpointState
    from s3_crosscopy.model.events import Event
    from s3_crosscopy.model.open_uploads import OpenUploads
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.model.report_row import ReportRow


class Transport(Protocol):
    """The hot port. One thread owns it; only `wake` may be called from others.

    The lane retries transient errors itself, by the connection's retry settings, before it reports an error.
    """

    @property
    def capacity(self) -> int:
        """How many requests it carries at once without harm: no window is wider."""

    def submit(self, op: TransportOp, token: object) -> None:
        """Begin a request. Never blocks and never raises an S3 error: that comes out of `reap` with `token`."""

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        """What ended since the last call, in any order; waits up to `timeout_s` for the first. Empty on a time-out."""

    def in_flight(self) -> int:
        """Requests submitted and not yet reaped, those that wait for a retry included."""

    def wake(self) -> None:
        """Make a waiting `reap` return at once. The one method that other threads may call."""

    def close(self, grace_s: float) -> Sequence[object]:
        """Submit nothing more, wait up to `grace_s` for what is in flight; the tokens whose fate stays unknown.

        Idempotent. Requests that ended meanwhile are dropped: reap first if their outcome matters.
        """


class S3(Protocol):
    """The cold port of one principal: blocking, safe to call from several threads, raises S3Error only.

    `Bucket.owner` and `Bucket.requester_pays` go along on every request.
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
        """HEAD, with checksums; of one `part` or of one `version` if given.

        S3's own 404 raises with Reason.MISSING; one without S3's request id, as of a proxy, with Reason.UNCONFIRMED.
        """

    def list_page(self, op: ListPage) -> Page:
        """One page."""

    def tags(self, bucket: Bucket, key: str, version: str | None = None) -> Mapping[str, str]:
        """The object's tags; empty if it has none."""

    def put_tags(self, bucket: Bucket, key: str, tags: Mapping[str, str]) -> None:
        """Replace the object's tags. Idempotent."""

    def delete_object(self, bucket: Bucket, key: str, etag: str, version: str = "") -> None:
        """Delete exactly one object: a `version` of it, or, in a bucket without any (""), what has this `etag` now.

        Another object in its place raises with Reason.CHANGED; what is gone already may raise with Reason.MISSING.
        """

    def create_upload(self, bucket: Bucket, key: str, args: Mapping[str, object], since: str = "") -> str:
        """CreateMultipartUpload with `args` by S3's API names; the upload id. Not idempotent: keep what it returns.

        Where the client library repeated the request by itself, an earlier attempt may have begun an upload that nobody
        heard of: such ones of this key that were begun `since` (as `Listed.modified`) are aborted.
        """

    def complete_upload(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        """CompleteMultipartUpload; `etag` is "" where a server does not say."""

    def abort_upload(self, bucket: Bucket, key: str, upload_id: str) -> None:
        """AbortMultipartUpload. An upload that is gone already is no error."""

    def list_parts(self, bucket: Bucket, key: str, upload_id: str) -> Sequence[Part]:
        """All parts that an upload holds, in order; raises with Reason.MISSING when there is no such upload."""

    def region(self, bucket: Bucket) -> str | None:
        """The bucket's Region; None when neither an answer nor a refusal names it. MISSING: there is no such bucket."""

    def uploads_of(self, bucket: Bucket, key: str) -> Sequence[tuple[str, str]]:
        """The open uploads of exactly this key: upload id and when it was initiated, as `Listed.modified`."""

    def renew(self) -> None:
        """Get new credentials from where the old ones came from: S3 said that those have ended. Not for the loop's
        thread. Raises S3Error where that fails, with a reason that is retryable if only the moment was bad.
        """

    def refresh_due(self) -> bool:
        """Tells whether the credentials are soon to end and know how to get new ones. Called often; never blocks."""

    def refresh(self) -> bool:
        """Get new ones for those that are due; tells whether it did. The old ones stay where it fails. Not for the
        loop's thread.
        """


class BlockingS3(S3, Protocol):
    """A cold port that can do the hot requests too, one call a request: `engine.threads` lifts it to a Lane."""

    def copy(self, op: Copy) -> Copied:
        """One CopyObject; an error inside a 200 is raised like any other."""

    def copy_part(self, op: CopyPart) -> Part:
        """One UploadPartCopy; an error inside a 200 is raised like any other."""

    def throttled(self) -> int:
        """How many attempts were throttled so far, those included that were retried inside one call. Monotonic."""


class Clock(Protocol):
    """Time that only grows, in seconds from any origin. Never used to compare with S3's times."""

    def now(self) -> float:
        """Monotonic seconds."""


class Checkpoint(Protocol):
    """Where a run keeps what is left of it: one state, the newest.

    `save` is called from a thread of its own, one call a time, and never for every object; only with states that have
    no more than `room` bytes of JSON. StoreAway from it is waited out, however long that takes. Any other exception
    stops the engine: it is the fence against a second copy of the same task.
    """

    @property
    def room(self) -> int:
        """How many bytes of JSON it keeps. Asked before a run begins, which then never has more to keep."""

    def load(self) -> tuple[CheckpointState, float] | None:
        """What the last `save` kept, and when, in seconds since 1970; None to begin afresh.

        Called once, before any `save` and before anything is written, also by runs that will not go on from it: a
        store refuses here, with InvalidInput, what it must not replace, and what it will not be able to write. One that
        cannot be asked now raises StoreAway.
        """

    def save(self, state: CheckpointState) -> None:
        """Replace what is kept, durably before returning. Atomic: a crash leaves the old state or the new one."""


class ReportStore(Protocol):
    """Where the rows of a report go: a folder or an S3 prefix. Called from a thread of its own, one call a time.

    A crash may come after any call: writing the same number again replaces what was there, and nothing counts but what
    `finish` lists.
    """

    def write_segment(self, number: int, rows: Sequence[ReportRow]) -> None:
        """Write segment `number` (from 0) durably before returning. These rows are settled for good."""

    def write_rest(self, rows: Sequence[ReportRow]) -> None:
        """Write rows durably that only this attempt's `finish` may list: they are not settled for good."""

    def write_uploads(self, unfinished: OpenUploads) -> None:
        """Record durably which uploads are open, in place of those recorded before. Called with every save."""

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        """Write the last rows of what is not settled for good (a later attempt replaces all of them), the keys that
        failed as a manifest, the index of exactly these `segments` and that rest, and the summary."""


class EventSink(Protocol):
    """Where events go: log lines, a progress bar, metrics. The loop calls it, per batch or per few seconds."""

    def emit(self, event: Event) -> None:
        """Show or store one event. Must be quick; an exception stops the run."""
