"""A hook's session with its credentials: asked for once, so that a refused role is told as that, and kept refreshing.

Imported when a task runs, like `connections`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.exceptions import ProfileNotFound

from s3_crosscopy.adapters.boto.errors import translated
from s3_crosscopy.adapters.boto.refresh import refresh_late_enough
from s3_crosscopy.api.screen import MENDS, policies_text
from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.plan.assuming import policies_to_assume, refused_assumption
from s3_crosscopy.plan.classify import retryable

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.config import Config


def session_of(hook: S3Hook, where: str, config: Config | None) -> Any:
    """The hook's `boto3.Session`. `where` begins the line of an error.

    Raises InvalidInput for a connection that cannot work, PermanentFailure or RetryableFailure when it gives no
    credentials.
    """
    role = hook.conn_config.role_arn
    try:
        with translated("AssumeRole" if role else "GetCredentials", "", ""):
            session = hook.get_session()
            credentials = session.get_credentials()
            if credentials is not None:
                refresh_late_enough(credentials)
                # Web identities are fetched only now. The session keeps the credentials that refresh.
                credentials.get_frozen_credentials()
                refresh_late_enough(credentials)
    except S3Error as error:
        message = " ".join(error.message.split())
        if isinstance(error.__cause__, ProfileNotFound):
            raise InvalidInput(f"{where}: {message}") from error
        failure = RetryableFailure if retryable(error.reason) else PermanentFailure
        what = f"the role {role} could not be assumed" if role else "it gives no credentials"
        raise failure("\n".join([f"{where}: {what}: {error.code}: {message}", *_mends(hook, message)])) from error
    if credentials is None and getattr(config, "signature_version", None) is not UNSIGNED:
        raise PermanentFailure(f"{where}: no credentials were found")
    return session


def _mends(hook: S3Hook, message: str) -> list[str]:
    """What lets the role be assumed, if that is what STS refused."""
    refused = refused_assumption(message)
    if refused is None:
        return []
    asked_with_id = "ExternalId" in hook.conn_config.assume_role_kwargs
    return [MENDS, *policies_text(policies_to_assume(*refused, with_external_id=asked_with_id))]
