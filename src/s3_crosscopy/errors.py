"""The one family of errors, by what the caller can do about each.

Knows nothing of boto3 or Airflow: adapters translate into it, the skins (CLI, operator) translate out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.model.humanize import printable, told, without_secrets

if TYPE_CHECKING:
    from s3_crosscopy.model.outcomes import Reason
    from s3_crosscopy.model.report import Report


class CrossCopyError(Exception):
    """Everything that s3-crosscopy raises on purpose. Its text is one clear line; `CopyFailed` may explain it in more.

    The text is fit to be shown: no control or bidi character is in it, and no user or query of a URL.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(self._shown(one) if isinstance(one, str) else one for one in args))

    def _shown(self, text: str) -> str:
        return printable(without_secrets(text))


class InvalidInput(CrossCopyError, ValueError):
    """An argument is wrong: change it. Nothing was listed and nothing was written."""


class EmptySource(CrossCopyError):
    """There is nothing to copy and `if_empty="fail"`: most often a wrong prefix or glob, or an empty template."""


class S3Error(CrossCopyError):
    """One request that S3 refused, or that got no answer.

    `code` and `status` are S3's own (`status` is 0 when there was no answer), `call` is the API operation,
    `reason` what `plan.classify` made of them. Raised by the cold port, carried in `Done.error` by the hot one.
    `code`, `message` and `request_id` are a server's texts and made printable; `key` is the key as it is.
    """

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
        said = f"{self.code}: {self.message}" if self.message else self.code
        tail = f" (request id {self.request_id})" if self.request_id else ""
        where = f" on s3://{self.bucket}/{self.key}" if self.bucket else ""
        return printable(f"{self.call}{where}: {said}{tail}")


class ListingBroken(CrossCopyError):
    """A listing that did not end cleanly, or came out of order: it is never taken for a short one. Retry the run."""


class Interrupted(CrossCopyError):
    """The run was told to stop (SIGTERM, `on_kill`, Ctrl-C). A retry goes on with what is left."""


class CopyFailed(CrossCopyError):
    """The run ended and something is not at the destination. `report` says what, and why; None if it never began."""

    def __init__(self, message: str, report: Report | None = None) -> None:
        super().__init__(message)
        self.report = report

    def _shown(self, text: str) -> str:
        return told(text)


class PermanentFailure(CopyFailed):
    """No failed key would fare better on a retry: a grant, an option or an object has to change first."""


class RetryableFailure(CopyFailed):
    """At least one failed key may well arrive on a retry, which does only what is left."""


class StoreAway(RetryableFailure):
    """A store of checkpoints did not take a state or give one, and may do so later. A run goes on copying meanwhile."""


class AccountingError(CrossCopyError):
    """The counts do not add up: a bug of ours. The copies that were counted are there; do not trust the summary."""
