"""Gets the session of a hook, requests its credentials once to check them, and makes them refresh in time.

Imported when a task runs, like `connections`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.exceptions import BotoCoreError, ProfileNotFound

from s3_crosscopy.access.examination_text import SUGGESTED_POLICIES, policies_text
from s3_crosscopy.access.rules.arns import path_remark
from s3_crosscopy.access.rules.assume_role import policies_to_assume, refused_assumption
from s3_crosscopy.adapters.boto.credential_refresh import refresh_late_enough
from s3_crosscopy.adapters.boto.debug_lines import redact_debug_lines
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.redaction import make_harmless, remember, without_values
from s3_crosscopy.adapters.boto.session_credentials import ready, why_not
from s3_crosscopy.core.error_codes import failure_for
from s3_crosscopy.errors import CrossCopyError, InvalidInput, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.outcomes import Reason

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.config import Config


def session_of(hook: S3Hook, where: str, config: Config | None) -> Any:
    """The hook's `boto3.Session`, with credentials. `where` is the beginning of an error message.

    Raises InvalidInput for a connection that cannot work, PermanentFailure or RetryableFailure if it has no usable
    credentials.
    """
    session = None
    try:
        with translated("AssumeRole" if hook.conn_config.role_arn else "GetCredentials", "", ""):
            redact_debug_lines()
            session = hook.get_session()
            credentials = ready(session, where.partition(": ")[2])
            if credentials is not None:
                # Credentials of a web identity are requested only here. The session keeps those that refresh.
                frozen = credentials.get_frozen_credentials()
                remember(frozen.secret_key, frozen.token)
                refresh_late_enough(credentials)
    except S3Error as error:
        raise _failure(error, hook, where) from error
    except CrossCopyError:
        raise
    except Exception as error:
        why = why_not(error, session)
        failure = RetryableFailure if why.is_transient else PermanentFailure
        make_harmless(error)
        raise failure(f"{where}: {_problem(hook)}: {why.text}") from error
    if credentials is None and getattr(config, "signature_version", None) is not UNSIGNED:
        raise PermanentFailure(f"{where}: no credentials were found")
    return session


def _failure(error: S3Error, hook: S3Hook, where: str) -> CrossCopyError:
    """The error to raise for credentials that STS refused, or that botocore could not get."""
    cause, message = error.__cause__, " ".join(error.message.split())
    if isinstance(cause, ProfileNotFound):
        return InvalidInput(f"{where}: {message}")
    if isinstance(cause, BotoCoreError) and error.reason is Reason.CREDENTIALS and error.code != "NoCredentials":
        why = why_not(cause)
        return (RetryableFailure if why.is_transient else PermanentFailure)(f"{where}: {_problem(hook)}: {why.text}")
    failure = failure_for(error.reason)
    message = without_values(message)
    line = f"{where}: {_problem(hook)}: {error.code}: {message}"
    return failure("\n".join([line, *_suggested_policies(hook, message)]))


def _problem(hook: S3Hook) -> str:
    role = hook.conn_config.role_arn
    return f"the role {role} could not be assumed" if role else "it gives no credentials"


def _suggested_policies(hook: S3Hook, message: str) -> list[str]:
    """The lines with the policies that allow the role to be assumed, if STS refused it."""
    refused = refused_assumption(message)
    if refused is None:
        return []
    asked_with_id = "ExternalId" in hook.conn_config.assume_role_kwargs
    remark = path_remark(refused[0], refused[0])
    policies = policies_text(policies_to_assume(*refused, with_external_id=asked_with_id))
    return [SUGGESTED_POLICIES, *policies, *([f"note: {remark}"] if remark else [])]
