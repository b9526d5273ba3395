"""What a report means: a success or an error to raise, one line that says why, and the explanation of a denial."""

from __future__ import annotations

from s3_crosscopy.errors import EmptySource, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.requests import Side
from s3_crosscopy.plan.access import Denial, explain
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.ports import BlockingS3


def judge(spec: Spec, report: Report) -> None:
    """Raise for a report that is not a success."""
    if not report.ok:
        failure = RetryableFailure if report.retryable else PermanentFailure
        raise failure(summary_line(report), report)
    if report.empty and spec.options.if_empty == "fail":
        raise EmptySource(f"{report.source} holds nothing; if that is fine, say if_empty='skip' or if_empty='succeed'")


def summary_line(report: Report) -> str:
    """What went wrong, in one line, and behind it the explanation of a denial if there was one."""
    counts = report.counts
    line = f"{counts['failed']:,} of {counts['listed']:,} objects were not copied"
    if report.stopped:
        line = f"stopped early, {report.stopped}"
    elif report.unproven and not counts["failed"]:
        first = report.unproven[0]
        line = f"the listing at the end does not prove the copies: {first.key!r} {first.message}"
    elif report.failures:
        first = report.failures[0]
        line += f"; first {first.key!r}: {first.reason.value} ({first.call}: {first.code} {first.message})"
    return f"{line}\n{report.denial}" if report.denial else line


def explain_denial(spec: Spec, error: S3Error, source: BlockingS3, dest: BlockingS3) -> str:
    """Ask what tells the sides apart, and put it in words. Costs an identity and at most one HEAD."""
    at_source = error.bucket == spec.source.name and error.key.startswith(spec.source_prefix)
    key = error.key if at_source else spec.source_prefix
    reads: bool | None = None
    if error.call in ("CopyObject", "UploadPartCopy"):
        reads = _can_head(dest, spec.source, key)
    return explain(
        Denial(
            call=error.call,
            side=Side.SOURCE if at_source else Side.DEST,
            key=key,
            source_bucket=spec.source.name,
            dest_bucket=spec.dest.name,
            dest_key=spec.dest_key(key) if at_source else error.key,
            reader=source.principal() or "the source connection's principal (STS does not tell which)",
            copier=dest.principal() or "the copying connection's principal (STS does not tell which)",
            copier_reads_source=reads,
        )
    )


def _can_head(s3: BlockingS3, bucket: Bucket, key: str) -> bool | None:
    try:
        s3.head(bucket, key)
    except S3Error as error:
        return False if error.reason is Reason.DENIED else None
    return True
