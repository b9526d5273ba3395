"""Exceptions of s3-crosscopy, divided by what the caller can do about them.

Independent of boto3 and Airflow: adapters raise these errors, CLI and operators map them to exit codes and Airflow's
exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.model.humanize import error_text, printable, without_secrets

if TYPE_CHECKING:
    from s3_crosscopy.model.outcomes import Reason
    from s3_crosscopy.model.report import Report


class CrossCopyError(Exception):
    """Base class of all errors that s3-crosscopy raises. The text is one line; that of `CopyFailed` may have more.

    The text is safe to show: it has no control or bidi characters, and no user or query of a URL.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(self._shown(arg) if isinstance(arg, str) else arg for arg in args))

    def _shown(self, text: str) -> str:
        return printable(without_secrets(text))


class InvalidInput(CrossCopyError, ValueError):
    """An argument is wrong and must be changed. Nothing was listed and nothing was written."""


class EmptySource(CrossCopyError):
    """There is nothing to copy and `if_empty="fail"`. Most often a prefix or glob is wrong, or a template is empty."""


class S3Error(CrossCopyError):
    """A request that S3 refused, or that got no response. Raised by `ports.S3`, contained in `Done.error`.

    call: the API operation. code, status: S3's error code and HTTP status; status is 0 if there was no response.
    reason: the `Reason` that `core.error_codes` maps them to.
    code, message and request_id are the server's texts, made printable; key is the unchanged key.
    repeated: the request was sent more than once, so that an earlier attempt may have been applied.
    """

    repeated = False

    def __init__(
        self,
        *,
        call: str,
        bucket: str,
        key: str,
        code: str,
        status: int,
        message: str,
        reason: Reason,
        request_id: str = "",
    ) -> None:
        self.call = call
        self.bucket = bucket
        self.key = key
        self.code = printable(code)
        self.status = status
        self.message = printable(without_secrets(" ".join(map(str.strip, message.splitlines()))))
        self.reason = reason
        self.request_id = printable(request_id)
        super().__init__(str(self))

    def __str__(self) -> str:
        error = f"{self.code}: {self.message}" if self.message else self.code
        request_id = f" (request id {self.request_id})" if self.request_id else ""
        url = f" on s3://{self.bucket}/{self.key}" if self.bucket else ""
        return printable(f"{self.call}{url}: {error}{request_id}")


class ListingBroken(CrossCopyError):
    """A listing was incomplete or not in key order; its keys are not used as if it were complete. Retry the run."""


class Interrupted(CrossCopyError):
    """The run was stopped by SIGTERM, `on_kill` or Ctrl-C. A retry resumes with the remaining keys."""


class CopyFailed(CrossCopyError):
    """The run ended and not all objects are at the destination.

    report: the counts, and the failed keys with their reasons; None if the run did not start.
    """

    def __init__(self, message: str, report: Report | None = None) -> None:
        super().__init__(message)
        self.report = report

    def _shown(self, text: str) -> str:
        return error_text(text)


class PermanentFailure(CopyFailed):
    """A retry would fail again: a permission, an option or an object must be changed first."""


class RetryableFailure(CopyFailed):
    """A retry may succeed for at least one failed key. It copies only the remaining keys."""


class StoreAway(RetryableFailure):
    """A checkpoint store is not reachable at the moment. A run continues to copy meanwhile."""


class AccountingError(CrossCopyError):
    """The counts are inconsistent, which is a bug in s3-crosscopy. Counted copies exist; do not trust the summary."""
